"""What programs are answered about what is planned ahead: protocols, the calendar, and whether the stock lasts."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.clinic import KeptOut
from schemas.fields import Day, Id, Whole
from schemas.outputs import FindingOut, Out, RowOut, Word, optional
from traceability.domain.planned import Timing
from traceability.domain.sheets import Differs


class PlannedVisitOut(Out):
    time_point = fields.String(required=True)
    day = fields.Integer(required=True, metadata={"description": "After the first injection; 0 is that day."})
    window_d = fields.Integer(required=True, metadata={"description": "So many days before and after it are in time."})


class ProtocolOut(RowOut):
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    product_id = fields.String(required=True)
    product = fields.String(required=True)
    joint = fields.String(required=True)
    doses = fields.Integer(required=True)
    interval_d = fields.Integer(required=True)
    window_d = fields.Integer(required=True)
    volume_ul = fields.Integer(required=True)
    observation_min = fields.Integer(required=True)
    route = fields.String(required=True)
    approval_number = fields.String(required=True)
    ethics_number = fields.String(required=True)
    visits = fields.List(fields.Nested(PlannedVisitOut), required=True)
    findings = fields.List(
        fields.Nested(FindingOut), required=True, metadata={"description": "Why no course may be planned on it today."}
    )


class ProtocolsOut(Out):
    items = fields.List(fields.Nested(ProtocolOut), required=True)


class CalendarIn(Schema):
    first = Day(data_key="from", metadata={"description": "The first day; today where it is left out."})
    last = Day(data_key="to", metadata={"description": "The last one; thirteen days later where it is left out."})
    site_id = Id(metadata={"description": "Of this site alone."})


class PlannedOut(Out):
    """A dose (`dose_id`, `k`) or a visit (`time_point`) on its planned day."""

    course_id = fields.String(required=True)
    subject_id = fields.String(required=True)
    pseudonym = fields.String(required=True)
    laterality = fields.String(required=True)
    site_id = fields.String(required=True)
    due = fields.Date(required=True)
    first_day = fields.Date(required=True, metadata={"description": "In time from this day on."})
    last_day = fields.Date(required=True)
    standing = Word(Timing, required=True)
    done_on = optional(fields.Date, metadata={"description": "The actual day; null too where it was not reported."})
    missed_on = fields.List(fields.Date(), required=True, metadata={"description": "Days on which nobody came."})
    dose_id = optional(fields.String)
    k = optional(fields.Integer)
    doses = optional(fields.Integer)
    ordered = fields.Boolean(required=True)
    verified = fields.Boolean(required=True)
    vials = fields.List(fields.Nested(KeptOut), required=True, metadata={"description": "Kept for it now."})
    lacks_ul = fields.Integer(required=True, metadata={"description": "What they lack of what the dose takes."})
    administration_id = optional(fields.String)
    time_point = optional(fields.String)


class StruckOut(Out):
    """A dose on a printed sheet that is not to be given as the sheet says, or one of the day that has no sheet."""

    dose_id = fields.String(required=True)
    pseudonym = fields.String(required=True)
    laterality = fields.String(required=True)
    k = fields.Integer(required=True)
    doses = fields.Integer(required=True)
    differs = fields.List(
        Word(Differs), required=True, metadata={"description": "What the sheet says and is not so any more."}
    )
    against = fields.List(
        fields.Nested(FindingOut),
        required=True,
        metadata={"description": "What stands against the dose now and not on its sheet."},
    )


class OutdatedSheetsOut(Out):
    document_id = fields.String(required=True, attribute="document.id")
    number = fields.String(required=True, attribute="document.number")
    version = fields.Integer(required=True, attribute="document.version")
    site_id = fields.String(required=True)
    day = fields.Date(required=True)
    struck = fields.List(
        fields.Nested(StruckOut), required=True, metadata={"description": "None: the record of the sheets was erased."}
    )


class CalendarOut(Out):
    today = fields.Date(required=True)
    items = fields.List(fields.Nested(PlannedOut), required=True)
    outdated_sheets = fields.List(
        fields.Nested(OutdatedSheetsOut),
        required=True,
        metadata={"description": "Contingency sheets of today and later days that are to be printed anew."},
    )


class ForecastIn(Schema):
    weeks = Whole(load_default=4, validate=validate.Range(1, 26))


class ForecastDayOut(Out):
    day = fields.Date(required=True)
    doses = fields.Integer(required=True)
    needed = fields.Integer(required=True, metadata={"description": "Vials that these doses take."})
    short = fields.Integer(required=True, metadata={"description": "Doses that lack a vial."})
    missing = fields.Integer(required=True, metadata={"description": "Vials that lack."})
    short_ids = fields.List(fields.String(), required=True, metadata={"description": "Which doses, by id."})


class ForecastOut(Out):
    product_id = fields.String(required=True, attribute="product.id")
    product = fields.String(required=True, attribute="product.name")
    until = fields.Date(required=True)
    usable = fields.Integer(required=True, metadata={"description": "Vials that the verdict lets be used today."})
    whole = fields.Boolean(
        required=True, metadata={"description": "Every vial was looked at; else enough of them, and there may be more."}
    )
    missing = fields.Integer(required=True)
    days = fields.List(fields.Nested(ForecastDayOut), required=True)


class ForecastsOut(Out):
    items = fields.List(fields.Nested(ForecastOut), required=True)

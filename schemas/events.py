"""What programs are answered about adverse events: each as it was told, judged and reported, and what is owed of it."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import At, Out, RowOut, Word, optional
from traceability.domain.harm import (
    AssessedBy,
    Causality,
    Challenge,
    EventOutcome,
    Expectedness,
    Expedited,
    ReportedTo,
    ReportOrigin,
    SeriousBecause,
    Sex,
)


class OwedOut(Out):
    """A report that the authority gets; `reported_on` null: it has not yet."""

    expedited = Word(Expedited, required=True)
    known_at = At(required=True)
    due_on = fields.Date(required=True)
    reported_on = optional(fields.Date)
    rests_on = fields.String(required=True)


class StandingOut(Out):
    """As it stands; unknown counts as related and as unexpected."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    subject_id = fields.String(required=True)
    pseudonym = fields.String(required=True)
    newest_id = fields.String(required=True, metadata={"description": "The last telling: the next one follows it."})
    counts_id = fields.String(
        required=True,
        metadata={
            "description": "The telling that says how grave it counts: an earlier one while no physician has signed that it was less. "
            "A report of one that says less answers nothing that is owed."
        },
    )
    serious = optional(fields.Boolean, metadata={"description": "As it counts. null: nobody said, and no grade tells."})
    fatal_or_life_threatening = fields.Boolean(required=True)
    related = fields.Boolean(required=True)
    unexpected = fields.Boolean(required=True)
    owed = fields.List(fields.Nested(OwedOut), required=True)


class EventsOut(Out):
    items = fields.List(fields.Nested(StandingOut), required=True)


class TellingOut(RowOut):
    """What was told at one time; what nobody told is null."""

    version = fields.Integer(required=True)
    aware_at = At(required=True)
    reported_at = At(required=True)
    description = optional(fields.String)
    narrative = optional(fields.String)
    term = optional(fields.String, metadata={"description": "As CTCAE calls it."})
    grade = optional(fields.Integer)
    serious = optional(fields.Boolean)
    criteria = fields.List(Word(SeriousBecause), required=True)
    outcome = Word(EventOutcome, allow_none=True)
    onset_on = optional(fields.Date)
    onset_at = optional(At)
    ended_on = optional(fields.Date)
    dechallenge = Word(Challenge, allow_none=True)
    rechallenge = Word(Challenge, allow_none=True)
    report_origin = Word(ReportOrigin, allow_none=True)
    history = optional(fields.String)
    age_y = optional(fields.Integer)
    sex = Word(Sex, allow_none=True)
    window = optional(fields.String)
    source = optional(fields.String)
    course_id = optional(fields.String)
    administration_id = optional(fields.String)


class AssessmentOut(RowOut):
    version = fields.Integer(required=True, metadata={"description": "The telling that was judged."})
    assessed_by = Word(AssessedBy, required=True)
    person_id = fields.String(required=True)
    source = optional(fields.String, metadata={"description": "Who at the maker, where it was copied."})
    causality = Word(Causality, required=True)
    expectedness = Word(Expectedness, required=True)
    reference = optional(fields.String)
    assessed_at = At(required=True)


class EventReportOut(RowOut):
    version = fields.Integer(required=True)
    recipient = Word(ReportedTo, required=True)
    receiver = optional(fields.String)
    number = optional(fields.String)
    complete = fields.Boolean(required=True)
    reported_on = fields.Date(required=True)
    person_id = fields.String(required=True)
    recorded_at = At(required=True)


class SuspectedLotOut(Out):
    id = fields.String(required=True)
    number = fields.String(required=True)


class ExposedOut(Out):
    id = fields.String(required=True)
    pseudonym = fields.String(required=True)
    serial = fields.String(required=True)
    given_at = At(required=True)


class EventWholeOut(StandingOut):
    tellings = fields.List(fields.Nested(TellingOut), required=True)
    assessments = fields.List(fields.Nested(AssessmentOut), required=True)
    reports = fields.List(fields.Nested(EventReportOut), required=True)
    lots = fields.List(fields.Nested(SuspectedLotOut), required=True, metadata={"description": "May have done it."})
    exposed = fields.List(fields.Nested(ExposedOut), required=True, metadata={"description": "Who else had them."})
    exposed_elsewhere = fields.Integer(required=True, metadata={"description": "Subjects of other houses: counted."})
    case_id = optional(fields.String)

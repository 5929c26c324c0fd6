"""What programs are answered about the clinic: subjects by pseudonym, courses, injections, outcomes, and both traces."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import At, FindingOut, Out, RowOut, Word, optional
from traceability.domain.states import Custody


class ConsentOut(RowOut):
    kind = fields.String(required=True)
    version = fields.String(required=True)
    signed_at = At(required=True)
    withdrawn_at = optional(At)
    representative = optional(fields.String, metadata={"description": "Who signed in the subject’s place."})
    relation = optional(fields.String)
    asks = fields.List(fields.Nested(FindingOut), required=True, metadata={"description": "What asks about the form."})


class ConsentFormOut(RowOut):
    """A version of what is signed, in one language. It counts once it is issued."""

    kind = fields.String(required=True)
    version = fields.String(required=True)
    language = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "As a consent names it: v2 (id)."})
    valid_from = fields.Date(required=True)
    renew = fields.Boolean(required=True, metadata={"description": "Whoever signed an earlier version signs again."})
    sha256 = fields.String(required=True)
    issued_at = optional(At)
    in_force = fields.Boolean(required=True)


class DoseOut(Out):
    """One dose of a course; one that was reported twice stands twice."""

    id = fields.String(required=True)
    k = fields.Integer(required=True)
    due = fields.Date(required=True)
    order_id = optional(fields.String)
    ordered_at = optional(At)
    verified_at = optional(At)
    vial_id = optional(fields.String, metadata={"description": "The vial kept for it now."})
    administration_id = optional(fields.String)
    given_at = optional(At)


class CourseOut(RowOut):
    subject_id = fields.String(required=True)
    laterality = fields.String(required=True)
    compartment = fields.String()
    planned_on = fields.Date(required=True)
    ended_at = optional(At)


class CourseWholeOut(CourseOut):
    doses = fields.List(fields.Nested(DoseOut), required=True)


class SubjectOut(RowOut):
    pseudonym = fields.String(required=True)


class MergedOut(Out):
    id = fields.String(required=True)
    pseudonym = fields.String(required=True)


class MattersOut(Out):
    """A published threshold, and whether the change reached it."""

    instrument = fields.String(required=True)
    source = fields.String(required=True)
    met = optional(fields.Boolean, metadata={"description": "null: not evaluable, or the source leaves it open."})


class VisitedOut(Out):
    """A knee at a visit against before its course, without controls: no proof of an effect."""

    laterality = optional(fields.String)
    time_point = fields.String(required=True)
    responded = optional(fields.Boolean, metadata={"description": "OMERACT-OARSI; null: not evaluable."})
    matters = fields.List(fields.Nested(MattersOut), required=True)


class AlikeOut(Out):
    """Subjects that may be one person: a number is the same, or name and birth date are."""

    subjects = fields.List(fields.Nested(MergedOut), required=True)


class SubjectWholeOut(SubjectOut):
    """One person. What was recorded under a pseudonym that was merged stands under the one that stands."""

    stands = fields.Nested(MergedOut, required=True, metadata={"description": "Under which this person is read."})
    merged = fields.List(fields.Nested(MergedOut), required=True, metadata={"description": "What else is this person."})
    consents = fields.List(fields.Nested(ConsentOut), required=True)
    courses = fields.List(fields.Nested(CourseOut), required=True)
    responses = fields.List(fields.Nested(VisitedOut), required=True)


class GivenOut(Out):
    """One vial of one injection. Who had it is empty where it is not one's own to see."""

    administration_id = fields.String(required=True)
    given_at = At(required=True)
    mode = fields.String(required=True)
    laterality = fields.String(required=True)
    vial_id = optional(fields.String)
    serial = fields.String(
        required=True, metadata={"description": "Or the whole code, where the record has no such vial."}
    )
    lot_id = optional(fields.String)
    lot = optional(fields.String)
    k = optional(fields.Integer)
    given_ul = fields.Integer(required=True)
    discarded_ul = fields.Integer(required=True)
    organisation = fields.String(required=True)
    subject_id = optional(fields.String)
    pseudonym = optional(fields.String)


class ScoreOut(Out):
    """As its source gives it; what the source does not say is null."""

    id = fields.String(required=True)
    instrument = fields.String(required=True)
    instrument_version = optional(fields.String)
    raw = fields.String(required=True)
    low = optional(fields.String)
    high = optional(fields.String)
    time_point = fields.String(required=True)
    observed_on = optional(fields.Date)
    laterality = optional(fields.String)
    source = fields.String(required=True)
    reader = optional(fields.String)
    adjudicated = fields.Boolean(required=True)
    demonstration = fields.Boolean()


class EventOut(Out):
    id = fields.String(required=True)
    asked = fields.String(required=True)
    description = fields.String()
    grade = optional(fields.Integer)
    serious = optional(fields.Boolean)
    administration_id = optional(fields.String)
    window = fields.String(required=True, metadata={"description": "The time that was asked about, as it was told."})
    source = fields.String(required=True, metadata={"description": "Who or what says so."})
    demonstration = fields.Boolean(required=True)


class OutcomesOut(Out):
    scores = fields.List(fields.Nested(ScoreOut), required=True)
    events = fields.List(fields.Nested(EventOut), required=True)


class AncestorOut(Out):
    id = fields.String(required=True)
    kind = fields.String(required=True)
    code = fields.String(required=True)


class TracedStayOut(Out):
    code = fields.String(required=True)
    name = fields.String()
    site = fields.String(required=True)
    since = At(required=True)
    until = optional(At)


class TracedVialOut(Out):
    id = fields.String(required=True)
    serial = fields.String(required=True)
    state = Word(Custody, required=True)
    holder = fields.String(required=True)
    stays = fields.List(fields.Nested(TracedStayOut), required=True)
    given = fields.List(fields.Nested(GivenOut), required=True)


class TracedBoxOut(Out):
    id = fields.String(required=True)
    number = fields.String(required=True)
    sscc = fields.String(required=True)
    state = fields.String(required=True)
    consignee = fields.String(required=True)


class LotTraceOut(Out):
    """Everything that came of a lot (R46)."""

    lot_id = fields.String(required=True)
    number = fields.String(required=True)
    maker = fields.String(required=True)
    gtin = fields.String(required=True)
    expires = fields.Date(required=True)
    ancestors = fields.List(fields.Nested(AncestorOut), required=True)
    consignments = fields.List(fields.Nested(TracedBoxOut), required=True)
    buckets = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    filled = fields.Integer(required=True)
    vials = fields.List(fields.Nested(TracedVialOut), required=True)
    given = fields.List(fields.Nested(GivenOut), required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Nested(OutcomesOut), required=True)


class TracedLotOut(Out):
    id = fields.String(required=True)
    number = fields.String(required=True)
    maker = fields.String(required=True)
    ancestors = fields.List(fields.Nested(AncestorOut), required=True)


class SubjectTraceOut(Out):
    """Every vial that a subject got, and what became of it (R46)."""

    subject_id = fields.String(required=True)
    pseudonym = fields.String(required=True)
    given = fields.List(fields.Nested(GivenOut), required=True)
    lots = fields.List(fields.Nested(TracedLotOut), required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Nested(OutcomesOut), required=True)

"""What programs are answered about the clinic: subjects by pseudonym, courses, injections, outcomes, and both traces."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import At, FindingOut, Out, RowOut, Word, optional
from traceability.domain.course_view import Counts
from traceability.domain.records.graph import RowKind, StopKind
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


class TimerOut(Out):
    """A clock of a thawed vial: what it shows as over, the verdict refuses by this rule."""

    kind = fields.String(required=True)
    since = At(required=True)
    until = At(required=True)
    rule = fields.String(required=True)


class KeptOut(Out):
    """A vial that is kept for a dose."""

    vial_id = fields.String(required=True)
    serial = fields.String(required=True)
    state = Word(Custody, required=True)


class DoseOut(Out):
    """One dose of a course; one that was reported twice stands twice."""

    id = fields.String(required=True)
    k = fields.Integer(required=True)
    due = fields.Date(required=True)
    order_id = optional(fields.String)
    ordered_at = optional(At)
    verified_at = optional(At)
    vials = fields.List(
        fields.Nested(KeptOut), required=True, attribute="kept", metadata={"description": "Kept for it now."}
    )
    lacks_ul = fields.Integer(required=True, metadata={"description": "What they lack of what the dose takes."})
    administration_id = optional(fields.String)
    given_at = optional(At)
    timers = fields.List(
        fields.Nested(TimerOut), required=True, metadata={"description": "The one that ends first before the others."}
    )


class CourseOut(RowOut):
    subject_id = fields.String(required=True)
    laterality = fields.String(required=True)
    compartment = fields.String()
    planned_on = fields.Date(required=True)
    ended_at = optional(At)


class CourseWholeOut(CourseOut):
    doses = fields.List(fields.Nested(DoseOut), required=True)


class ValueOut(Out):
    """What one source says; what it does not say is null."""

    id = fields.String(required=True)
    time_point = fields.String(required=True)
    raw = fields.String(required=True)
    low = optional(fields.String)
    high = optional(fields.String)
    on = optional(fields.Date)
    source = fields.String(required=True)
    reader = optional(fields.String)
    adjudicated = fields.Boolean(required=True)
    demonstration = fields.Boolean(required=True)


class CoursePointOut(Out):
    value = fields.Nested(ValueOut, required=True)
    day = fields.Integer(
        required=True, metadata={"description": "From the first injection; without a date, where its visit is."}
    )
    since = fields.Integer(
        required=True, metadata={"description": "The earliest day; the same as the last where it is reported."}
    )
    until = fields.Integer(required=True)
    counts = Word(Counts, required=True)


class ThresholdOut(Out):
    source = fields.String(attribute="matters.source", required=True)
    high = fields.String(required=True, metadata={"description": "Between high and low the source leaves it open."})
    low = fields.String(required=True)


class LaneOut(Out):
    instrument = fields.String(required=True)
    subscale = optional(fields.String)
    unit = optional(fields.String)
    reported = fields.Boolean(required=True, metadata={"description": "Sources report its range."})
    normal = fields.Boolean(required=True, metadata={"description": "Ranges differ: all is compared as 0–100, 0 best."})
    points = fields.List(fields.Nested(CoursePointOut), required=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "Visits of the course without it."})
    marks = fields.List(fields.Nested(ThresholdOut), required=True)


class DoseMarkOut(Out):
    k = optional(fields.Integer, metadata={"description": "null: it was not planned."})
    day = fields.Integer(required=True)
    on = fields.Date(required=True)
    given = fields.Boolean(required=True)


class CourseViewOut(Out):
    """One course over time (R50–R52). Knees are independent: what names no knee is counted, not told."""

    day0 = fields.Date(required=True)
    started = fields.Boolean(required=True)
    doses = fields.List(fields.Nested(DoseMarkOut), required=True)
    lanes = fields.List(fields.Nested(LaneOut), required=True)
    unsided = fields.Integer(required=True)


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
    course_id = optional(
        fields.String, metadata={"description": "null: no course, or nobody said which of several of that knee."}
    )
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
    void_at = optional(At, metadata={"description": "Since then it counts as told by mistake."})
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


class PartOut(Out):
    """A vial of an injection: withdrawn is given and discarded together."""

    vial_id = optional(fields.String)
    lot_id = optional(fields.String)
    code = fields.String(required=True)
    withdrawn_ul = fields.Integer(required=True)
    given_ul = fields.Integer(required=True)
    discarded_ul = fields.Integer(required=True)


class WatchOut(Out):
    began_at = At(required=True)
    ended_at = At(required=True)
    reaction = fields.Boolean(required=True)
    description = optional(fields.String)


class CorrectionOut(Out):
    """A value as it was told first, and as it is told since; null: not reported."""

    field = fields.String(required=True, attribute="what")
    before = optional(fields.String)
    after = optional(fields.String)
    at = At(required=True)
    who = fields.String(required=True)
    reason = optional(fields.String)
    entry = optional(fields.Integer)


class InjectionOut(RowOut):
    """One injection as it stands on record, with what stood against it and what of it was corrected."""

    subject_id = fields.String(required=True)
    course_id = optional(fields.String)
    dose_id = optional(fields.String)
    laterality = fields.String(required=True)
    mode = fields.String(required=True)
    given_at = At(required=True)
    void_at = optional(At, metadata={"description": "Since then it counts as told by mistake."})
    identifiers = optional(fields.String)
    guidance = optional(fields.String)
    approach = optional(fields.String)
    needle = optional(fields.String)
    skin_preparation = optional(fields.String)
    aspirated_ul = optional(fields.Integer)
    vas_before = optional(fields.String)
    vas_after = optional(fields.String)
    concomitant = optional(fields.String)
    inspection = optional(fields.String)
    findings = fields.List(fields.Dict(), required=True)
    vials = fields.List(fields.Nested(PartOut), required=True)
    observations = fields.List(fields.Nested(WatchOut), required=True)
    corrections = fields.List(fields.Nested(CorrectionOut), required=True)


class ScoreOut(Out):
    """As its source gives it; what the source does not say is null."""

    id = fields.String(required=True)
    instrument = fields.String(required=True)
    instrument_version = optional(fields.String)
    raw = fields.String(required=True)
    low = optional(fields.String)
    high = optional(fields.String)
    unit = optional(fields.String, metadata={"description": "Of what is measured: a biomarker, MRI T2."})
    time_point = fields.String(required=True)
    observed_on = optional(fields.Date)
    laterality = optional(fields.String)
    source = fields.String(required=True)
    reader = optional(fields.String)
    projection = optional(fields.String, metadata={"description": "Of the radiograph that was read."})
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


class GraphStopOut(Out):
    """A hold or recall that stands, or an excursion, over what it stands at."""

    kind = Word(StopKind, required=True)
    number = fields.String(required=True)
    vials = optional(fields.Integer, metadata={"description": "Over so many of its vials; null: over all of them."})


class GraphMaterialOut(Out):
    kind = fields.String(required=True)
    code = fields.String(required=True)
    parents = fields.List(fields.String(), required=True, metadata={"description": "Codes of what it was made from."})
    stops = fields.List(fields.Nested(GraphStopOut), required=True)


class GraphRowOut(Out):
    """Vials with one end: a subject's knee, somebody who is not named here, or one place and custody."""

    kind = Word(RowKind, required=True)
    name = fields.String(required=True, metadata={"description": "Pseudonym, hospital, or place."})
    laterality = fields.String(required=True)
    custody = fields.String(required=True)
    serials = fields.List(fields.String(), required=True)
    doses = fields.List(
        fields.Integer(allow_none=True), required=True, metadata={"description": "Of each vial; null: not planned."}
    )
    injections = fields.Integer(required=True)
    findings = fields.Boolean(required=True)
    stops = fields.List(fields.Nested(GraphStopOut), required=True)


class GraphBoxOut(Out):
    number = optional(fields.String, metadata={"description": "Null: in no consignment on record."})
    name = fields.String(required=True)
    state = fields.String(required=True)
    shipped_at = optional(At)
    rows = fields.List(fields.Nested(GraphRowOut), required=True)
    stops = fields.List(fields.Nested(GraphStopOut), required=True)


class GraphLotOut(Out):
    number = fields.String(required=True)
    product = fields.String(required=True)
    filled = fields.Integer(required=True)
    expires = fields.Date(required=True)
    made_of = fields.List(fields.String(), required=True)
    boxes = fields.List(fields.Nested(GraphBoxOut), required=True)
    stops = fields.List(fields.Nested(GraphStopOut), required=True)


class GraphOut(Out):
    """The trace as it is drawn: ancestors, then each lot with its boxes and what came of their vials."""

    materials = fields.List(fields.Nested(GraphMaterialOut), required=True)
    lots = fields.List(fields.Nested(GraphLotOut), required=True)


class MaterialTraceOut(Out):
    """From a material through every lot made of it (R46)."""

    material_id = fields.String(required=True)
    kind = fields.String(required=True)
    code = fields.String(required=True)
    lots = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Numbers of all lots; the graph holds the first of them."},
    )
    graph = fields.Nested(GraphOut, required=True)


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
    graph = fields.Nested(GraphOut, required=True)


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
    graph = fields.Nested(GraphOut, required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Nested(OutcomesOut), required=True)

"""Outcomes by lot as programs ask for them and are told: the same figures that the page draws."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from schemas.outputs import At, Out, Word, optional
from traceability.domain.comparing import VISITS, By, Exposure
from traceability.domain.instruments import INSTRUMENTS


class ComparisonIn(Schema):
    """What is compared by what; what is left open is chosen by how much can be evaluated."""

    class Meta:
        unknown = RAISE

    by = Word(By, metadata={"description": "Which groups are compared; lots, if it is not given."})
    exposure = Word(
        Exposure,
        metadata={"description": "`single`: courses of one group only, the primary rule; `any`: each person in every group they had."},
    )  # fmt: skip
    instrument = fields.String(validate=validate.OneOf(sorted(INSTRUMENTS)))
    visit = fields.String(validate=validate.OneOf(VISITS))


class ShareOut(Out):
    count = fields.Integer(required=True)
    n = fields.Integer(required=True)
    low = optional(fields.Float, metadata={"description": "Clopper–Pearson 95 %; null with fewer than five."})
    high = optional(fields.Float)


class ComparedOut(Out):
    group = fields.String(required=True, metadata={"description": "Key of the group, see `groups`."})
    share = fields.Nested(ShareOut, required=True)
    rest = fields.Nested(ShareOut, required=True)
    left_out = fields.Integer(required=True, metadata={"description": "Not asked, or not evaluable."})
    missing_as_failure = optional(fields.Nested, ShareOut)
    p = optional(
        fields.Float, metadata={"description": "Mid-p exact, against the rest; null where it is not compared."}
    )
    p_holm = optional(fields.Float)


class DifferenceOut(Out):
    group = fields.String(required=True)
    n = fields.Integer(required=True)
    rest = fields.Integer(required=True)
    value = optional(fields.Float, metadata={"description": "Of 100 at the same baseline, above 0 is worse."})
    low = optional(fields.Float)
    high = optional(fields.Float)
    limit_95 = optional(
        fields.Float, metadata={"description": "Limits of the funnel for so many persons, on both sides of 0."}
    )
    limit_998 = optional(fields.Float)
    p = optional(fields.Float)
    p_holm = optional(fields.Float)


class ScoresOut(Out):
    slope = fields.Float(required=True)
    sd = fields.Float(required=True)
    df = fields.Integer(required=True)
    n = fields.Integer(required=True)
    groups = fields.List(fields.Nested(DifferenceOut), required=True)


class GroupOut(Out):
    key = fields.String(required=True)
    name = fields.String(required=True)
    persons = fields.Integer(required=True)
    courses = fields.Integer(required=True)
    stands_out = fields.Boolean(required=True)


class VisitOut(Out):
    visit = fields.String(required=True)
    complete = fields.Nested(ShareOut, required=True)
    missing_as_failure = fields.Nested(ShareOut, required=True)


class FirstEventOut(Out):
    day = fields.Integer(required=True)
    watched = fields.Integer(required=True)
    events = fields.Integer(required=True)
    free = fields.Float(required=True)
    low = optional(fields.Float)
    high = optional(fields.Float)


class FollowedOut(Out):
    """One course behind the figures."""

    subject_id = fields.String(required=True)
    pseudonym = fields.String(required=True)
    laterality = fields.String(required=True)
    first_on = fields.Date(required=True)
    groups = fields.List(
        fields.String(), required=True, metadata={"description": "Keys of the groups in which it counts."}
    )
    before = optional(fields.Float)
    after = optional(fields.Float)
    why_not = optional(fields.String, metadata={"description": "What keeps its score from being evaluated."})
    responded = optional(fields.Boolean)
    event = optional(fields.Boolean, metadata={"description": "null: nobody asked."})


class MethodOut(Out):
    """How the figures were made, in words of the field."""

    exposure_rule = fields.String(required=True)
    intervals = fields.String(required=True)
    shares = fields.String(required=True)
    scores = fields.String(required=True)
    curve = fields.String(required=True)
    correction = fields.String(required=True)
    response = fields.String(required=True)
    limits = fields.String(required=True)


class ComparisonOut(Out):
    by = Word(By, required=True)
    exposure = Word(Exposure, required=True)
    instrument = fields.String(required=True)
    visit = fields.String(required=True)
    as_of = At(required=True)
    looks = fields.Integer(
        required=True, metadata={"description": "How often outcomes were compared, this time included."}
    )
    looked = fields.Integer(required=True, metadata={"description": "By how many people."})
    persons = fields.Integer(required=True)
    several = fields.Integer(
        required=True, metadata={"description": "Persons with a course that counts for no single group."}
    )
    unknown = fields.Integer(required=True)
    without_consent = fields.Integer(required=True)
    before_first = fields.Integer(
        required=True, metadata={"description": "Events that began before the first injection; they count nowhere."}
    )
    groups = fields.List(fields.Nested(GroupOut), required=True)
    scores = fields.Nested(ScoresOut, required=True)
    responses = fields.List(fields.Nested(ComparedOut), required=True)
    events = fields.List(fields.Nested(ComparedOut), required=True)
    visits = fields.List(fields.Nested(VisitOut), required=True)
    first_events = fields.List(
        fields.Nested(FirstEventOut),
        required=True,
        metadata={"description": "The curve; none of fewer than five persons."},
    )
    with_event = fields.Integer(required=True, metadata={"description": "Of `watched`, how many had an event."})
    watched = fields.Integer(required=True)
    rows = fields.List(fields.Nested(FollowedOut), required=True)
    method = fields.Nested(MethodOut, required=True)

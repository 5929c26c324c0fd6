"""Drawings of temperatures as programs are told of them: the same record that pages and paper draw."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from schemas.fields import Moment
from schemas.outputs import At, Out, Word, optional
from traceability.domain.plots import Judged, MarkKind
from traceability.domain.thermal import JudgedBy, NoMkt

SPANS = ("48h", "7d", "30d", "all")


class WindowIn(Schema):
    """Which part of it: so long, up to a moment."""

    class Meta:
        unknown = RAISE

    span = fields.String(validate=validate.OneOf(SPANS))
    until = Moment(metadata={"description": "The end of what is drawn; now, if it is not given."})
    format = fields.String(
        validate=validate.OneOf(["json", "csv"]),
        metadata={"description": "`csv` gives every reading, as a file; so does `Accept: text/csv`."},
    )


class LimitsOut(Out):
    low_mc = fields.Integer(required=True)
    high_mc = fields.Integer(required=True)


class SpanOut(Out):
    since = At(required=True)
    until = At(required=True)


class BucketOut(SpanOut):
    n = fields.Integer(required=True, metadata={"description": "How many readings it stands for; 0: a day's extremes."})
    low_mc = fields.Integer(required=True)
    high_mc = fields.Integer(required=True)


class TraceOut(Out):
    sensor = fields.String(required=True)
    counts = fields.Boolean(required=True, metadata={"description": "It was calibrated: what it says counts as known."})
    buckets = fields.List(
        fields.Nested(BucketOut), metadata={"description": "Empty where it is the only one: it is `worst`."}
    )


class HandOut(SpanOut):
    until = At(required=True, attribute="at")
    low_mc = fields.Integer(required=True)
    now_mc = fields.Integer(required=True)
    high_mc = fields.Integer(required=True)


class OutOut(Out):
    since = At(required=True)
    until = optional(At, metadata={"description": "null: no reading has shown its end."})
    peak_mc = fields.Integer(required=True)
    number = optional(fields.String, metadata={"description": "Of the excursion that tells of it."})
    place = fields.String()


class MarkOut(Out):
    at = At(required=True)
    kind = Word(MarkKind, required=True)
    about = fields.String()
    count = fields.Integer()


class UnknownOut(SpanOut):
    reason = fields.String(required=True)


class AssumedOut(SpanOut):
    low_mc = fields.Integer(required=True)
    high_mc = fields.Integer(required=True)


class PlotRowOut(SpanOut):
    n = fields.Integer(required=True)
    low_mc = optional(fields.Integer)
    high_mc = optional(fields.Integer)
    judged = Word(Judged, required=True)


class PlotOut(SpanOut):
    zone = fields.String(required=True)
    bucket_s = fields.Integer(
        required=True, metadata={"description": "How long a point is; 0: every reading is there."}
    )
    limits = optional(fields.Nested, LimitsOut)
    worst = fields.List(
        fields.Nested(BucketOut), metadata={"description": "Of several sensors the least and the most."}
    )
    traces = fields.List(fields.Nested(TraceOut))
    by_hand = fields.List(fields.Nested(HandOut))
    outs = fields.List(fields.Nested(OutOut))
    marks = fields.List(fields.Nested(MarkOut))
    unknown = fields.List(fields.Nested(UnknownOut))
    assumed = fields.List(fields.Nested(AssumedOut))
    rows = fields.List(fields.Nested(PlotRowOut), metadata={"description": "The table beside the drawing."})


class LainOut(Out):
    place = fields.String(required=True)
    since = At(required=True)
    until = optional(At)
    by = fields.List(Word(JudgedBy), required=True)
    sensors = fields.List(fields.String())
    band = optional(fields.List, fields.Integer(), metadata={"description": "Assumed: least, most, longest stay in s."})
    low_mc = optional(fields.Integer)
    high_mc = optional(fields.Integer)
    out_s = fields.Integer(required=True)
    unknown_s = fields.Integer(required=True)
    reasons = fields.List(fields.String())
    excursions = fields.List(fields.String())


class BandUsedOut(Out):
    direction = fields.String(required=True)
    threshold_mc = fields.Integer(required=True)
    allowed_s = fields.Integer(required=True)
    used_s = fields.Integer(required=True)


class ClockOut(Out):
    since = At(required=True)
    thaw_s = optional(fields.Integer)
    in_use_s = optional(fields.Integer)
    until = optional(At)


class MktOut(Out):
    value_mc = optional(fields.Integer)
    why_not = optional(Word, NoMkt)
    since = optional(At)
    until = optional(At)
    supports = optional(fields.Boolean, metadata={"description": "Whether it speaks for use; never the only ground."})


class DecidedOut(Out):
    excursion = fields.String(required=True)
    decision = fields.String(required=True)
    until = optional(fields.Date)
    at = At(required=True)


class ThermalOut(Out):
    serial = fields.String(required=True)
    gtin = fields.String(required=True)
    lot = fields.String(required=True)
    product = fields.String(required=True)
    version = fields.Integer(required=True)
    custody = fields.String(required=True)
    limits = fields.Nested(LimitsOut, required=True)
    budget_s = fields.Integer(required=True)
    used_s = fields.Integer(required=True)
    left_s = fields.Integer(required=True)
    bands = fields.List(fields.Nested(BandUsedOut))
    known = optional(fields.Boolean, metadata={"description": "true, or null: unknown since a moment."})
    unknown_since = optional(At)
    reasons = fields.List(fields.String())
    warm_s = fields.Integer()
    clock = optional(fields.Nested, ClockOut)
    mkt = fields.Nested(MktOut, required=True)
    stays = fields.List(fields.Nested(LainOut))
    decided = fields.List(fields.Nested(DecidedOut))
    at = At(required=True)


class VialTemperatureOut(ThermalOut):
    plot = fields.Nested(PlotOut, required=True)

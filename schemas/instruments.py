"""What programs are answered about the instruments by which knees are scored."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import Out, optional


class SubscaleOut(Out):
    name = fields.String(required=True)
    items = fields.Integer(required=True)
    may_miss = fields.Integer(required=True, metadata={"description": "Scored where at most so many are missing."})


class ScoredVersionOut(Out):
    """A version that is scored here item by item."""

    name = fields.String(required=True)
    low = fields.String(required=True, metadata={"description": "Of one item."})
    high = fields.String(required=True)
    made = fields.String(required=True, metadata={"enum": ["sum", "percent"]})
    subscales = fields.List(fields.Nested(SubscaleOut), required=True)
    source = fields.String(required=True)


class InstrumentOut(Out):
    name = fields.String(required=True)
    title = fields.String(required=True)
    best = optional(fields.String, metadata={"description": "Which end is good: low or high; null: not agreed."})
    low = optional(fields.String, metadata={"description": "null: it is measured, and has no range."})
    high = optional(fields.String)
    whole = fields.Boolean(required=True)
    units = fields.List(fields.String(), required=True)
    source = fields.String(required=True)
    versions = fields.List(fields.Nested(ScoredVersionOut), required=True)


class InstrumentsOut(Out):
    items = fields.List(fields.Nested(InstrumentOut), required=True)

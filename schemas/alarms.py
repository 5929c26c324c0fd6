"""What programs are answered of alarms, of who is told, and of the rules of places."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import At, RowOut, optional


class AlarmOut(RowOut):
    number = fields.String(required=True)
    kind = fields.String(
        required=True,
        metadata={
            "description": "out_of_limits or silent: of a place. Any other is of something due, named by noun and noun_id."
        },
    )
    place_id = optional(fields.String)
    noun = optional(fields.String)
    noun_id = optional(fields.String)
    name = optional(fields.String)
    step = optional(
        fields.Integer,
        metadata={"description": "Of a paper: days ahead; 0: it has ended. Of a recall: which reminder."},
    )
    sensor_id = optional(fields.String)
    excursion_id = optional(fields.String)
    since = At(required=True)
    raised_at = At(required=True)
    acknowledged_at = optional(At)
    acknowledged_by = optional(fields.String)
    cleared_at = optional(At)


class ContactOut(RowOut):
    channel = fields.String(required=True, metadata={"enum": ["email", "webhook"]})
    address = optional(fields.String)
    language = fields.String(required=True)
    after_s = fields.Integer(required=True)
    of_alarms = fields.Boolean(metadata={"description": "Told of alarms of the cold chain."}, required=True)
    of_due = fields.Boolean(metadata={"description": "Told of what is due: cases, papers, reviews."}, required=True)
    of_recalls = fields.Boolean(metadata={"description": "Told of recalls, real and mock, at once."}, required=True)
    ended_at = optional(At)


class AlarmRuleOut(RowOut):
    place_id = fields.String(required=True)
    name = fields.String(required=True)
    direction = fields.String(required=True, metadata={"enum": ["above", "below"]})
    threshold_mc = optional(fields.Integer, metadata={"description": "null: the product's own limit"})
    mode = fields.String(required=True, metadata={"enum": ["at_once", "consecutive", "cumulative"]})
    duration_s = fields.Integer(required=True)
    window_s = optional(fields.Integer)
    decided_at = At(required=True)
    ended_at = optional(At)

"""What programs are answered about training and about who may do what."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import At, Out, RowOut, Word, optional
from traceability.domain.papers import Standing
from traceability.domain.people import Role


class TrainingOut(RowOut):
    person_id = fields.String(required=True)
    topic = fields.String(required=True)
    held_on = fields.Date(required=True)
    valid_until = optional(fields.Date)
    attachment_id = optional(fields.String)
    recorded_by = fields.String(required=True)
    recorded_at = At(required=True)
    void_at = optional(At)
    standing = Word(
        Standing, required=True, allow_none=True, metadata={"description": "Today; null: it was taken back."}
    )


class TrainingNeedOut(RowOut):
    role = Word(Role, required=True)
    topic = fields.String(required=True)
    since = At(required=True)
    ended_at = optional(At)


class AccessChangesOut(Out):
    given = fields.List(fields.String(), required=True)
    ended = fields.List(fields.String(), required=True)
    changed = fields.List(fields.String(), required=True)


class AccessGrantOut(Out):
    id = fields.String(required=True)
    person_id = fields.String(required=True)
    role = Word(Role, required=True)
    site_id = optional(fields.String)
    lot_id = optional(fields.String)
    since = At(required=True)
    until = optional(At)
    handed_by = optional(fields.String)


class AccessOut(Out):
    """Who may do what at one's house, and the review of it."""

    grants = fields.List(fields.Nested(AccessGrantOut), required=True)
    grants_sha256 = fields.String(required=True, metadata={"description": "Of these; `grant.review` takes it back."})
    reviewed_at = optional(At)
    reviewed_by = optional(fields.String)
    next_in_d = optional(fields.Integer)
    due_at = At(required=True)
    is_due = fields.Boolean(required=True)
    changed = fields.Nested(AccessChangesOut, required=True, metadata={"description": "By id, since that review."})

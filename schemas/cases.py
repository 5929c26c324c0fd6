"""What programs are answered of one case: everything that was done about it."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import At, CaseOut, FindingOut, Out, RowOut, Word, optional
from traceability.domain.casework import ActionKind, CaseDecision, Ground, StepKind


class InvestigationOut(RowOut):
    findings = optional(fields.String)
    root_cause = optional(fields.String)
    person_id = fields.String()
    investigated_at = At()


class CaseDispositionOut(RowOut):
    kind = optional(fields.String)
    target_id = optional(fields.String)
    decision = Word(CaseDecision)
    decided_at = At()


class ActionOut(RowOut):
    number = fields.String(required=True)
    kind = Word(ActionKind)
    title = optional(fields.String)
    owner_id = fields.String()
    due_on = fields.Date()
    done_at = optional(At)
    done_by = optional(fields.String)
    evidence = optional(fields.String)
    attachment_id = optional(fields.String)
    check_on = optional(fields.Date)
    checked_at = optional(At)
    checked_by = optional(fields.String)
    effective = optional(fields.Boolean)
    judgement = optional(fields.String)
    dropped_at = optional(At)


class GroundOut(Out):
    ground = Word(Ground)
    names = fields.List(fields.String())


class NearOut(Out):
    lot_id = fields.String()
    lot = fields.String()
    grounds = fields.List(fields.Nested(GroundOut))
    chosen = optional(fields.Boolean, metadata={"description": "null: nobody has said"})


class ReplyOut(RowOut):
    reply = optional(fields.String)
    replied_on = fields.Date()
    person_id = fields.String()


class StepOut(RowOut):
    kind = Word(StepKind)
    before = optional(fields.String)
    after = optional(fields.String)
    person_id = fields.String()
    stepped_at = At()


class EmergencyOut(RowOut):
    vial_id = fields.String()
    subject_id = fields.String()
    pharmacist_id = fields.String()
    physician_id = fields.String()
    findings = fields.List(fields.Dict())
    on_call = fields.List(fields.String())
    issued_at = At()
    review_due_at = At()
    reviewed_at = optional(At)
    reviewed_by = optional(fields.String)
    justified = optional(fields.Boolean)
    review = optional(fields.String)


class CaseFileOut(Out):
    id = fields.String()
    name = optional(fields.String)
    sha256 = fields.String()
    media_type = fields.String()
    size = fields.Integer()


class CaseDetailOut(CaseOut):
    overdue = fields.Boolean()
    emergency = fields.Nested(EmergencyOut, allow_none=True)
    found = fields.List(fields.Nested(InvestigationOut))
    files = fields.List(fields.Nested(CaseFileOut))
    near = fields.List(fields.Nested(NearOut))
    dispositions = fields.List(fields.Nested(CaseDispositionOut))
    actions = fields.List(fields.Nested(ActionOut))
    replies = fields.List(fields.Nested(ReplyOut))
    steps = fields.List(fields.Nested(StepOut))
    hold_ids = fields.List(fields.String())
    missing = fields.List(fields.Nested(FindingOut), metadata={"description": "Why the caller could not close it now."})


class ShiftOut(RowOut):
    person_id = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    since = At(required=True)
    until = At(required=True)
    reach = optional(fields.String)

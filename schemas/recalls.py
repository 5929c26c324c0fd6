"""What programs are answered about how a recall runs, how a lot adds up, and what went to whom."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import At, FindingOut, Out, RecallOut, Word, optional
from traceability.domain.recalling import Account, ContactBy, Step
from traceability.domain.states import ConsignmentState, Custody


class TimedOut(Out):
    step = Word(Step, required=True)
    due = At(required=True)
    met = optional(At)
    source = fields.String(required=True)


class NoticeOut(Out):
    organisation_id = fields.String(required=True)
    round = fields.Integer(required=True)
    sent_at = At(required=True)
    seen_at = optional(At)
    acknowledged_at = optional(At)
    answer = optional(fields.String)
    tally = optional(fields.Dict, keys=fields.String(), values=fields.Integer())


class CheckOut(Out):
    organisation_id = fields.String(required=True)
    contact_by = Word(ContactBy, required=True)
    effective = fields.Boolean(required=True)
    observed = optional(fields.String)
    at = At(required=True)


class AccountedOut(Out):
    """One vial of a recall that you may see."""

    id = fields.String(required=True)
    serial = fields.String(required=True)
    lot_id = fields.String(required=True)
    state = Word(Custody, required=True)
    organisation_id = fields.String(required=True)
    account = Word(Account, required=True)
    retrieved_at = optional(At)


class SubjectContactOut(Out):
    """One try to reach a patient; only where the patient is one's own."""

    subject_id = fields.String(required=True)
    reached = fields.Boolean(required=True)
    contact_by = Word(ContactBy, required=True)
    told = optional(fields.String)
    by_id = fields.String(required=True)
    at = At(required=True)


class RecallWholeOut(RecallOut):
    """One recall, or a mock one, as far as you may see it; the whole of it for who started it."""

    hazard = optional(fields.String)
    figures = optional(fields.Dict, keys=fields.String(), values=fields.Raw())
    tally = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    coverage_bp = optional(fields.Integer, metadata={"description": "Hundredths of a per cent, rounded down."})
    steps = fields.List(fields.Nested(TimedOut), required=True)
    open_points = fields.List(fields.Nested(FindingOut), required=True)
    notices = fields.List(fields.Nested(NoticeOut), required=True)
    checks = fields.List(fields.Nested(CheckOut), required=True)
    contacts = fields.List(fields.Nested(SubjectContactOut), required=True)
    vials = fields.List(fields.Nested(AccountedOut), required=True)


class WhereOut(Out):
    holder = fields.String(required=True)
    site = optional(fields.String)
    place = optional(fields.String)
    custody = Word(Custody, required=True)
    bucket = fields.String(required=True)
    vials = fields.Integer(required=True)
    serials = fields.List(fields.String(), required=True)


class SignedFiguresOut(Out):
    id = fields.String(required=True)
    digest = fields.String(required=True)
    figures = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    case_id = optional(fields.String)
    reconciled_at = At(required=True)


class ReconciliationOut(Out):
    """One lot counted up; `over` lies beside the buckets and not in them (R36)."""

    lot_id = fields.String(required=True)
    number = fields.String(required=True)
    filled = fields.Integer(required=True)
    counted = fields.Integer(required=True)
    buckets = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    over = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    where = fields.List(fields.Nested(WhereOut), required=True)
    differs = fields.List(fields.Nested(FindingOut), required=True)
    figures_digest = fields.String(required=True, metadata={"description": "What `lot.reconcile` signs."})
    signed = fields.List(fields.Nested(SignedFiguresOut), required=True)


class DistributedOut(Out):
    """One lot in one box (R19)."""

    consignment_id = fields.String(required=True)
    consignment = fields.String(required=True)
    sscc = fields.String(required=True)
    state = Word(ConsignmentState, required=True)
    product = fields.String(required=True)
    strength = optional(fields.String)
    gtin = fields.String(required=True)
    lot_id = fields.String(required=True)
    lot = fields.String(required=True)
    expires = optional(fields.Date)
    shipper = fields.String(required=True)
    from_site = fields.String(required=True)
    consignee = fields.String(required=True)
    to_site = fields.String(required=True)
    shipped_at = At(required=True)
    arrived_at = optional(At)
    quantity = fields.Integer(required=True)
    whole = fields.Integer(required=True)
    broken = fields.Integer(required=True)
    absent = fields.Integer(required=True)
    extra = fields.Integer(required=True)


class DistributionOut(Out):
    items = fields.List(fields.Nested(DistributedOut), required=True)

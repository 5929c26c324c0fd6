"""What programs are answered about the clocks in force."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import Out, Word, optional
from traceability.domain.casework import CaseKind, CaseSeverity
from traceability.domain.harm import Expedited
from traceability.domain.recalling import Step


class WordOut(Out):
    """By whose word; who signed and the entry are null for the default of the system."""

    since = fields.Date(required=True)
    source = fields.String(required=True)
    signed_by = optional(fields.String)
    entry = optional(fields.Integer)


class CaseTimeOut(Out):
    kind = Word(
        CaseKind, required=True, allow_none=True, metadata={"description": "Null: every kind without a row of its own."}
    )
    severity = Word(CaseSeverity, required=True)
    days = fields.Integer(required=True)
    word = fields.Nested(WordOut, required=True)


class RecallTimeOut(Out):
    class_ = fields.Integer(required=True)
    step = Word(Step, required=True)
    within_s = fields.Integer(required=True)
    word = fields.Nested(WordOut, required=True)
    ahead = fields.Boolean(required=True, metadata={"description": "Signed for a day to come."})


class EventTimeOut(Out):
    expedited = Word(Expedited, required=True, metadata={"description": "What the authority is owed."})
    days = fields.Integer(required=True, metadata={"description": "From the day on which the house knew."})
    word = fields.Nested(WordOut, required=True)


class ClocksOut(Out):
    cases = fields.List(fields.Nested(CaseTimeOut), required=True)
    recalls = fields.List(fields.Nested(RecallTimeOut), required=True)
    may_set_cases = fields.List(
        fields.String(), required=True, metadata={"description": "Roles that may sign a new one."}
    )
    may_set_recalls = fields.List(fields.String(), required=True)
    events = fields.List(fields.Nested(EventTimeOut), required=True)
    may_set_events = fields.List(fields.String(), required=True)

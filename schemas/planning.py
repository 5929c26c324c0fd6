"""What programs are answered about what is planned ahead: protocols and their visits."""

from __future__ import annotations

from marshmallow import fields

from schemas.outputs import FindingOut, Out, RowOut


class PlannedVisitOut(Out):
    time_point = fields.String(required=True)
    day = fields.Integer(required=True, metadata={"description": "After the first injection; 0 is that day."})
    window_d = fields.Integer(required=True, metadata={"description": "So many days before and after it are in time."})


class ProtocolOut(RowOut):
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    product_id = fields.String(required=True)
    product = fields.String(required=True)
    joint = fields.String(required=True)
    doses = fields.Integer(required=True)
    interval_d = fields.Integer(required=True)
    window_d = fields.Integer(required=True)
    volume_ul = fields.Integer(required=True)
    observation_min = fields.Integer(required=True)
    route = fields.String(required=True)
    approval_number = fields.String(required=True)
    ethics_number = fields.String(required=True)
    visits = fields.List(fields.Nested(PlannedVisitOut), required=True)
    findings = fields.List(
        fields.Nested(FindingOut), required=True, metadata={"description": "Why no course may be planned on it today."}
    )


class ProtocolsOut(Out):
    items = fields.List(fields.Nested(ProtocolOut), required=True)

"""Pictures and papers of a subject, as programs give and get them."""

from __future__ import annotations

from marshmallow import Schema, fields

from schemas.fields import Day, Id
from schemas.outputs import At, Out, RowOut, optional


class ImageIn(Schema):
    """What is told beside the file."""

    subject_id = Id(required=True)
    kind = fields.String(required=True)
    laterality = fields.String()
    taken_on = Day()
    course_id = Id()


class ImageOut(RowOut):
    kind = fields.String(required=True)
    laterality = optional(fields.String)
    taken_on = optional(fields.Date)
    course_id = optional(fields.String)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of what is kept."})
    given_sha256 = fields.String(required=True, metadata={"description": "Of what was given."})
    attached_at = At(required=True)


class AlbumOut(Out):
    shown = fields.Boolean(
        required=True, metadata={"description": "false: no consent to images stands, no file is handed out."}
    )
    items = fields.List(fields.Nested(ImageOut), required=True)

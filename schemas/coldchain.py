"""Shapes of the cold chain that no act's signature says: what comes beside a logger's file, and what a sensor sends."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from schemas.fields import Day, Moment, Whole, Words


class LogIn(Schema):
    """What the file does not say: what a person answered, and the digest of what they were shown."""

    class Meta:
        unknown = RAISE

    confirmed = Words(most=64, least=64)
    zone = Words(most=40)
    date_order = fields.String(validate=validate.OneOf(["dmy", "mdy", "ymd"]))
    decimal = fields.String(validate=validate.OneOf([".", ","]))
    unit = fields.String(validate=validate.OneOf(["C", "F"]))
    channel = Words(most=200)
    clock = Words(most=200)


class BoxLogIn(LogIn):
    """The same of a logger that came with a box, and is perhaps on no record yet."""

    serial = Words(most=40)
    certificate = Words(most=80)
    calibrated_from = Day()
    calibrated_until = Day()


class ReadingIn(Schema):
    """One reading: when, and thousandths of °C."""

    class Meta:
        unknown = RAISE

    at = Moment(required=True)
    mc = Whole(required=True)


class ReadingsIn(Schema):
    """A batch, loaded as the act takes it: pairs of a moment and thousandths of °C."""

    class Meta:
        unknown = RAISE

    most_bytes = 8 * 1024 * 1024
    """So large a body may be: a full batch has half of that."""

    readings = fields.List(fields.Nested(ReadingIn), required=True, validate=validate.Length(min=1, max=100_000))

    @post_load
    def pairs(self, told: dict[str, Any], **_: Any) -> dict[str, Any]:
        return told | {"readings": [(one["at"], one["mc"]) for one in told["readings"]]}

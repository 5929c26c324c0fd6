"""Shapes of the cold chain that no act's signature says: what comes beside a logger's file, and what a sensor sends."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

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
    class Meta:
        unknown = RAISE

    readings = fields.List(fields.Nested(ReadingIn), required=True, validate=validate.Length(min=1, max=100_000))

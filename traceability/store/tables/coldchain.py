"""What was measured: logger files as day blocks, readings by hand, and the times out of limits."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from traceability.store.tables.row import Row, key, values, when


class SensorFile(Row, table=True):
    """A logger's file, by its SHA-256: the same file twice is one import (R27). The judgement is kept as it was made."""

    __tablename__ = "sensor_file"

    sha256: str = Field(unique=True, max_length=64)
    attachment_id: str = key("attachment.id", index=False)
    consignment_id: str | None = key("consignment.id", nullable=True)
    place_id: str = key("place.id")
    format: str
    serial: str | None = None
    interval_s: int
    readings: int
    first: datetime = when()
    last: datetime = when()
    judgement: dict[str, object] = values()


class Block(Row, table=True):
    """One day of one file: extremes beside the packed readings."""

    __table_args__ = (UniqueConstraint("sensor_file_id", "day"),)

    sensor_file_id: str = key("sensor_file.id", index=False)
    day: date
    n: int
    low_mc: int
    high_mc: int
    packed: bytes = Field(sa_type=LargeBinary)


class ManualReading(Row, table=True):
    """A thermometer read by a person: now, and the least and most since the last reading (R21)."""

    __tablename__ = "manual_reading"
    __table_args__ = (
        Index("manual_reading_place", "place_id", "at"),
        CheckConstraint("low_mc <= now_mc AND now_mc <= high_mc"),
        CheckConstraint("since IS NULL OR since <= at"),
    )

    place_id: str = key("place.id", index=False)
    at: datetime = when()
    since: datetime | None = when(nullable=True)
    now_mc: int
    low_mc: int
    high_mc: int


class Excursion(Row, table=True):
    """A place was out of limits, from the first reading out of range (R26). The vials there are under its hold."""

    __table_args__ = (CheckConstraint("until IS NULL OR until >= since"),)

    number: str = Field(unique=True, max_length=20)
    place_id: str = key("place.id")
    consignment_id: str | None = key("consignment.id", nullable=True)
    since: datetime = when()
    until: datetime | None = when(nullable=True)
    peak_mc: int
    low_limit_mc: int
    high_limit_mc: int

"""What was measured: sensors and where they hung, readings by day, thermometers read by hand, times out of limits."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from traceability.store.tables.row import Row, key, values, when, word


class Sensor(Row, table=True):
    """A thermometer that writes down by itself: a fixed sensor or a logger (R27). `zone`: of its times, where its files name none.

    `live`: its readings come by themselves, so its silence is an alarm; a logger is read when somebody reads it.
    """

    __table_args__ = (UniqueConstraint("organisation_id", "serial"), CheckConstraint("interval_s > 0"))

    organisation_id: str = key("organisation.id", index=False)
    serial: str = Field(max_length=40)
    giai: str | None = Field(default=None, unique=True, max_length=30)
    maker: str = Field(default="", max_length=80)
    zone: str = Field(max_length=40)
    interval_s: int
    live: bool = False


class Calibration(Row, table=True):
    """A certificate: what the sensor says counts as known from the first to the last of these days (R21, R27)."""

    __table_args__ = (CheckConstraint("valid_from <= valid_until"),)

    sensor_id: str = key("sensor.id")
    certificate: str = Field(max_length=80)
    valid_from: date
    valid_until: date
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)


class Assignment(Row, table=True):
    """A sensor hung in a place from then to then: at one place at a time."""

    __table_args__ = (
        Index(
            "assignment_open",
            "sensor_id",
            unique=True,
            sqlite_where=sql("until IS NULL"),
            postgresql_where=sql("until IS NULL"),
        ),
        Index("assignment_place", "place_id", "since"),
        CheckConstraint("until IS NULL OR until >= since"),
    )

    sensor_id: str = key("sensor.id")
    place_id: str = key("place.id", index=False)
    consignment_id: str | None = key("consignment.id", nullable=True)
    since: datetime = when()
    until: datetime | None = when(nullable=True)


class SensorFile(Row, table=True):
    """A logger's file, by its SHA-256: the same file twice is one import (R27). The judgement is kept as it was made."""

    __tablename__ = "sensor_file"

    sha256: str = Field(unique=True, max_length=64)
    attachment_id: str = key("attachment.id", index=False)
    sensor_id: str = key("sensor.id")
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
    """One UTC day of one sensor: extremes beside the packed readings."""

    __table_args__ = (UniqueConstraint("sensor_id", "day"),)

    sensor_id: str = key("sensor.id", index=False)
    day: date
    n: int
    low_mc: int
    high_mc: int
    packed: bytes = Field(sa_type=LargeBinary)


class DailyExtreme(Row, table=True):
    """Least and most of one day of a sensor whose file tells no more: no readings are made of it."""

    __tablename__ = "daily_extreme"
    __table_args__ = (UniqueConstraint("sensor_id", "since"), CheckConstraint("since < until AND low_mc <= high_mc"))

    sensor_id: str = key("sensor.id", index=False)
    since: datetime = when()
    until: datetime = when()
    low_mc: int
    high_mc: int


class Watch(Row, table=True):
    """A time in which a sensor was never silent for longer than twice its interval, with the least and most of it (R25).

    Made when readings are told, so that nobody has to open eighteen months of days to know that there was no gap.
    """

    __table_args__ = (Index("watch_sensor", "sensor_id", "since"), CheckConstraint("since <= until"))

    sensor_id: str = key("sensor.id", index=False)
    since: datetime = when()
    until: datetime = when()
    interval_s: int
    low_mc: int
    high_mc: int


class ManualReading(Row, table=True):
    """A thermometer read by a person: now, and the least and most since the last reading (R21).

    `clears_since`: from when on it makes known what the place was like, if at all; where it was out all of it counts.
    """

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
    clears_since: datetime | None = when(nullable=True)


class Direction(StrEnum):
    ABOVE = "above"
    BELOW = "below"


class AlarmMode(StrEnum):
    AT_ONCE = "at_once"
    CONSECUTIVE = "consecutive"
    CUMULATIVE = "cumulative"


class AlarmRule(Row, table=True):
    """When readings out of limits become an alarm and an excursion (R24). No rule: the product's limits, at once.

    `threshold_mc` None: the product's own limit. `duration_s`: how long, at a stretch or added up over `window_s`.
    """

    __tablename__ = "alarm_rule"
    __table_args__ = (CheckConstraint("duration_s >= 0"),)

    place_id: str = key("place.id")
    name: str = Field(max_length=80)
    direction: Direction = word(Direction)
    threshold_mc: int | None = None
    mode: AlarmMode = word(AlarmMode)
    duration_s: int = 0
    window_s: int | None = None
    decided_at: datetime = when()
    ended_at: datetime | None = when(nullable=True)


class Excursion(Row, table=True):
    """A place was out of limits, from the first reading out of range (R26). The vials there are under its hold.

    `closed_at`: when somebody said of a sensor that had gone silent how its excursion ended.
    """

    __table_args__ = (CheckConstraint("until IS NULL OR until >= since"),)

    number: str = Field(unique=True, max_length=20)
    place_id: str = key("place.id")
    consignment_id: str | None = key("consignment.id", nullable=True)
    since: datetime = when()
    until: datetime | None = when(nullable=True)
    peak_mc: int
    low_limit_mc: int
    high_limit_mc: int
    closed_at: datetime | None = when(nullable=True)


class Decision(StrEnum):
    USE = "use"
    USE_UNTIL = "use_until"
    REJECT = "reject"


class Disposition(Row, table=True):
    """What QA decided of one vial after one excursion; the newest counts (R26). `until`: the last day of its use."""

    __table_args__ = (
        Index("disposition_vial", "vial_id"),
        CheckConstraint("(decision = 'use_until') = (until IS NOT NULL)"),
    )

    excursion_id: str = key("excursion.id")
    vial_id: str = key("vial.id", index=False)
    decision: Decision = word(Decision)
    until: date | None = None
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    decided_at: datetime = when()

"""What a reader hands on: a logger's file understood, what it noticed, and what a person told it beforehand."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from traceability.domain.coldchain import ACTIVATION_KJ

LARGEST_BYTES = 50_000_000
MOST_READINGS = 2_000_000
COLDEST_MC, WARMEST_MC = -196_000, 120_000  # liquid nitrogen; no logger of this trade lives above
SENTINELS_MC = frozenset({-127_000})  # a lost probe's word inside that range
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")  # WIB, WITA, WIT
BLOCKING = frozenset(
    {"maker_differs", "alarm_differs", "lone_jump", "interval_differs", "span_differs", "unit_assumed"}
    | {"zone_differs", "title_unheard", "readings_contradict"}
    | {"maker_signature_missing", "decimals_uneven", "readings_missing", "days_missing", "days_unheard", "steps_uneven"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a person answered to a refusal, or chose; None where nothing was said."""

    zone: ZoneInfo | None = None  # the mission's: holds where the file names none
    date_order: str | None = None  # "dmy" | "mdy" | "ymd"
    decimal: str | None = None  # "." | ","
    unit: str | None = None  # "C" | "F"
    channel: str | None = None  # the name of the column that is meant
    clock: str | None = None  # the same of the times


@dataclass(frozen=True, slots=True)
class Maker:
    """The maker's own figures, where the file gives them: thousandths of °C, J/mol."""

    min_mc: int | None = None
    max_mc: int | None = None
    mean_mc: int | None = None
    mkt_mc: int | None = None
    activation_j: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person has to look at before the readings are relied on."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Day:
    """A day's extremes, from a logger that tells no readings."""

    date: date
    min_mc: int
    max_mc: int
    mean_mc: int | None = None
    begins: time = time()
    """When the logger was switched on, on its first day."""
    unheard_min: int | None = 0
    """For how long it did not hear its sensor; None where nobody knows."""


@dataclass(frozen=True, slots=True, eq=False)
class LoggerFile:
    """What a file says: epoch seconds, rising; thousandths of °C; the zone that was used."""

    format: str
    serial: str | None
    times: array[int]
    values: array[int]
    zone: str
    interval_s: int
    maker: Maker = Maker()
    warnings: tuple[Notice, ...] = ()
    channel: str | None = None
    unit: str = "C"
    days: tuple[Day, ...] = ()
    activation_kj: float = ACTIVATION_KJ
    zone_from: str = "told"  # or "file"
    dialect: Mapping[str, Any] = field(default_factory=dict)  # how it is written, where that had to be found out
    confirm: bool = False
    understanding: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    steps: Counter[int] | None = None
    """How often which step lies between readings, where the reader has counted them already."""

    @property
    def first(self) -> datetime:
        return datetime.fromtimestamp(self.times[0], UTC) if self.times else self.begins(self.days[0])

    @property
    def last(self) -> datetime:
        """The last reading; of a file of days the beginning of its last one, which was not over when it was written."""
        return datetime.fromtimestamp(self.times[-1], UTC) if self.times else self.midnight(self.days[-1].date)

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), zone_of(self.zone)).astimezone(UTC)

    def begins(self, day: Day) -> datetime:
        return datetime.combine(day.date, day.begins, zone_of(self.zone)).astimezone(UTC)


def zone_of(name: str) -> tzinfo:
    """The zone by its name; `UTC+07:00` is one too."""
    if name.startswith("UTC") and name[3:]:
        hours, minutes = name[4:].split(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if name[3] == "-" else offset)
    return ZoneInfo(name)


def wall(epoch_s: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(epoch_s, zone).isoformat()


def possible(value_mc: int) -> bool:
    """Whether a logger can have measured this; a lost probe's word is no measurement."""
    return COLDEST_MC <= value_mc <= WARMEST_MC and value_mc not in SENTINELS_MC

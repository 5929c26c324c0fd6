"""Where vials lay and travelled, how warm they were there, and what was decided of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerPart:
    """A logger's file over a stay: its extremes, the time without a reading, and the SHA-256 of the file as received."""

    serial: str | None
    sha256: str
    readings: int
    first: datetime
    last: datetime
    min_mc: int
    max_mc: int
    mean_mc: int
    mkt_mc: int
    gaps: int
    gap_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StayPart:
    """Vials in one place: from the first that came to the last that left (None: some are there), and how it was watched.

    `measured`: the least and the most that `sensors` read while vials were there.
    """

    place: str
    since: datetime
    until: datetime | None
    vials: int
    loggers: tuple[LoggerPart, ...]
    read: tuple[int, int, int] | None
    assumed: tuple[int, int, int] | None
    excursions: tuple[str, ...]
    sensors: tuple[str, ...] = ()
    measured: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPart:
    """Vials of which the same is known: cleared through a moment, and how much of the time out of storage was used.

    `reasons`: why nothing is known since then; none where it is known to the moment of the record.
    """

    serials: tuple[str, ...]
    cleared_through: datetime | None
    reasons: tuple[str, ...]
    used_s: int
    left_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposedPart:
    """What QA decided of vials after an excursion: `serials` of all of whom the same was decided at once."""

    excursion: str
    decision: str
    until: date | None
    at: datetime
    serials: tuple[str, ...]
    statement: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcursionPart:
    """`hold`: what holds the vials that were there; lifted, by whom and why, when it was decided."""

    number: str
    place: str
    since: datetime
    until: datetime | None
    peak_mc: int
    low_limit_mc: int
    high_limit_mc: int
    hold: str | None
    lifted_at: datetime | None
    lifted_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentPart:
    number: str
    sscc: str
    sender: str
    receiver: str
    state: str
    shipped_at: datetime
    arrived_at: datetime | None
    carrier: str | None
    seal: str | None
    seal_whole: bool | None
    condition: str | None
    temperature_mc: int | None
    found: Mapping[str, int]
    demonstration: bool

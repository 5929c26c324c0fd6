"""The thermal history of one vial as it is told: its stays, what each was judged by, the budget by bands, clocks, MKT or why not.

Frozen values that a read builds; page, JSON and paper show the same. The verdict itself is `history`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from traceability.domain.coldchain import Limits
from traceability.domain.history import Band
from traceability.domain.plots import Out


class JudgedBy(StrEnum):
    """What the temperature of a stay is known by."""

    SENSOR = "sensor"
    BY_HAND = "by_hand"
    ASSUMED = "assumed"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class StayTold:
    """One stay, or the part of it that was judged in one way. `band`: what was assumed, and for how long at most."""

    place: str
    since: datetime
    until: datetime | None
    by: tuple[JudgedBy, ...]
    sensors: tuple[str, ...]
    band: tuple[int, int, int] | None
    low_mc: int | None
    high_mc: int | None
    out_s: int
    unknown_s: int
    reasons: tuple[str, ...]
    excursions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Thawing began: to be used within the shorter of both limits. None: nobody set one."""

    since: datetime
    thaw_s: int | None
    in_use_s: int | None

    @property
    def limit_s(self) -> int | None:
        return min((one for one in (self.thaw_s, self.in_use_s) if one is not None), default=None)

    @property
    def until(self) -> datetime | None:
        return None if self.limit_s is None else self.since + timedelta(seconds=self.limit_s)


class NoMkt(StrEnum):
    """Why a mean kinetic temperature says nothing of a vial (R22): the reasons of `kinetic`, and that it was thawed."""

    PRODUCT = "product"
    FROZEN = "frozen"
    FROZEN_THROUGH = "frozen_through"
    EARLIER_EXCURSION = "earlier_excursion"
    READINGS_MISSING = "readings_missing"
    THAWED = "thawed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mkt:
    """Over a window that ends now, or with the excursion; or why it does not apply. Never the only ground of a decision."""

    value_mc: int | None
    why_not: NoMkt | None
    since: datetime | None = None
    until: datetime | None = None
    supports: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What QA decided of it after an excursion."""

    excursion: str
    decision: str
    until: date | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermal:
    """`known` None: not, since `unknown_since`, for these reasons. `warm_s`: how long at a stretch above 0 °C, of what is kept frozen."""

    serial: str
    gtin: str
    lot: str
    product: str
    version: int
    custody: str
    limits: Limits
    budget_s: int
    used_s: int
    bands: tuple[Band, ...]
    known: bool | None
    unknown_since: datetime | None
    reasons: tuple[str, ...]
    warm_s: int
    clock: Clock | None
    mkt: Mkt
    stays: tuple[StayTold, ...]
    decided: tuple[Decided, ...]
    at: datetime

    @property
    def left_s(self) -> int:
        return max(0, self.budget_s - self.used_s)


def seconds_out(outs: Iterable[Out], at: datetime) -> int:
    """Time out of storage, each moment once, rounded up to whole seconds."""
    total, reached = timedelta(), None
    for one in sorted(outs, key=lambda one: one.since):
        begin = one.since if reached is None else max(one.since, reached)
        until = at if one.until is None else min(one.until, at)
        if until > begin:
            total += until - begin
            reached = until
    return -(-total // timedelta(seconds=1))

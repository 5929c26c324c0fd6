"""The thermal history of one vial as it is told: its stays, what each was judged by, the budget by bands, clocks, MKT or why not.

Frozen values that a read builds; page, JSON and paper show the same. The verdict itself is `history`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from traceability.domain.coldchain import Limits
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
class BandUsed:
    """Time out of storage by the worst temperature of that time: from more than `above_mc`, up to `up_to_mc`."""

    above_mc: int | None
    up_to_mc: int | None
    used_s: int


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
    """Why a mean kinetic temperature says nothing of a vial (R22)."""

    FROZEN = "frozen"
    NOT_FOR_IT = "not_for_it"
    THAWED = "thawed"
    EARLIER_EXCURSION = "earlier_excursion"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mkt:
    """Over a window that ends now, or with the excursion in it; or why it does not apply. Never the only ground of a decision."""

    value_mc: int | None
    why_not: NoMkt | None
    since: datetime | None = None
    until: datetime | None = None


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
    bands: tuple[BandUsed, ...]
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


# ── the budget by bands ──

EDGES_MC = (0, 8_000, 25_000)
"""Where one band of being too warm goes over into the next: frozen, cool, at room temperature, warmer."""


def bands_of(limits: Limits) -> list[tuple[int | None, int | None]]:
    """The bands outside of these limits: all that is too cold, and what is too warm in steps."""
    warmer = [limits.high_mc, *(edge for edge in EDGES_MC if edge > limits.high_mc)]
    return [(None, limits.low_mc), *zip(warmer, [*warmer[1:], None], strict=True)]


def used_by_band(outs: Iterable[Out], limits: Limits, at: datetime) -> tuple[BandUsed, ...]:
    """Time out of storage, each moment once, in the band of the worst that was known of it. Bands without time are left out."""
    spans = [(one.since, at if one.until is None else min(one.until, at), one.peak_mc) for one in outs]
    spans = [one for one in spans if one[0] < one[1] and limits.side(one[2])]
    turns = sorted({moment for since, until, _ in spans for moment in (since, until)})
    bands = bands_of(limits)
    used = [timedelta()] * len(bands)
    for begins, ends in pairwise(turns):
        there = [peak for since, until, peak in spans if since <= begins and ends <= until]
        if there:
            used[_band(limits.worst(*there), bands, limits)] += ends - begins
    return tuple(
        BandUsed(above_mc=above, up_to_mc=up_to, used_s=-(-spent // timedelta(seconds=1)))
        for (above, up_to), spent in zip(bands, used, strict=True)
        if spent
    )


def _band(peak_mc: int, bands: Sequence[tuple[int | None, int | None]], limits: Limits) -> int:
    if peak_mc < limits.low_mc:
        return 0
    return max(at for at, (above, _) in enumerate(bands) if above is not None and above < peak_mc)

"""What temperature did to a vial: readings judged, excursions, mean kinetic temperature, thermal history.
Whole numbers (thousandths of °C, seconds), half-open intervals. No clock, no files, no verdict."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Literal

KELVIN_MC = 273_150
GAS_CONSTANT_KJ = 0.0083144
ACTIVATION_KJ = 83.144
GAP_INTERVALS = 2  # R25: silence longer than this many intervals is unknown
LONGEST_INTERVAL_S = 30 * 60  # a logger that measures less often watched nothing: what lay between is not known

Span = tuple[datetime, datetime]


# ── readings judged ──


@dataclass(frozen=True, slots=True)
class Limits:
    """Storage limits of a product version; both ends are still in range (R20)."""

    low_mc: int
    high_mc: int

    def side(self, value_mc: int) -> int:
        """-1 below, 0 in range, 1 above."""
        return (value_mc > self.high_mc) - (value_mc < self.low_mc)

    def worst(self, *values_mc: int) -> int:
        """Of these the one that is farthest out, or nearest to it."""
        return max(values_mc, key=lambda value: max(self.low_mc - value, value - self.high_mc))

    def within(self, other: Limits) -> Limits:
        """The narrower of both, at either end."""
        return Limits(max(self.low_mc, other.low_mc), min(self.high_mc, other.high_mc))


@dataclass(frozen=True, slots=True)
class Excursion:
    """From the first reading out of range to the first one back in; `until` None: no end was seen (R26)."""

    since: datetime
    until: datetime | None
    peak_mc: int
    direction: Literal["above", "below"]
    place_id: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    first: datetime
    last: datetime
    n: int
    min_mc: int
    max_mc: int
    mean_mc: int
    mkt_mc: int
    seconds_above: int
    seconds_below: int
    gaps: tuple[Span, ...]
    excursions: tuple[Excursion, ...]


def judge(times: Sequence[int], values: Sequence[int], limits: Limits, interval_s: int) -> Judgement:
    """Judge readings: `times` in epoch seconds, rising; `values` in thousandths of °C (R22, R25, R26).

    A reading holds until the next one; the last one, and one before a gap, for one interval: mean and MKT
    weigh by that. A gap is named by the readings either side of it. An excursion goes on through a gap until
    a reading shows its end, so it may outlast `seconds_above` or `seconds_below`: they count no unknown time.
    Raises ValueError: no readings, lengths differ, times do not rise, interval not positive.
    """
    if not times or len(times) != len(values) or interval_s <= 0:
        raise ValueError("readings and a positive interval are needed")
    steps = [after - before for before, after in pairwise(times)]
    if steps and min(steps) <= 0:
        raise ValueError("times must rise")
    longest = GAP_INTERVALS * interval_s
    held: Counter[int] = Counter()  # value → seconds
    for value, step in zip(values, [*steps, interval_s], strict=True):
        held[value] += step if step <= longest else interval_s
    total = held.total()
    return Judgement(
        first=_moment(times[0]),
        last=_moment(times[-1]),
        n=len(times),
        min_mc=min(held),
        max_mc=max(held),
        mean_mc=_nearest(sum(value * seconds for value, seconds in held.items()), total),
        mkt_mc=mean_kinetic_temperature(held.keys(), held.values()),
        seconds_above=sum(seconds for value, seconds in held.items() if value > limits.high_mc),
        seconds_below=sum(seconds for value, seconds in held.items() if value < limits.low_mc),
        gaps=tuple((_moment(a), _moment(b)) for a, b in pairwise(times) if b - a > longest),
        excursions=tuple(_excursions(times, values, limits)),
    )


def mean_kinetic_temperature(
    values_mc: Iterable[int], weights_s: Iterable[int], activation_kj: float = ACTIVATION_KJ
) -> int:
    """MKT in thousandths of °C: (ΔH/R) / −ln(Σ wᵢ·e^(−ΔH/R·Tᵢ) / Σ wᵢ), ΔH/R = 10000 K by default (R22).

    Raises ValueError: nothing weighed, a negative weight, a value below absolute zero, no activation energy.
    """
    pairs = [(mc + KELVIN_MC, weight) for mc, weight in zip(values_mc, weights_s, strict=True) if weight]
    if not pairs or any(kelvin <= 0 or weight < 0 for kelvin, weight in pairs) or not activation_kj > 0:
        raise ValueError("mean kinetic temperature needs weighted readings above absolute zero")
    ratio_mk = activation_kj / GAS_CONSTANT_KJ * 1000
    warmest = max(kelvin for kelvin, _ in pairs)  # taken out of the sum: e^x stays in range deep frozen
    decay = math.fsum(weight * math.exp(ratio_mk / warmest - ratio_mk / kelvin) for kelvin, weight in pairs)
    weights = sum(weight for _, weight in pairs)
    return round(ratio_mk / (ratio_mk / warmest - math.log(decay / weights))) - KELVIN_MC


def covers(span: Span, first: datetime, last: datetime, gaps: Sequence[Span], interval_s: int) -> bool | None:
    """Did the readings watch the whole span, say a journey? False: none of it; None: part is unknown.

    Readings farther apart than `LONGEST_INTERVAL_S` watched nothing, whatever the file says of its own interval.
    """
    since, until = span
    if last < since or until < first:
        return False
    if interval_s > LONGEST_INTERVAL_S:
        return None
    slack = timedelta(seconds=GAP_INTERVALS * interval_s)
    silent = any(begin < until and since < end for begin, end in gaps)
    return None if silent or first - since > slack or until - last > slack else True


def _excursions(times: Sequence[int], values: Sequence[int], limits: Limits) -> Iterator[Excursion]:
    for side, run in groupby(range(len(values)), key=lambda i: limits.side(values[i])):
        if side:
            out = list(run)
            after = out[-1] + 1
            yield Excursion(
                since=_moment(times[out[0]]),
                until=_moment(times[after]) if after < len(times) else None,
                peak_mc=side * max(side * values[i] for i in out),
                direction="above" if side > 0 else "below",
            )


@dataclass(frozen=True, slots=True)
class Reading:
    """A thermometer read by hand: now, and least and most since a moment (R21)."""

    since: datetime
    at: datetime
    low_mc: int
    now_mc: int
    high_mc: int


def by_hand(readings: Iterable[Reading], limits: Limits, place_id: str | None = None) -> tuple[Excursion, ...]:
    """When readings by hand, in their order, say that it was out of limits.

    Least or most out: for all the time that the reading speaks of. Now out: on, to the first reading back in (R26).
    """
    made: list[Excursion] = []
    for one in readings:
        worst, still = limits.worst(one.low_mc, one.high_mc), bool(limits.side(one.now_mc))
        if made and made[-1].until is None:
            going = made.pop()
            peak = limits.worst(going.peak_mc, worst)
            made.append(replace(going, until=None if still else one.at, peak_mc=peak))
        elif side := limits.side(worst):
            told: Literal["above", "below"] = "above" if side > 0 else "below"
            made.append(Excursion(one.since, None if still else one.at, worst, told, place_id))
    return tuple(made)


def _moment(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def _nearest(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)


# ── the thermal history of a vial over its stays (R21, R25) ──


@dataclass(frozen=True, slots=True)
class Assumed:
    """A place without sensor: the worst-case band that QA signed, and for how long it may be assumed."""

    low_mc: int
    high_mc: int
    longest_s: int


@dataclass(frozen=True, slots=True)
class Monitored:
    """A place with a sensor: judged up to its last reading, and picked from until that reading is too old.

    `out`: when it measured what this vial does not bear, judged since or not.
    """

    cleared_through: datetime | None
    longest_age_s: int
    out: Sequence[Excursion] = ()


@dataclass(frozen=True, slots=True)
class Stay:
    place_id: str
    since: datetime
    until: datetime | None
    monitoring: Assumed | Monitored | None


@dataclass(frozen=True, slots=True)
class History:
    """`known` is True, or None: unknown since a moment, for these reasons. Unknown never passes."""

    known: Literal[True] | None
    unknown_since: datetime | None
    reasons: tuple[str, ...]
    out_of_storage_s: int
    warm_s: int = 0
    """Of what is kept frozen: the longest time in which it lay, without a break, where it is assumed to be above 0 °C."""


def history(stays: Sequence[Stay], excursions: Sequence[Excursion], limits: Limits, at: datetime) -> History:
    """What the vial went through up to `at`; a stay that ended later counts as open (R21, R25).

    Reasons: `stay_none`, `stay_unmonitored`, `assumed_stay_too_long`, `reading_none`, `reading_too_old`, `reading_out`.
    Time out of storage joins the stays whose assumed band leaves the limits and the excursions of the places
    where the vial was then (one without place is the vial's own); no second counts twice.
    """
    past = sorted((stay for stay in stays if stay.since <= at), key=lambda stay: stay.since)
    doubts = [doubt for stay in past if (doubt := _doubt(stay, at))]
    doubts += [("stay_none", moment) for moment in _nowhere(past, at)]
    out: list[Span] = []
    warm: list[Span] = []
    for stay in past:
        end = _end(stay.until, at)
        match stay.monitoring:
            case Assumed(low_mc, high_mc) if limits.side(low_mc) or limits.side(high_mc):
                out.append((stay.since, end))
                if limits.high_mc <= 0 < low_mc:
                    warm.append((stay.since, end))
        here = [one for one in excursions if one.place_id in (None, stay.place_id)]
        if isinstance(stay.monitoring, Monitored):
            doubts += [("reading_out", since) for since in _unjudged(stay.monitoring.out, here, stay.since, end)]
        out += [(max(stay.since, one.since), min(end, _end(one.until, at))) for one in here]
    doubts.sort(key=lambda doubt: doubt[1])
    return History(
        known=None if doubts else True,
        unknown_since=doubts[0][1] if doubts else None,
        reasons=tuple(dict.fromkeys(code for code, _ in doubts)),
        out_of_storage_s=_union_s(out),
        warm_s=max(map(_union_s, _runs(warm)), default=0),
    )


def _doubt(stay: Stay, at: datetime) -> tuple[str, datetime] | None:
    """Why, and since when, the temperature of this stay is not known; None where it is."""
    end = _end(stay.until, at)
    still_there = stay.until is None or stay.until > at
    if stay.since >= end and not still_there:
        return None
    match stay.monitoring:
        case Assumed(longest_s=longest_s):
            limit = stay.since + timedelta(seconds=longest_s)
            return ("assumed_stay_too_long", limit) if end > limit else None
        case Monitored(cleared_through=None):
            return "reading_none", stay.since
        case Monitored(cleared_through=datetime() as cleared, longest_age_s=age_s):
            # A place may be picked from until its next reading is due: so too for a vial that was picked from it.
            needed = min(end, at - timedelta(seconds=age_s))
            return ("reading_too_old", max(stay.since, cleared)) if cleared < needed else None
    return "stay_unmonitored", stay.since


def _unjudged(
    measured: Sequence[Excursion], judged: Sequence[Excursion], since: datetime, end: datetime
) -> Iterator[datetime]:
    """The moments from which it was measured out of limits in this time, where no excursion tells of it."""
    for one in measured:
        first, last = max(one.since, since), _end(one.until, end)
        if first <= last and not any(told.since <= last and (told.until or end) >= first for told in judged):
            yield first


def _nowhere(past: Sequence[Stay], at: datetime) -> Iterator[datetime]:
    """The moments from which the vial lay in no place; without any stay, the moment asked about."""
    if not past:
        yield at
        return
    reached = past[0].since
    for stay in past:
        if stay.since > reached:
            yield reached
        reached = max(reached, _end(stay.until, at))
    if reached < at:
        yield reached


def _end(until: datetime | None, at: datetime) -> datetime:
    return at if until is None else min(until, at)


def _runs(spans: Iterable[Span]) -> list[list[Span]]:
    """Spans that touch, together."""
    made: list[list[Span]] = []
    for since, until in sorted(spans):
        if made and since <= max(end for _, end in made[-1]):
            made[-1].append((since, until))
        else:
            made.append([(since, until)])
    return made


def _union_s(spans: Iterable[Span]) -> int:
    total, reached = timedelta(), None
    for since, until in sorted(spans):
        begin = since if reached is None else max(since, reached)
        if until > begin:
            total += until - begin
            reached = until
    return -(-total // timedelta(seconds=1))  # rounded up

"""Readings judged: excursions, gaps, runs without a gap, mean kinetic temperature. What a vial went through is `history`.
Whole numbers (thousandths of °C, seconds), half-open intervals. No clock, no files, no verdict."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, compress, groupby, islice
from operator import sub
from typing import Literal

KELVIN_MC = 273_150
GAS_CONSTANT_KJ = 0.0083144
ACTIVATION_KJ = 83.144
COLDEST_MC, WARMEST_MC = -KELVIN_MC, 200_000  # beyond, no thermometer has measured it
GAP_INTERVALS = 2  # R25: silence longer than this many intervals is unknown
LONGEST_INTERVAL_S = 30 * 60  # a logger that measures less often watched nothing: what lay between is not known

Span = tuple[datetime, datetime]


# ── readings judged ──


@dataclass(frozen=True, slots=True)
class Limits:
    """Storage limits of a product version; both ends are still in range (R20)."""

    low_mc: int
    high_mc: int
    freezes: bool = False
    """What is kept there is harmed below 0 °C, however short (R23)."""

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
    seen: datetime | None = field(default=None, compare=False)
    """The last reading that was out: from there to its end nobody looked."""


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


def judge(
    times: Sequence[int],
    values: Sequence[int],
    limits: Limits | None,
    interval_s: int,
    steps: Mapping[int, int] | None = None,
) -> Judgement:
    """Judge readings: `times` in epoch seconds, rising; `values` in thousandths of °C; without limits none is out (R22, R25, R26).

    A reading holds until the next one; the last one, and one before a gap, for one interval: mean and MKT
    weigh by that. A gap is named by the readings either side of it. An excursion goes on through a gap until
    a reading shows its end, so it may outlast `seconds_above` or `seconds_below`: they count no unknown time.
    `steps`: how often each step between two readings occurs, where it was counted already.
    Raises ValueError: no readings, lengths differ, times do not rise, interval not positive.
    """
    if not times or len(times) != len(values) or interval_s <= 0:
        raise ValueError("readings and a positive interval are needed")
    steps = steps or Counter(map(sub, islice(times, 1, None), times))
    if steps and min(steps) <= 0:
        raise ValueError("times must rise")
    longest = GAP_INTERVALS * interval_s
    held = _held(times, values, interval_s, longest, even=set(steps) <= {interval_s})
    total = held.total()
    limits = limits or Limits(min(held), max(held))
    return Judgement(
        first=at_second(times[0]),
        last=at_second(times[-1]),
        n=len(times),
        min_mc=min(held),
        max_mc=max(held),
        mean_mc=_nearest(sum(value * seconds for value, seconds in held.items()), total),
        mkt_mc=mean_kinetic_temperature(held.keys(), held.values()),
        seconds_above=sum(seconds for value, seconds in held.items() if value > limits.high_mc),
        seconds_below=sum(seconds for value, seconds in held.items() if value < limits.low_mc),
        gaps=tuple(
            (at_second(times[i - 1]), at_second(times[i])) for i in _gaps(times, longest, max(steps, default=0))
        ),
        excursions=tuple(outs(times, values, limits)),
    )


def _held(times: Sequence[int], values: Sequence[int], interval_s: int, longest: int, *, even: bool) -> Counter[int]:
    """For how many seconds each value held."""
    if even:
        return Counter({value: n * interval_s for value, n in Counter(values).items()})
    held: Counter[int] = Counter()
    for value, step in zip(values, chain(map(sub, islice(times, 1, None), times), (interval_s,)), strict=True):
        held[value] += step if step <= longest else interval_s
    return held


def _gaps(times: Sequence[int], longest: int, widest: int | None = None) -> list[int]:
    """Numbers of the readings before which it was silent for longer."""
    if widest is None:
        widest = max(map(sub, islice(times, 1, None), times), default=0)
    if widest <= longest:
        return []
    return [i for i, step in enumerate(map(sub, islice(times, 1, None), times), 1) if step > longest]


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


def outs(times: Sequence[int], values: Sequence[int], limits: Limits) -> Iterator[Excursion]:
    """When readings were out of limits: each from its first reading out to the first one back in, also over a gap (R26)."""
    sides = {value: limits.side(value) for value in set(values)}
    if not any(sides.values()):
        return
    found = compress(range(len(values)), map(sides.__getitem__, values))  # most are in, and pass by without a look
    for (side, _), run in groupby(enumerate(found), key=lambda nth: (sides[values[nth[1]]], nth[1] - nth[0])):
        out = [i for _, i in run]
        after = out[-1] + 1
        yield Excursion(
            since=at_second(times[out[0]]),
            until=at_second(times[after]) if after < len(times) else None,
            peak_mc=side * max(side * values[i] for i in out),
            direction="above" if side > 0 else "below",
            seen=at_second(times[out[-1]]),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """Readings without a gap: from the first to the last of them, with the least and the most (R25)."""

    since: datetime
    until: datetime
    interval_s: int
    low_mc: int
    high_mc: int

    @property
    def reach(self) -> timedelta:
        """How far before its first and after its last reading it speaks: no longer silence is a gap."""
        return timedelta(seconds=GAP_INTERVALS * self.interval_s)

    @property
    def watches(self) -> bool:
        """Readings that are too rare watched nothing; what they read as out counts all the same."""
        return self.interval_s <= LONGEST_INTERVAL_S

    def joins(self, other: Run) -> bool:
        """Whether no gap lies between the two."""
        near = min(self.reach, other.reach)
        return self.watches == other.watches and self.since - other.until <= near and other.since - self.until <= near

    def with_(self, other: Run) -> Run:
        return Run(
            min(self.since, other.since), max(self.until, other.until), min(self.interval_s, other.interval_s),
            min(self.low_mc, other.low_mc), max(self.high_mc, other.high_mc),
        )  # fmt: skip


def runs(
    times: Sequence[int], values: Sequence[int], interval_s: int, steps: Mapping[int, int] | None = None
) -> list[Run]:
    """Readings cut where they were silent for longer than twice the interval. `steps` as in `judge`."""
    longest, made, begin = GAP_INTERVALS * interval_s, [], 0
    for end in (*_gaps(times, longest, max(steps) if steps else None), len(times)):
        part = values[begin:end]
        made.append(Run(at_second(times[begin]), at_second(times[end - 1]), interval_s, min(part), max(part)))
        begin = end
    return made


def merged(found: Iterable[Excursion], limits: Limits) -> list[Excursion]:
    """What several thermometers of one place saw, as one: out from the first to the last of those that meet (R21).

    Too warm and too cold are two things, also at the same time: neither hides the other.
    """
    made: list[Excursion] = []
    for one in sorted(found, key=lambda one: (one.direction, one.since)):
        if made and made[-1].direction == one.direction and (made[-1].until is None or one.since <= made[-1].until):
            last = made.pop()
            ends = None if last.until is None or one.until is None else max(last.until, one.until)
            peak = limits.worst(last.peak_mc, one.peak_mc)
            seen = max((at for at in (last.seen, one.seen) if at), default=None)
            made.append(Excursion(last.since, ends, peak, last.direction, last.place_id, seen))
        else:
            made.append(one)
    return made


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
    Too warm and too cold are two things, also in one reading.
    """
    told = list(readings)
    sides = Limits(-BEYOND_MC, limits.high_mc), Limits(limits.low_mc, BEYOND_MC)
    found = [one for side in sides for one in _one_side(told, side, place_id)]
    return tuple(sorted(found, key=lambda one: one.since))


BEYOND_MC = 10**9
"""Farther than anything is measured."""


def _one_side(readings: Iterable[Reading], limits: Limits, place_id: str | None) -> tuple[Excursion, ...]:
    made: list[Excursion] = []
    for one in readings:
        worst, still = limits.worst(one.low_mc, one.high_mc), bool(limits.side(one.now_mc))
        if made and made[-1].until is None:
            going = made.pop()
            peak = limits.worst(going.peak_mc, worst)
            made.append(replace(going, until=None if still else one.at, peak_mc=peak, seen=one.at))
        elif side := limits.side(worst):
            told: Literal["above", "below"] = "above" if side > 0 else "below"
            made.append(Excursion(one.since, None if still else one.at, worst, told, place_id, one.at))
    return tuple(made)


def at_second(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def _nearest(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)

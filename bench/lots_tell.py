"""How often the comparison of lots finds a lot that is worse, and how often it names one where none is: by simulation.

What is run is what the page shows (`domain/funnels.py`, `domain/exact.py`), not a second writing of it. Seeds are fixed: the
same version gives the same figures on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng

from bench.measure import Row
from traceability.domain.exact import MATTERS, holm, interval, mid_p
from traceability.domain.funnels import Knee, funnel

LOTS, PERSONS = 12, 120
WORSE, SD = 20.0, 12.0
"""Of 100: the lot that is worse, and the spread of scores once the baseline is taken out."""
SLOPE, BASELINE, BASELINE_SD = 0.5, 60.0, 15.0
ALARM, POWER = 0.05, 0.9
Made = Callable[[Generator], tuple[list[Knee], str | None]]


@dataclass(frozen=True, slots=True)
class Found:
    """Of so many sets: in how many the worse lot was named, and in how many one that is like the others."""

    sets: int
    worse: int
    others: int


def even(dice: Generator, worse: float = 0.0) -> tuple[list[Knee], str | None]:
    """Ten persons a lot, one knee each, normal; `worse` is added to the first lot."""
    before = dice.normal(BASELINE, BASELINE_SD, PERSONS)
    after = SLOPE * before + dice.normal(0, SD, PERSONS)
    after[: PERSONS // LOTS] += worse
    knees = [
        Knee(str(at), f"L{at // (PERSONS // LOTS):02}", x, y)
        for at, (x, y) in enumerate(zip(before.tolist(), after.tolist(), strict=True))
    ]
    return knees, "L00" if worse else None


def uneven(dice: Generator, worse: float = 0.0) -> tuple[list[Knee], str | None]:
    """As it comes: lots of 5 to 18 persons, a third of them with two knees that are alike, skewed, whole and ending at 0 and 100."""
    sizes = np.array([5, 6, 7, 8, 9, 10, 10, 10, 11, 12, 14, 18])
    lot = dice.permutation(np.repeat(np.arange(LOTS), dice.permutation(sizes)))
    knees = []
    for person, at in enumerate(lot.tolist()):
        base, own = dice.normal(BASELINE, BASELINE_SD), (dice.gamma(2) - 2) / 2**0.5 * SD * 0.7**0.5
        for _ in range(2 if dice.random() < 1 / 3 else 1):
            before = np.clip(round(base + dice.normal(0, 5)), 0, 100)
            after = SLOPE * before + own + dice.normal(0, SD * 0.3**0.5) + (worse if at == 0 else 0)
            knees.append(Knee(str(person), f"L{at:02}", float(before), float(np.clip(round(after), 0, 100))))
    return knees, "L00" if worse else None


def scores(made: Made, sets: int, seed: int) -> Found:
    """Each set is judged as the page judges it: by Holm's p of every lot."""
    worse = others = 0
    for dice in _dice(seed, sets):
        knees, odd = made(dice)
        named = {one.group for one in funnel(knees).groups if one.p_holm is not None and one.p_holm < MATTERS}
        worse += odd in named
        others += bool(named - {odd})
    return Found(sets, worse, others)


def shares(share: float, sets: int, seed: int, worse: float = 0.0) -> Found:
    """Ten persons a lot, of whom this share has an event (or responds), each lot against the rest."""
    each = PERSONS // LOTS
    found = odd = 0
    for dice in _dice(seed, sets):
        counts = dice.binomial(each, share, LOTS).tolist()
        if worse:
            counts[0] = int(dice.binomial(each, share + worse))
        whole = sum(counts)
        ps = holm([mid_p(count, each, whole - count, PERSONS - each) for count in counts])
        named = {lot for lot, p in enumerate(ps) if p < MATTERS}
        odd += bool(worse) and 0 in named
        found += bool(named - {0} if worse else named)
    return Found(sets, odd, found)


def rows(sets: int) -> list[Row]:
    made = [
        _alarms(f"{LOTS} lots alike, {PERSONS} persons, scores: a lot is named", scores(even, sets, 1)),
        _alarms("the same, lots of 5 to 18, a third with two knees, skewed, whole, 0 to 100", scores(uneven, sets, 2)),
    ]
    made += [
        _alarms(f"the same lots, {share:.0%} with an event or a response: a lot is named", shares(share, sets, seed))
        for share, seed in ((0.1, 3), (0.5, 4))
    ]
    made += [
        _power("one lot 20 of 100 worse, SD 12 after baseline: it is named", scores(_worse(even), sets // 5, 5)),
        _power("the same, uneven as above", scores(_worse(uneven), sets // 5, 6), aim=False),
        _power("one lot with events in 60 % of its persons, the others in 10 %: it is named", shares(0.1, sets // 5, 7, 0.5), aim=False),
    ]  # fmt: skip
    return made


def _worse(made: Callable[[Generator, float], tuple[list[Knee], str | None]]) -> Made:
    return lambda dice: made(dice, WORSE)


def _dice(seed: int, sets: int) -> Iterator[Generator]:
    return (default_rng([seed, at]) for at in range(sets))


def _alarms(work: str, found: Found) -> Row:
    return _row(work, found.others, found.sets, f"≤ {ALARM:.0%}", found.others / found.sets <= ALARM)


def _power(work: str, found: Found, *, aim: bool = True) -> Row:
    made = _row(work, found.worse, found.sets, f"≥ {POWER:.0%}" if aim else "stated", None)
    made.met = found.worse / found.sets >= POWER if aim else None
    made.measured += f"; another one as well in {found.others / found.sets:.1%}"
    return made


def _row(work: str, count: int, sets: int, aim: str, met: bool | None) -> Row:
    low, high = interval(count, sets)
    measured = f"{count:,} of {sets:,}: {count / sets:.2%} ({low:.2%} to {high:.2%})"
    return Row(work, "", measured, aim, met, {"count": count, "sets": sets, "low": low, "high": high})

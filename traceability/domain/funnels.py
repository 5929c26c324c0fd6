"""Scores of one group against the rest, at the same baseline: a difference, its interval, and the funnel it is judged by.

Analysis of covariance: one slope on the baseline and one spread, both from within the groups, so that a group which differs
does not hide itself by widening them. Two knees of one person are one cluster and count as their mean. Contrasts are exact
where residuals are normal; `bench/lots_tell.py` measures false alarms and power, also where they are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, sqrt
from statistics import fmean
from typing import NamedTuple

from traceability.domain.distributions import t_beyond, t_limit
from traceability.domain.exact import LEVEL, corrected, stands_out

FEWEST = 5
"""Fewer than so many evaluable persons in a group: their counts are told, and nothing is compared."""
INNER, OUTER = 0.95, 0.998
"""Limits of a funnel: what one in twenty, and one in five hundred, of alike groups would cross."""
_ROUNDING = 1e-9
Pair = tuple[float, float]
"""Before and after."""


@dataclass(frozen=True, slots=True)
class Knee:
    """One knee of a person in a group: 0–100 before and after, 0 best."""

    person: str
    group: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A group at the mean baseline, less the rest: above 0 is worse. Without an interval and p where it is not compared.

    `inner` and `outer`: how far from the rest 95 of 100, and 998 of 1,000, alike groups of this size get.
    """

    group: str
    n: int
    rest: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    inner: float | None = None
    outer: float | None = None
    p: float | None = None
    p_holm: float | None = None

    @property
    def stands_out(self) -> bool:
        return stands_out(self.p_holm)


@dataclass(frozen=True, slots=True)
class Funnel:
    """`slope` on the baseline, `sd` after it and its degrees of freedom, all within groups; `n` persons in all."""

    slope: float
    sd: float
    df: int
    n: int
    groups: tuple[Difference, ...]

    def limit(self, n: float, level: float) -> float:
        """How far from the rest a group of n persons gets in this share of alike groups, 0 < n < all."""
        return t_limit(1 - level, self.df) * self.sd * sqrt(1 / n + 1 / (self.n - n))

    @property
    def judged(self) -> bool:
        """There is a spread by which anything can be judged."""
        return self.df > 0 and self.sd > 0


def funnel(knees: Iterable[Knee], had: Mapping[str, Collection[str]] | None = None) -> Funnel:
    """Every group against the persons who had nothing of it. `had`: by group, persons who had of it elsewhere too."""
    rows = _clustered(knees)
    groups: dict[str, dict[str, Pair]] = defaultdict(dict)
    for (group, person), pair in rows.items():
        groups[group][person] = pair
    persons = {person for _, person in rows}
    slope, within, residual = _slope([list(members.values()) for members in groups.values()])
    df = len(persons) - len(groups) - (1 if within else 0)
    sd = sqrt(residual / df) if df > 0 else 0.0
    whole = {person: pair for (_, person), pair in _clustered(_of_all(rows)).items()}
    sums = _summed(whole.values())
    empty, found = Funnel(slope, sd, df, len(persons), ()), []
    for name in sorted(groups):
        members = groups[name]
        apart = [whole[person] for person in members.keys() | (had or {}).get(name, ()) if person in whole]
        rest = sums.without(_summed(apart))
        found.append(_difference(name, _summed(members.values()), rest, within, empty))
    return replace(empty, groups=corrected(found))


def _clustered(knees: Iterable[Knee]) -> dict[tuple[str, str], Pair]:
    """One pair a person and group: the mean over their knees."""
    made: dict[tuple[str, str], list[Knee]] = defaultdict(list)
    for knee in knees:
        made[knee.group, knee.person].append(knee)
    return {key: (fmean(k.before for k in each), fmean(k.after for k in each)) for key, each in made.items()}


def _slope(groups: Sequence[Sequence[Pair]]) -> tuple[float, float, float]:
    """The slope within groups, the baseline's sum of squares it rests on, and what it leaves of the spread."""
    xx = xy = yy = 0.0
    for pairs in groups:
        x_mean, y_mean = fmean(x for x, _ in pairs), fmean(y for _, y in pairs)
        for x, y in pairs:
            xx += (x - x_mean) ** 2
            xy += (x - x_mean) * (y - y_mean)
            yy += (y - y_mean) ** 2
    slope = xy / xx if xx > 0 else 0.0
    left = yy - slope * xy
    return slope, xx, left if left > _ROUNDING * yy else 0.0


class _Sum(NamedTuple):
    """So many pairs, and what they add up to."""

    n: int
    before: float
    after: float

    def without(self, other: _Sum) -> _Sum:
        return _Sum(self.n - other.n, self.before - other.before, self.after - other.after)


def _summed(pairs: Iterable[Pair]) -> _Sum:
    told = list(pairs)
    return _Sum(len(told), fsum(before for before, _ in told), fsum(after for _, after in told))


def _of_all(rows: Mapping[tuple[str, str], Pair]) -> Iterable[Knee]:
    return (Knee(person, "", *pair) for (_, person), pair in rows.items())


def _difference(name: str, members: _Sum, rest: _Sum, within: float, told: Funnel) -> Difference:
    if members.n < FEWEST or rest.n < FEWEST or not told.judged:
        return Difference(name, members.n, rest.n)
    x = members.before / members.n - rest.before / rest.n
    y = members.after / members.n - rest.after / rest.n
    value = y - told.slope * x
    error = told.sd * sqrt(1 / members.n + 1 / rest.n + (x * x / within if within else 0.0))
    reach = t_limit(1 - LEVEL, told.df) * error
    inner, outer = (told.limit(members.n, level) for level in (INNER, OUTER))
    return Difference(
        name, members.n, rest.n, value, value - reach, value + reach, inner, outer, t_beyond(value / error, told.df)
    )

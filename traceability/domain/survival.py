"""Time to the first event, where some were not watched to the end: Kaplan–Meier with Greenwood's variance.

For first events alone: what happens again, or a score that changes, is not told by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

from traceability.domain.exact import LEVEL


@dataclass(frozen=True, slots=True)
class Step:
    """On this day so many were watched, so many had their first event; the share free of one since, and its interval."""

    day: int
    watched: int
    events: int
    free: float
    low: float | None
    high: float | None


def kaplan_meier(watched: Iterable[tuple[int, bool]], level: float = LEVEL) -> list[Step]:
    """`watched`: until which day, and whether an event ended it. A step for every day with an event.

    The interval is that of log(−log S): it stays between 0 and 1. None where nobody is left free. Who left on the day of an
    event was still watched on it.
    """
    told = sorted(watched)
    z = NormalDist().inv_cdf((1 + level) / 2)
    made: list[Step] = []
    free, greenwood = 1.0, 0.0
    for day in sorted({day for day, event in told if event}):
        at_risk = sum(1 for until, _ in told if until >= day)
        events = sum(1 for until, event in told if event and until == day)
        free *= 1 - events / at_risk
        if events == at_risk:
            made.append(Step(day, at_risk, events, 0.0, None, None))
            break
        greenwood += events / (at_risk * (at_risk - events))
        reach = exp(z * sqrt(greenwood) / -log(free))
        made.append(Step(day, at_risk, events, free, free**reach, free ** (1 / reach)))
    return made

"""Visits that a protocol plans: at which time point, how many days after the first injection, and how far off is still in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from traceability.domain.errors import Refused

POINTS = ("baseline", "after_series", "month_2", "month_4", "month_6", "follow_up")
"""In their order: the first is before the first injection or on its day, the others on its day or after it."""
EARLIEST_D, LATEST_D, WIDEST_D = -90, 5 * 366, 180
USUAL: Mapping[str, int] = {"month_2": 61, "month_4": 122, "month_6": 183}
USUAL_WINDOW_D = 14


class Planned(NamedTuple):
    """`day` counts from the first injection, 0 that day; so many days of `window_d` before and after it are in time."""

    point: str
    day: int
    window_d: int

    @property
    def fits(self) -> bool:
        begins, ends = (EARLIEST_D, 0) if self.point == POINTS[0] else (0, LATEST_D)
        return begins <= self.day <= ends and 0 <= self.window_d <= WIDEST_D


def usual(doses: int, interval_d: int) -> list[Planned]:
    """Where a protocol says nothing of visits: before, on the day of the last dose, and after two, four and six months (R41)."""
    last = (doses - 1) * interval_d
    days = {"baseline": 0, "after_series": last} | {point: day for point, day in USUAL.items() if day >= last}
    return [Planned(point, day, USUAL_WINDOW_D) for point, day in days.items()]


def possible(visits: Sequence[Planned]) -> None:
    """Refuse visits that cannot be: one twice, one before the one that it follows, or further away than anybody plans."""
    told = sorted(visits, key=lambda one: POINTS.index(one.point))
    days = [one.day for one in told]
    if len({one.point for one in told}) != len(told) or days != sorted(days) or not all(one.fits for one in told):
        raise Refused("visits_impossible", earliest=-EARLIEST_D, latest=LATEST_D, widest=WIDEST_D)

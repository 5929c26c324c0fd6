"""What is planned for a day, dose or visit: in time, early or late. One count of days for the calendar and for the bedside."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Timing(StrEnum):
    """How something planned stands on a day. Early and late are flagged, not hidden (R41)."""

    DONE = "done"
    DONE_EARLY = "done_early"
    DONE_LATE = "done_late"
    LATE = "late"
    TODAY = "today"
    OPEN = "open"
    AHEAD = "ahead"


FLAGGED = frozenset({Timing.DONE_EARLY, Timing.DONE_LATE, Timing.LATE})


def off_d(due: date, day: date) -> int:
    """So many days after the planned one; less than 0 before it."""
    return (day - due).days


def in_time(due: date, day: date, window_d: int) -> bool:
    """Within the window: so many days early or late, the last one included."""
    return abs(off_d(due, day)) <= window_d


def standing(due: date, window_d: int, today: date, *, done: bool, done_on: date | None) -> Timing:
    """`done_on` None of what is done: its day is not reported, and whether it was in time is not known."""
    if done:
        if done_on is None or in_time(due, done_on, window_d):
            return Timing.DONE
        return Timing.DONE_EARLY if done_on < due else Timing.DONE_LATE
    if today == due:
        return Timing.TODAY
    if in_time(due, today, window_d):
        return Timing.OPEN
    return Timing.LATE if today > due else Timing.AHEAD

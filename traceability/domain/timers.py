"""Clocks at the bedside: until when the verdict lets a thawed vial be used, and until when a patient is watched.

Each is the number that its rule compares (`checks.thaw_kept`, `checks.budget_kept`), told ahead: what the clock shows as over, the
verdict refuses. The earliest counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from traceability.domain.checks import VialFacts
from traceability.domain.states import GONE


class TimerKind(StrEnum):
    """What runs. In use: from the thaw on, because nobody records when a vial was opened, and that is never earlier."""

    THAW = "thaw"
    IN_USE = "in_use"
    BUDGET = "budget"
    EXPIRY = "expiry"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Timer:
    """`rule`: which rule of the verdict refuses from then on; none for a watch, which ends in work instead."""

    kind: TimerKind
    since: datetime
    until: datetime
    rule: str = ""

    def left_s(self, now: datetime) -> int:
        return max(0, -(-(self.until - now) // timedelta(seconds=1)))

    def over(self, now: datetime) -> bool:
        return now >= self.until


def of_vial(vial: VialFacts) -> tuple[Timer, ...]:
    """The clocks of a vial that was thawed and is in somebody's hands, the one that ends first before the others.

    The budget runs on while it lies out of storage, which a thawed vial does.
    """
    if vial.thawed_at is None or vial.state in GONE:
        return ()
    return tuple(
        sorted((*_thaw(vial, vial.thawed_at), _budget(vial), *_expiry(vial, vial.thawed_at)), key=lambda one: one.until)
    )


def _thaw(vial: VialFacts, thawed_at: datetime) -> tuple[Timer, ...]:
    limits = {TimerKind.THAW: vial.thaw_s, TimerKind.IN_USE: vial.in_use_s}
    told = {kind: limit for kind, limit in limits.items() if limit is not None}
    if not told:
        return ()
    kind = min(told, key=lambda one: told[one])
    limit = timedelta(seconds=told[kind])
    # it counts from when it was warm, whenever somebody said so
    warm_since = vial.at - timedelta(seconds=vial.history.warm_s) if vial.history.warm_s else thawed_at
    since = min(thawed_at, warm_since)
    return (Timer(kind, since, since + limit, "thaw_spent"),)


def _budget(vial: VialFacts) -> Timer:
    left = [(vial.budget_s - vial.history.out_of_storage_s, vial.budget_s)]
    left += [(band.allowed_s - band.used_s, band.allowed_s) for band in vial.history.bands]
    left_s, allowed_s = min(left)
    until = vial.at + timedelta(seconds=left_s)
    return Timer(TimerKind.BUDGET, until - timedelta(seconds=allowed_s), until, "budget_spent")


def _expiry(vial: VialFacts, since: datetime) -> tuple[Timer, ...]:
    """The date on record, the minute on the label, the day that QA set: the earliest (`checks.not_expired`, `checks.shortened_kept`)."""
    ends = [(one, "expired") for one in (vial.usable_until, vial.label_until) if one is not None]
    ends += [(vial.shortened.until, "shortened")] if vial.shortened else []
    if not ends:
        return ()
    until, rule = min(ends)
    return (Timer(TimerKind.EXPIRY, min(since, until), until, rule),)


def watch(given_at: datetime, minutes: int) -> Timer | None:
    """So long after the injection somebody watches the patient (R44); None where the protocol asks for none."""
    return Timer(TimerKind.WATCH, given_at, given_at + timedelta(minutes=minutes)) if minutes else None

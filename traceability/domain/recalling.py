"""Recalls: their steps and clocks, when a vial is accounted for, and what stands open (R35, R36). How they act is in `checks`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from traceability.domain.rules import Finding, Severity
from traceability.domain.states import GONE, Custody

CLASSES = (1, 2, 3)
MOST_NAMED = 40
"""So many serials stand in one finding; how many there are stands in it whole."""


class Step(StrEnum):
    """What a recall has to have done by a time: each has its clock."""

    NOTIFY = "notify"
    ACKNOWLEDGE = "acknowledge"
    CONTACT = "contact"
    ACCOUNT = "account"
    CHECK = "check"
    CLOSE = "close"


class Retrieved(StrEnum):
    """How one vial of a recall was accounted for by hand: seen and scanned, or vouched for in writing."""

    SCANNED = "scanned"
    DOCUMENTED = "documented"


class ContactBy(StrEnum):
    """How somebody was tried to be reached, or asked whether a recall arrived."""

    VISIT = "visit"
    PHONE = "phone"
    MESSAGE = "message"
    LETTER = "letter"


class Account(StrEnum):
    """Where a vial of a recall stands: scanned, vouched for, gone by the record (given, destroyed …), or not accounted for."""

    SCANNED = "scanned"
    DOCUMENTED = "documented"
    RECORDED = "recorded"
    UNACCOUNTED = "unaccounted"


MOCK_STEPS = (Step.NOTIFY, Step.ACKNOWLEDGE, Step.ACCOUNT, Step.CLOSE)
"""A mock recall tells no patient and destroys nothing."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Within how long after its start a recall of this class has done a step; since when that holds, and by whose word."""

    class_: int
    step: Step
    within_s: int
    effective_from: date
    source: str
    row_id: str | None = field(default=None, compare=False)
    """Of what a house has set itself."""


SOURCE = "Default of this system; enter what your authority orders"
_HOURS: Mapping[Step, tuple[int | None, int | None, int | None]] = {
    # by class: 1, 2, 3
    Step.NOTIFY: (24, 48, 120),
    Step.ACKNOWLEDGE: (48, 96, 240),
    Step.CONTACT: (72, 168, None),
    Step.ACCOUNT: (120, 240, 480),
    Step.CHECK: (240, 480, 960),
    Step.CLOSE: (720, 1440, 2160),
}
DEFAULTS = tuple(
    Clock(class_, step, hours * 3600, date(2026, 1, 1), SOURCE)
    for step, told in _HOURS.items()
    for class_, hours in zip(CLASSES, told, strict=True)
    if hours is not None
)
"""What holds where an organisation has said nothing else (`recall.set_clock`)."""


def clocks(class_: int, on: date, own: Iterable[Clock], *, mock: bool) -> tuple[Clock, ...]:
    """The clocks of a recall that starts on this day, in the order of the steps: the organisation's own before the default.

    `own` in the order in which they were decided; of two for one day the later decision holds.
    """
    made: dict[Step, Clock] = {one.step: one for one in DEFAULTS if one.class_ == class_}
    said = [one for one in own if one.class_ == class_ and one.effective_from <= on]
    made |= {one.step: one for one in sorted(said, key=lambda one: one.effective_from)}
    return tuple(made[step] for step in Step if step in made and (not mock or step in MOCK_STEPS))


@dataclass(frozen=True, slots=True)
class Timed:
    """One step of a recall against its clock. `met` is None while it is not done."""

    step: Step
    due: datetime
    met: datetime | None
    source: str

    def late(self, now: datetime) -> bool:
        return (self.met or now) > self.due


def timed(
    started: datetime, told: Sequence[Mapping[str, object]], met: Mapping[Step, datetime | None]
) -> tuple[Timed, ...]:
    """The clocks that a recall was started with (`plain` of each), against what was done."""
    return tuple(
        Timed(step, started + timedelta(seconds=int(str(one["within_s"]))), met.get(step), str(one["source"]))
        for one in told
        for step in (Step(str(one["step"])),)
    )


def answer_due(started: datetime, told: Sequence[Mapping[str, object]]) -> datetime | None:
    """By when everybody has answered, by the clocks that the recall was started with."""
    return next((one.due for one in timed(started, told, {}) if one.step is Step.ACKNOWLEDGE), None)


def account(custody: Custody, retrieved: Retrieved | None, was: Custody | None, *, changed: bool = False) -> Account:
    """How one vial is accounted for. `was`: its custody when it was retrieved; `changed`: that has changed since then.

    One that was lost after it had been scanned is not accounted for any more; one that a mock recall found in somebody's hand
    is, though the record has it as lost.
    """
    if custody is Custody.LOST and (retrieved is not Retrieved.SCANNED or was is not Custody.LOST or changed):
        return Account.UNACCOUNTED
    if custody in GONE:
        return Account.RECORDED
    return Account(retrieved.value) if retrieved else Account.UNACCOUNTED


@dataclass(frozen=True, slots=True)
class Progress:
    """What a closure asks: names of organisations, serials, and how many subjects nobody has tried to reach."""

    mock: bool
    unsent: Sequence[str]
    unanswered: Sequence[str]
    unaccounted: Sequence[str]
    owed: Sequence[str]
    unchecked: Sequence[str]
    untold: int


def open_points(told: Progress) -> tuple[Finding, ...]:
    """Everything that stands against closing, each with its reason."""
    unsent, unanswered, unchecked = (
        {"organisations": tuple(names)} for names in (told.unsent, told.unanswered, told.unchecked)
    )
    found = [
        Finding("notice_unsent", not told.unsent, Severity.ASK, unsent),
        Finding("notice_unanswered", not told.unanswered, Severity.ASK, unanswered),
        Finding("vials_unaccounted", not told.unaccounted, Severity.ASK, named(told.unaccounted)),
    ]
    if not told.mock:
        found += [
            Finding("destruction_owed", not told.owed, Severity.ASK, named(told.owed)),
            Finding("subjects_untold", not told.untold, Severity.ASK, {"subjects": told.untold}),
            Finding("effect_unchecked", not told.unchecked, Severity.ASK, unchecked),
        ]
    return tuple(one for one in found if not one.holds)


def named(serials: Sequence[str]) -> dict[str, object]:
    """How many there are, and the first of them by name."""
    return {"count": len(serials), "serials": tuple(serials[:MOST_NAMED])}

"""What is said of harm, in the words of ICH E2B and WHO-UMC, and by when it goes to the authority (R53).

A clock is never stored: it follows from what was told, what was judged and what was reported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum


class EventOutcome(StrEnum):
    """ICH E2B(R3) E.i.7."""

    RECOVERED = "recovered"
    RECOVERING = "recovering"
    NOT_RECOVERED = "not_recovered"
    SEQUELAE = "sequelae"
    FATAL = "fatal"
    UNKNOWN = "unknown"


class SeriousBecause(StrEnum):
    """ICH E2A II.B."""

    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITALISATION = "hospitalisation"
    DISABILITY = "disability"
    CONGENITAL = "congenital"
    OTHER = "other"


class Causality(StrEnum):
    """WHO-UMC."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    CONDITIONAL = "conditional"
    UNASSESSABLE = "unassessable"


class Expectedness(StrEnum):
    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    UNKNOWN = "unknown"


class AssessedBy(StrEnum):
    PHYSICIAN = "physician"
    MAKER = "maker"


class ReportedTo(StrEnum):
    AUTHORITY = "authority"
    MAKER = "maker"
    ETHICS_COMMITTEE = "ethics_committee"


class ReportOrigin(StrEnum):
    """CIOMS I, 24d."""

    STUDY = "study"
    LITERATURE = "literature"
    HEALTH_PROFESSIONAL = "health_professional"
    OTHER = "other"


class Challenge(StrEnum):
    """CIOMS I, 20 and 21: what became of it when the drug was stopped, and when it was given again."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Expedited(StrEnum):
    """What is owed to the authority."""

    FATAL = "fatal"
    COMPLETE = "complete"
    SERIOUS = "serious"


GRAVE, DEADLY = 4, 5
"""CTCAE: 4 is danger of life, 5 is death. From 4 on harm is serious unless somebody says that it was not."""
MORTAL = frozenset({SeriousBecause.DEATH, SeriousBecause.LIFE_THREATENING})


def is_serious(
    grade: int | None, serious: bool | None, because: Collection[SeriousBecause], outcome: EventOutcome | None
) -> bool:
    """Of what was told; where nobody said it, the grade tells."""
    dead = grade == DEADLY or outcome is EventOutcome.FATAL
    return bool(because) or dead or (grade is not None and grade >= GRAVE if serious is None else serious)


@dataclass(frozen=True, slots=True)
class Telling:
    """One event as it was told at one time; `aware_at`: when the house heard of it."""

    version: int
    aware_at: datetime
    grade: int | None = None
    serious: bool | None = None
    because: frozenset[SeriousBecause] = frozenset()
    outcome: EventOutcome | None = None

    @property
    def is_serious(self) -> bool:
        return is_serious(self.grade, self.serious, self.because, self.outcome)

    @property
    def is_fatal(self) -> bool:
        dead = SeriousBecause.DEATH in self.because or self.outcome is EventOutcome.FATAL
        return dead or (self.grade == DEADLY and self.is_serious)

    @property
    def is_mortal(self) -> bool:
        """Fatal or life threatening."""
        graded = self.grade is not None and self.grade >= GRAVE
        return self.is_serious and bool(MORTAL & self.because or self.outcome is EventOutcome.FATAL or graded)


@dataclass(frozen=True, slots=True)
class Judged:
    """One word on one telling; of somebody's several words the last counts. `copied`: the maker's, which somebody copied."""

    version: int
    who: str
    causality: Causality
    expectedness: Expectedness
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Onward:
    """A report of one telling; `complete`: as complete as it can be made."""

    version: int
    to: ReportedTo
    on: date
    complete: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """Calendar days from the day on which the house knew. `source`: on what the number rests."""

    kind: Expedited
    days: int
    source: str
    since: date
    row_id: str | None = field(default=None, compare=False)
    """Of what a house has set itself."""


CLOCKS: tuple[Clock, ...] = (
    Clock(Expedited.FATAL, 7, "ICH E2A III.B.1: 7 days", date(2026, 1, 1)),
    Clock(Expedited.COMPLETE, 15, "ICH E2A III.B.1: 8 more days for the whole report", date(2026, 1, 1)),
    Clock(Expedited.SERIOUS, 15, "ICH E2A III.B.2: 15 days", date(2026, 1, 1)),
)
"""The default; what a house has set itself goes before it (`event.set_clock`)."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One report that the authority gets, or got: `answered` is its day, None while it is open."""

    clock: Clock
    aware_at: datetime
    due_on: date
    answered: date | None

    def late(self, today: date) -> bool:
        return (self.answered or today) > self.due_on


def is_related(judged: Sequence[Judged], version: int) -> bool:
    """Only where everybody who judged calls it unlikely, and a physician this very telling, is it taken as unrelated."""
    last = last_words(judged)
    return not _signed(last, version) or any(one.causality is not Causality.UNLIKELY for one in last)


def is_unexpected(judged: Sequence[Judged], version: int) -> bool:
    """The same of what the reference document names."""
    last = last_words(judged)
    return not _signed(last, version) or any(one.expectedness is not Expectedness.EXPECTED for one in last)


def _signed(judged: Sequence[Judged], version: int) -> bool:
    return any(one.version == version and not one.copied for one in judged)


def counting(tellings: Sequence[Telling], judged: Sequence[Judged]) -> Sequence[Telling]:
    """The last telling, and with it all since the last one that a physician judged: told again as less grave, an event is as grave
    as it was until a physician has signed their word on it.
    """
    signed = max((one.version for one in judged if not one.copied), default=0)
    return [one for one in tellings if one.version >= signed] or tellings[-1:]


def as_grave(tellings: Sequence[Telling], judged: Sequence[Judged]) -> Callable[[Telling], bool]:
    """Whether a telling says all that the house has to count the event as: fatal, else danger of life, else serious."""
    grave = counting(tellings, judged)
    if any(one.is_fatal for one in grave):  # a death is news, also where danger of life was reported
        return lambda one: one.is_fatal
    if any(one.is_mortal for one in grave):
        return lambda one: one.is_mortal
    if any(one.is_serious for one in grave):
        return lambda one: one.is_serious
    return lambda one: True


def that_counts(tellings: Sequence[Telling], judged: Sequence[Judged]) -> Telling:
    """The newest telling that is as grave as the event counts: the last one, unless that says less and no physician signed it."""
    enough = as_grave(tellings, judged)
    return next(one for one in reversed(tellings) if enough(one))


def last_words(judged: Iterable[Judged]) -> list[Judged]:
    """What each who judged said last."""
    return list({one.who: one for one in judged}.values())


def clock(kind: Expedited, own: Iterable[Clock], on: date) -> Clock:
    """What counted on a day: the house's own before the default, the newest first."""
    mine = [one for one in own if one.kind is kind and one.since <= on]
    return mine[-1] if mine else next(one for one in CLOCKS if one.kind is kind)


def owed(
    tellings: Sequence[Telling],
    judged: Sequence[Judged],
    reports: Sequence[Onward],
    own: Sequence[Clock],
    day_of: Callable[[datetime], date],
) -> tuple[Owed, ...]:
    """What the authority is owed of one event, tellings and words in the order in which they came.

    From the first telling that made it so: an event that turns out worse begins a clock of its own, and no report of
    what was known before answers that one. Nor does one from before a physician signed that it was less: told worse again after
    that it is news. A report of a telling that says less than what counts answers nothing, whenever it was made.
    """
    now, counts_as = tellings[-1], that_counts(tellings, judged)
    if not (counts_as.is_serious and is_related(judged, now.version) and is_unexpected(judged, now.version)):
        return ()
    kinds = (Expedited.FATAL, Expedited.COMPLETE) if counts_as.is_mortal else (Expedited.SERIOUS,)
    enough = as_grave(tellings, judged)
    first = _since(tellings, judged, enough)
    known = day_of(first.aware_at)
    say_so = {one.version for one in tellings if one.version >= first.version and enough(one)}
    to_authority = [one for one in reports if one.to is ReportedTo.AUTHORITY and one.version in say_so]
    made = []
    for kind in kinds:
        counts = clock(kind, own, known)
        days = [one.on for one in to_authority if one.complete or kind is not Expedited.COMPLETE]
        made.append(Owed(counts, first.aware_at, known + timedelta(days=counts.days), min(days, default=None)))
    return tuple(made)


def _since(tellings: Sequence[Telling], judged: Sequence[Judged], grave: Callable[[Telling], bool]) -> Telling:
    """The first telling that was so, after the last one of which a physician signed that it was not."""
    signed = {one.version for one in judged if not one.copied}
    less = max((one.version for one in tellings if one.version in signed and not grave(one)), default=0)
    return next(one for one in tellings if one.version > less and grave(one))


def next_open(found: Iterable[Owed]) -> Owed | None:
    """The report that is due first."""
    return min((one for one in found if one.answered is None), key=lambda one: one.due_on, default=None)


def days_in_force(own: Sequence[Clock], on: date) -> Mapping[Expedited, Clock]:
    return {kind: clock(kind, own, on) for kind in Expedited}

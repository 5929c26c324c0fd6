"""What became of the persons treated with one lot, against those treated with the others: who counts where, and the figures.

The rules (docs/decisions.md): a course counts for a lot if all of it came from that one lot (`Exposure.SINGLE`, primary); as
sensitivity each person counts for every lot they had (`Exposure.ANY`). A person is counted once in a group, with both knees.
Fewer than five evaluable: counts, no interval, no test. "Not asked" and "not evaluable" leave the denominator and are told.
No series without controls shows efficacy; this compares lots (or places, injectors, months) with each other, nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from traceability.domain.exact import corrected, interval, mid_p, stands_out
from traceability.domain.funnels import FEWEST, Difference, Funnel, Knee, funnel
from traceability.domain.survival import Step, kaplan_meier
from traceability.domain.visits import POINTS

BASELINE, *_AFTER = POINTS
VISITS = tuple(_AFTER)
"""In their order; the last has no day of its own."""


class By(StrEnum):
    LOT = "lot"
    PLACE = "place"
    INJECTOR = "injector"
    MONTH = "month"


class Exposure(StrEnum):
    SINGLE = "single"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Treated:
    """One course of one knee, and what became of it: all that a comparison asks for, wherever it was found.

    `person`: the same for one person at two hospitals. `groups`: what the course counts for, by lot, place, injector, month;
    None among them where an injection's is not known. `scores`: by visit, 0–100 with 0 best, only what can be evaluated;
    `responses` alike. `due`: visits whose day has come, and any at which it was evaluated. `event`: None where nobody asked; then
    neither are the days known.
    """

    person: str
    course: str
    groups: Mapping[By, frozenset[str | None]]
    scores: Mapping[str, float] = field(default_factory=dict)
    responses: Mapping[str, bool] = field(default_factory=dict)
    due: frozenset[str] = frozenset()
    event: bool | None = None
    watched_d: int | None = None
    """Days from the first injection to the first event, or, without one, to the last time somebody asked."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the exact interval where there are enough of them."""

    count: int
    n: int

    @property
    def enough(self) -> bool:
        return self.n >= FEWEST

    @property
    def interval(self) -> tuple[float, float] | None:
        return interval(self.count, self.n) if self.enough else None


@dataclass(frozen=True, slots=True)
class Compared:
    """A group's share, and its p against everybody who is not in it. None: too few here, or in the rest."""

    group: str
    share: Share
    rest: Share
    left_out: int
    """Persons of the group of whom nobody knows: not asked, or not evaluable."""
    p: float | None = None
    p_holm: float | None = None

    @property
    def stands_out(self) -> bool:
        return stands_out(self.p_holm)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who responded at a visit: among those that can be evaluated, and with whoever is missing counted as not responding.

    `as_failure` is of those whose visit is due: who is not due yet is not missing.
    """

    visit: str
    complete: Share
    as_failure: Share


@dataclass(frozen=True, slots=True)
class Counted:
    """The persons and courses of one group, whether anything of them can be evaluated or not."""

    group: str
    persons: int
    courses: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All figures of one choice. `several`: persons with a course that counts for no single group; `unknown`: for none at all."""

    by: By
    exposure: Exposure
    visit: str
    persons: int
    groups: tuple[Counted, ...]
    several: int
    unknown: int
    events: tuple[Compared, ...]
    responses: tuple[Compared, ...]
    missing: Mapping[str, Share]
    """Of the responses at this visit, by group, with whoever is missing counted as not responding."""
    scores: Funnel
    visits: tuple[Visit, ...]
    first_events: tuple[Step, ...]
    watched: int
    """Persons in the curve of first events."""
    watched_d: int
    """Days from the first injection of the one who was watched the longest."""

    @property
    def standing_out(self) -> tuple[str, ...]:
        """Groups whose corrected p is small in any figure, in the order of the groups."""
        found = {one.group for one in self._judged if one.stands_out}
        return tuple(one.group for one in self.groups if one.group in found)

    @property
    def curve(self) -> tuple[Step, ...]:
        """The curve of first events, of five persons or more: of fewer their events are counted, and nothing is drawn."""
        return self.first_events if self.watched >= FEWEST else ()

    @property
    def with_event(self) -> int:
        """Persons with an event, of those in the curve."""
        return sum(one.events for one in self.first_events)

    @property
    def comparable(self) -> int:
        """How many groups are compared in any figure."""
        return len({one.group for one in self._judged if one.p is not None})

    @property
    def _judged(self) -> tuple[Compared | Difference, ...]:
        return (*self.events, *self.responses, *self.scores.groups)


def compare(
    treated: Iterable[Treated], by: By, exposure: Exposure, visit: str, visits: Sequence[str] = VISITS
) -> Comparison:
    """Every group against the rest at one visit; shares of responders at each of `visits`, in their order."""
    all_of = list(treated)
    members: dict[str, list[Treated]] = defaultdict(list)
    had: dict[str, set[str]] = defaultdict(set)
    for course in all_of:
        for group in counts_for(course, by, exposure):
            members[group].append(course)
        for group in counts_for(course, by, Exposure.ANY):
            had[group].add(course.person)
    told = [course for course in all_of if counts_for(course, by, exposure)]
    others = [course for course in all_of if not counts_for(course, by, exposure)]
    until = first_events(told)
    names = sorted(members)
    return Comparison(
        by=by, exposure=exposure, visit=visit, persons=len(_persons(told)),
        groups=tuple(Counted(name, len(_persons(members[name])), len(members[name])) for name in names),
        several=len(_persons(one for one in others if one.groups[by] - {None})),
        unknown=len(_persons(one for one in others if not one.groups[by] - {None})),
        events=_against_the_rest(members, had, told, happened),
        responses=_against_the_rest(members, had, told, _at(visit)),
        missing={name: _as_failure(members[name], visit) for name in names},
        scores=funnel(
            (Knee(course.person, name, course.scores[BASELINE], course.scores[visit])
            for name in names for course in members[name] if scored(course, visit)),
            had,
        ),
        visits=tuple(Visit(one, _share(told, _at(one)), _as_failure(told, one)) for one in visits),
        first_events=tuple(kaplan_meier(until)), watched=len(until),
        watched_d=max((day for day, _ in until), default=0),
    )  # fmt: skip


def counts_for(course: Treated, by: By, exposure: Exposure) -> frozenset[str]:
    """The groups in which a course counts. One injection of an unknown lot, and the course is of no single lot."""
    groups = course.groups[by]
    if exposure is Exposure.SINGLE and len(groups) != 1:
        return frozenset()
    return frozenset(one for one in groups if one is not None)


def scored(course: Treated, visit: str) -> bool:
    return BASELINE in course.scores and visit in course.scores


def happened(courses: Sequence[Treated]) -> bool | None:
    """Whether a person had an event in any of these courses; None where nobody asked about any."""
    told = [one.event for one in courses if one.event is not None]
    return any(told) if told else None


def responded(courses: Sequence[Treated], visit: str) -> bool | None:
    """Whether a person responded: with every knee that can be evaluated. None where none can."""
    told = [one.responses[visit] for one in courses if visit in one.responses]
    return all(told) if told else None


def first_events(courses: Iterable[Treated]) -> list[tuple[int, bool]]:
    """One a person: until their first event, or else until the last time that somebody asked."""
    made = []
    for told in _by_person(courses).values():
        known = [one for one in told if one.event is not None and one.watched_d is not None]
        events = [one.watched_d or 0 for one in known if one.event]
        if known:
            made.append((min(events), True) if events else (max(one.watched_d or 0 for one in known), False))
    return made


Answer = Callable[[Sequence[Treated]], bool | None]


def _at(visit: str) -> Answer:
    return lambda courses: responded(courses, visit)


def _against_the_rest(
    members: Mapping[str, Sequence[Treated]], had: Mapping[str, set[str]], told: Sequence[Treated], answer: Answer
) -> tuple[Compared, ...]:
    """The rest of a group are the persons who had nothing of it, with all that counts of them."""
    made: list[Compared] = []
    known = _answers(told, answer)
    everybody = Share(sum(known.values()), len(known))
    for name in sorted(members):
        share = _share(members[name], answer)
        apart = [known[person] for person in had[name] if person in known]
        rest = Share(everybody.count - sum(apart), everybody.n - len(apart))
        p = mid_p(share.count, share.n, rest.count, rest.n) if share.enough and rest.enough else None
        made.append(Compared(name, share, rest, len(_persons(members[name])) - share.n, p))
    return corrected(made)


def _share(courses: Iterable[Treated], answer: Answer) -> Share:
    known = _answers(courses, answer)
    return Share(sum(known.values()), len(known))


def _answers(courses: Iterable[Treated], answer: Answer) -> dict[str, bool]:
    """One a person, of those of whom it is known."""
    told = ((person, answer(each)) for person, each in _by_person(courses).items())
    return {person: known for person, known in told if known is not None}


def _as_failure(courses: Iterable[Treated], visit: str) -> Share:
    """Of the persons whose visit is due, how many are known to have responded with every knee of which it is due.

    A due knee without a value fails, whatever became of the other one.
    """
    due = [[one for one in each if visit in one.due] for each in _by_person(courses).values()]
    answers = [all(one.responses.get(visit) for one in knees) for knees in due if knees]
    return Share(sum(answers), len(answers))


def _by_person(courses: Iterable[Treated]) -> dict[str, list[Treated]]:
    made: dict[str, list[Treated]] = defaultdict(list)
    for course in courses:
        made[course.person].append(course)
    return made


def _persons(courses: Iterable[Treated]) -> set[str]:
    return {course.person for course in courses}

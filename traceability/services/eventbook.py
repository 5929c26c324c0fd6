"""Adverse events as somebody reads them: how each was told, judged and reported, and what the authority is owed. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import and_, col, or_, select

from traceability.domain.harm import (
    GRAVE,
    AssessedBy,
    Clock,
    EventOutcome,
    Judged,
    Onward,
    Owed,
    SeriousBecause,
    Telling,
    is_related,
    is_unexpected,
    next_open,
    owed,
    that_counts,
)
from traceability.services import clocks, people, persons, tellings, trace
from traceability.services.organisations import day_of, today, zone_of, zones_of
from traceability.services.signatures import Signed, about
from traceability.store import View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    AdverseEvent,
    Case,
    Course,
    EventAssessment,
    EventReport,
    Lot,
    Organisation,
    Subject,
    Vial,
)
from traceability.store.tables.outcomes import Asked
from traceability.store.tables.subjects import Laterality

MOST = 500


def current(rows: Iterable[AdverseEvent]) -> list[tuple[AdverseEvent, AdverseEvent]]:
    """Each answer once: how it was told first, and how it was told last."""
    last: dict[str, AdverseEvent] = {}
    first: dict[str, AdverseEvent] = {}
    for row in sorted(rows, key=lambda one: one.version):
        key = row.first_id or row.id
        first.setdefault(key, row)
        last[key] = row
    return [(first[key], row) for key, row in last.items()]


def whose(view: View, told: Iterable[AdverseEvent]) -> Mapping[str, str]:
    """Whose each is, by its id: of whoever had the injection that it names, as long as that counts; else of whom it was told."""
    told = list(told)
    named = {one.administration_id for one in told if one.administration_id}
    given = view.all(Administration, Administration.counts(), col(Administration.id).in_(named)) if named else ()
    had_by = {one.id: one.subject_id for one in given}
    return {one.id: had_by.get(one.administration_id or "", one.subject_id) for one in told}


def of_subject(view: View, subject_id: str) -> list[tuple[AdverseEvent, AdverseEvent]]:
    return current(view.all(AdverseEvent, col(AdverseEvent.subject_id).in_(persons.of(view, subject_id))))


def latest(view: View, event_id: str) -> AdverseEvent:
    """How this event was told last, by the id of any of its tellings. Raises `NotFound`."""
    return tellings.newest(view, tellings.needed(view, event_id))


@dataclass(frozen=True, slots=True)
class Standing:
    """One event as it stands: `now`, as it was told last; `counts`, the telling that says how grave it counts: an earlier one
    while no physician has signed that it was less. `serious` None: nobody said, and no grade tells.
    """

    first: AdverseEvent
    now: AdverseEvent
    counts: AdverseEvent
    serious: bool | None
    mortal: bool
    related: bool
    unexpected: bool
    owed: tuple[Owed, ...]

    @property
    def next(self) -> Owed | None:
        return next_open(self.owed)


def _standing(
    told: Sequence[AdverseEvent],
    judged: Sequence[EventAssessment],
    reports: Sequence[EventReport],
    own: Sequence[Clock],
    day: Callable[[datetime], date],
) -> Standing:
    said = [telling(one) for one in told]
    words = words_of(judged)
    onward = [Onward(one.version, one.recipient, one.reported_on, one.complete) for one in reports]
    now, counts = said[-1], that_counts(said, words)
    row = told[said.index(counts)]
    return Standing(
        told[0], told[-1], row, serious(row), counts.is_mortal, is_related(words, now.version),
        is_unexpected(words, now.version), owed(said, words, onward, own, day),
    )  # fmt: skip


def words_of(judged: Iterable[EventAssessment]) -> list[Judged]:
    """Whose each word is: a person's, or the maker's, whoever copied that."""
    return [
        Judged(
            one.version,
            "maker" if one.assessed_by is AssessedBy.MAKER else one.person_id,
            one.causality,
            one.expectedness,
            copied=one.assessed_by is AssessedBy.MAKER,
        )
        for one in judged
    ]


def serious(one: AdverseEvent) -> bool | None:
    """As it was told, else by its grade. None: nobody said, and no grade tells."""
    if telling(one).is_serious:
        return True
    return None if one.serious is None and one.grade is None else False


def telling(one: AdverseEvent) -> Telling:
    because = frozenset(SeriousBecause(each) for each in one.criteria)
    return Telling(one.version, one.aware_at, one.grade, one.serious, because, one.outcome)


def standings(view: View, *, of_house: str | None = None, subject_id: str | None = None) -> list[Standing]:
    """Events that happened, as told last: all in sight, or of one house or one person."""
    where: list[Any] = [AdverseEvent.organisation_id == of_house] if of_house else []
    where += [col(AdverseEvent.subject_id).in_(persons.of(view, subject_id))] if subject_id else []
    told = _tellings(view, *where)
    judged, reports = _beside(view, list(told))
    own = clocks.of_events(view, of_house or view.actor.organisation_id)
    day = partial(_day, zone_of(view, of_house or view.actor.organisation_id))
    return [_standing(told[one], judged[one], reports[one], own, day) for one in told]


def owing(view: View) -> dict[str, list[Standing]]:
    """Those of which a report may be owed, or of which nobody said how grave they are, by house and by its clocks and days.

    A telling that was serious, or left it open, is enough: how the last one stands is judged where all are read. Others are not
    loaded.
    """
    grave = select(func.coalesce(col(AdverseEvent.first_id), col(AdverseEvent.id))).where(MAY_OWE)
    told = _tellings(view, or_(col(AdverseEvent.id).in_(grave), col(AdverseEvent.first_id).in_(grave)))
    judged, reports = _beside(view, list(told))
    houses = {one: rows[0].organisation_id for one, rows in told.items()}
    own, zones = clocks.of_events_by_house(view, set(houses.values())), zones_of(view, houses.values())
    made: dict[str, list[Standing]] = defaultdict(list)
    for one, house in houses.items():
        day = partial(_day, zones[house])
        made[house].append(_standing(told[one], judged[one], reports[one], own[house], day))
    return made


def of_case(view: View, case: Case) -> list[Standing]:
    """The events that a case answers for, by any of their tellings, whether or not the reader sees them: a rule rests on them."""
    ids = {one.first_id or one.id for one in view.known(AdverseEvent, case_id=case.id)}
    told = _tellings(view, or_(col(AdverseEvent.id).in_(ids), col(AdverseEvent.first_id).in_(ids)), whoever=True)
    judged, reports = _beside(view, list(told), whoever=True)
    own = clocks.of_events(view, case.organisation_id)
    day = partial(_day, zone_of(view, case.organisation_id))
    return [_standing(told[one], judged[one], reports[one], own, day) for one in told]


MAY_OWE = or_(
    col(AdverseEvent.criteria) != [],
    col(AdverseEvent.grade) >= GRAVE,
    col(AdverseEvent.outcome) == EventOutcome.FATAL,
    col(AdverseEvent.serious).is_(True),
    and_(col(AdverseEvent.serious).is_(None), col(AdverseEvent.grade).is_(None)),
)
"""Whatever `harm.is_serious` may say yes to, and what nobody graded."""


def _tellings(view: View, *where: Any, whoever: bool = False) -> dict[str, list[AdverseEvent]]:
    """What happened, by the id of the first telling, in their order. `whoever`: also what the reader does not see."""
    told: dict[str, list[AdverseEvent]] = defaultdict(list)
    rows = (view.known if whoever else view.all)(AdverseEvent, AdverseEvent.asked == Asked.YES, *where)
    for row in sorted(rows, key=lambda one: one.version):
        told[row.first_id or row.id].append(row)
    return told


def _day(zone: ZoneInfo, at: datetime) -> date:
    return at.astimezone(zone).date()


def _beside(
    view: View, ids: Sequence[str], *, whoever: bool = False
) -> tuple[Mapping[str, list[EventAssessment]], Mapping[str, list[EventReport]]]:
    read = view.known if whoever else view.all
    judged: dict[str, list[EventAssessment]] = defaultdict(list)
    reports: dict[str, list[EventReport]] = defaultdict(list)
    for one in read(EventAssessment, col(EventAssessment.event_id).in_(ids)):
        judged[one.event_id].append(one)
    for each in read(EventReport, col(EventReport.event_id).in_(ids)):
        reports[each.event_id].append(each)
    return judged, reports


@dataclass(frozen=True, slots=True)
class Listed:
    standing: Standing
    subject: Subject


def listed(view: View) -> list[Listed]:
    """What is owed to the authority first, the soonest first; then the newest."""
    found = standings(view)
    subjects = {one.id: one for one in view.all(Subject, col(Subject.id).in_({each.now.subject_id for each in found}))}
    subjects |= persons.standing(view)
    open_ = sorted((one for one in found if one.next), key=lambda one: one.next.due_on if one.next else date.max)
    rest = sorted((one for one in found if not one.next), key=lambda one: one.first.aware_at, reverse=True)
    return [Listed(one, subjects[one.now.subject_id]) for one in (*open_, *rest)][:MOST]


@dataclass(frozen=True, slots=True)
class Detail:
    """`had`: the vials that may have done it; `later`: those that were given after it had begun; `lots`: of the former in sight;
    `exposed`: who else had them, as far as the reader may see.
    """

    standing: Standing
    subject: Subject
    laterality: Laterality | None
    tellings: Sequence[AdverseEvent]
    judged: Sequence[EventAssessment]
    reports: Sequence[EventReport]
    signed: Mapping[str, Sequence[Signed]]
    names: Mapping[str, str]
    house: str
    had: Sequence[AdministrationVial]
    later: Sequence[AdministrationVial]
    lots: Sequence[Lot]
    case: Case | None
    exposed: Sequence[dict[str, Any]]
    today: date

    @property
    def told_serious(self) -> bool | None:
        """As it was told last, whatever counts."""
        return serious(self.standing.now)


def detail(view: View, event_id: str) -> Detail:
    """By the id of any of its tellings. Raises `NotFound`, and `Refused` for an answer that tells of no harm."""
    first = tellings.needed(view, event_id)
    told = tellings.tellings(view, first.id)
    now = told[-1]
    judged, reports = _beside(view, [first.id])
    had = tellings.had(view, first, now)
    wanted = {lot for one in had.suspected for lot in (one.lot_id, one.label_lot_id) if lot}
    lots = view.all(Lot, col(Lot.id).in_(wanted), order=Lot.number)
    vials = view.all(Vial, col(Vial.lot_id).in_([one.id for one in lots]))
    exposed = trace.exposed(view, [one.id for one in vials], [one.id for one in lots]) if lots else []
    subject = persons.subject(view, now.subject_id)
    own = clocks.of_events(view, first.organisation_id)
    standing = _standing(told, judged[first.id], reports[first.id], own, partial(day_of, view))
    who = [one.person_id for one in judged[first.id]] + [one.person_id for one in reports[first.id]]
    return Detail(
        standing, subject, _knee(view, now), told, judged[first.id], reports[first.id],
        about(view, [one.id for one in judged[first.id]]), people.names(view, who),
        view.need(Organisation, first.organisation_id).name, had.suspected, had.later, lots, view.find(Case, now.case_id),
        [one for one in exposed if one["id"] != subject.id], today(view),
    )  # fmt: skip


def _knee(view: View, now: AdverseEvent) -> Laterality | None:
    """Of the course that is named, or of the injection."""
    named = view.find(Course, now.course_id) or view.find(Administration, now.administration_id)
    return named.laterality if named else None

"""Adverse events as somebody reads them: how each was told, judged and reported, and what the authority is owed. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain.harm import (
    AssessedBy,
    Clock,
    Judged,
    Onward,
    Owed,
    SeriousBecause,
    Telling,
    is_related,
    is_unexpected,
    next_open,
    owed,
)
from traceability.services import clocks, people, persons, tellings, trace
from traceability.services.organisations import day_of, today, zone_of
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


def of_subject(view: View, subject_id: str) -> list[tuple[AdverseEvent, AdverseEvent]]:
    return current(view.all(AdverseEvent, col(AdverseEvent.subject_id).in_(persons.of(view, subject_id))))


def latest(view: View, event_id: str) -> AdverseEvent:
    """How this event was told last, by the id of any of its tellings. Raises `NotFound`."""
    return tellings.newest(view, tellings.needed(view, event_id))


@dataclass(frozen=True, slots=True)
class Standing:
    """One event as it stands. `serious` None: nobody said, and no grade tells."""

    first: AdverseEvent
    now: AdverseEvent
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
    words = [
        Judged(
            one.version,
            "maker" if one.assessed_by is AssessedBy.MAKER else one.person_id,
            one.causality,
            one.expectedness,
        )
        for one in judged
    ]
    onward = [Onward(one.version, one.recipient, one.reported_on, one.complete) for one in reports]
    now = said[-1]
    unsaid = not now.is_serious and told[-1].serious is None and told[-1].grade is None
    return Standing(
        told[0], told[-1], None if unsaid else now.is_serious, now.is_mortal, is_related(words, now.version),
        is_unexpected(words, now.version), owed(said, words, onward, own, day),
    )  # fmt: skip


def telling(one: AdverseEvent) -> Telling:
    because = frozenset(SeriousBecause(each) for each in one.criteria)
    return Telling(one.version, one.aware_at, one.grade, one.serious, because, one.outcome)


def standings(view: View, *, of_house: str | None = None, subject_id: str | None = None) -> list[Standing]:
    """Events that happened, of the reader's house or of every one (`of_house`: as the system looks for each), as told last."""
    where: list[Any] = [AdverseEvent.asked == Asked.YES]
    where += [AdverseEvent.organisation_id == of_house] if of_house else []
    where += [col(AdverseEvent.subject_id).in_(persons.of(view, subject_id))] if subject_id else []
    rows = view.all(AdverseEvent, *where, order=AdverseEvent.version)
    told: dict[str, list[AdverseEvent]] = defaultdict(list)
    for row in rows:
        told[row.first_id or row.id].append(row)
    judged, reports = _beside(view, list(told))
    own = clocks.of_events(view, of_house or view.actor.organisation_id)
    day = partial(_day, zone_of(view, of_house or view.actor.organisation_id))
    return [_standing(told[one], judged[one], reports[one], own, day) for one in told]


def _day(zone: ZoneInfo, at: datetime) -> date:
    return at.astimezone(zone).date()


def _beside(
    view: View, ids: Sequence[str]
) -> tuple[Mapping[str, list[EventAssessment]], Mapping[str, list[EventReport]]]:
    judged: dict[str, list[EventAssessment]] = defaultdict(list)
    reports: dict[str, list[EventReport]] = defaultdict(list)
    for one in view.all(EventAssessment, col(EventAssessment.event_id).in_(ids)):
        judged[one.event_id].append(one)
    for each in view.all(EventReport, col(EventReport.event_id).in_(ids)):
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
    """`had`: the vials that may have done it; `lots`: theirs in sight; `exposed`: who else had them, as far as the reader may see."""

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
    lots: Sequence[Lot]
    case: Case | None
    exposed: Sequence[dict[str, Any]]
    today: date


def detail(view: View, event_id: str) -> Detail:
    """By the id of any of its tellings. Raises `NotFound`, and `Refused` for an answer that tells of no harm."""
    first = tellings.needed(view, event_id)
    told = tellings.tellings(view, first.id)
    now = told[-1]
    judged, reports = _beside(view, [first.id])
    had = tellings.suspected(view, now.subject_id, now.course_id, now.administration_id)
    wanted = {lot for one in had for lot in (one.lot_id, one.label_lot_id) if lot}
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
        view.need(Organisation, first.organisation_id).name, had, lots, view.find(Case, now.case_id),
        [one for one in exposed if one["id"] != subject.id], today(view),
    )  # fmt: skip


def _knee(view: View, now: AdverseEvent) -> Laterality | None:
    """Of the course that is named, or of the injection."""
    named = view.find(Course, now.course_id) or view.find(Administration, now.administration_id)
    return named.laterality if named else None

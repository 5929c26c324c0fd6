"""The calendar: doses and visits that are planned, what became of them, and who did not come. Reads only (R41)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, bindparam, func, text
from sqlmodel import col, select

from traceability.domain.planned import Timing, off_d, standing
from traceability.services import persons, protocols, supply
from traceability.services.courses import GIVEN, PREPARED
from traceability.services.sites import day as day_at
from traceability.store import View
from traceability.store.tables import Administration, Course, Score, Site, Subject
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.row import Utc
from traceability.store.tables.subjects import Laterality

ROUND = timedelta(days=1)
"""A day of any zone lies within the same of UTC and this much before and after it."""
EVER = date(1990, 1, 1), date(2150, 12, 31)


@dataclass(frozen=True, slots=True)
class Planned:
    """A dose or a visit of a course on its planned day. A dose has `k`, a visit a `time_point`."""

    course_id: str
    subject_id: str
    pseudonym: str
    laterality: Laterality
    site_id: str
    due: date
    window_d: int
    standing: Timing
    today: date
    """The day it is at the site; every day here is one there."""
    done_on: date | None = None
    missed_on: tuple[date, ...] = ()
    """Days on which the vial came back because nobody came."""
    dose_id: str | None = None
    k: int | None = None
    doses: int | None = None
    volume_ul: int | None = None
    product_id: str | None = None
    ordered: bool = False
    verified: bool = False
    vials: tuple[supply.Kept, ...] = ()
    """Kept for it now, in the order in which they were chosen."""
    administration_id: str | None = None
    time_point: TimePoint | None = None

    @property
    def is_dose(self) -> bool:
        return self.dose_id is not None

    @property
    def done(self) -> bool:
        return self.standing in (Timing.DONE, Timing.DONE_EARLY, Timing.DONE_LATE)

    @property
    def first_day(self) -> date:
        return self.due - timedelta(days=self.window_d)

    @property
    def last_day(self) -> date:
        return self.due + timedelta(days=self.window_d)

    @property
    def lacks_ul(self) -> int:
        """What its vials lack of what it takes."""
        return supply.lacks_ul(self.volume_ul or 0, self.vials)

    @property
    def off_d(self) -> int:
        """So many days late by when it was done, or by today; less than 0 early."""
        return off_d(self.due, self.done_on or self.today)


_DOSES = text(
    "SELECT c.id AS course_id, c.site_id, c.laterality, s.id AS subject_id, s.pseudonym, p.window_d, p.doses, p.volume_ul,"  # noqa: S608 - from the words above and of courses alone
    " p.product_id, d.id AS dose_id, d.k, d.due, o.id AS order_id, o.verified_at,"
    " a.id AS administration_id, a.given_at"
    " FROM dose d JOIN course c ON c.id = d.course_id JOIN subject s ON s.id = c.subject_id"
    f" JOIN protocol_version p ON p.id = c.protocol_version_id{PREPARED}{GIVEN}"
    " WHERE s.organisation_id = :mine AND (c.ended_at IS NULL OR a.id IS NOT NULL)"
    " AND (:course = '' OR c.id = :course) AND ((d.due <= :until AND (d.due >= :since OR a.id IS NULL))"
    " OR (a.given_at >= :since_at AND a.given_at < :until_at))"
    " ORDER BY d.due, s.pseudonym, d.k, a.given_at"
).bindparams(
    bindparam("since", type_=Date), bindparam("until", type_=Date), bindparam("since_at", type_=Utc), bindparam("until_at", type_=Utc)
).columns(due=Date, verified_at=Utc, given_at=Utc)  # fmt: skip

_MISSED = text(
    "SELECT r.dose_id, r.until FROM reservation r JOIN entry e ON e.act_id = r.act_id"
    " WHERE e.act = 'vial.take_back' AND r.dose_id IN :ids ORDER BY r.until"
).bindparams(bindparam("ids", expanding=True)).columns(until=Utc)  # fmt: skip


def planned(view: View, since: date, until: date, site_id: str | None = None) -> list[Planned]:
    """Everything of these days in the reader's house, and what is late from before them, by day; of one site or of all.

    What was done on these days is here too, whenever it was planned.
    """
    asked = _Asked(view.actor.organisation_id, since, until)
    found = [*_doses(view, asked), *_visits(view, asked)]
    return _ordered(view, (one for one in found if site_id in (None, one.site_id)))


def doses(
    view: View, since: date, until: date, site_id: str | None = None, *, house: str | None = None
) -> list[Planned]:
    """The doses of `planned`: what the stock and the sheets ask for, without looking at a visit or a score.

    `house`: whose, where nobody reads for one of their own.
    """
    found = _doses(view, _Asked(house or view.actor.organisation_id, since, until))
    return _ordered(view, (one for one in found if site_id in (None, one.site_id)))


def of_course(view: View, course_id: str) -> list[Planned]:
    """Every dose and visit of one course, also for a guest of the house."""
    course = view.need(Course, course_id)
    house = view.need(Subject, course.subject_id).organisation_id
    asked = _Asked(house, *EVER, tuple(persons.of(view, course.subject_id)))
    found = [*_doses(view, asked, course.id), *_visits(view, asked)]
    return _ordered(view, (one for one in found if one.course_id == course.id))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of which house, from which day to which; `people`: of one person alone, under every pseudonym of theirs."""

    house: str
    since: date
    until: date
    people: tuple[str, ...] | None = None

    def on(self, day: date | None) -> bool:
        return day is not None and self.since <= day <= self.until

    def only(self, subject_id: object) -> list[ColumnElement[bool]]:
        return [] if self.people is None else [col(subject_id).in_(self.people)]


def _ordered(view: View, found: Iterable[Planned]) -> list[Planned]:
    """By day; who was merged under the pseudonym that stands."""
    known = persons.standing(view)
    shown = (
        replace(one, subject_id=known[one.subject_id].id, pseudonym=known[one.subject_id].pseudonym)
        if one.subject_id in known
        else one
        for one in found
    )
    return sorted(
        shown, key=lambda one: (one.due, one.pseudonym, one.laterality, one.k or 0, str(one.time_point or ""))
    )


def _doses(view: View, asked: _Asked, course_id: str = "") -> list[Planned]:
    values = {
        "mine": asked.house, "course": course_id, "since": asked.since, "until": asked.until,
        "since_at": datetime.combine(asked.since, time(), UTC) - ROUND,
        "until_at": datetime.combine(asked.until, time(), UTC) + timedelta(days=1) + ROUND,
    }  # fmt: skip
    rows: dict[str, Any] = {}
    for row in view.connection.execute(_DOSES, values):
        rows.setdefault(row.dose_id, row)  # one that was given twice is done by the first
    missed, kept, at = _missed(view, rows), supply.kept(view, rows), _at(view, asked)
    made = []
    for row in rows.values():
        site = at[row.site_id]
        today, given_on = day_at(site, view.at), day_at(site, row.given_at) if row.given_at else None
        planned_for = row.due <= asked.until and (row.due >= asked.since or given_on is None)
        if not (planned_for or asked.on(given_on)):
            continue
        made.append(
            Planned(
                row.course_id, row.subject_id, row.pseudonym, Laterality(row.laterality), row.site_id, row.due, row.window_d,
                standing(row.due, row.window_d, today, done=given_on is not None, done_on=given_on), today,
                done_on=given_on, missed_on=tuple(sorted({day_at(site, one) for one in missed[row.dose_id]})),
                dose_id=row.dose_id, k=row.k, doses=row.doses, volume_ul=row.volume_ul, product_id=row.product_id,
                ordered=row.order_id is not None, verified=row.verified_at is not None,
                vials=kept.get(row.dose_id, ()), administration_id=row.administration_id,
            )
        )  # fmt: skip
    return made


def _missed(view: View, dose_ids: Iterable[str]) -> dict[str, list[datetime]]:
    made: dict[str, list[datetime]] = defaultdict(list)
    ids = sorted(dose_ids)
    for row in view.connection.execute(_MISSED, {"ids": ids}) if ids else ():
        made[row.dose_id].append(row.until)
    return made


def _visits(view: View, asked: _Asked) -> list[Planned]:
    """A visit counts from the day of the first injection, until that from the day on which it is planned."""
    since, until = asked.since, asked.until
    subjects = {
        one.id: one for one in view.all(Subject, Subject.organisation_id == asked.house, *asked.only(Subject.id))
    }
    begun = _begun(view, asked)
    courses = [
        one
        for one in view.all(Course, *asked.only(Course.subject_id), order=(Course.planned_on, Course.id))
        if one.subject_id in subjects and (one.ended_at is None or one.id in begun)
    ]
    plans = protocols.visits(view, [one.protocol_version_id for one in courses])
    done = _values(view, courses, asked)
    at = _at(view, asked)
    made = []
    for course in courses:
        subject, today = subjects[course.subject_id], day_at(at[course.site_id], view.at)
        first = day_at(at[course.site_id], begun[course.id]) if course.id in begun else course.planned_on
        for visit in plans.get(course.protocol_version_id, ()):
            due = first + timedelta(days=visit.day)
            days = done.get((course.id, visit.time_point))
            on = min((day for day in days or () if day), default=None)
            stands = standing(due, visit.window_d, today, done=days is not None, done_on=on)
            if (due <= until and (due >= since or days is None)) or asked.on(on):
                made.append(
                    Planned(
                        course.id, subject.id, subject.pseudonym, course.laterality, course.site_id, due, visit.window_d, stands,
                        today, done_on=on, time_point=visit.time_point,
                    )
                )  # fmt: skip
    return made


def _at(view: View, asked: _Asked) -> dict[str, Site]:
    return {one.id: one for one in view.known(Site, organisation_id=asked.house)}


def _begun(view: View, asked: _Asked) -> dict[str, datetime]:
    """The first injection of each course that had one into its knee."""
    theirs = [] if asked.people is None else [col(Administration.course_id).in_(_ids(asked))]
    first = (
        select(col(Administration.course_id), func.min(col(Administration.given_at)))
        .join(Course, col(Course.id) == col(Administration.course_id))
        .where(Administration.organisation_id == asked.house, Administration.counts(), *theirs)
        .where(col(Course.laterality) == col(Administration.laterality))
        .group_by(col(Administration.course_id))
    )
    return {str(course_id): at for course_id, at in view.connection.execute(first)}


def _ids(asked: _Asked) -> Any:
    return select(col(Course.id)).where(*asked.only(Course.subject_id))


def _values(view: View, courses: Sequence[Course], asked: _Asked) -> dict[tuple[str, TimePoint], list[date | None]]:
    """Of which visits of which course something is on record, and of which day: of the course, else of its knee.

    Of one person's knee, whichever pseudonym the value and the course were told under.
    """
    person = persons.stood_for(view)
    of_knee: dict[tuple[str, Laterality], list[str]] = defaultdict(list)
    for one in courses:
        of_knee[person.get(one.subject_id, one.subject_id), one.laterality].append(one.id)
    made: dict[tuple[str, TimePoint], list[date | None]] = defaultdict(list)
    for score in view.all(Score, Score.counts(), *asked.only(Score.subject_id)):
        whose = person.get(score.subject_id, score.subject_id)
        knees = [score.laterality] if score.laterality else list(Laterality)
        mine = [score.course_id] if score.course_id else [id_ for side in knees for id_ in of_knee[whose, side]]
        for course_id in mine if len(mine) == 1 else ():
            made[course_id, score.time_point].append(score.observed_on)
    return made


def sites(view: View) -> list[Site]:
    """The sites of the reader's house, by name."""
    return view.all(Site, Site.organisation_id == view.actor.organisation_id, order=Site.name)

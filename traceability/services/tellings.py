"""How an event was told, first and last, and which vials may have done it (R53). Reads only; acts rest on them: `events`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.services import persons, sites
from traceability.store import View
from traceability.store.tables import Administration, AdministrationVial, AdverseEvent, Course
from traceability.store.tables.outcomes import Asked


def newest(view: View, one: AdverseEvent) -> AdverseEvent:
    """How this event was told last."""
    return max(tellings(view, one.first_id or one.id), key=lambda each: each.version)


def tellings(view: View, first_id: str) -> list[AdverseEvent]:
    """Every telling of an event in sight, the first one first."""
    both = (col(AdverseEvent.id) == first_id) | (col(AdverseEvent.first_id) == first_id)
    return view.all(AdverseEvent, both, order=AdverseEvent.version)


def of_events(view: View, which: Any) -> list[tuple[AdverseEvent, AdverseEvent]]:
    """Events that happened, of which any telling meets this: how each was told first, and how last."""
    told: dict[str, list[AdverseEvent]] = defaultdict(list)
    ids = {one.first_id or one.id for one in view.known(AdverseEvent, which, AdverseEvent.asked == Asked.YES)}
    any_of = col(AdverseEvent.id).in_(ids) | col(AdverseEvent.first_id).in_(ids)
    for row in sorted(view.known(AdverseEvent, any_of), key=lambda one: one.version) if ids else ():
        told[row.first_id or row.id].append(row)
    return [(rows[0], rows[-1]) for rows in told.values()]


def needed(view: View, event_id: str) -> AdverseEvent:
    """The first telling of an event that happened, by the id of any of its tellings. Raises `NotFound`."""
    found = view.need(AdverseEvent, event_id)
    first = view.need(AdverseEvent, found.first_id) if found.first_id else found
    if first.asked is not Asked.YES:
        raise Refused("nothing_to_follow")
    return first


@dataclass(frozen=True, slots=True)
class Onset:
    """When harm began, as it was told: the moment, or the day where it happened. Where neither was, not later than it was heard of."""

    on: date | None
    at: datetime | None
    heard_at: datetime
    zone: ZoneInfo

    def before(self, given_at: datetime) -> bool:
        """Whether what was given then came after the harm. On the same day nobody can say: it may have done it."""
        if self.at is None and self.on is not None:
            return given_at.astimezone(self.zone).date() > self.on
        return given_at > (self.at or self.heard_at)


@dataclass(frozen=True, slots=True)
class Had:
    """What may have done harm, latest injection first; `later`: what was given into the same knee after the harm had begun."""

    suspected: Sequence[AdministrationVial] = ()
    later: Sequence[AdministrationVial] = ()

    @property
    def injections(self) -> set[str]:
        return {one.administration_id for one in (*self.suspected, *self.later)}


def had(view: View, first: AdverseEvent, now: AdverseEvent) -> Had:
    """Of an event as it was told last."""
    return suspected(view, now.subject_id, now.course_id, now.administration_id, onset(view, first, now))


def onset(view: View, first: AdverseEvent, now: AdverseEvent) -> Onset:
    site = sites.of_care(view, now.subject_id, now.course_id, now.administration_id)
    return Onset(now.onset_on, now.onset_at, first.aware_at, sites.zone(site))


def suspected(view: View, subject_id: str, course_id: str | None, administration_id: str | None, onset: Onset) -> Had:
    """The vials of the injection; else of the course, with what was told of its knee without a course; else all that the subject had.

    An injection that was told by mistake did no harm: then it is as if none was named. One that somebody named may have done it
    whenever the harm began; of all others those that came after it did not. A course of which nothing was given before is not what
    did harm: then everything else may be.
    """
    if administration_id and view.known(
        Administration, Administration.counts(), Administration.id == administration_id
    ):
        return Had(view.known(AdministrationVial, administration_id=administration_id))
    counted = view.known(
        Administration, Administration.counts(), col(Administration.subject_id).in_(persons.of(view, subject_id))
    )
    courses = view.known(Course, id=course_id) if course_id else []
    of_course = [
        one
        for one in counted
        for course in courses
        if one.course_id == course.id or (one.course_id is None and one.laterality == course.laterality)
    ]
    chosen = of_course if any(not onset.before(one.given_at) for one in of_course) else counted
    at = {one.id: one.given_at for one in chosen}
    vials = view.known(AdministrationVial, col(AdministrationVial.administration_id).in_(list(at)))
    vials.sort(key=lambda one: (at[one.administration_id], one.administration_id), reverse=True)
    return Had(
        [one for one in vials if not onset.before(at[one.administration_id])],
        [one for one in vials if onset.before(at[one.administration_id])],
    )

"""How an event was told, first and last, and which vials may have done it (R53). Reads only; acts rest on them: `events`."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.services import persons
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


def needed(view: View, event_id: str) -> AdverseEvent:
    """The first telling of an event that happened, by the id of any of its tellings. Raises `NotFound`."""
    found = view.need(AdverseEvent, event_id)
    first = view.need(AdverseEvent, found.first_id) if found.first_id else found
    if first.asked is not Asked.YES:
        raise Refused("nothing_to_follow")
    return first


def suspected(
    view: View, subject_id: str, course_id: str | None, administration_id: str | None
) -> list[AdministrationVial]:
    """The vials of the injection; else of the course, with what was told of its knee without a course; else all that the subject had.

    Latest injection first. One that was told by mistake did no harm: then it is as if none was named.
    A course of which nothing was given is not what did harm: then everything else may be.
    """
    if administration_id and view.known(
        Administration, Administration.counts(), Administration.id == administration_id
    ):
        return view.known(AdministrationVial, administration_id=administration_id)
    counted = view.known(
        Administration, Administration.counts(), col(Administration.subject_id).in_(persons.of(view, subject_id))
    )
    course = view.need(Course, course_id) if course_id else None
    of_course = [
        one
        for one in counted
        if course and (one.course_id == course.id or (one.course_id is None and one.laterality == course.laterality))
    ]
    at = {one.id: one.given_at for one in of_course or counted}
    vials = view.known(AdministrationVial, col(AdministrationVial.administration_id).in_(list(at)))
    return sorted(vials, key=lambda one: (at[one.administration_id], one.administration_id), reverse=True)

"""One course over time, as it may be read: the values of its knee, its doses, what is not reported (R50, R51)."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.course_view import CourseView, DoseMark, Value, course_view
from traceability.services import courses, exposures, outcomes, persons, protocols, sites
from traceability.store import View
from traceability.store.tables import Administration, Score


def of_course(view: View, course_id: str) -> CourseView:
    """Values that name this course, or its knee and no course. Of the other knee nothing; without a side they are counted."""
    course, protocol, subject = courses.course(view, course_id)
    same = [one for one in courses.courses(view, subject.id) if one.laterality == course.laterality]
    given = [
        one
        for one in view.all(
            Administration,
            Administration.counts(),
            col(Administration.subject_id).in_(persons.of(view, subject.id)),
            order=Administration.given_at,
        )
        if exposures.course_of(one, same if one.laterality == course.laterality else ()) == course.id
    ]
    site = sites.of_course(view, course)
    days = {one.id: sites.day(site, one.given_at) for one in given}
    planned = courses.doses(view, course.id)
    day0 = min(days.values(), default=course.planned_on)
    k = {row["administration_id"]: row["k"] for row in planned if row.get("administration_id")}
    marks = [DoseMark(k.get(one.id), (days[one.id] - day0).days, days[one.id], given=True) for one in given]
    marks += [
        DoseMark(row["k"], (row["due"] - day0).days, row["due"], given=False)
        for row in planned
        if not row["given_at"] and course.ended_at is None
    ]
    chosen = outcomes.chosen(view, subject.id)
    told = [one for one in outcomes.scores(view, subject.id) if one.void_at is None]
    mine = [one for one in told if _of(one, course.id, str(course.laterality))]
    unsided = sum(one.course_id is None and one.laterality is None for one in told)
    visits = protocols.visits(view, [protocol.id]).get(protocol.id, ())
    return course_view(
        day0=day0, started=bool(given), doses=marks, unsided=unsided, planned={str(one.time_point): one.day for one in visits},
        values=[(one.instrument, one.subscale, _value(one, chosen.get(one.id) == one.id)) for one in mine],
    )  # fmt: skip


def _of(score: Score, course_id: str, laterality: str) -> bool:
    if score.course_id is not None:
        return score.course_id == course_id
    return score.laterality is not None and str(score.laterality) == laterality


def _value(one: Score, adjudicated: bool) -> Value:
    return Value(
        id=one.id, time_point=str(one.time_point), raw=one.raw, low=one.low, high=one.high, on=one.observed_on,
        source=one.source or "", reader=one.reader, unit=one.unit, adjudicated=adjudicated, demonstration=one.demonstration,
    )  # fmt: skip

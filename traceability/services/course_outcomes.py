"""One course over time, as it may be read: the values of its knee, its doses, what is not reported (R50, R51)."""

from __future__ import annotations

from traceability.domain.course_view import CourseView, DoseMark, Value, course_view
from traceability.services import courses, joints, outcomes, protocols, sites
from traceability.store import View
from traceability.store.tables import Score


def of_course(view: View, course_id: str) -> CourseView:
    """Values of this course alone (`joints.place`): what could be of another knee or of another course of this one is counted."""
    course, protocol, subject = courses.course(view, course_id)
    of = joints.of_person(view, subject.id)
    given = next((one.given for one in of if one.id == course.id), ())
    site = sites.of_course(view, course)
    days = {one.id: sites.day(site, one.given_at) for one in given}
    planned = courses.doses(view, course.id)
    day0 = min(days.values(), default=course.planned_on)
    k = {row["administration_id"]: row["k"] for row in planned if row.get("administration_id")}
    marks = [DoseMark(k.get(one.id), (days[one.id] - day0).days, days[one.id], given=True) for one in given]
    marks += [
        DoseMark(row["k"], (row["due"] - day0).days, row["due"], given=False)
        for row in planned
        if (course.ended_at is None or row["given_at"]) and row.get("administration_id") not in days
    ]
    chosen = outcomes.chosen(view, subject.id)
    told = [one for one in outcomes.scores(view, subject.id) if one.void_at is None]
    mine = [one for one in told if joints.place(one, of)[0] == course.id]
    unsided = sum(joints.place(one, of) in ((None, None), (None, course.laterality)) for one in told)
    visits = protocols.visits(view, [protocol.id]).get(protocol.id, ())
    return course_view(
        day0=day0, started=bool(given), doses=marks, chosen=chosen, unsided=unsided,
        planned={str(one.time_point): one.day for one in visits},
        values=[(one.instrument, one.subscale, _value(one, chosen.get(one.id) == one.id)) for one in mine],
    )  # fmt: skip


def _value(one: Score, adjudicated: bool) -> Value:
    return Value(
        id=one.id, time_point=str(one.time_point), raw=one.raw, exact=one.exact, low=one.low, high=one.high, on=one.observed_on,
        source=one.source or "", reader=one.reader, unit=one.unit, adjudicated=adjudicated, demonstration=one.demonstration,
    )  # fmt: skip

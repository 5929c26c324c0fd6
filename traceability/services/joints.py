"""Of which knee a fact is: an injection, or a score. One rule for pages, comparisons, exports and whoever chooses between values.

What names a course is of that one; what names a knee, of the one course of that knee; what names neither, of the one knee that there
is. Where there are several nobody guesses. Into which knee an injection went decides before what it was told with (R51).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col

from traceability.services import persons
from traceability.store import View
from traceability.store.tables import Administration, Course, Score
from traceability.store.tables.subjects import Laterality

Place = tuple[str | None, Laterality | None]
"""Of one person: the joint, None where nobody said which of several; and the knee, None where nobody said which."""


@dataclass(frozen=True, slots=True)
class Joint:
    """One course, injected or not; or a knee that was injected without one: `course` None. `given`: into this knee, in their order."""

    id: str
    laterality: Laterality
    course: Course | None
    given: tuple[Administration, ...]


def course_of(given: Administration, courses: Iterable[Course]) -> Course | None:
    """`courses`: of that person, but for plans that were dropped. The one it was told with, where that is of the knee it went into;
    else the one course of that knee.
    """
    of_knee = [one for one in courses if one.laterality == given.laterality]
    named = next((one for one in of_knee if one.id == given.course_id), None)
    return named or (of_knee[0] if len(of_knee) == 1 else None)


def joints(view: View, whose: Mapping[str, str], *, of: Sequence[str] | None = None) -> Mapping[str, Sequence[Joint]]:
    """By person. `whose`: every subject with the one under which it is read; `of`: these subjects alone."""
    only = {kind: () if of is None else (col(kind.subject_id).in_(of),) for kind in (Course, Administration)}
    courses: dict[str, list[Course]] = defaultdict(list)
    for course in view.all(Course, *only[Course], order=(Course.planned_on, Course.id)):
        if course.subject_id in whose:
            courses[whose[course.subject_id]].append(course)
    given: dict[tuple[str, str, Laterality], list[Administration]] = defaultdict(list)
    in_order = (Administration.given_at, Administration.id)
    injections = view.all(Administration, Administration.counts(), *only[Administration], order=in_order)
    begun = {one.course_id for one in injections}
    for one in injections:
        if one.subject_id in whose:
            person = whose[one.subject_id]
            known = course_of(one, [each for each in courses[person] if not _dropped(each, one, begun)])
            given[person, known.id if known else f"{person}-{one.laterality}", one.laterality].append(one)
    made: dict[str, list[Joint]] = defaultdict(list)
    for person, planned in courses.items():
        for course in planned:
            into = given.pop((person, course.id, course.laterality), [])
            made[person].append(Joint(course.id, course.laterality, course, tuple(into)))
    for (person, joint_id, laterality), told in given.items():
        made[person].append(Joint(joint_id, laterality, None, tuple(told)))
    return made


def _dropped(course: Course, given: Administration, begun: set[str | None]) -> bool:
    """A plan that was ended before this was given, and before anything was told with it."""
    return course.ended_at is not None and course.ended_at < given.given_at and course.id not in begun


def of_person(view: View, subject_id: str) -> Sequence[Joint]:
    """Every knee of this person, under whichever pseudonym."""
    ids = persons.of(view, subject_id)
    return joints(view, dict.fromkeys(ids, ids[0]), of=ids).get(ids[0], ())


def place(score: Score, of: Sequence[Joint]) -> Place:
    """`of`: the joints of that person."""
    if score.course_id is not None:
        found = [one for one in of if one.id == score.course_id]
    else:
        found = [one for one in _possible(of) if score.laterality in (None, one.laterality)]
    if len(found) == 1:
        return found[0].id, found[0].laterality
    return score.course_id, score.laterality


def is_open(place: Place, of: Sequence[Joint]) -> bool:
    """Whether nobody said of which of several courses of a knee it is: then it is evaluated nowhere."""
    joint, side = place
    return joint is None and side is not None and sum(one.laterality == side for one in _possible(of)) > 1


def _possible(of: Sequence[Joint]) -> list[Joint]:
    """What a value can be of that names none: a course that was ended before anything was given is a plan that was dropped."""
    return [one for one in of if one.given or one.course is None or one.course.ended_at is None]

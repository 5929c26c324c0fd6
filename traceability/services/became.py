"""What became of a course: scores that can be evaluated, whether it responded, what was asked about harm, and visits that are due.

A value counts where its sources agree or one was adjudicated over all others, and where its range is reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlmodel import col

from traceability.domain.comparing import BASELINE
from traceability.domain.instruments import Missing
from traceability.domain.weighing import judged
from traceability.services import eventbook, persons, protocols
from traceability.services.exposures import Knee
from traceability.services.joints import Joint, place
from traceability.services.outcomes import chosen
from traceability.store import View
from traceability.store.tables import (
    AdverseEvent,
    Score,
    Visit,
)
from traceability.store.tables.outcomes import Asked, TimePoint

RESPONSE = "VAS"
IMPROVED = Decimal("19.9")
"""A knee responds where pain on the VAS falls by 19.9 mm of 100 or more (Tubach 2005, knee, minimal clinically important)."""
Value = Fraction | Missing
Values = dict[tuple[str, str], dict[str, Value]]
"""By course and instrument, then by visit: 0–100 with 0 best, exact, or why there is none."""


def values(view: View, knees: Sequence[Knee], known: Mapping[str, Sequence[Joint]]) -> Values:
    """`known`: the joints of each person, injected or not: a value of a course that has not begun is not one of the course before."""
    right = chosen(view)
    followed = {knee.id for knee in knees}
    cells: dict[tuple[str, str, str], list[Score]] = defaultdict(list)
    stands = persons.stood_for(view)
    for score in view.all(Score, Score.counts(), col(Score.subscale).is_(None)):
        knee_id, _side = place(score, known.get(stands.get(score.subject_id, score.subject_id), ()))
        if knee_id in followed:
            cells[knee_id, score.instrument, str(score.time_point)].append(score)
    made: Values = defaultdict(dict)
    for (knee_id, instrument, point), scores in cells.items():
        made[knee_id, instrument][point] = judged(instrument, scores, right)
    return made


def responses(by_visit: Mapping[str, Value]) -> dict[str, bool]:
    before = by_visit.get(BASELINE)
    if not isinstance(before, Fraction):
        return {}
    return {
        point: before - value >= Fraction(IMPROVED)
        for point, value in by_visit.items()
        if point != BASELINE and isinstance(value, Fraction)
    }


def why(by_visit: Mapping[str, Value]) -> dict[str, Missing]:
    before = by_visit.get(BASELINE, Missing.NO_BASELINE)
    told = {str(point): by_visit.get(point, Missing.NO_VALUE) for point in TimePoint if point is not TimePoint.BASELINE}
    if isinstance(before, Missing):
        return dict.fromkeys(told, before)
    return {point: value for point, value in told.items() if isinstance(value, Missing)}


@dataclass(frozen=True, slots=True)
class Harm:
    """What was asked about harm. `of`: by course, whether there was any and after how many days. `before`: how many events began
    before the first injection of every course that they could be of: they are of none.
    """

    of: Mapping[str, tuple[bool, int]]
    before: int


def events(view: View, knees: Sequence[Knee]) -> Harm:
    """Of every course about which somebody asked since it began: whether there was harm, and after how many days.

    Without harm, the days to the last time somebody asked. All days are those of life, not of typing: harm counts from when it
    began, where that was told, else from when the house heard of it first; an answer from when it was given. An answer that names
    no course is about all of the subject's; what was told again with more is told once. One that names an injection is about
    the course that has it; where that one was told by mistake, it goes by its course and its subject.
    """
    of_person: dict[str, list[Knee]] = defaultdict(list)
    for knee in knees:
        of_person[knee.subject.id].append(knee)
    stands = persons.stood_for(view)
    told_last = eventbook.current(view.all(AdverseEvent, AdverseEvent.asked != Asked.NOT_ASKED))
    whose = eventbook.whose(view, [newest for _, newest in told_last])
    harm: dict[str, list[int]] = defaultdict(list)
    free: dict[str, list[int]] = defaultdict(list)
    before = 0
    for told_first, newest in told_last:
        about = _about(newest, of_person[stands.get(whose[newest.id], whose[newest.id])])
        days = {knee.id: _after(knee, told_first.aware_at, newest) for knee in about}
        since = {knee_id: after for knee_id, after in days.items() if after is not None}
        for knee_id, after in since.items():
            (harm if newest.asked is Asked.YES else free)[knee_id].append(after)
        before += newest.asked is Asked.YES and bool(days) and not since
    made = {knee_id: (False, max(after)) for knee_id, after in free.items()}
    return Harm(made | {knee_id: (True, min(after)) for knee_id, after in harm.items()}, before)


def _about(event: AdverseEvent, knees: Sequence[Knee]) -> list[Knee]:
    if has := [one for one in knees if event.administration_id in {given.id for given in one.given}]:
        return has
    return [one for one in knees if event.course_id in (None, one.id, *(given.course_id for given in one.given))]


def _after(knee: Knee, heard_at: datetime, event: AdverseEvent) -> int | None:
    """Days from the first injection to when it began, where that was told, else to when it was heard; None: before that injection.

    A day without a time that is the day of the injection is taken to be after it.
    """
    told = event.asked is Asked.YES
    if told and event.onset_at is None and event.onset_on is not None:
        days = (event.onset_on - knee.first_on).days
        return days if days >= 0 else None
    at = (event.onset_at if told else None) or heard_at
    return (at - knee.first_at).days if at >= knee.first_at else None


def visits(view: View, knees: Iterable[Knee]) -> dict[str, tuple[Visit, ...]]:
    """What the protocol of each course plans (R41); of an injection without a course nobody planned a visit."""
    planned = protocols.visits(view, [one.course.protocol_version_id for one in knees if one.course])
    return {one.id: planned.get(one.course.protocol_version_id, ()) for one in knees if one.course}


def due(view: View, knee: Knee, planned: Sequence[Visit]) -> frozenset[str]:
    """The visits whose last day in time is over, counted from the first injection: who has no value there is missing."""
    passed = (view.at.astimezone(knee.zone).date() - knee.first_on).days
    return frozenset(str(one.time_point) for one in planned if one.day + one.window_d < passed)

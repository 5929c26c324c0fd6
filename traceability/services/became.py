"""What became of a course: scores that can be evaluated, whether it responded, what was asked about harm, and visits that are due.

A value counts where its sources agree or one was adjudicated, and where its range is reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlmodel import col

from traceability.domain.comparing import BASELINE
from traceability.domain.instruments import Missing, evaluated
from traceability.services import eventbook, persons, protocols
from traceability.services.exposures import Knee
from traceability.services.outcomes import chosen, counting
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


def values(view: View, knees: Sequence[Knee]) -> Values:
    right = chosen(view)
    by_subject: dict[str, list[Knee]] = defaultdict(list)
    for knee in knees:
        by_subject[knee.subject.id].append(knee)
    cells: dict[tuple[str, str, str], list[Score]] = defaultdict(list)
    stands = persons.stood_for(view)
    for score in view.all(Score, Score.counts(), col(Score.subscale).is_(None)):
        if (knee_id := _knee_of(score, by_subject[stands.get(score.subject_id, score.subject_id)])) is not None:
            cells[knee_id, score.instrument, str(score.time_point)].append(score)
    made: Values = defaultdict(dict)
    for (knee_id, instrument, point), scores in cells.items():
        made[knee_id, instrument][point] = evaluated(instrument, counting(scores, right))
    return made


def _knee_of(score: Score, knees: Sequence[Knee]) -> str | None:
    """The course that a score names; else the one of its side; without a side, the only one there is."""
    if score.course_id is not None:
        return next((one.id for one in knees if one.id == score.course_id), None)
    found = [one for one in knees if score.laterality in (None, one.laterality)]
    return found[0].id if len(found) == 1 else None


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


def events(view: View, knees: Sequence[Knee]) -> dict[str, tuple[bool, int]]:
    """Of every course about which somebody asked since it began: whether there was harm, and after how many days.

    Without harm, the days to the last time somebody asked. An answer that names no course is about all of the subject's. What was
    told again with more is told once; harm counts from the day on which it began, where that was told, else from that of its first
    telling. One that names an injection is about the course that has it; where that one was told by mistake, it goes by its course
    and its subject.
    """
    has = {one.id: knee.id for knee in knees for one in knee.given}
    rows: dict[str, list[tuple[datetime, AdverseEvent]]] = defaultdict(list)
    stands = persons.stood_for(view)
    told_last = eventbook.current(view.all(AdverseEvent, AdverseEvent.asked != Asked.NOT_ASKED))
    whose = eventbook.whose(view, [newest for _, newest in told_last])
    for told_first, newest in told_last:
        rows[stands.get(whose[newest.id], whose[newest.id])].append((told_first.reported_at, newest))
    made: dict[str, tuple[bool, int]] = {}
    for knee in knees:
        first = knee.first_at
        told = [
            (at, one)
            for at, one in rows[knee.subject.id]
            if at >= first and has.get(one.administration_id or "", one.course_id) in (None, knee.id)
        ]
        harm = [_after(knee, at, one) for at, one in told if one.asked is Asked.YES]
        if told:
            made[knee.id] = (bool(harm), min(harm) if harm else max((at - first).days for at, _one in told))
    return made


def _after(knee: Knee, at: datetime, event: AdverseEvent) -> int:
    """Days from the first injection to when it began, where that was told, else to when it was reported."""
    if event.onset_on is not None:
        return max((event.onset_on - knee.first_on).days, 0)
    return (at - knee.first_at).days


def visits(view: View, knees: Iterable[Knee]) -> dict[str, tuple[Visit, ...]]:
    """What the protocol of each course plans (R41); of an injection without a course nobody planned a visit."""
    planned = protocols.visits(view, [one.course.protocol_version_id for one in knees if one.course])
    return {one.id: planned.get(one.course.protocol_version_id, ()) for one in knees if one.course}


def due(view: View, knee: Knee, planned: Sequence[Visit]) -> frozenset[str]:
    """The visits whose last day in time is over, counted from the first injection: who has no value there is missing."""
    passed = (view.at.astimezone(knee.zone).date() - knee.first_on).days
    return frozenset(str(one.time_point) for one in planned if one.day + one.window_d < passed)

"""What became of a knee against before its course: who responded, and which change matters by which source (R52)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from traceability.domain.response import Became, Change, Kind, became
from traceability.domain.weighing import judged
from traceability.services import joints
from traceability.services.joints import Place
from traceability.services.outcomes import chosen, scores
from traceability.store import View
from traceability.store.tables import Score
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import Laterality


@dataclass(frozen=True, slots=True)
class Visited:
    """`laterality` None: the sources do not say of which knee; `course_id`: nor of which course, where there is one or several."""

    laterality: Laterality | None
    course_id: str | None
    time_point: TimePoint
    became: Became


def of_subject(view: View, subject_id: str) -> list[Visited]:
    """Every visit after the first, by knee, course, and in the order of time: a course is held against its own baseline."""
    of = joints.of_person(view, subject_id)
    courses = {one.id for one in of if one.course}
    cells: dict[tuple[Place, Kind], dict[TimePoint, list[Score]]] = defaultdict(lambda: defaultdict(list))
    for one in scores(view, subject_id):
        if one.void_at is not None:
            continue
        cells[joints.place(one, of), (one.instrument, one.subscale)][one.time_point].append(one)
    right = chosen(view, subject_id)

    def value(told: list[Score]) -> Fraction | None:
        made = judged(told[0].instrument, told, right) if told else None
        return made if isinstance(made, Fraction) else None

    made = []
    order = {one.id: n for n, one in enumerate(of)}
    for place in sorted({place for place, _ in cells}, key=lambda one: (str(one[1]), order.get(one[0] or "", len(of)))):
        joint, side = place
        mine = {kind: by_time for (at, kind), by_time in cells.items() if at == place}
        visits = [point for point in TimePoint if any(point in by_time for by_time in mine.values())]
        for point in visits:
            if point is not TimePoint.BASELINE:
                changes = {
                    kind: Change(value(by_time.get(TimePoint.BASELINE, [])), value(by_time.get(point, [])))
                    for kind, by_time in mine.items()
                }
                if joints.is_open(place, of):
                    changes = {}
                made.append(Visited(side, joint if joint in courses else None, point, became(changes)))
    return made

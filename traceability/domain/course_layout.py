"""Where everything of a course over time stands: lanes under one another over one axis of days. Coordinates only, no words.

y grows downwards. Made twice, for a wide page and for a phone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from traceability.domain.course_view import CourseView, DoseMark, Lane, Mark, Point

WIDE, NARROW = 900, 330
TALL = 84.0
GAP, TOP = {WIDE: 50.0, NARROW: 68.0}, {WIDE: 44.0, NARROW: 62.0}
"""Between lanes and above the first: on a phone names stand above their lanes."""
NEAR = 18.0
"""Points closer than this stand on one another: their words are moved apart."""


@dataclass(frozen=True, slots=True)
class At:
    """A point: its place, its whisker where the day is not reported, and where its word stands."""

    point: Point
    x: float
    y: float
    left: float
    right: float
    word: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Band:
    """Where a change matters by one source: below `y`; between `open_y` and `y` the source leaves it open."""

    mark: Mark
    open_y: float
    y: float


@dataclass(slots=True)
class LaneAt:
    lane: Lane
    top: float
    bottom: float
    points: list[At] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    """Paths of the lines between values that count."""
    bands: list[Band] = field(default_factory=list)
    ticks: list[tuple[float, Decimal]] = field(default_factory=list)
    before_y: float | None = None


@dataclass(slots=True)
class CourseLayout:
    width: int
    left: float
    right: float
    height: float = 0
    lanes: list[LaneAt] = field(default_factory=list)
    doses: list[tuple[float, DoseMark]] = field(default_factory=list)
    ticks: list[tuple[float, int]] = field(default_factory=list)
    """x and day of what is named below: months of thirty and a half days, or weeks of a short course."""

    @property
    def wide(self) -> bool:
        return self.width == WIDE


def course_layout(view: CourseView, width: int) -> CourseLayout:
    made = CourseLayout(width, 124.0 if width == WIDE else 40.0, float(width - (40 if width == WIDE else 26)))
    first, last = view.first, view.last
    pad = max(2, (last - first) // 20)

    def x(day: int) -> float:
        share = (day - first + pad) / (last - first + 2 * pad)
        return round(made.left + share * (made.right - made.left), 1)

    made.doses = [(x(one.day), one) for one in view.doses]
    top = TOP[width]
    for lane in view.lanes:
        made.lanes.append(_lane(lane, top, x, made.right))
        top += TALL + GAP[width]
    made.height = top + 4
    made.ticks = [(x(day), day) for day in _days(last, width)]
    return made


def _days(last: int, width: int) -> list[int]:
    step = next((one for one in (7, 14, 61, 122, 183, 366) if last / one <= (8 if width == WIDE else 4)), 732)
    return [0, *range(step, last + 1, step)]


def _lane(lane: Lane, top: float, x: Callable[[int], float], edge: float) -> LaneAt:
    bottom = top + TALL
    low, high = lane.scale

    def y(value: Decimal) -> float:
        share = float((min(max(value, low), high) - low) / (high - low))
        return round(bottom - share * TALL, 1)

    made = LaneAt(lane, top, bottom)
    half = (low + high) / 2
    made.ticks = [(y(one), one) for one in (low, half, high)]
    made.bands = [Band(one, y(one.high), y(one.low)) for one in lane.marks]
    before = lane.before
    made.before_y = y(before.at) if before is not None and before.at is not None else None
    places = [(x(one.day), y(one.at)) for one in lane.points if one.at is not None]
    taken: list[tuple[float, float]] = []
    for point in lane.points:
        if point.at is None:
            continue
        place = x(point.day), y(point.at)
        crowded = any(abs(place[0] - across) < NEAR and 0 < place[1] - down < 2 * NEAR for across, down in places)
        below = crowded or place[1] - 11 <= top - 14
        word = place[0], place[1] + 20 if below else place[1] - 11
        while any(abs(word[0] - one[0]) < NEAR and abs(word[1] - one[1]) < 12 for one in taken):
            word = word[0] + NEAR + 4, word[1]
        taken.append(word)
        made.points.append(At(point, *place, x(point.since), x(point.until), (min(word[0], edge), round(word[1], 1))))
    for run in lane.line:
        if len(run) > 1:
            way = [(x(one.day), y(one.at)) for one in run if one.at is not None]
            made.runs.append("M" + "L".join(f"{across} {down}" for across, down in way))
    return made

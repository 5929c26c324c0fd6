"""One course over time: what each instrument said of that knee and when, which value counts, its doses, and what is not reported (R50–R52).

Pure: no clock, no database, no words. Days are counted from the first injection, or from the planned day where none was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from traceability.domain.instruments import INSTRUMENTS, Best, exactly, normalised, scaled
from traceability.domain.response import MATTERS, Matters
from traceability.domain.visits import POINTS, USUAL
from traceability.domain.weighing import Counts, counts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What one source says. `low`, `high`: the range that it reports; `on` None: the day is not reported."""

    id: str
    time_point: str
    raw: str
    exact: str | None = None
    low: str | None
    high: str | None
    on: date | None
    source: str
    reader: str | None
    unit: str | None = None
    adjudicated: bool
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value where it stands in time. `since`, `until`: between which days it lies, the same where the day is reported.

    `at`: on the scale of its lane; None: it cannot stand there, because its source reports no range.
    """

    value: Value
    day: int
    since: int
    until: int
    at: Decimal | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Mark:
    """Below `low` the change from before matters by this source; between `high` and `low` it leaves it open.

    Of instruments of which low is good, and of no other.
    """

    matters: Matters
    high: Decimal
    low: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One instrument. `scale`: from, to of what is drawn. `reported`: sources report that range; else only how far values go.

    `unit`: of what is measured, which has no range. `normal`: sources report different ranges, so all stand as 0–100 with 0
    best. `missing`: visits of this course without it.
    """

    instrument: str
    subscale: str | None
    unit: str | None
    scale: tuple[Decimal, Decimal]
    reported: bool
    normal: bool
    points: tuple[Point, ...]
    missing: tuple[str, ...]
    marks: tuple[Mark, ...]

    @property
    def line(self) -> list[list[Point]]:
        """The points that count, in runs: nothing is joined over a visit that is not reported or not decided."""
        made: list[list[Point]] = [[]]
        counted = {
            one.value.time_point: one for one in self.points if one.counts is Counts.COUNTS and one.at is not None
        }
        visits = {one.value.time_point for one in self.points} | set(self.missing)
        for point in POINTS:
            if point in counted:
                made[-1].append(counted[point])
            elif point in visits:
                made.append([])
        return [run for run in made if run]

    @property
    def rows(self) -> list[tuple[str, Point | None]]:
        """Every visit in order with each of its values; None: it is not reported."""
        by_visit: dict[str, list[Point | None]] = {one: [None] for one in self.missing}
        for one in self.points:
            by_visit.setdefault(one.value.time_point, []).append(one)
        return [(visit, one) for visit in POINTS for one in by_visit.get(visit, [])]

    @property
    def before(self) -> Point | None:
        """The baseline, where one value counts."""
        return next((run[0] for run in self.line if run[0].value.time_point == POINTS[0]), None)


@dataclass(frozen=True, slots=True)
class DoseMark:
    """Dose k, given or due on that day; k None: an injection that was not planned."""

    k: int | None
    day: int
    on: date
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseView:
    """`unsided`: how many values of the subject could be of another knee or course; they are not drawn, for knees are independent (R51)."""

    day0: date
    started: bool
    doses: tuple[DoseMark, ...]
    lanes: tuple[Lane, ...]
    unsided: int

    @property
    def first(self) -> int:
        return min((0, *(one.day for one in self.doses), *(one.since for lane in self.lanes for one in lane.points)))

    @property
    def last(self) -> int:
        return max((7, *(one.day for one in self.doses), *(one.until for lane in self.lanes for one in lane.points)))


ABOUT_D = 30
"""A visit whose day is not reported lies so many days around the one that is planned for it."""
BEFORE_D = 14
"""A baseline whose day is not reported lies so many days before the first injection."""


def course_view(
    *, day0: date, started: bool, doses: Sequence[DoseMark], values: Sequence[tuple[str, str | None, Value]],
    planned: Mapping[str, int], chosen: Mapping[str, str], unsided: int = 0,
) -> CourseView:  # fmt: skip
    """`values`: instrument, subscale, and what a source says; in any order.

    `planned`: the day of each visit that the protocol plans, after the first injection; of others the usual day. `chosen`: of each
    value that was weighed, the one that was taken to be right.
    """
    by_lane: dict[tuple[str, str | None, str | None], list[Value]] = {}
    for instrument, subscale, value in values:
        by_lane.setdefault((instrument, subscale, value.unit), []).append(value)
    visits = [point for point in POINTS if any(value.time_point == point for _, _, value in values)]
    last_dose = max((one.day for one in doses), default=0)
    days = {**USUAL, **planned}
    order = {name: n for n, name in enumerate(INSTRUMENTS)}
    lanes = tuple(
        _lane(*key, told, visits, day0, last_dose, days, chosen)
        for key, told in sorted(
            by_lane.items(), key=lambda one: (order.get(one[0][0], 99), one[0][1] or "", one[0][2] or "")
        )
    )
    return CourseView(
        day0=day0,
        started=started,
        doses=tuple(sorted(doses, key=lambda one: (one.day, one.k or 0))),
        lanes=lanes,
        unsided=unsided,
    )


def _lane(
    instrument: str,
    subscale: str | None,
    unit: str | None,
    told: Sequence[Value],
    visits: Sequence[str],
    day0: date,
    last_dose: int,
    days: Mapping[str, int],
    chosen: Mapping[str, str],
) -> Lane:
    known = INSTRUMENTS[instrument]
    ranges = {(Decimal(one.low), Decimal(one.high)) for one in told if one.low is not None and one.high is not None}
    if not ranges and known.low is not None and known.high is not None and known.whole:
        ranges = {(known.low, known.high)}  # a grade has the same in every version
    normal, reported = len(ranges) > 1, bool(ranges)
    scale = (Decimal(0), Decimal(100)) if normal else next(iter(ranges), (Decimal(0), _reach(told)))

    def at(one: Value) -> Decimal | None:
        return normalised(one, known.best) if normal else Decimal(one.raw)

    points = []
    for point in POINTS:
        here = [one for one in told if one.time_point == point]
        here = sorted(here, key=lambda one: (one.on or date.max, one.id))
        for one, counts in zip(here, counts_of(instrument, here, chosen), strict=True):
            day, since, until = _when(one, day0, last_dose, days)
            points.append(Point(value=one, day=day, since=since, until=until, at=at(one), counts=counts))
    made = Lane(
        instrument=instrument, subscale=subscale, unit=unit, scale=scale, reported=reported, normal=normal, points=tuple(points),
        missing=tuple(one for one in visits if one not in {value.time_point for value in told}), marks=(),
    )  # fmt: skip
    return replace(made, marks=_marks(made, known.best)) if subscale is None and reported else made


def _reach(told: Sequence[Value]) -> Decimal:
    """How far a scale is drawn of which nobody reports the end: to a round number beyond every value."""
    most = max(abs(Decimal(one.raw)) for one in told)
    return next(step for n in range(40) for step in (Decimal(lead).scaleb(n) for lead in (1, 2, 5)) if step >= most)


def _when(one: Value, day0: date, last_dose: int, days: Mapping[str, int]) -> tuple[int, int, int]:
    """The day, and between which days it lies. A visit without a date stands where it was planned, or usually is (`days`)."""
    if one.on is not None:
        day = (one.on - day0).days
        return day, day, day
    if one.time_point == "baseline":
        day = min(days.get(one.time_point, -1), -1)
        return day, min(day, -BEFORE_D), -1
    if one.time_point == "after_series":
        day = max(days.get(one.time_point, 0), last_dose + 1)
        return day, last_dose, max(day, days["month_2"])
    if one.time_point in days:
        day = days[one.time_point]
        return day, max(day - ABOUT_D, last_dose), max(day + ABOUT_D, last_dose)
    day = max(days["month_6"], last_dose + ABOUT_D)
    return day, last_dose, day


def _marks(lane: Lane, best: Best | None) -> tuple[Mark, ...]:
    """Where a change from before begins to matter, by each source, on the scale of the lane."""
    before = lane.before
    if before is None or before.at is None or best != "low":
        return ()
    low, high = (Fraction(end) for end in lane.scale)
    told = before.value
    start = scaled(exactly(told), told.low, told.high, best) if lane.normal else exactly(told)
    if start is None:
        return ()
    made = []
    for one in MATTERS:
        if one.instrument == lane.instrument:
            least, most = (
                ((start - low) if one.relative else (high - low)) * Fraction(ends) / 100 for ends in (one.low, one.high)
            )
            made.append(Mark(one, *(_drawn(max(low, start - change)) for change in (least, most))))
    return tuple(made)


def _drawn(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.001")).normalize() + 0

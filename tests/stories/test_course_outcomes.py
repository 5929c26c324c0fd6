"""A course over time: the values of its knee and of no other, which of them count, and what is not reported (R50–R52)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.stories.case import LEFT, RIGHT, planned, reading, report
from tests.worlds import released, world, worlds
from traceability.domain.course_layout import NARROW, WIDE, course_layout
from traceability.domain.course_view import CourseView, Lane
from traceability.domain.errors import NotFound
from traceability.domain.people import Meaning
from traceability.domain.weighing import Counts
from traceability.services import course_outcomes, courses, exposures, outcomes, responding, taking_back, trace
from traceability.services.exposures import Knee
from traceability.store import View
from traceability.store.tables import Subject
from traceability.store.tables.outcomes import TimePoint
from traceability.web.outcomes import sheet

__all__ = ["released", "world", "worlds"]

BEFORE, AFTER = TimePoint.BASELINE, TimePoint.AFTER_SERIES


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    """A course of the right knee with two doses, and one of the left knee of the same person."""
    released.ids["course"] = released.course()
    released.give_dose(released.ids["course"], 1)
    released.clock.tick(days=6, hours=20)
    released.give_dose(released.ids["course"], 2)
    released.ids["left"] = planned(released, released.ids["subject"], LEFT)
    return released


def told(clinic: Clinic, instrument: str, raw: str, point: TimePoint, source: str, **more: Any) -> str:
    given = {"laterality": RIGHT, **more}
    return clinic.do(
        outcomes.record, clinic.PHYSICIAN, clinic.ids["subject"], instrument, raw, point, source, **given
    ).id


def seen(clinic: Clinic, course: str = "course") -> CourseView:
    return reading(clinic, lambda view: course_outcomes.of_course(view, clinic.ids[course]), clinic.PHYSICIAN)


def lane(view: CourseView, instrument: str) -> Lane:
    return next(one for one in view.lanes if one.instrument == instrument)


def test_sources_that_differ_stand_side_by_side_until_one_is_chosen(clinic: Clinic) -> None:
    found = [told(clinic, "KL", raw, BEFORE, source) for raw, source in (("3", "body"), ("4", "abstract"))]
    told(clinic, "KL", "2", AFTER, "body")
    before = lane(seen(clinic), "KL")
    assert [(one.value.raw, one.counts) for one in before.points] == [
        ("3", Counts.UNDECIDED), ("4", Counts.UNDECIDED), ("2", Counts.COUNTS),
    ]  # fmt: skip
    assert [[one.value.raw for one in run] for run in before.line] == [["2"]], "no line begins at what nobody decided"
    signed = (clinic.sign("santosa", Meaning.ADJUDICATED),)
    clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, found, found[0], reason="findings and figure", signed=signed)
    after = lane(seen(clinic), "KL")
    assert [(one.value.raw, one.counts) for one in after.points][:2] == [("3", Counts.COUNTS), ("4", Counts.BESIDE)]
    assert [[one.value.raw for one in run] for run in after.line] == [["3", "2"]]


def test_a_third_source_that_contradicts_what_was_chosen_leaves_nothing_decided_until_it_is_weighed(
    clinic: Clinic,
) -> None:
    told(clinic, "VAS", "80", BEFORE, "chart", low="0", high="100")
    found = [
        told(clinic, "VAS", raw, TimePoint.MONTH_6, source, low="0", high="100")
        for raw, source in (("30", "chart"), ("50", "diary"))
    ]

    def weigh(chosen: str) -> None:
        signed = (clinic.sign("santosa", Meaning.ADJUDICATED),)
        clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, found, chosen, reason="chart read again", signed=signed)

    def answers() -> tuple[bool | None, list[str], list[str], str | None]:
        subject = clinic.ids["subject"]
        (visit,) = reading(clinic, lambda view: responding.of_subject(view, subject), clinic.PHYSICIAN)
        drawn = [one.counts for one in lane(seen(clinic), "VAS").points if one.value.time_point == "month_6"]
        (vas,) = reading(clinic, lambda view: sheet(view, subject), clinic.PHYSICIAN)["lines"]
        cell = vas.cells["month_6"]
        kept = reading(clinic, lambda view: trace.of_subject(view, subject), clinic.PHYSICIAN)["outcomes"][subject][
            "scores"
        ]
        marked = [one["raw"] for one in kept if one["adjudicated"]]
        return visit.became.responded, [str(one) for one in drawn], marked, cell.counts and cell.counts.raw

    weigh(found[0])
    assert answers() == (True, ["counts", "beside"], ["30"], "30")
    clinic.clock.tick(days=1)
    found.append(told(clinic, "VAS", "78", TimePoint.MONTH_6, "physiotherapist", low="0", high="100"))
    assert answers() == (None, ["undecided"] * 3, [], None)
    weigh(found[2])
    assert answers() == (None, ["beside", "beside", "counts"], ["78"], "78"), "pain alone: function could turn it"


def test_the_other_knee_is_never_drawn_and_what_names_no_knee_is_counted(clinic: Clinic) -> None:
    told(clinic, "VAS", "7", BEFORE, "visit", low="0", high="10")
    told(clinic, "VAS", "9", BEFORE, "visit", low="0", high="10", laterality=LEFT)
    told(clinic, "VAS", "5", BEFORE, "letter", laterality=None)
    right, left = seen(clinic), seen(clinic, "left")
    assert [one.value.raw for one in lane(right, "VAS").points] == ["7"]
    assert [one.value.raw for one in lane(left, "VAS").points] == ["9"]
    assert (right.unsided, left.unsided) == (1, 1)
    assert [(one.k, one.given) for one in right.doses if one.given] == [(1, True), (2, True)]
    assert not any(one.given for one in left.doses)


def test_a_day_that_nobody_reports_has_a_whisker_and_a_visit_without_a_value_a_gap(clinic: Clinic) -> None:
    first = seen(clinic).day0
    told(clinic, "VAS", "7", BEFORE, "visit", low="0", high="10", observed_on=first - timedelta(days=3))
    told(clinic, "VAS", "3", TimePoint.FOLLOW_UP, "letter", low="0", high="10")
    told(clinic, "WOMAC", "65", BEFORE, "visit")
    told(clinic, "WOMAC", "40", AFTER, "visit")
    view = seen(clinic)
    dated, undated = lane(view, "VAS").points
    assert (dated.since, dated.day, dated.until) == (-3, -3, -3)
    assert undated.since < undated.until
    assert lane(view, "VAS").missing == ("after_series",)
    assert [len(run) for run in lane(view, "VAS").line] == [1, 1], "nothing is joined over a visit that is not reported"
    assert not lane(view, "WOMAC").reported
    assert lane(view, "WOMAC").marks == (), "without a range no change can be said to matter"
    assert [mark.low for mark in lane(view, "VAS").marks] == [Decimal("5.25"), Decimal("5.01")]


def test_a_visit_without_a_day_stands_where_the_protocol_plans_it(released: Clinic) -> None:
    planned_on = {BEFORE: -10, AFTER: 40, TimePoint.MONTH_2: 75, TimePoint.FOLLOW_UP: 400}
    released.protocol(visits=[{"time_point": one, "day": day, "window_d": 5} for one, day in planned_on.items()])
    released.ids["course"] = released.course()
    for point in (*planned_on, TimePoint.MONTH_6):
        told(released, "VAS", "5", point, "letter", low="0", high="10")
    days = {TimePoint(one.value.time_point): one.day for one in lane(seen(released), "VAS").points}
    assert days == planned_on | {TimePoint.MONTH_6: 183}, "what it does not plan stands on its usual day"


def test_ranges_that_differ_are_drawn_as_one_and_what_has_none_is_told_and_not_drawn(clinic: Clinic) -> None:
    told(clinic, "VAS", "7", BEFORE, "visit", low="0", high="10")
    told(clinic, "VAS", "30", AFTER, "form", low="0", high="100")
    told(clinic, "VAS", "2", TimePoint.MONTH_6, "letter")
    vas = lane(seen(clinic), "VAS")
    assert vas.normal
    assert [one.at for one in vas.points] == [Decimal("70.0"), Decimal("30.0"), None]
    for width in (WIDE, NARROW):
        made = course_layout(seen(clinic), width)
        assert len(made.lanes[0].points) == 2
        assert all(made.left <= at.left <= at.x <= at.right <= made.right for at in made.lanes[0].points)
        assert all(made.lanes[0].top <= at.y <= made.lanes[0].bottom for at in made.lanes[0].points)


def test_what_a_laboratory_measures_has_its_unit_and_no_range_and_what_was_told_by_mistake_is_not_drawn(
    clinic: Clinic,
) -> None:
    told(clinic, "COMP", "812", BEFORE, "laboratory", unit="ng/mL")
    told(clinic, "COMP", "9.1", BEFORE, "laboratory", unit="U/L")
    wrong = told(clinic, "VAS", "9", BEFORE, "visit", low="0", high="10")
    assert [(one.instrument, one.unit, one.scale[1]) for one in seen(clinic).lanes] == [
        ("VAS", None, Decimal(10)), ("COMP", "U/L", Decimal(10)), ("COMP", "ng/mL", Decimal(1000)),
    ]  # fmt: skip
    clinic.do(
        taking_back.void_score,
        clinic.PHYSICIAN,
        wrong,
        signed=(clinic.sign("santosa", Meaning.RECORDED),),
        reason="not this knee",
    )
    assert {one.instrument for one in seen(clinic).lanes} == {"COMP"}


def test_another_house_is_told_nothing(clinic: Clinic) -> None:
    with pytest.raises(NotFound):
        reading(clinic, lambda view: course_outcomes.of_course(view, clinic.ids["course"]), clinic.actors["other"])


def test_nothing_reported_nothing_drawn(clinic: Clinic) -> None:
    view = seen(clinic, "left")
    assert view.lanes == ()
    assert not view.started
    assert view.day0 >= date(2026, 1, 1)


def test_an_injection_told_without_its_course_is_of_the_one_course_of_its_knee_and_of_none_where_there_are_two(
    released: Clinic,
) -> None:
    clinic = released
    clinic.ids["course"] = clinic.course()
    subject = clinic.ids["subject"]
    clinic.ids["left"] = planned(clinic, subject, LEFT)
    report(clinic, [clinic.code(clinic.vial("H3K001"))], at=clinic.clock.now)

    def given() -> list[int]:
        return [sum(one.given for one in seen(clinic, name).doses) for name in ("course", "left")]

    def knees() -> list[str | None]:
        def found(view: View) -> list[Knee]:
            return exposures.knees(view, {subject: view.need(Subject, subject)})

        return [knee.course.id if knee.course else None for knee in reading(clinic, found, clinic.PHYSICIAN)]

    assert (given(), knees()) == ([1, 0], [clinic.ids["course"]])
    clinic.do(courses.end, clinic.PHYSICIAN, clinic.ids["course"], reason="planned anew")
    clinic.ids["again"] = planned(clinic, subject)
    assert (given(), knees()) == ([0, 0], [None]), "which of the two it was, nobody said"

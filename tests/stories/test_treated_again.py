"""A knee that is treated a second time: each course is held against its own baseline, everywhere by one rule (R50–R52, R63)."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from tests.clinic import Clinic
from tests.stories.case import RIGHT, planned, reading, refusal, report
from tests.stories.test_study_export import tables, taken
from tests.worlds import released, world, worlds
from traceability.domain.people import Meaning
from traceability.services import comparisons, course_outcomes, courses, joints, outcomes, responding
from traceability.services.comparisons import Chosen
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import ConsentKind
from traceability.web.outcomes import sheet

__all__ = ["released", "world", "worlds"]

BEFORE, MONTH_2, MONTH_6 = TimePoint.BASELINE, TimePoint.MONTH_2, TimePoint.MONTH_6


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    """A right knee whose pain fell from 80 to 30 in the first course, and from 60 to 55 in the second."""
    clinic = released
    clinic.ids["first"] = clinic.course()
    clinic.consent(clinic.ids["subject"], ConsentKind.DATA)
    clinic.give_dose(clinic.ids["first"], 1)
    pain(clinic, "80", BEFORE, "first")
    clinic.clock.tick(days=183)
    pain(clinic, "30", MONTH_6, "first")
    clinic.do(courses.end, clinic.PHYSICIAN, clinic.ids["first"], reason="all given")
    clinic.ids["again"] = planned(clinic, clinic.ids["subject"])
    pain(clinic, "60", BEFORE, "again")
    vial = next(one for one in clinic.vials(clinic.ids["lot"]) if one.state == "in_stock")
    report(clinic, [clinic.code(vial)], dose_id=clinic.dose(clinic.ids["again"], 1))
    clinic.clock.tick(days=61)
    pain(clinic, "55", MONTH_2, "again")
    return clinic


def pain(clinic: Clinic, raw: str, point: TimePoint, course: str | None) -> str:
    of = {"course_id": clinic.ids[course]} if course else {}
    return clinic.do(
        outcomes.record, clinic.PHYSICIAN, clinic.ids["subject"], "VAS", raw, point, "visit", laterality=RIGHT, low="0", high="100", **of
    ).id  # fmt: skip


def responded(clinic: Clinic) -> list[tuple[str | None, str, bool | None]]:
    names = {clinic.ids[name]: name for name in ("first", "again")}
    found = reading(clinic, lambda view: responding.of_subject(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    return [(names.get(one.course_id or ""), str(one.time_point), one.became.responded) for one in found]


def test_each_course_has_its_own_baseline_on_the_page_in_the_comparison_and_taken_out(clinic: Clinic) -> None:
    assert responded(clinic) == [
        ("first", "month_6", True),
        ("again", "month_2", None),
    ]  # pain alone: function could turn it
    rows = reading(clinic, lambda view: comparisons.told(view, Chosen(instrument="VAS")), clinic.QUALITY).rows
    assert [row.treated.responses for row in rows] == [{"month_6": True}, {"month_2": False}]
    lines = reading(clinic, lambda view: sheet(view, clinic.ids["subject"]), clinic.PHYSICIAN)["lines"]
    assert sorted([cell.scores[0].raw for cell in line.cells.values()] for line in lines) == [
        ["60", "55"],
        ["80", "30"],
    ]
    assert not any(cell.open for line in lines for cell in line.cells.values()), "60 does not contradict 80"
    long = csv.DictReader(StringIO(taken(clinic, "csv").decode("utf-8-sig")))
    told = [(one["course"], one["time_point"], one["value"], one["counts"]) for one in long]
    assert sorted(told) == [
        ("1", "baseline", "80", "counts"), ("1", "month_6", "30", "counts"),
        ("2", "baseline", "60", "counts"), ("2", "month_2", "55", "counts"),
    ]  # fmt: skip
    found = tables(taken(clinic, "sdtm"))
    beside = {(one["IDVARVAL"], one["QNAM"]): one["QVAL"] for one in found["suppqs"]}
    qs = [(one["QSORRES"], beside[one["QSSEQ"], "QSCOURSE"], one["QSLOBXFL"]) for one in found["qs"]]
    assert qs == [("80", "1", "Y"), ("60", "2", ""), ("55", "2", ""), ("30", "1", "")], "60 was seen after an injection"
    assert [one["QVAL"] for one in found["suppex"] if one["QNAM"] == "EXCOURSE"] == ["1", "2"]


def test_a_value_that_names_no_course_of_a_knee_with_two_is_of_neither(clinic: Clinic) -> None:
    for raw, point in (("70", BEFORE), ("10", MONTH_2)):
        pain(clinic, raw, point, None)
    assert responded(clinic) == [("first", "month_6", True), ("again", "month_2", None), (None, "month_2", None)]
    long = csv.DictReader(StringIO(taken(clinic, "csv").decode("utf-8-sig")))
    assert {(one["value"], one["counts"]) for one in long if not one["course"]} == {
        ("70", "undecided"),
        ("10", "undecided"),
    }
    rows = reading(clinic, lambda view: comparisons.told(view, Chosen(instrument="VAS")), clinic.QUALITY).rows
    assert [row.treated.responses for row in rows] == [{"month_6": True}, {"month_2": False}]
    drawn = reading(clinic, lambda view: course_outcomes.of_course(view, clinic.ids["again"]), clinic.PHYSICIAN)
    assert ([one.value.raw for one in drawn.lanes[0].points], drawn.unsided) == (["60", "55"], 2)


def test_values_of_two_courses_are_not_chosen_between(clinic: Clinic) -> None:
    other, same = pain(clinic, "70", BEFORE, "again"), pain(clinic, "70", BEFORE, "first")
    signed = (clinic.sign("santosa", Meaning.ADJUDICATED),)

    def weigh() -> object:
        return clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, [other, same], same, reason="chart", signed=signed)

    assert refusal(weigh).code == "scores_not_comparable"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_plan_that_was_dropped_takes_no_value_from_the_course_that_was_planned_anew(released: Clinic) -> None:
    dropped = released.course()
    pain(released, "80", BEFORE, None)
    released.do(courses.end, released.PHYSICIAN, dropped, reason="wrong day")
    again = planned(released, released.ids["subject"])
    drawn = reading(released, lambda view: course_outcomes.of_course(view, again), released.PHYSICIAN)
    assert ([one.value.raw for one in drawn.lanes[0].points], drawn.unsided) == (["80"], 0)
    released.consent(released.ids["subject"], ConsentKind.DATA)
    report(released, [released.code(released.vial("H3K001"))], dose_id=released.dose(again, 1))
    found = tables(taken(released, "sdtm"))
    assert [one["QSLOBXFL"] for one in found["qs"]] == ["Y"], "nothing was given before it"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_plan_that_was_dropped_takes_no_injection_that_was_told_without_its_course(released: Clinic) -> None:
    dropped = released.course()
    released.do(courses.end, released.PHYSICIAN, dropped, reason="wrong day")
    released.clock.tick(days=1)
    again = planned(released, released.ids["subject"])
    report(released, [released.code(released.vial("H3K001"))])
    found = reading(released, lambda view: joints.of_person(view, released.ids["subject"]), released.PHYSICIAN)
    assert [(one.id, len(one.given)) for one in found] == [(dropped, 0), (again, 1)]

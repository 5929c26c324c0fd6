"""What is planned: who is due today, who was early, late or did not come, and from which day the stock does not last."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.case import patient, planned, reading, reserve, take_back, today
from tests.stories.test_merging import merge, twice
from traceability.domain.forecast import Day
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import calendar, courses, forecasts, organisations, outcomes, stops, taking_back, worklist
from traceability.services.calendar import Planned
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import Laterality


def agenda(clinic: Clinic, since: date | None = None, days: int = 6, site: str | None = None) -> list[Planned]:
    first = since or today(clinic)
    return reading(
        clinic, lambda view: calendar.planned(view, first, first + timedelta(days=days), site), clinic.PHYSICIAN
    )


def doses(found: list[Planned]) -> list[tuple[int | None, str, int | None]]:
    return [
        (one.k, str(one.standing), (one.done_on - one.due).days if one.done_on else None)
        for one in found
        if one.is_dose
    ]


def test_today_late_and_early_doses_are_flagged_and_what_was_done_stands_on_its_actual_day(released: Clinic) -> None:
    course = released.course()
    monday = today(released)
    assert doses(agenda(released)) == [(1, "today", None)]
    released.give_dose(course, 1)
    released.clock.tick(days=10)  # the window of the second dose is over
    assert doses(agenda(released, days=0)) == [(2, "late", None)]
    released.give_dose(course, 2, start=False)
    released.clock.tick(days=1)
    released.give_dose(course, 3, start=False)
    whole = reading(released, lambda view: calendar.of_course(view, course), released.PHYSICIAN)
    assert doses(whole)[:4] == [(1, "done", 0), (2, "done_late", 3), (3, "done_early", -3), (4, "ahead", None)]
    assert doses(agenda(released, monday + timedelta(days=10), 1)) == [(2, "done_late", 3), (3, "done_early", -3)]


def test_who_did_not_come_is_told_with_the_day_and_the_dose_is_still_due(released: Clinic) -> None:
    course = released.course()
    released.ready_vial(course, 1, serial="H3K001", thaw=False)
    take_back(released, "H3K001")
    (one,) = [one for one in agenda(released) if one.is_dose]
    assert (one.missed_on, one.standing, one.vials) == ((today(released),), "today", ())
    released.clock.tick(days=1)
    assert doses(agenda(released, days=0)) == [(1, "open", None)]


def test_a_visit_counts_from_the_first_injection_and_is_done_by_a_value_of_its_time_point(released: Clinic) -> None:
    released.protocol(visits=[
        {"time_point": TimePoint.BASELINE, "day": -3, "window_d": 3}, {"time_point": TimePoint.MONTH_2, "day": 60, "window_d": 5},
    ])  # fmt: skip
    course = released.course(first_on=today(released) + timedelta(days=2))
    planned = {one.time_point: one.due for one in agenda(released, days=90) if not one.is_dose}
    assert planned[TimePoint.MONTH_2] == today(released) + timedelta(days=62)
    released.give_dose(course, 1)  # two days early, in time
    first = today(released)
    (month_2,) = [one for one in agenda(released, days=90) if one.time_point is TimePoint.MONTH_2]
    assert month_2.due == first + timedelta(days=60)
    released.clock.tick(days=66)
    late = [str(one.time_point) for one in agenda(released, days=0) if not one.is_dose and one.standing == "late"]
    assert late == ["baseline", "month_2"]
    told = (released.ids["subject"], "VAS", "20", TimePoint.MONTH_2, "visit")
    score = released.do(
        outcomes.record, released.PHYSICIAN, *told, laterality=Laterality.RIGHT, observed_on=first + timedelta(days=66)
    ).id
    (month_2,) = [one for one in agenda(released, days=0) if one.time_point is TimePoint.MONTH_2]
    assert (month_2.standing, month_2.done_on) == ("done_late", first + timedelta(days=66))
    other = (released.ids["subject"], "VAS", "60", TimePoint.BASELINE, "visit")
    released.do(outcomes.record, released.PHYSICIAN, *other, laterality=Laterality.LEFT)  # of the other knee
    assert [one.standing for one in agenda(released, days=0) if one.time_point is TimePoint.BASELINE] == ["late"]
    signed = (released.sign("santosa", Meaning.RECORDED),)
    released.do(taking_back.void_score, released.PHYSICIAN, score, reason="Of somebody else", signed=signed)
    assert [one.standing for one in agenda(released, days=0) if one.time_point is TimePoint.MONTH_2] == ["late"]


def test_a_value_under_the_other_pseudonym_of_a_person_is_of_their_one_course_of_that_knee(released: Clinic) -> None:
    first, again = twice(released)
    for one in (first, again):
        released.consent(one)
    right, _left = planned(released, first), planned(released, again, Laterality.LEFT)
    merge(released, first, again)
    released.clock.tick(days=20)

    def baselines() -> list[str]:
        """Of the right knee, on its own page and in the calendar."""
        whole = reading(released, lambda view: calendar.of_course(view, right), released.PHYSICIAN)
        return [
            str(one.standing)
            for found in (whole, agenda(released, days=0))
            for one in found
            if one.course_id == right and one.time_point is TimePoint.BASELINE
        ]

    told = ("VAS", "70", TimePoint.BASELINE, "visit")
    released.do(outcomes.record, released.PHYSICIAN, first, *told)
    assert baselines() == ["late", "late"], "without a side it may be of the other knee, planned under the other name"
    score = released.do(outcomes.record, released.PHYSICIAN, again, *told, laterality=Laterality.RIGHT).id
    assert baselines()[0] == "done"
    assert "late" not in baselines()
    signed = (released.sign("santosa", Meaning.RECORDED),)
    released.do(taking_back.void_score, released.PHYSICIAN, score, reason="Of somebody else", signed=signed)
    assert baselines() == ["late", "late"]


def test_each_site_has_its_own_and_another_house_sees_none_of_it(released: Clinic) -> None:
    here = released.ids["site"]
    there = released.do(organisations.open_site, SYSTEM, released.ids["hospital"], "Klaten", "Asia/Jakarta").id
    course = released.course()
    released.ids["site"] = there
    subject, _ = patient(released, "MRN-2")
    assert {one.course_id for one in agenda(released, site=here)} == {course}
    assert {one.subject_id for one in agenda(released, site=there)} == {subject}
    assert len({one.course_id for one in agenda(released)}) == 2
    assert reading(released, lambda view: calendar.planned(view, *calendar.EVER), released.ELSEWHERE) == []


# ────────────────────────────────────────────────────────────────────────────────────────────────── does the stock last


def foreseen(clinic: Clinic, weeks: int = 6) -> list[Day]:
    found = reading(clinic, lambda view: forecasts.forecasts(view, weeks), clinic.PHARMACIST)
    return [day for one in found for day in one.days]


def short(clinic: Clinic) -> list[tuple[int, int]]:
    """After how many days from today, and how many vials."""
    return [((one.day - today(clinic)).days, one.missing) for one in foreseen(clinic) if one.missing]


def waiting(clinic: Clinic) -> list[str]:
    found = reading(clinic, lambda view: worklist.shortages(view), clinic.PHARMACIST)
    return [one.values["product"] for one in found]


def test_five_vials_last_for_a_course_of_five_and_not_for_two(released: Clinic) -> None:
    released.course()
    assert (short(released), waiting(released)) == ([], [])
    patient(released, "MRN-2")
    assert short(released) == [(14, 1), (21, 2), (28, 2)]
    assert waiting(released) == ["UC-MSC secretome"]


def test_a_vial_that_is_held_reserved_for_another_or_expires_before_the_day_is_not_counted_on(released: Clinic) -> None:
    course = released.course()
    dose = released.ordered(course, 1)
    reserve(released, "H3K001", dose)
    assert short(released) == []  # it is kept for one of these very doses
    released.do(
        stops.hold, released.QUALITY, "Box was open", ScopeKind.VIAL, [released.vial("H3K002").id], reason="seen"
    )
    assert short(released) == [(28, 1)]
    released.do(courses.end, released.PHYSICIAN, course, reason="moved away")
    released.clock.tick(days=60)
    first = date(2026, 9, 23)  # the lot is usable through 30 September
    patient(released, "MRN-2", first_on=first)
    found = reading(released, lambda view: forecasts.forecasts(view, 26), released.PHARMACIST)
    assert [(one.day, one.missing) for one in found[0].days] == [
        (first, 0), (date(2026, 9, 30), 0), *((first + timedelta(days=7 * n), 1) for n in (2, 3, 4)),
    ]  # fmt: skip


def test_of_a_large_stock_no_more_is_judged_than_the_doses_take(
    released: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasts, "AT_ONCE", 2)
    course = released.course()
    (found,) = reading(released, lambda view: forecasts.forecasts(view, 1), released.PHARMACIST)
    assert (found.usable, found.whole, found.missing) == (2, False, 0)
    (found,) = reading(released, lambda view: forecasts.forecasts(view, 6), released.PHARMACIST)
    assert (found.usable, found.whole, found.missing) == (5, True, 0)
    reserve(released, "H3K005", released.ordered(course, 1))  # what is kept is looked at first, wherever it stands
    (found,) = reading(released, lambda view: forecasts.forecasts(view, 1), released.PHARMACIST)
    assert (found.missing, found.days[0].missing) == (0, 0)


def test_a_dose_that_is_late_takes_its_vial_today(released: Clinic) -> None:
    released.course()
    released.clock.tick(days=9)
    assert [((one.day - today(released)).days, one.doses) for one in foreseen(released)] == [
        (0, 2),
        (5, 1),
        (12, 1),
        (19, 1),
    ]

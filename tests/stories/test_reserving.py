"""Vials for a whole course in one act: first to expire first, usable on the day of each dose, at its site, each vial once (R40)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.clinic import Clinic
from tests.stories.case import (
    at_once,
    at_once_before_either_ends,
    clean,
    patient,
    prescribed,
    reading,
    refusal,
    reserve,
    rows,
    today,
)
from traceability.domain.people import SYSTEM
from traceability.services import courses, organisations, reserving, stops, vials, worklist
from traceability.store.hot import Hot
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import ScopeKind


def ordered(clinic: Clinic, course: str, *doses: int) -> None:
    for k in doses or range(1, 6):
        clinic.ordered(course, k)


def kept(clinic: Clinic, course: str) -> dict[str, Any]:
    return clinic.do(reserving.reserve, clinic.PHARMACIST, course).answer


def serials(told: dict[str, Any]) -> dict[int, list[str]]:
    return {one["k"]: [vial["serial"] for vial in one["vials"]] for one in told["kept"]}


def whys(told: dict[str, Any]) -> dict[int, tuple[str, dict[str, int]]]:
    return {one["k"]: (one["why"], one["against"]) for one in told["open"]}


def test_each_dose_gets_the_first_to_expire_that_lasts_until_its_day(released: Clinic) -> None:
    clinic = released
    soon = today(clinic) + timedelta(days=10)  # doses fall due on days 0, 7, 14, 21, 28
    clinic.released_lot("UC26-M4", 3, expires=soon)
    course = clinic.course()
    ordered(clinic, course)
    told = kept(clinic, course)
    assert (told["reserved"], told["of"], told["open"]) == (5, 5, [])
    assert serials(told) == {1: ["M4K001"], 2: ["M4K002"], 3: ["H3K001"], 4: ["H3K002"], 5: ["H3K003"]}
    with clinic.store.read(clinic.PHARMACIST) as view:
        assert [row["serial"] for row in courses.doses(view, course)] == [one[0] for one in serials(told).values()]
    assert refusal(lambda: kept(clinic, course)).code == "every_dose_has_vial"
    clean(clinic)


def test_what_stays_open_is_named_with_why_and_nothing_else_is_touched(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    ordered(clinic, course, 1, 2, 3)
    prescribed(clinic, course, 4)
    clinic.do(stops.hold, clinic.QUALITY, "Box was open", ScopeKind.VIAL, [clinic.vial("H3K001").id], reason="seen")
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K002").id, clinic.ids["bare_freezer"])
    reserve(clinic, "H3K004", clinic.dose(course, 2), reason="by hand")
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K005").id, reason="not there")
    told = kept(clinic, course)
    assert (told["reserved"], told["of"]) == (1, 4)
    assert serials(told) == {1: ["H3K003"]}
    assert whys(told) == {
        3: ("too_few", {"held": 1, "temperature_unknown": 1}),
        4: ("not_verified", {}),
        5: ("not_ordered", {}),
    }
    again = kept(clinic, course)  # nothing more is there: it says so, and changes nothing
    assert (again["reserved"], again["of"]) == (0, 3)
    assert whys(again)[3] == ("none_usable", {"held": 1, "temperature_unknown": 1})
    assert {clinic.vial(f"H3K00{n}").state for n in (1, 2)} == {"in_stock"}
    clinic.do(courses.end, clinic.PHYSICIAN, course, reason="moved away")
    assert refusal(lambda: kept(clinic, course)).code == "course_ended"


def test_a_vial_that_is_out_of_date_by_the_dose_is_not_kept_and_one_at_another_site_is_counted_apart(
    released: Clinic,
) -> None:
    clinic = released
    clinic.clock.tick(days=60)
    clinic.ids["freezer_there"] = elsewhere_in_the_house(clinic)
    first = date(2026, 9, 23)  # the lot is usable through 30 September: for the second dose, not for the third
    course = clinic.course(first_on=first)
    ordered(clinic, course)
    for serial in ("H3K004", "H3K005"):
        clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial(serial).id, clinic.ids["freezer_there"])
    told = kept(clinic, course)
    assert serials(told) == {1: ["H3K001"], 2: ["H3K002"]}
    assert whys(told) == dict.fromkeys((3, 4, 5), ("none_lasts", {"expired": 1}))
    assert told["elsewhere"] == 2


def test_a_dose_for_which_too_little_is_kept_gets_the_rest_and_nobody_takes_it_for_supplied(released: Clinic) -> None:
    """Each dose takes two vials: half of it is not a dose, at Work, on the calendar and for whoever keeps the rest."""
    clinic = released
    clinic.protocol(name="Two vials", doses=2, volume_ul=6000)
    course = clinic.course()
    ordered(clinic, course, 1)
    dose = clinic.dose(course, 1)
    reserve(clinic, "H3K001", dose)

    def waits() -> list[tuple[str, str | None]]:
        return [
            (one.code, one.noun_id)
            for one in reading(clinic, worklist.to_prepare, clinic.PHARMACIST)
            if one.code.startswith("dose")
        ]

    assert waits() == [("dose_choose", dose)]
    told = kept(clinic, course)
    assert serials(told) == {1: ["H3K002"]}
    assert [one["has"] for one in told["kept"]] == [["H3K001"]]
    assert whys(told) == {2: ("not_ordered", {})}
    assert waits() == [("dose_issue", clinic.vial("H3K001").id)]
    for n, serial in enumerate(("H3K001", "H3K002")):
        clinic.do(courses.issue, clinic.PHARMACIST, clinic.vial(serial).id, clinic.ids["bench"])
        assert waits() == [(("dose_issue", "dose_thaw")[n], clinic.vial(("H3K002", "H3K001")[n]).id)]
    clinic.do(courses.thaw, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["bench"])
    assert waits() == [("dose_thaw", clinic.vial("H3K002").id)], "the other one is not thawed yet"
    clinic.do(courses.take_back, clinic.PHARMACIST, clinic.vial("H3K002").id, clinic.ids["freezer"], reason="dropped")
    assert waits() == [("dose_choose", dose)]
    reserve(clinic, "H3K003", dose)  # the rest of a dose owes no reason
    assert refusal(lambda: reserve(clinic, "H3K004", dose)).code == "dose_has_vial"
    clean(clinic)


def elsewhere_in_the_house(clinic: Clinic) -> str:
    there = clinic.do(organisations.open_site, SYSTEM, clinic.ids["hospital"], "Klaten", "Asia/Jakarta").id
    return clinic.do(organisations.open_place, clinic.QUALITY, there, PlaceKind.FREEZER, "Freezer", "K-01").id


def twice_kept(clinic: Clinic) -> list[Any]:
    return rows(clinic, "SELECT vial_id FROM reservation WHERE until IS NULL GROUP BY vial_id HAVING count(*) > 1")


def test_two_who_keep_vials_for_two_courses_at_once_never_get_the_same_one(released: Clinic) -> None:
    clinic = released
    both = [clinic.course(), patient(clinic, "MRN-2")[1]]
    for course in both:
        ordered(clinic, course, 1, 2, 3)
    done, refused = at_once_before_either_ends(clinic, 2, lambda who: kept(clinic, both[who]))
    assert refused == []
    assert sorted(one["reserved"] for one in done) == [2, 3]  # five vials for six doses
    assert [whys(one)[3][0] for one in done if 3 in whys(one)] in (["too_few"], ["none_in_stock"])
    assert twice_kept(clinic) == []
    assert len(rows(clinic, "SELECT 1 FROM reservation WHERE until IS NULL")) == 5
    clean(clinic)


def test_one_who_takes_a_vial_by_hand_meanwhile_and_a_whole_course_never_share_it(released: Clinic) -> None:
    clinic = released
    whole, other = clinic.course(), patient(clinic, "MRN-2")[1]
    ordered(clinic, whole, 1, 2)
    dose = clinic.ordered(other, 1)

    def one(who: int) -> object:
        return kept(clinic, whole) if who else reserve(clinic, "H3K001", dose)

    done, refused = at_once(2, one)
    assert len(done) + len(refused) == 2
    assert done
    assert {no.code for no in refused} <= {"changed_meanwhile", "wrong_state", "vial_not_usable"}
    assert twice_kept(clinic) == []
    clean(clinic)


def test_however_many_vials_and_doses_the_same_few_questions_are_asked(
    released: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = released
    few, many = clinic.course(), patient(clinic, "MRN-2")[1]
    ordered(clinic, few, 1)
    ordered(clinic, many)
    asked = 0

    def counted(*_: object) -> None:
        nonlocal asked
        asked += 1

    hot = Hot._ask

    def counted_hot(self: Hot, driver: Any, values: dict[str, Any]) -> Any:
        counted()
        return hot(self, driver, values)

    monkeypatch.setattr(Hot, "_ask", counted_hot)
    event.listen(clinic.store.engines.reader, "before_cursor_execute", counted)

    def questions(course: str) -> int:
        nonlocal asked
        asked = 0
        found = reading(clinic, lambda view: reserving.shares(view, course), clinic.PHARMACIST)
        assert len(found.kept) == (1 if course == few else 5)
        return asked

    once = questions(few)
    clinic.released_lot("UC26-M4", 20)
    assert questions(many) == once
    event.remove(clinic.store.engines.reader, "before_cursor_execute", counted)

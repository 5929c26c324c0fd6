"""From the prescriber's order to the vial in the bedside's hands: what is kept, thawed, issued and brought back (step 6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere, taken_in
from tests.stories.case import (
    LEFT,
    at_once,
    clean,
    count,
    enrol,
    issue,
    patient,
    planned,
    prescribed,
    protocol,
    reading,
    refusal,
    report,
    reserve,
    rows,
    stops_at,
    take_back,
    thaw,
    verified,
    withdraw,
)
from tests.stories.test_verdict import hold
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.services import courses, people, products, protocols, vials, worklist
from traceability.store import Done
from traceability.store.tables import Vial
from traceability.store.tables.subjects import ConsentKind


def codes(no: object) -> list[str]:
    return [finding.code for finding in no.findings]  # type: ignore[attr-defined]


def open_reservations(clinic: Clinic, serial: str) -> int:
    return count(clinic, "reservation", f"until IS NULL AND vial_id = '{clinic.vial(serial).id}'")


def end(clinic: Clinic, course: str, **told: object) -> Done:
    return clinic.do(courses.end, clinic.PHYSICIAN, course, **{"reason": "moved away", **told})


# ─────────────────────────────────────────────────────────────────────────────────────────────── consent and course


def test_without_a_consent_to_the_therapy_no_course_is_planned(released: Clinic) -> None:
    subject = enrol(released)
    for kind in (None, ConsentKind.DATA, ConsentKind.IMAGES):
        if kind:
            released.consent(subject, kind)
        assert refusal(lambda: planned(released, subject)).code == "consent_missing"
    consent = released.consent(subject)
    withdraw(released, consent)
    assert refusal(lambda: planned(released, subject)).code == "consent_missing"
    released.consent(subject)
    assert planned(released, subject)


def test_a_consent_withdrawn_between_order_and_issue_stops_the_issue(released: Clinic) -> None:
    subject, course = patient(released, "MRN-9")
    reserve(released, "H3K001", released.ordered(course, 1))
    (consent,) = rows(released, "SELECT id FROM consent WHERE subject_id = :s", s=subject)
    withdraw(released, consent[0])
    assert refusal(lambda: issue(released, "H3K001")).code == "consent_missing"
    assert released.vial("H3K001").state == "reserved"
    released.consent(subject)
    issue(released, "H3K001")


def test_a_consent_withdrawn_between_issue_and_bedside_stops_the_dose(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    (consent,) = rows(released, "SELECT id FROM consent")
    withdraw(released, consent[0])
    assert stops_at(released, course, 1, vial) == ["no_consent"]
    released.consent(released.ids["subject"])
    released.start_dose(course, 1, vial)


def test_five_doses_seven_days_apart_in_the_sites_own_days(released: Clinic) -> None:
    course = released.course(first_on=date(2026, 4, 30))
    found = reading(released, lambda view: courses.doses(view, course))
    assert [(row["k"], row["due"]) for row in found] == [
        (k, date(2026, 4, 30) + timedelta(days=7 * (k - 1))) for k in range(1, 6)
    ]


def test_one_open_course_per_knee_and_the_other_knee_is_its_own(released: Clinic) -> None:
    course = released.course()
    subject = released.ids["subject"]
    assert refusal(lambda: planned(released, subject)).code == "course_open"
    other = planned(released, subject, LEFT)
    released.give_dose(course, 1)
    left = released.ready_vial(other, 1)
    released.start_dose(other, 1, left, laterality=LEFT)  # on the same day: knees are independent
    assert refusal(lambda: planned(released, subject, LEFT)).code == "course_open"


def test_two_physicians_plan_the_same_knee_at_once(released: Clinic) -> None:
    subject = enrol(released)
    released.consent(subject)
    protocol(released)
    done, refused = at_once(6, lambda _: planned(released, subject))
    assert (len(done), {no.code for no in refused}) == (1, {"course_open"})
    assert count(released, "dose") == 5


def test_a_protocol_that_cannot_be(founded: Clinic) -> None:
    signed = (founded.sign("maharani", Meaning.DECIDED),)
    given = (founded.QUALITY, founded.ids["product"], "x")
    for name, values in {
        "doses": (0, 53), "interval_d": (0, 367), "window_d": (7, -1), "volume_ul": (0,), "observation_min": (-1,),
    }.items():  # fmt: skip
        for value in values:
            no = refusal(lambda: founded.do(protocols.issue, *given, signed=signed, **{name: value}))  # noqa: B023
            assert no.code == "protocol_impossible", (name, value)


def test_a_protocol_is_never_edited_a_new_version_stands_beside_it(founded: Clinic) -> None:
    first = protocol(founded)
    founded.ids.pop("protocol")
    second = protocol(founded)
    found = rows(founded, "SELECT id, version FROM protocol_version ORDER BY version")
    assert [tuple(row) for row in found] == [(first, 1), (second, 2)]


# ───────────────────────────────────────────────────────────────────────────────────────────── the end of a course


def test_a_course_ends_with_its_reason_and_no_dose_of_it_is_permitted(released: Clinic) -> None:
    course = released.course()
    subject = released.ids["subject"]
    vial = released.ready_vial(course, 1, serial="H3K001")
    second = released.ordered(course, 2)
    reserve(released, "H3K002", second)
    third = released.dose(course, 3)
    assert refusal(lambda: end(released, course, reason=None)).code == "reason_missing"
    assert refusal(lambda: released.do(courses.end, released.PHARMACIST, course, reason="x")).code == "not_permitted"
    due = reading(released, courses.due, released.PHYSICIAN)
    assert [row["k"] for row in due] == [1]
    told = end(released, course).answer
    assert (told["back_in_stock"], told["still_out"]) == (["H3K002"], ["H3K001"]), "what thaws has no way back"
    assert (released.vial("H3K002").state, vial.state) == ("in_stock", "issued")
    (left,) = reading(released, worklist.stranded, released.PHARMACIST)
    assert (left.values["serial"], left.values["k"]) == ("H3K001", 1)
    assert reading(released, courses.due, released.PHYSICIAN) == []
    assert stops_at(released, course, 1, vial) == ["course_over"]
    assert refusal(lambda: issue(released, "H3K002")).code == "wrong_state"
    assert refusal(lambda: reserve(released, "H3K003", second)).code == "course_ended"
    signed = (released.sign("santosa", Meaning.ORDERED),)
    assert (
        refusal(lambda: released.do(courses.prescribe, released.PHYSICIAN, third, signed=signed)).code == "course_ended"
    )
    assert refusal(lambda: end(released, course)).code == "already_ended"
    (after,) = reading(released, lambda view: courses.progress(view, [subject])[subject])
    assert after["next"] is None
    take_back(released, "H3K001")
    assert reading(released, worklist.stranded, released.PHARMACIST) == []
    again = planned(released, subject)  # the knee is free, and so is the vial
    reserve(released, "H3K002", released.ordered(again, 1))
    clean(released)


def test_a_dose_given_after_the_course_ended_is_recorded_and_answered_for(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    end(released, course)
    given = report(released, [released.code(vial)], dose_id=released.dose(course, 1))
    assert given.answer["findings"] == ["course_over", "not_started"]
    assert count(released, "cases", "kind = 'impermissible_dose'") == 1


def test_another_hospital_ends_no_course_of_ours(released: Clinic) -> None:
    course = released.course()
    there = elsewhere(released)
    assert refusal(lambda: there.do(courses.end, there.PHYSICIAN, course, reason="x")).code == "not_found"


# ────────────────────────────────────────────────────────────────────────────────────────────────── order, verified


def test_a_dose_is_ordered_once_and_verified_by_somebody_else_once(released: Clinic) -> None:
    course = released.course()
    dose = released.dose(course, 1)
    assert refusal(lambda: reserve(released, "H3K001", dose)).code == "not_ordered"
    order = prescribed(released, course, 1)
    assert refusal(lambda: prescribed(released, course, 1)).code == "already_there"
    assert refusal(lambda: reserve(released, "H3K001", dose)).code == "order_not_verified"
    own = (released.sign("santosa", Meaning.VERIFIED),)
    assert refusal(lambda: released.do(courses.verify, released.PHYSICIAN, order, signed=own)).code == "not_permitted"
    verified(released, order)
    assert refusal(lambda: verified(released, order)).code == "already_ended"


def test_who_prescribed_does_not_verify_whatever_roles_they_hold(released: Clinic) -> None:
    released.do(people.give, SYSTEM, released.PHYSICIAN.person_id, Role.PHARMACIST, released.ids["hospital"])
    order = prescribed(released, released.course(), 1)
    signed = (released.sign("santosa", Meaning.VERIFIED),)
    assert refusal(lambda: released.do(courses.verify, released.PHYSICIAN, order, signed=signed)).code == "own_work"


def test_two_physicians_order_the_same_dose_at_once(released: Clinic) -> None:
    course = released.course()
    done, refused = at_once(4, lambda _: prescribed(released, course, 1))
    assert (len(done), {no.code for no in refused}) == (1, {"already_there"})


# ──────────────────────────────────────────────────────────────────────────────────────────────────────── reserved


def second_lot(clinic: Clinic, expires: date) -> str:
    return clinic.released_lot("UC26-M4", 2, expires=expires)


def test_the_first_to_expire_is_offered_first_and_another_has_its_reason(released: Clinic) -> None:
    second_lot(released, date(2026, 7, 31))
    dose = released.ordered(released.course(), 1)
    released.do(vials.report_lost, released.STOREKEEPER, released.vial("M4K001").id, reason="not there")
    offered = reading(released, lambda view: courses.offer(view, dose), released.PHARMACIST)
    assert [one["vial"].serial for one in offered] == ["M4K002", "H3K001", "H3K002", "H3K003", "H3K004", "H3K005"]
    no = refusal(lambda: reserve(released, "H3K001", dose))
    assert (no.code, no.values["serial"]) == ("not_first_to_expire", "M4K002")
    reserve(released, "H3K001", dose, reason="one lot for the whole course")
    assert rows(released, "SELECT words FROM free_text WHERE words LIKE 'one lot%'")


def test_the_pick_list_says_why_a_vial_is_not_offered(released: Clinic) -> None:
    dose = released.ordered(released.course(), 1)
    clinic = released
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["bare_freezer"])
    hold(clinic, clinic.vial("H3K002").id)
    offered = reading(clinic, lambda view: courses.offer(view, dose), clinic.PHARMACIST)
    told = {one["vial"].serial: [finding.code for finding in one["findings"]] for one in offered}
    assert told == {"H3K001": ["temperature_unknown"], "H3K002": ["held"], "H3K003": [], "H3K004": [], "H3K005": []}
    for serial, code in (("H3K001", "temperature_unknown"), ("H3K002", "held")):
        no = refusal(lambda: reserve(clinic, serial, dose))  # noqa: B023
        assert (no.code, codes(no)) == ("vial_not_usable", [code])
    reserve(clinic, "H3K003", dose)  # what is not offered is not the first to expire


def test_a_vial_of_another_product_is_not_kept_for_this_protocol(released: Clinic) -> None:
    dose = released.ordered(released.course(), 1)
    other = released.do(products.register, released.MAKER_QA, released.ids["maker"], "09521234543220", "Another").id
    version = released.do(
        products.revise, released.MAKER_QA, other, volume_ul=3000, low_mc=-25_000, high_mc=-15_000, budget_s=3600,
        freeze_sensitive=False, mkt_applies=False,
    ).id  # fmt: skip
    released.ids["version"] = version
    released.lot("XX26-Z9", 1)
    assert refusal(lambda: reserve(released, "Z9K001", dose)).code == "other_product"


@pytest.mark.parametrize("n", [2, 16])
def test_staff_reserve_one_vial_at_once_and_one_of_them_has_it(released: Clinic, n: int) -> None:
    course = released.course()
    doses = [released.ordered(course, k) for k in range(1, 6)]
    done, refused = at_once(n, lambda who: reserve(released, "H3K001", doses[who % 5]))
    assert len(done) == 1
    assert {no.code for no in refused} <= {"wrong_state", "changed_meanwhile", "vial_not_usable", "dose_has_vial"}
    assert open_reservations(released, "H3K001") == 1
    clean(released)


def test_a_second_vial_for_a_dose_needs_a_reason_also_when_two_ask_at_once(released: Clinic) -> None:
    dose = released.ordered(released.course(), 1)
    done, refused = at_once(4, lambda n: reserve(released, f"H3K00{n + 1}", dose))
    assert (len(done), {no.code for no in refused}) == (1, {"dose_has_vial"})
    reserve(released, "H3K005", dose, reason="the first was drawn up short")
    assert count(released, "reservation", "until IS NULL") == 2


def test_a_vial_let_go_is_free_for_another_dose(released: Clinic) -> None:
    course = released.course()
    one, two = released.ordered(course, 1), released.ordered(course, 2)
    reserve(released, "H3K001", one)
    vial = released.vial("H3K001").id
    assert refusal(lambda: released.do(courses.unreserve, released.PHARMACIST, vial)).code == "reason_missing"
    released.do(courses.unreserve, released.PHARMACIST, vial, reason="wrong dose")
    reserve(released, "H3K001", two)
    assert open_reservations(released, "H3K001") == 1
    assert reading(released, lambda view: courses.kept_for(view, vial).dose_id) == two


def test_a_reserved_vial_that_broke_is_replaced_without_further_ado(released: Clinic) -> None:
    dose = released.ordered(released.course(), 1)
    reserve(released, "H3K001", dose)
    released.do(vials.report_broken, released.PHARMACIST, released.vial("H3K001").id, reason="fell")
    assert open_reservations(released, "H3K001") == 0
    reserve(released, "H3K002", dose)


def test_a_reserved_vial_that_was_lost_and_found_is_kept_for_nobody(released: Clinic) -> None:
    """What it went through meanwhile nobody knows: it cannot be chosen again."""
    clinic = released
    dose = clinic.ordered(clinic.course(), 1)
    reserve(clinic, "H3K001", dose)
    vial = clinic.vial("H3K001").id
    clinic.do(vials.report_lost, clinic.STOREKEEPER, vial, reason="not on its shelf")
    reserve(clinic, "H3K002", dose)
    clinic.clock.tick(minutes=5)
    clinic.do(vials.report_found, clinic.STOREKEEPER, vial, clinic.ids["freezer"], reason="behind the rack")
    assert open_reservations(clinic, "H3K001") == 0
    no = refusal(lambda: reserve(clinic, "H3K001", dose, reason="the other one fell"))
    assert (no.code, [one.code for one in no.findings]) == (
        "vial_not_usable",
        ["release_outdated", "temperature_unknown"],
    )
    assert open_reservations(clinic, "H3K001") == 0


def test_another_hospital_moves_no_vial_of_ours(released: Clinic) -> None:
    """It may see the lot, as its consignee; whose a vial is decides who moves it."""
    there = elsewhere(released)
    more = released.lot("UC26-M4", 2)
    taken_in(there, more, ("M4K001",))  # now M4 is known at both; its second vial comes to us
    box = released.arrived(released.shipped(more, serials=("M4K002",)))
    released.counted(box)
    released.put_away(box)
    released.logged(box)
    released.certificate(released.tested(more))
    released.release(more, ("M4K002",))
    course = released.course()
    dose = released.ordered(course, 1)
    reserve(released, "M4K002", dose, reason="that lot")
    vial = released.vial("M4K002").id
    for act, told in (
        (courses.unreserve, ()),
        (vials.move, (there.ids["freezer"],)),
        (vials.discard, ()),
        (vials.report_broken, ()),
        (vials.report_lost, ()),
    ):
        assert refusal(lambda: there.do(act, there.PHARMACIST, vial, *told, reason="x")).code == "not_yours"  # noqa: B023
    issue(released, "M4K002")
    bench = there.ids["bench"]
    for act in (courses.take_back, courses.thaw):
        no = refusal(lambda: there.do(act, there.PHARMACIST, vial, bench, reason="x"))  # noqa: B023
        assert no.code in ("not_yours", "vial_not_usable")
    assert released.vial("M4K002").state == "issued"
    assert open_reservations(released, "M4K002") == 1


# ────────────────────────────────────────────────────────────────────────────────────────────────── thaw and issue


def test_nothing_is_issued_that_is_kept_for_nobody(released: Clinic) -> None:
    assert refusal(lambda: issue(released, "H3K001")).code == "wrong_state"


def test_a_vial_is_issued_to_a_bench_or_a_bedside_only(released: Clinic) -> None:
    reserve(released, "H3K001", released.ordered(released.course(), 1))
    vial = released.vial("H3K001").id
    no = refusal(lambda: released.do(courses.issue, released.PHARMACIST, vial, released.ids["freezer"]))
    assert no.code == "place_not_a_bedside"


def test_a_vial_that_may_not_be_used_any_more_is_not_issued(released: Clinic) -> None:
    reserve(released, "H3K001", released.ordered(released.course(), 1))
    hold(released, released.vial("H3K001").id)
    no = refusal(lambda: issue(released, "H3K001"))
    assert (no.code, codes(no)) == ("vial_not_usable", ["held"])


def test_thawing_begins_once_and_only_for_a_vial_that_is_kept(released: Clinic) -> None:
    assert refusal(lambda: thaw(released, "H3K001")).code == "wrong_state"
    reserve(released, "H3K001", released.ordered(released.course(), 1))
    thaw(released, "H3K001")
    assert refusal(lambda: thaw(released, "H3K001")).code == "thawed_already"
    issue(released, "H3K001")
    assert refusal(lambda: thaw(released, "H3K001")).code == "thawed_already"


def test_two_people_start_the_same_thaw(released: Clinic) -> None:
    reserve(released, "H3K001", released.ordered(released.course(), 1))
    done, refused = at_once(4, lambda _: thaw(released, "H3K001"))
    assert len(done) == 1
    assert {no.code for no in refused} <= {"thawed_already", "changed_meanwhile"}
    assert count(released, "thaw") == 1


def test_a_thawed_vial_is_never_kept_for_nobody_again(released: Clinic) -> None:
    reserve(released, "H3K001", released.ordered(released.course(), 1))
    thaw(released, "H3K001")
    vial = released.vial("H3K001").id
    no = refusal(lambda: released.do(courses.unreserve, released.PHARMACIST, vial, reason="x"))
    assert no.code == "thawed_goes_on"
    assert released.vial("H3K001").state == "reserved"


def test_the_thaw_clock_runs_out_at_the_bedside(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)  # half an hour after thawing began
    released.clock.tick(minutes=30)
    released.start_dose(course, 1, vial)
    released.do(vials.discard, released.PHARMACIST, vial.id, reason="dropped")
    other = _another(released, course)
    released.clock.tick(minutes=30, seconds=1)
    assert stops_at(released, course, 1, other) == ["thaw_spent"]
    assert released.scan(other.serial, "bedside") == ("do_not_use", ["thaw_spent"])


def _another(clinic: Clinic, course: str) -> Vial:
    serial = "H3K002"
    reserve(clinic, serial, clinic.dose(course, 1))
    issue(clinic, serial)
    thaw(clinic, serial)
    clinic.clock.tick(minutes=30)
    return clinic.vial(serial)


# ──────────────────────────────────────────────────────────────────────────────────────────────── brought back


def test_a_patient_who_did_not_come_and_a_vial_that_was_not_thawed(released: Clinic) -> None:
    """Back in the pharmacy; to stock again with a reason, as its temperature is known; then kept for somebody else."""
    clinic = released
    course = clinic.course()
    clinic.ready_vial(course, 1, serial="H3K001", thaw=False)
    take_back(clinic, "H3K001")
    vial, shelf = clinic.vial("H3K001"), clinic.ids["freezer"]
    assert (vial.state, open_reservations(clinic, "H3K001")) == ("back_in_pharmacy", 0)
    assert refusal(lambda: clinic.do(vials.put_away, clinic.PHARMACIST, vial.id, shelf)).code == "reason_missing"
    clinic.do(vials.put_away, clinic.PHARMACIST, vial.id, shelf, reason="half an hour on the bench")
    assert clinic.scan("H3K001") == ("use", [])
    reserve(clinic, "H3K001", clinic.dose(course, 1))


def test_a_vial_that_was_thawed_and_not_given_goes_nowhere_but_away(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    clinic.ready_vial(course, 1, serial="H3K001")
    take_back(clinic, "H3K001")
    vial = clinic.vial("H3K001").id
    no = refusal(lambda: clinic.do(vials.put_away, clinic.PHARMACIST, vial, clinic.ids["freezer"], reason="x"))
    assert no.code == "thawed_goes_on"
    clinic.do(vials.discard, clinic.PHARMACIST, vial, reason="no-show after thaw")
    assert clinic.scan("H3K001") == ("do_not_use", ["gone"])
    (row,) = [row for row in reading(clinic, lambda view: courses.doses(view, course)) if row["k"] == 1]
    assert (row["vial_id"], row["administration_id"]) == (None, None)  # the dose is still to be given
    clean(clinic)


def test_a_vial_whose_temperature_is_not_known_does_not_go_back_to_stock(released: Clinic) -> None:
    clinic = released
    clinic.ready_vial(clinic.course(), 1, serial="H3K001", thaw=False)
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["bare_freezer"])
    clinic.clock.tick(minutes=5)
    take_back(clinic, "H3K001")
    no = refusal(
        lambda: clinic.do(
            vials.put_away, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["freezer"], reason="cold"
        )
    )
    assert (no.code, codes(no)) == ("vial_not_usable", ["temperature_unknown"])


def test_a_vial_too_long_on_the_bench_does_not_go_back_to_stock(released: Clinic) -> None:
    clinic = released
    clinic.ready_vial(clinic.course(), 1, serial="H3K001", thaw=False)
    clinic.clock.tick(hours=3, minutes=30, seconds=1)
    take_back(clinic, "H3K001")
    no = refusal(
        lambda: clinic.do(
            vials.put_away, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["freezer"], reason="cold"
        )
    )
    assert (no.code, codes(no)) == ("vial_not_usable", ["thaw_spent", "budget_spent"])


def test_nothing_is_taken_back_that_was_not_issued_and_nothing_without_a_reason(released: Clinic) -> None:
    assert refusal(lambda: take_back(released, "H3K001")).code == "wrong_state"
    released.ready_vial(released.course(), 1, serial="H3K001")
    vial, bench = released.vial("H3K001").id, released.ids["bench"]
    no = refusal(lambda: released.do(courses.take_back, released.PHARMACIST, vial, bench))
    assert no.code == "reason_missing"


def test_a_vial_cleared_for_giving_and_taken_back_is_never_cleared_again(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1, serial="H3K001")
    clinic.start_dose(course, 1, vial)
    take_back(clinic, "H3K001")
    again = (clinic.PHARMACIST, vial.id, clinic.ids["freezer"])
    assert refusal(lambda: clinic.do(vials.put_away, *again, reason="fainted before")).code == "thawed_goes_on"
    assert refusal(lambda: clinic.start_dose(course, 1, clinic.vial("H3K001"))).code == "dose_refused"

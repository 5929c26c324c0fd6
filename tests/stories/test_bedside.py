"""Before the injection every stop at once; the one permit for a vial; what was given, and the watch after it (step 7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from tests.clinic import JAKARTA, Clinic
from tests.stories.case import (
    LEFT,
    RIGHT,
    at_once,
    both,
    cases,
    clean,
    count,
    enrol,
    hand_over,
    holds,
    nobody_knows,
    planned,
    prescribed,
    reading,
    refusal,
    report,
    reserve,
    rows,
    stops_at,
    thaw,
    withdraw,
)
from tests.stories.test_verdict import hold
from traceability.domain.acts import ACTS, MAY_SIGN
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.services import (
    administrations,
    bedside,
    courses,
    doses,
    organisations,
    people,
    products,
    subjects,
    tags,
    vials,
)
from traceability.store import Call
from traceability.store.tables import AdministrationVial, Vial
from traceability.store.tables.administrations import Inspection
from traceability.store.tables.organisations import PlaceKind


def week(clinic: Clinic) -> None:
    clinic.clock.tick(days=7)


# ──────────────────────────────────────────────────────────────────────────────── each stop, and nothing where all is well


def test_nothing_stands_against_the_right_vial_for_the_right_knee(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    with released.store.read(released.PHYSICIAN) as view:
        asked = bedside.ask(view, released.dose(course, 1), released.ids["subject"], released.code(vial), RIGHT)
    assert (asked.vial.id, asked.findings) == (vial.id, ())
    started = released.start_dose(course, 1, vial)
    assert started.answer["vial_id"] == vial.id
    given = released.give_dose(course, 1, vial=vial, start=False)
    assert given.answer["findings"] == []
    assert (cases(released), holds(released)) == ([], [])
    clean(released)


def test_another_patients_wristband(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    other = enrol(released, mrn="MRN-2")
    assert stops_at(released, course, 1, vial, subject=other) == ["wrong_patient"]
    with released.store.read(released.PHYSICIAN) as view:
        nobody = bedside.ask(view, released.dose(course, 1), None, released.code(vial), RIGHT)
    assert [(one.code, one.holds, str(one.severity)) for one in nobody.findings] == [("wrong_patient", None, "ask")]


def test_the_other_knee(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    assert stops_at(released, course, 1, vial, laterality=LEFT) == ["wrong_side"]


def test_a_consent_that_no_longer_stands(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    (consent,) = rows(released, "SELECT id FROM consent")
    withdraw(released, consent[0])
    assert stops_at(released, course, 1, vial) == ["no_consent"]


def test_a_course_that_has_ended(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    released.do(courses.end, released.PHYSICIAN, course, reason="moved away")
    assert stops_at(released, course, 1, vial) == ["course_over"]


def test_a_vial_of_another_product(released: Clinic) -> None:
    clinic = released
    other = clinic.do(products.register, clinic.MAKER_QA, clinic.ids["maker"], "09521234543220", "Another").id
    clinic.ids["version"] = clinic.do(
        products.revise, clinic.MAKER_QA, other, volume_ul=3000, low_mc=-25_000, high_mc=-15_000, budget_s=3600,
        freeze_sensitive=False, mkt_applies=False,
    ).id  # fmt: skip
    clinic.lot("XX26-Z9", 1)
    course = clinic.course()
    clinic.ordered(course, 1)
    found = stops_at(clinic, course, 1, clinic.vial("Z9K001"))
    assert found[0] == "wrong_product"
    assert "vial_of_another" in found


def test_a_dose_that_was_given_already(released: Clinic) -> None:
    course = released.course()
    released.give_dose(course, 1)
    reserve(released, "H3K002", released.dose(course, 1))
    hand_over(released, "H3K002")
    assert stops_at(released, course, 1, released.vial("H3K002")) == ["dose_given"]


def test_a_dose_that_nobody_ordered_and_one_that_nobody_verified(released: Clinic) -> None:
    course = released.course()
    one = released.ready_vial(course, 1)
    assert stops_at(released, course, 2, one) == ["no_order", "vial_of_another", "out_of_turn", "out_of_window"]
    prescribed(released, course, 2)
    assert "no_order" in stops_at(released, course, 2, one)


def test_a_vial_that_is_kept_for_another_dose(released: Clinic) -> None:
    course = released.course()
    released.give_dose(course, 1)
    week(released)
    released.ordered(course, 3)
    reserve(released, "H3K002", released.dose(course, 3))
    hand_over(released, "H3K002")
    released.ordered(course, 2)
    assert stops_at(released, course, 2, released.vial("H3K002")) == ["vial_of_another"]


def test_sooner_than_the_interval_less_its_window(released: Clinic) -> None:
    course = released.course()
    released.give_dose(course, 1)
    released.clock.tick(days=4)
    vial = released.ready_vial(course, 2)
    assert stops_at(released, course, 2, vial) == ["too_soon", "out_of_window"]
    released.clock.tick(days=1, minutes=-20)
    other = released.ready_vial(course, 3)  # thaws afresh; kept for the third dose
    assert stops_at(released, course, 3, other) == ["out_of_turn", "out_of_window"]


def test_an_injection_into_this_knee_counts_whatever_it_was_ordered_as(released: Clinic) -> None:
    """Nobody ordered it, so it stands in no course; the knee had it two days ago all the same."""
    clinic = released
    course = clinic.course()
    clinic.clock.tick(days=-2)
    stray = clinic.clock.now
    clinic.clock.tick(days=2)
    report(clinic, [nobody_knows(clinic, gtin="09521234543220", lot="ELSEWHERE")], at=stray)
    vial = clinic.ready_vial(course, 1)
    assert stops_at(clinic, course, 1, vial) == ["too_soon"]
    left = planned(clinic, clinic.ids["subject"], LEFT)
    other = clinic.ready_vial(left, 1)
    clinic.start_dose(left, 1, other, laterality=LEFT)


def test_out_of_turn_and_out_of_its_window(released: Clinic) -> None:
    course = released.course()
    released.give_dose(course, 1)
    released.clock.tick(days=14)
    third = released.ready_vial(course, 3)
    assert stops_at(released, course, 3, third) == ["out_of_turn"]
    released.clock.tick(days=1)
    second = released.ready_vial(course, 2)
    assert stops_at(released, course, 2, second) == ["out_of_window"]


def test_the_window_is_open_through_its_last_day_at_the_site(released: Clinic) -> None:
    """Due on the 9th, two days either way: all of the 11th in Surakarta, not a minute of the 12th."""
    course = released.course()
    released.give_dose(course, 1)
    due = reading(released, lambda view: courses.doses(view, course))[1]["due"]
    last = due + timedelta(days=2)
    released.clock.now = released.clock.now.astimezone(JAKARTA).replace(
        year=last.year, month=last.month, day=last.day, hour=23, minute=10
    )
    vial = released.ready_vial(course, 2)
    released.clock.tick(minutes=20)  # one minute past midnight
    assert stops_at(released, course, 2, vial) == ["out_of_window"]
    released.clock.tick(minutes=-1)
    released.start_dose(course, 2, vial)


def test_the_vials_own_rules_are_asked_too_and_all_is_told_at_once(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    hold(released, vial.id)
    (consent,) = rows(released, "SELECT id FROM consent")
    withdraw(released, consent[0])
    released.clock.tick(hours=1)
    other = enrol(released, mrn="MRN-2")
    found = stops_at(released, course, 1, vial, subject=other, laterality=LEFT)
    assert found == ["wrong_patient", "wrong_side", "no_consent", "thaw_spent", "held"]


def test_a_vial_that_is_still_in_stock_is_not_at_the_bedside(released: Clinic) -> None:
    course = released.course()
    dose = released.ordered(course, 1)
    assert stops_at(released, course, 1, released.vial("H3K001")) == ["vial_of_another", "not_at_hand"]
    reserve(released, "H3K001", dose)
    assert stops_at(released, course, 1, released.vial("H3K001")) == ["not_at_hand"]


def test_codes_that_name_no_vial_of_ours_clear_nothing(released: Clinic) -> None:
    course = released.course()
    dose = released.ordered(course, 1)
    for code, why in (
        (nobody_knows(released), "serial_unknown"),
        ("(8018)899123400000000015", "code_not_a_vial"),
        ("(00)106141411234567897", "code_not_a_vial"),
        ("hello", "code_unreadable"),
        ("", "code_empty"),
        ("(01)09521234543213(10)UC26-H3", "code_without_serial"),
    ):
        no = refusal(lambda: released.do(doses.start, released.PHYSICIAN, dose, released.band(), code, RIGHT))  # noqa: B023
        assert no.code == why
    assert count(released, "dose_start") == 0


def test_a_smaller_volume_than_ordered_is_flagged_and_nobody_answers_for_it(released: Clinic) -> None:
    course = released.course()
    given = released.give_dose(course, 1, given_ul=2500, discarded_ul=500)
    assert given.answer["findings"] == ["volume_differs"]
    assert cases(released) == []
    (part,) = rows(released, "SELECT withdrawn_ul, given_ul, discarded_ul FROM administration_vial")
    assert tuple(part) == (3000, 2500, 500)
    assert json.loads(rows(released, "SELECT findings FROM administration")[0][0])[0]["code"] == "volume_differs"
    week(released)
    assert released.give_dose(course, 2).answer["findings"] == []


def six_millilitres(clinic: Clinic) -> None:
    clinic.protocol("Knee, six millilitres", volume_ul=6000, observation_min=30)


# ──────────────────────────────────────────────────────────────────────────── given otherwise: a fact, and a case for it


def raised(clinic: Clinic) -> list[str]:
    return [str(case.kind) for case in cases(clinic)]


def test_a_dose_given_without_being_started_is_recorded_and_answered_for(released: Clinic) -> None:
    """Nobody asked the stops at the bedside: whatever else held, that is told beside the injection for ever."""
    course = released.course()
    vial = released.ready_vial(course, 1)
    given = released.give_dose(course, 1, vial=vial, start=False)
    assert given.answer["findings"] == ["not_started"]
    assert raised(released) == ["impermissible_dose"]
    assert released.vial(vial.serial).state == "given"


def test_a_dose_started_with_one_vial_and_given_with_another(released: Clinic) -> None:
    course = released.course()
    released.start_dose(course, 1, released.ready_vial(course, 1, serial="H3K001"))
    reserve(released, "H3K002", released.dose(course, 1), reason="dropped the first")
    hand_over(released, "H3K002")
    given = report(released, [released.code(released.vial("H3K002"))], dose_id=released.dose(course, 1))
    assert given.answer["findings"] == ["not_started"]


def test_what_is_told_afterwards_was_never_started_and_that_is_no_finding(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    happened = released.clock.now
    released.clock.tick(hours=5)
    given = report(released, [released.code(vial)], dose_id=released.dose(course, 1), at=happened)
    assert given.answer["findings"] == []


def test_a_hundred_millilitres_out_of_one_vial_are_a_case(released: Clinic) -> None:
    course = released.course()
    given = released.give_dose(course, 1, given_ul=100_000)
    assert given.answer["findings"] == ["more_than_ordered", "more_than_held"]
    assert raised(released) == ["impermissible_dose"]
    other = enrol(released, mrn="MRN-2")
    unplanned = report(released, [released.code(released.vial("H3K002"))], subject=other, given_ul=100_000)
    assert {"no_order", "more_than_held"} <= set(unplanned.answer["findings"])


def test_three_minutes_ago_is_no_way_around_the_permit(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    happened = released.clock.now - timedelta(minutes=3)
    told = report(released, [released.code(vial)], dose_id=released.dose(course, 1), at=happened)
    assert told.answer["findings"] == ["not_started"]
    assert raised(released) == ["impermissible_dose"]


def test_more_cannot_be_discarded_than_the_vial_holds_either(released: Clinic) -> None:
    given = released.give_dose(released.course(), 1, discarded_ul=1)
    assert given.answer["findings"] == ["more_than_held"]
    assert raised(released) == ["impermissible_dose"]


def test_a_drop_more_than_ordered_is_a_case_and_a_drop_less_is_not(released: Clinic) -> None:
    clinic = released
    six_millilitres(clinic)
    course = clinic.course()
    found = clinic.give_dose(course, 1, given_ul=3001).answer["findings"]  # 6 mL ordered, one vial of 3 mL
    assert found == ["more_than_held", "volume_differs"]
    clinic.clock.tick(days=7)
    vial = clinic.ready_vial(course, 2)
    clinic.start_dose(course, 2, vial)
    second = clinic.ready_vial(course, 3)
    code = [clinic.code(vial), clinic.code(second)]
    assert "more_than_ordered" in report(clinic, code, dose_id=clinic.dose(course, 2), given_ul=6001).answer["findings"]


def test_a_vial_that_looked_wrong_and_was_given_is_a_case(released: Clinic) -> None:
    course = released.course()
    seen = released.give_dose(course, 1, inspection=Inspection.PARTICLES)
    assert seen.answer["findings"] == ["not_sound"]
    assert raised(released) == ["impermissible_dose"]
    week(released)
    assert released.give_dose(course, 2, inspection=Inspection.SOUND).answer["findings"] == []
    assert [row[0] for row in rows(released, "SELECT inspection FROM administration ORDER BY given_at")] == [
        "particles",
        "sound",
    ]


# ─────────────────────────────────────────────────────────────────────────────────────────────── whose wristband it is


def test_a_wristband_is_compared_and_that_is_on_record_whichever_it_was(released: Clinic) -> None:
    """Another's wristband, and one that nobody has, leave a refusal: what was asked for which dose, and no word of whose it was."""
    clinic = released
    course = clinic.course()
    other = enrol(clinic, mrn="MRN-4711")
    dose = clinic.dose(course, 1)
    clinic.do(doses.identify, clinic.WITNESS, dose, clinic.band())
    wrong = refusal(lambda: clinic.do(doses.identify, clinic.WITNESS, dose, clinic.band(other)))
    assert (wrong.code, [one.code for one in wrong.findings]) == ("dose_refused", ["wrong_patient"])
    nobody = refusal(
        lambda: clinic.do(doses.identify, clinic.WITNESS, dose, subjects.read_band(clinic.store, "MRN-4712"))
    )
    assert nobody.code == "wristband_unknown"
    entries = rows(clinic, "SELECT refused, noun_id, body FROM entry WHERE act = 'dose.identify' ORDER BY number")
    assert [tuple(row)[:2] for row in entries] == [(None, dose), ("dose_refused", dose), ("wristband_unknown", dose)]
    said = "".join(row[2] for row in entries[1:])
    assert not [one for one in ("4711", "4712", other, clinic.band(other).digest) if one in said]
    clean(clinic)


def test_the_server_itself_compares_the_wristband_before_it_clears_a_vial(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    dose, code = released.dose(course, 1), released.code(vial)
    unknown = subjects.read_band(released.store, "MRN-1")
    no = refusal(lambda: released.do(doses.start, released.PHYSICIAN, dose, unknown, code, RIGHT))
    assert no.code == "wristband_unknown"
    assert count(released, "dose_start") == 0
    read = subjects.read_band(released.store, " mrn-0417733 ")
    assert released.do(doses.start, released.PHYSICIAN, dose, read, code, RIGHT).answer["vial_id"] == vial.id


def test_a_wristband_that_was_printed_here_is_compared_like_any_other(released: Clinic) -> None:
    """It says the pseudonym: the right one clears a vial, another patient's does not, and one that is damaged is nobody's."""
    clinic = released
    course = clinic.course()
    other = enrol(clinic, mrn="MRN-4711")
    dose = clinic.dose(course, 1)

    def printed(subject: str, end: str = "") -> subjects.Band:
        with clinic.store.read(clinic.PHYSICIAN) as view:
            code = tags.tag(view, "subject", subject).datamatrix.reads
        return subjects.read_band(clinic.store, (code[:-1] + end) if end else code)

    clinic.do(doses.identify, clinic.WITNESS, dose, printed(clinic.ids["subject"]))
    wrong = refusal(lambda: clinic.do(doses.identify, clinic.WITNESS, dose, printed(other)))
    assert (wrong.code, [one.code for one in wrong.findings]) == ("dose_refused", ["wrong_patient"])
    damaged = refusal(lambda: clinic.do(doses.identify, clinic.WITNESS, dose, printed(clinic.ids["subject"], "!")))
    assert damaged.code == "wristband_unknown"
    vial = clinic.ready_vial(course, 1)
    band = printed(clinic.ids["subject"])
    started = clinic.do(doses.start, clinic.PHYSICIAN, dose, band, clinic.code(vial), RIGHT)
    assert started.answer["vial_id"] == vial.id
    clean(clinic)


def test_a_wristband_that_was_printed_here_enrols_nobody_else(clinic: Clinic) -> None:
    subject = clinic.subject()
    with clinic.store.read(clinic.PHYSICIAN) as view:
        code = tags.tag(view, "subject", subject).datamatrix.reads
    told = {"name": "O. Ther", "mrn": "MRN-4713", "born": date(1961, 2, 3), "wristband": code}
    assert refusal(lambda: subjects.seal_identity(clinic.store, **told)).code == "subject_known"


# ──────────────────────────────────────────────────────────────────────────────────────────── the one permit for a vial


def test_a_second_vial_is_not_cleared_for_a_dose_that_one_vial_fills(released: Clinic) -> None:
    """Two permits would be two injections: the second is given only when the first can be no more."""
    clinic = released
    course = clinic.course()
    first = clinic.ready_vial(course, 1, serial="H3K001")
    reserve(clinic, "H3K002", clinic.dose(course, 1), reason="a second at hand")
    hand_over(clinic, "H3K002")
    second = clinic.vial("H3K002")
    clinic.start_dose(course, 1, first)
    assert stops_at(clinic, course, 1, second) == ["dose_started"]
    clinic.do(vials.report_broken, clinic.PHYSICIAN, first.id, reason="dropped")
    assert clinic.start_dose(course, 1, second).answer["vial_id"] == second.id


def test_two_vials_started_at_the_same_moment_are_one_permit(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    first = clinic.ready_vial(course, 1, serial="H3K001")
    reserve(clinic, "H3K002", clinic.dose(course, 1), reason="a second at hand")
    hand_over(clinic, "H3K002")
    chosen = (first, clinic.vial("H3K002"))
    done, refused = at_once(2, lambda n: clinic.start_dose(course, 1, chosen[n]))
    assert (len(done), [[one.code for one in no.findings] for no in refused]) == (1, [["dose_started"]])
    assert count(clinic, "dose_start") == 1


def test_a_vial_is_cleared_once(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    released.start_dose(course, 1, vial)
    no = refusal(lambda: released.start_dose(course, 1, vial))
    assert (no.code, no.values["serial"]) == ("started_already", vial.serial)
    assert count(released, "dose_start") == 1


def test_the_same_act_again_gives_the_same_answer(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    call, dose, subject = Call(), released.dose(course, 1), released.band()

    def start() -> object:
        return released.do(doses.start, released.PHYSICIAN, dose, subject, released.code(vial), RIGHT, call=call)

    first, again = start(), start()
    assert (first.number, first.answer) == (again.number, again.answer)  # type: ignore[attr-defined]
    assert again.repeated  # type: ignore[attr-defined]
    assert count(released, "dose_start") == 1


@pytest.mark.parametrize("n", [2, 32])
def test_double_taps_and_two_physicians_never_make_two_permits(released: Clinic, n: int) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    dose, subject, code = released.dose(course, 1), released.band(), released.code(vial)
    done, refused = at_once(n, lambda _: released.do(doses.start, released.PHYSICIAN, dose, subject, code, RIGHT))
    assert (len(done), {no.code for no in refused}) == (1, {"started_already"})
    assert count(released, "dose_start") == 1
    clean(released)


def test_one_act_id_sent_many_times_at_once_is_one_act(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    call, dose, code = Call(), released.dose(course, 1), released.code(vial)
    subject = released.band()
    done, refused = at_once(
        16, lambda _: released.do(doses.start, released.PHYSICIAN, dose, subject, code, RIGHT, call=call)
    )
    assert (len(done), refused) == (16, [])
    assert len({one.number for one in done}) == 1  # type: ignore[attr-defined]
    assert count(released, "dose_start") == 1


# ────────────────────────────────────────────────────────────────────────────────────────────────────── two people sign


def test_an_injection_has_two_people_with_fresh_credentials(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    given, seen = both(released)
    code, dose = released.code(vial), released.dose(course, 1)
    for signed, why in (
        ((), "signature_missing"),
        ((given,), "signature_missing"),
        ((given, given), "signature_missing"),
        ((seen,), "signature_missing"),
        ((given, seen, seen), "signature_missing"),
        ((given, replace(seen, password="wrong password here")), "signature_not_accepted"),
        ((given, replace(seen, username="nobody.at.all")), "signature_not_accepted"),
        ((given, released.sign("other", Meaning.WITNESSED)), "signature_not_accepted"),
        ((given, released.sign("santosa", Meaning.WITNESSED)), "signature_same_person"),
        ((released.sign("rahayu", Meaning.GIVEN), released.sign("santosa", Meaning.WITNESSED)), "signature_not_yours"),
    ):
        no = refusal(lambda: report(released, [code], dose_id=dose, signed=signed))  # noqa: B023
        assert no.code == why, signed
    assert count(released, "administration") == count(released, "signature", "meaning = 'given'") == 0
    assert released.vial(vial.serial).state == "issued"
    done = report(released, [code], dose_id=dose, signed=(seen, given))  # in whichever order they typed
    found = rows(released, "SELECT name, role, meaning FROM signature WHERE noun_id = :id ORDER BY meaning", id=done.id)
    assert [tuple(row) for row in found] == [("B. Santosa", "physician", "given"), ("E. Rahayu", "nurse", "witnessed")]


def test_who_may_say_what_by_signing(released: Clinic) -> None:
    """An inspector, an administrator, an analyst were not at the bedside; QA, pharmacist and storekeeper may have been."""
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    inspector = clinic.do(people.enrol, SYSTEM, clinic.ids["hospital"], "inspector", "An Inspector", _hash(clinic)).id
    clinic.do(people.give, SYSTEM, inspector, Role.INSPECTOR, clinic.ids["hospital"])
    code, dose = clinic.code(vial), clinic.dose(course, 1)
    for username in ("inspector", "admin", "wulandari"):
        signed = (both(clinic)[0], clinic.sign(username, Meaning.WITNESSED))
        no = refusal(lambda: report(clinic, [code], dose_id=dose, signed=signed))  # noqa: B023
        assert no.code == "signature_not_entitled"
        assert no.values["meaning"] == "witnessed"
    assert count(clinic, "administration") == 0
    report(clinic, [code], dose_id=dose, signed=(both(clinic)[0], clinic.sign("maharani", Meaning.WITNESSED)))


def _hash(clinic: Clinic) -> str:
    return str(rows(clinic, "SELECT hashed FROM password LIMIT 1")[0][0])


def test_a_role_that_ended_signs_nothing(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    nurse = released.WITNESS.person_id
    for grant in rows(released, "SELECT id FROM grants WHERE person_id = :p", p=nurse):
        released.do(people.end, SYSTEM, grant[0], reason="left")
    no = refusal(lambda: report(released, [released.code(vial)], dose_id=released.dose(course, 1)))
    assert no.code == "signature_not_accepted"
    released.do(people.give, SYSTEM, nurse, Role.ANALYST, released.ids["hospital"])
    no = refusal(lambda: report(released, [released.code(vial)], dose_id=released.dose(course, 1)))
    assert no.code == "signature_not_entitled"


def test_whoever_performs_an_act_may_sign_it_and_nobody_without_a_part_in_the_work() -> None:
    assert set(MAY_SIGN) == set(Meaning)
    for act in ACTS.values():
        if act.signatures:
            assert act.roles <= MAY_SIGN[act.signatures[0]], act.name
    for meaning, entitled in MAY_SIGN.items():
        outside = {Role.INSPECTOR, Role.ADMINISTRATOR, Role.DEVICE, Role.SYSTEM}
        if meaning is Meaning.ACCESS_REVIEWED:  # who gives roles may look through them, and says so
            outside -= {Role.ADMINISTRATOR}
        assert not entitled & outside, meaning
    assert Role.ANALYST not in MAY_SIGN[Meaning.WITNESSED]


def test_a_password_that_somebody_else_set_signs_nothing(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    hashed = _hash(released)
    released.do(people.reset_password, released.ADMINISTRATOR, released.WITNESS.person_id, hashed, reason="forgot")
    no = refusal(lambda: report(released, [released.code(vial)], dose_id=released.dose(course, 1)))
    assert no.code == "signature_not_accepted"


# ──────────────────────────────────────────────────────────────────────────────────────────────────────────── volumes


def test_what_was_withdrawn_is_what_was_given_and_discarded_in_the_database_too(released: Clinic) -> None:
    course = released.course()
    given = released.give_dose(course, 1)

    def wrong(**volumes: int) -> Callable[[object], dict]:
        def work(tx: object) -> dict:
            row = AdministrationVial(administration_id=given.id, code="(01)1", **volumes)
            return {"id": tx.add(row).id}  # type: ignore[attr-defined]

        return work

    for volumes in (
        {"withdrawn_ul": 3000, "given_ul": 2500, "discarded_ul": 400},
        {"withdrawn_ul": 2000, "given_ul": 2500, "discarded_ul": -500},
        {"withdrawn_ul": 0, "given_ul": -1, "discarded_ul": 1},
    ):
        with pytest.raises(DBAPIError, match=r"(?i)check"):
            released.store.perform("event.record", released.PHYSICIAN, Call(), {}, wrong(**volumes))
    assert count(released, "administration_vial") == 1
    clean(released)


def test_volumes_that_cannot_be(released: Clinic) -> None:
    course = released.course()
    code = released.code(released.ready_vial(course, 1))
    for given, discarded in ((0, 0), (-1, 0), (0, 3000), (3000, -1), (1_000_001, 0), (1, 1_000_001)):
        no = refusal(lambda: report(released, [code], given_ul=given, discarded_ul=discarded))  # noqa: B023
        assert no.code == "volume_impossible"
    assert count(released, "administration") == 0


def test_several_vials_for_one_dose_are_emptied_one_after_the_other(released: Clinic) -> None:
    """A dose of 6 mL out of vials of 3 mL: each vial has its own permit, and a third has none."""
    clinic = released
    six_millilitres(clinic)
    course = clinic.course()
    first = clinic.ready_vial(course, 1, serial="H3K001")
    for serial in ("H3K002", "H3K003"):
        reserve(clinic, serial, clinic.dose(course, 1), reason="two vials make a dose")
        hand_over(clinic, serial)
    second = clinic.vial("H3K002")
    for vial in (first, second):
        clinic.start_dose(course, 1, vial)
    assert stops_at(clinic, course, 1, clinic.vial("H3K003")) == ["dose_started"]
    told = [clinic.code(first), clinic.code(second)]
    done = report(clinic, told, dose_id=clinic.dose(course, 1), given_ul=4000, discarded_ul=500)
    assert done.answer["findings"] == ["volume_differs"]
    parts = rows(
        clinic, "SELECT v.serial, withdrawn_ul, given_ul, discarded_ul FROM administration_vial a JOIN vial v ON v.id = a.vial_id"
        " ORDER BY v.serial",
    )  # fmt: skip
    assert [tuple(part) for part in parts] == [("H3K001", 3000, 3000, 0), ("H3K002", 1500, 1000, 500)]
    assert {clinic.vial(serial).state for serial in ("H3K001", "H3K002")} == {"given"}


def test_the_same_vial_is_one_vial_however_its_code_is_written(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    link = f"https://id.gs1.org/01/{vial.gtin}/10/UC26-H3/21/{vial.serial}?17=260930"
    matrix = released.code(vial)
    bare = f"(01){vial.gtin}(21){vial.serial}"
    released.start_dose(course, 1, vial)
    for told in ([matrix, matrix], [matrix, link], [link, bare], []):
        assert refusal(lambda: report(released, told)).code == "vials_not_distinct"  # noqa: B023
    assert report(released, [link], dose_id=released.dose(course, 1)).answer["findings"] == []


def test_pain_is_between_0_and_10(released: Clinic) -> None:
    course = released.course()
    code = released.code(released.ready_vial(course, 1))
    for told in ("-0.1", "10.1", "100", "11"):
        for when in ("vas_before", "vas_after"):
            no = refusal(lambda: report(released, [code], dose_id=released.dose(course, 1), **{when: told}))  # noqa: B023
            assert no.code == "score_out_of_range"
    assert refusal(lambda: report(released, [code], vas_before="a lot")).code == "number_unreadable"


def test_pain_as_it_was_said_and_nothing_where_nobody_asked(released: Clinic) -> None:
    course = released.course()
    released.give_dose(course, 1, vas_before="0", vas_after="10")
    week(released)
    released.give_dose(course, 2, vas_before="7,5", vas_after=" ")
    found = rows(released, "SELECT vas_before, vas_after FROM administration ORDER BY given_at")
    assert [tuple(row) for row in found] == [("0", "10"), ("7.5", None)]


# ───────────────────────────────────────────────────────────────────────────────────────────────────── the watch after it


def observe(clinic: Clinic, given: str, began: int, ended: int, **told: object) -> object:
    """From so many minutes before now to so many."""
    now = clinic.clock.now
    at = (now - timedelta(minutes=began), now - timedelta(minutes=ended))
    return clinic.do(administrations.observe, clinic.WITNESS, given, *at, told.pop("reaction", False), **told)


def test_thirty_minutes_of_watching_are_an_act_of_their_own(released: Clinic) -> None:
    course = released.course()
    given = released.give_dose(course, 1, vas_after=None).id
    assert [row["administration"].id for row in reading(released, administrations.watched, released.PHYSICIAN)] == [
        given
    ]
    released.clock.tick(minutes=31)
    observe(released, given, 30, 0, vas_after="3")
    assert reading(released, administrations.watched, released.PHYSICIAN) == []
    (row,) = reading(released, lambda view: administrations.administrations(view, subject_id=released.ids["subject"]))
    (seen,) = row["observations"]
    assert (seen.ended_at - seen.began_at, seen.observer_id) == (timedelta(minutes=30), released.WITNESS.person_id)
    assert row["administration"].vas_after == "3"
    no = refusal(lambda: observe(released, given, 30, 0, vas_after="2"))
    assert no.code == "already_there"
    observe(
        released, given, 10, 0, reaction=True, description="flushed, ten minutes"
    )  # a second look adds, never replaces
    assert count(released, "observation") == 2
    clean(released)


def test_a_minute_of_watching_is_kept_and_said_to_be_short_until_all_looks_together_are_enough(
    released: Clinic,
) -> None:
    given = released.give_dose(released.course(), 1, vas_after=None).id
    released.clock.tick(minutes=31)
    short = observe(released, given, 31, 30)
    assert short.answer["findings"] == ["watched_short"]  # type: ignore[attr-defined]
    told = json.loads(rows(released, "SELECT findings FROM observation")[0][0])
    assert told[0]["values"] == {"watched_s": 60, "planned_s": 1800}
    twice = observe(released, given, 31, 30)  # the same minute again is no second minute
    assert twice.answer["findings"] == ["watched_short"]  # type: ignore[attr-defined]
    assert observe(released, given, 30, 1).answer["findings"] == []  # type: ignore[attr-defined]
    assert cases(released) == []


def test_times_of_watching_that_cannot_be(released: Clinic) -> None:
    given = released.give_dose(released.course(), 1, vas_after=None).id
    released.clock.tick(minutes=31)
    for began, ended in ((32, 0), (30, -1), (5, 5), (5, 10), (-5, -10)):
        assert refusal(lambda: observe(released, given, began, ended)).code == "interval_empty"  # noqa: B023
    assert refusal(lambda: observe(released, given, 30, 0, reaction=True)).code == "description_missing"
    assert refusal(lambda: observe(released, given, 30, 0, vas_after="12")).code == "score_out_of_range"
    assert refusal(lambda: observe(released, "0" * 32, 30, 0)).code == "not_found"
    assert count(released, "observation") == 0


def test_only_the_clinics_own_people_start_and_give(released: Clinic) -> None:
    course = released.course()
    vial: Vial = released.ready_vial(course, 1)
    dose, subject, code = released.dose(course, 1), released.band(), released.code(vial)
    for who in (released.PHARMACIST, released.WITNESS, released.QUALITY, released.STOREKEEPER):
        assert refusal(lambda: released.do(doses.start, who, dose, subject, code, RIGHT)).code == "not_permitted"  # noqa: B023
    foreign = refusal(lambda: released.do(doses.start, released.ELSEWHERE, dose, subject, code, RIGHT))
    assert foreign.code == "not_permitted"


def test_the_bedside_is_a_place_too(released: Clinic) -> None:
    """Issued to the chair itself: from there it is given, and its stay ends with the injection."""
    clinic = released
    chair = clinic.do(
        organisations.open_place, clinic.QUALITY, clinic.ids["site"], PlaceKind.BEDSIDE, "C-1", "Chair 1"
    ).id
    course = clinic.course()
    reserve(clinic, "H3K001", clinic.ordered(course, 1))
    thaw(clinic, "H3K001")
    clinic.do(courses.issue, clinic.PHARMACIST, clinic.vial("H3K001").id, chair)
    clinic.clock.tick(minutes=5)
    found = stops_at(clinic, course, 1, clinic.vial("H3K001"))
    assert found == ["temperature_unknown"]  # nobody measures the chair, nobody said what to assume of it


def test_a_dose_that_was_started_for_a_knee_is_the_only_one_for_it(released: Clinic) -> None:
    """The course is ended with a vial in somebody's hand, and the same knee is planned again: one permit at a time."""
    clinic = released
    course = clinic.course()
    first = clinic.ready_vial(course, 1, serial="H3K001")
    clinic.start_dose(course, 1, first)
    clinic.do(courses.end, clinic.PHYSICIAN, course, reason="planned anew")
    again = planned(clinic, clinic.ids["subject"])
    second = clinic.ready_vial(again, 1, serial="H3K002")
    assert stops_at(clinic, again, 1, second) == ["dose_started"]
    clinic.do(vials.report_broken, clinic.PHYSICIAN, first.id, reason="dropped")
    assert clinic.start_dose(again, 1, second)

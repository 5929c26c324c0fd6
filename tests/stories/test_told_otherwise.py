"""Facts that contradict the record: kept as they were told, moving nothing back, and somebody finds out which is true."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.clinic import GTIN, Clinic
from tests.stories.case import (
    RIGHT,
    cases,
    clean,
    count,
    enrol,
    holds,
    planned,
    refusal,
    report,
    reserve,
    rows,
    withdraw,
)
from tests.stories.test_verdict import lift
from traceability.domain.errors import Refused
from traceability.services import consents, consignments, courses, subjects, vials
from traceability.store import Call, Source
from traceability.store.tables.consignments import Found
from traceability.store.tables.subjects import ConsentKind


def tell(clinic: Clinic, act: Any, serial: str, *where: str, ago: float = 0) -> dict[str, Any]:
    """Somebody of the pharmacy says what befell a vial, so many minutes ago."""
    when = clinic.clock.now - timedelta(minutes=ago)
    call = Call(occurred_at=when, source=Source.LATE) if ago else Call()
    told = clinic.do(act, clinic.PHARMACIST, clinic.vial(serial).id, *where, reason="as it was told", call=call)
    return dict(told.answer)


def lies(clinic: Clinic, serial: str) -> list[tuple[str, bool]]:
    """The places where it lay, in their order, and whether it lies there still."""
    found = rows(
        clinic, "SELECT p.code, s.until IS NULL FROM stay s JOIN place p ON p.id = s.place_id"
        " WHERE s.vial_id = :vial ORDER BY s.since, s.until IS NULL, s.id", vial=clinic.vial(serial).id,
    )  # fmt: skip
    return [(row[0], bool(row[1])) for row in found]


# ───────────────────────────────────────────────────────────────────────── told of a vial that is given, gone or lost


@pytest.mark.parametrize("befell", ["report_broken", "report_lost", "discard", "report_found", "move"])
def test_what_is_told_of_a_vial_after_it_was_given_is_kept_and_it_stays_given(released: Clinic, befell: str) -> None:
    clinic = released
    clinic.give_dose(clinic.course(), 1)
    lain = lies(clinic, "H3K001")
    where = (clinic.ids["freezer"],) if befell in ("report_found", "move") else ()
    answer = tell(clinic, getattr(vials, befell), "H3K001", *where)
    assert answer["findings"] == ["state_contradicts"]
    assert clinic.vial("H3K001").state == "given"
    assert lies(clinic, "H3K001") == lain
    (case,) = cases(clinic)
    assert (str(case.kind), case.number, case.vial_id) == ("contradiction", answer["case"], clinic.vial("H3K001").id)
    assert holds(clinic) == []  # nobody can use it any more
    assert count(clinic, "free_text", "words = 'as it was told'") == 1
    clean(clinic)


def test_a_vial_that_was_discarded_and_is_found_stays_discarded(released: Clinic) -> None:
    tell(released, vials.discard, "H3K001")
    answer = tell(released, vials.report_found, "H3K001", released.ids["freezer"])
    assert (answer["findings"], released.vial("H3K001").state) == (["state_contradicts"], "discarded")
    assert not any(still for _, still in lies(released, "H3K001"))
    assert [str(case.kind) for case in cases(released)] == ["contradiction"]


def test_a_vial_that_was_never_lost_and_is_found_is_held_until_somebody_looked(released: Clinic) -> None:
    answer = tell(released, vials.report_found, "H3K001", released.ids["freezer"])
    assert answer["findings"] == ["state_contradicts"]
    assert released.vial("H3K001").state == "in_stock"
    assert released.scan("H3K001") == ("ask_qa", ["held"])
    assert released.scan("H3K002") == ("use", [])


def test_a_vial_told_twice_to_be_lost_is_lost_once(released: Clinic) -> None:
    assert tell(released, vials.report_lost, "H3K001")["findings"] == []
    assert tell(released, vials.report_lost, "H3K001")["findings"] == ["state_contradicts"]
    assert released.vial("H3K001").state == "lost"
    assert tell(released, vials.move, "H3K001", released.ids["bench"])["findings"] == ["state_contradicts"]
    assert released.vial("H3K001").state == "lost"


# ───────────────────────────────────────────────────────────────────────────────────── told of before the last move


@pytest.mark.parametrize(
    ("befell", "state"), [("report_broken", "discarded"), ("report_lost", "lost"), ("discard", "discarded")]
)
def test_what_befell_a_vial_before_its_last_move_is_true_and_the_move_is_asked_about(
    released: Clinic, befell: str, state: str
) -> None:
    """Broken at ten, told at twelve, and carried to the bench at eleven: it is broken, and somebody asks what was carried."""
    clinic = released
    clinic.clock.tick(hours=2)
    tell(clinic, vials.move, "H3K001", clinic.ids["bench"])
    clinic.clock.tick(hours=1)
    answer = tell(clinic, getattr(vials, befell), "H3K001", ago=120)
    assert (answer["findings"][0], clinic.vial("H3K001").state) == ("moved_since", state)
    assert not any(still for _, still in lies(clinic, "H3K001"))
    assert [str(case.kind) for case in cases(clinic)] == ["contradiction"]
    clean(clinic)


def test_a_move_told_after_a_later_one_takes_its_place_before_it_and_its_hours_count(released: Clinic) -> None:
    """Five hours on the bench, told afterwards: QA looks first, and what the bench did to it is not lifted with the hold."""
    clinic = released
    clinic.clock.tick(hours=5)
    tell(clinic, vials.move, "H3K001", clinic.ids["freezer"])
    lain = lies(clinic, "H3K001")
    clinic.clock.tick(minutes=10)
    answer = tell(clinic, vials.move, "H3K001", clinic.ids["bench"], ago=5 * 60)
    assert answer["findings"] == ["moved_since"]
    assert lies(clinic, "H3K001") == [*lain[:-1], ("B-01", False), lain[-1]]
    assert clinic.scan("H3K001") == ("do_not_use", ["thaw_spent", "budget_spent", "held"])
    (hold,) = holds(clinic)
    lift(clinic, hold.id)
    assert clinic.scan("H3K001") == ("do_not_use", ["thaw_spent", "budget_spent"])
    clean(clinic)


@pytest.mark.parametrize("way", ["moved", "taken back"])
def test_a_thawed_vial_that_was_put_into_a_freezer_again_is_never_used(released: Clinic, way: str) -> None:
    """Its thaw time is not over, and the freezer reads well: there is no way back all the same (R28)."""
    clinic = released
    clinic.ready_vial(clinic.course(), 1, serial="H3K001")
    assert clinic.scan("H3K001", "bedside") == ("use", [])
    if way == "moved":
        tell(clinic, vials.move, "H3K001", clinic.ids["freezer"])
        clinic.clock.tick(minutes=1)
        assert clinic.scan("H3K001", "bedside") == ("do_not_use", ["refrozen"])
        tell(clinic, vials.move, "H3K001", clinic.ids["bench"])
    else:
        clinic.do(courses.take_back, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["freezer"], reason="x")
    clinic.clock.tick(minutes=1)
    assert clinic.scan("H3K001", "bedside")[1][0] == "refrozen"
    clean(clinic)


def test_nothing_is_put_into_a_freezer_to_thaw(released: Clinic) -> None:
    clinic = released
    vial = clinic.ready_vial(clinic.course(), 1, thaw=False).id
    no = refusal(lambda: clinic.do(courses.thaw, clinic.PHARMACIST, vial, clinic.ids["freezer"]))
    assert no.code == "place_not_for_thawing"
    assert count(clinic, "thaw") == 0


# ─────────────────────────────────────────────────────────────────────────────────── in the box, and on no record


def scanned(serial: str, lot: str = "UC26-H3") -> str:
    return f"(01){GTIN}(10){lot}(21){serial}"


def test_a_vial_in_the_box_that_nobody_knows_is_counted_without_a_vial(arrived: Clinic) -> None:
    clinic, box = arrived, arrived.ids["box"]
    answer = clinic.do(consignments.count, clinic.STOREKEEPER, box, scanned("ZZZ999")).answer
    assert (answer["vial_id"], answer["serial"], answer["found"], answer["extra"]) == (None, "ZZZ999", "extra", 1)
    (case,) = cases(clinic)
    assert (str(case.kind), case.consignment_id, "ZZZ999" in case.title) == ("count_differs", box, True)
    again = refusal(lambda: clinic.do(consignments.count, clinic.STOREKEEPER, box, scanned("ZZZ999")))
    assert again.code == "counted_already"
    with clinic.store.read(clinic.STOREKEEPER) as view:
        (line,) = [line for line, vial in consignments.consignment(view, box)["lines"] if vial is None]
    assert (line.code, line.found) == (scanned("ZZZ999"), Found.EXTRA)
    clinic.counted(box)
    assert any("ZZZ999" in case.title and "UC" in case.title for case in cases(clinic)[1:])
    clinic.put_away(box)
    clinic.do(consignments.close, clinic.STOREKEEPER, box)
    clean(clinic)


def test_a_box_with_an_unknown_vial_is_turned_away_like_any_other(arrived: Clinic) -> None:
    arrived.do(consignments.count, arrived.STOREKEEPER, arrived.ids["box"], scanned("ZZZ999"), broken=True)
    arrived.do(consignments.turn_away, arrived.PHARMACIST, arrived.ids["box"], reason="not what was ordered")
    assert {vial.state for vial in arrived.vials(arrived.ids["lot"])} == {"sent_back"}


def test_what_else_a_code_says_than_the_vial_is_not_kept(arrived: Clinic) -> None:
    told = scanned("ZZZ999") + "(8018)899123400000000015"
    arrived.do(consignments.count, arrived.STOREKEEPER, arrived.ids["box"], told)
    assert count(arrived, "consignment_line", f"code = '{scanned('ZZZ999')}'") == 1
    subject = enrol(arrived)
    report(arrived, [told], subject=subject)
    assert count(arrived, "administration_vial", f"code = '{scanned('ZZZ999')}'") == 1


# ────────────────────────────────────────────────────────────────────────────────────────── no means no, to all of it


def test_a_withdrawal_ends_every_consent_that_was_signed_before_it(released: Clinic) -> None:
    """Signed twice, withdrawn once: the older paper does not stand up again."""
    clinic = released
    course = clinic.course()
    subject = clinic.ids["subject"]
    clinic.clock.tick(days=1)
    newest = clinic.consent(subject)
    data = clinic.consent(subject, ConsentKind.DATA)
    clinic.clock.tick(hours=1)
    reserve(clinic, "H3K001", clinic.ordered(course, 1))
    withdraw(clinic, newest)
    no = refusal(lambda: clinic.do(courses.issue, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["bench"]))
    assert no.code == "consent_missing"
    assert count(clinic, "consent", "kind = 'therapy' AND withdrawn_at IS NULL") == 0  # as every print says it
    assert count(clinic, "consent", f"id = '{data}' AND withdrawn_at IS NULL") == 1
    clinic.clock.tick(hours=1)
    clinic.consent(subject)
    assert clinic.do(courses.issue, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["bench"])
    clean(clinic)


def test_a_paper_signed_before_the_withdrawal_and_entered_after_it_does_not_stand(released: Clinic) -> None:
    clinic = released
    subject = enrol(clinic)
    signed = clinic.clock.now
    clinic.clock.tick(hours=1)
    first = clinic.consent(subject)
    clinic.clock.tick(hours=1)
    withdraw(clinic, first)
    by = (clinic.sign("santosa", "recorded"), clinic.sign("rahayu", "witnessed"))  # type: ignore[arg-type]
    clinic.do(consents.record, clinic.PHYSICIAN, subject, ConsentKind.THERAPY, "v1 (id)", signed, signed=by)
    assert refusal(lambda: planned(clinic, subject, RIGHT)).code == "consent_missing"
    before = clinic.clock.now - timedelta(minutes=30)
    with clinic.store.read(clinic.PHYSICIAN) as view:
        assert subjects.consent_stands(view, subject, ConsentKind.THERAPY, before) is not None


def test_a_withdrawal_told_again_of_an_earlier_day_counts_from_then_and_what_was_given_since_is_a_case(
    released: Clinic,
) -> None:
    """She had said no on Monday, was given her dose on Tuesday, and it was written down on Wednesday as of Wednesday."""
    clinic = released
    course = clinic.course()
    subject = clinic.ids["subject"]
    with clinic.store.read(clinic.PHYSICIAN) as view:
        (consent,) = [one.id for one in subjects.consents(view, subject) if one.kind is ConsentKind.THERAPY]
    clinic.clock.tick(hours=1)
    monday = clinic.clock.now
    clinic.clock.tick(hours=1)
    clinic.give_dose(course, 1)
    clinic.clock.tick(hours=1)
    withdraw(clinic, consent)
    assert cases(clinic) == []
    clinic.clock.tick(hours=1)
    assert refusal(lambda: withdraw(clinic, consent)).code == "already_ended"
    call = Call(occurred_at=monday, source=Source.LATE)
    told = clinic.do(consents.withdraw, clinic.PHYSICIAN, consent, call=call)
    (case,) = cases(clinic)
    assert (str(case.kind), case.number) == ("impermissible_dose", told.answer["case"])
    with clinic.store.read(clinic.PHYSICIAN) as view:
        assert subjects.consent_stands(view, subject, ConsentKind.THERAPY, monday) is None
    clean(clinic)


def test_an_unknown_vial_in_the_box_is_counted_once_however_its_lot_is_written(certified: Clinic) -> None:
    clinic = certified
    box = clinic.arrived(clinic.shipped(clinic.ids["lot"]))
    clinic.do(consignments.count, clinic.STOREKEEPER, box, scanned("NOBODY"))
    again = refusal(lambda: clinic.do(consignments.count, clinic.STOREKEEPER, box, scanned("NOBODY", "UC26.H3")))
    assert again.code == "counted_already"
    clinic.do(consignments.count, clinic.STOREKEEPER, box, scanned("NOBODY2"))
    assert count(clinic, "consignment_line", "found = 'extra'") == 2


def test_a_no_that_was_told_stays_said_when_an_earlier_one_is_told(released: Clinic) -> None:
    """No on the first evening; a paper of that morning turns up; then her No of the day before is told too."""
    clinic, course = released, released.course()
    subject = clinic.ids["subject"]
    with clinic.store.read(clinic.PHYSICIAN) as view:
        (consent,) = [one.id for one in subjects.consents(view, subject) if one.kind is ConsentKind.THERAPY]
    began = clinic.clock.now
    clinic.clock.tick(hours=20)
    withdraw(clinic, consent)
    clinic.clock.tick(hours=1)
    for hours in (5, 3):
        call = Call(occurred_at=began + timedelta(hours=hours), source=Source.LATE)
        clinic.do(consents.withdraw, clinic.PHYSICIAN, consent, call=call)
    by = (clinic.sign("santosa", "recorded"), clinic.sign("rahayu", "witnessed"))  # type: ignore[arg-type]
    signed = began + timedelta(hours=10)
    clinic.do(consents.record, clinic.PHYSICIAN, subject, ConsentKind.THERAPY, "v2", signed, signed=by)
    with clinic.store.read(clinic.PHYSICIAN) as view:
        assert subjects.consent_stands(view, subject, ConsentKind.THERAPY, clinic.clock.now) is None
    with pytest.raises(Refused, match="consent_missing"):
        clinic.ready_vial(course, 1)


def test_a_vial_that_was_given_and_is_counted_in_a_box_has_somebody_find_out(certified: Clinic) -> None:
    clinic = certified
    box = clinic.arrived(clinic.shipped(clinic.ids["lot"]))
    report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=clinic.subject())
    found = len(cases(clinic))
    told = clinic.do(consignments.count, clinic.STOREKEEPER, box, clinic.code(clinic.vial("H3K001"))).answer
    assert (told["found"], told["findings"]) == (Found.OK, ["state_contradicts"])
    assert len(cases(clinic)) == found + 1

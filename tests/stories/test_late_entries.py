"""What happened is recorded, whatever rule it broke and however late: with both times, a case, holds, in the trace."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.clinic import GTIN, Clinic
from tests.elsewhere import elsewhere, taken_in
from tests.stories.case import (
    LEFT,
    RIGHT,
    at_once,
    both,
    cases,
    clean,
    closed,
    count,
    enrol,
    holds,
    nobody_knows,
    planned,
    reading,
    refusal,
    report,
    rows,
)
from tests.stories.test_verdict import lift
from traceability.domain.people import Meaning
from traceability.services import bedside, closing, courses, doses, stops, trace, vials
from traceability.store import Call, Source
from traceability.store.tables import Case
from traceability.store.tables.quality import ScopeKind


def entry(clinic: Clinic, act_id: str) -> tuple[datetime, datetime, dict]:
    (row,) = rows(clinic, "SELECT body FROM entry WHERE act_id = :a", a=act_id)
    body = json.loads(row[0])
    return datetime.fromisoformat(body["occurred_at"]), datetime.fromisoformat(body["recorded_at"]), body


def in_trace(clinic: Clinic, lot: str | None = None) -> list[tuple[str | None, str]]:
    """Who had what of the lot: pseudonym and serial, or the code where nobody knows the serial."""
    told = reading(clinic, lambda view: trace.of_lot(view, lot or clinic.ids["lot"]), clinic.PHYSICIAN)
    return [(row["pseudonym"], row["serial"]) for row in told["given"]]


def name(clinic: Clinic, subject: str) -> str:
    return str(rows(clinic, "SELECT pseudonym FROM subject WHERE id = :s", s=subject)[0][0])


def one_case(clinic: Clinic) -> str:
    (case,) = cases(clinic)
    assert case.kind == "impermissible_dose"
    return case.title


def scopes(clinic: Clinic) -> set[tuple[str, str]]:
    return {
        (row[0], row[1])
        for row in rows(
            clinic, "SELECT s.kind, coalesce(v.serial, l.number) FROM scope s LEFT JOIN vial v ON v.id = s.target_id"
            " LEFT JOIN lot l ON l.id = s.target_id",
        )
    }  # fmt: skip


# ───────────────────────────────────────────────────────────────────────────────────────────────────── during downtime


def test_an_expired_vial_given_during_downtime(released: Clinic) -> None:
    clinic = released
    course = clinic.course(first_on=datetime(2026, 10, 1, tzinfo=UTC).date())
    clinic.clock.now = datetime(2026, 9, 30, 16, 25, tzinfo=UTC)
    clinic.ready_vial(course, 1, serial="H3K001")  # it is midnight now, and the lot has expired
    happened = datetime(2026, 9, 30, 17, 10, tzinfo=UTC)
    clinic.clock.now = datetime(2026, 10, 1, 5, 0, tzinfo=UTC)
    act_id = "ab" * 16
    given = report(
        clinic, [clinic.code(clinic.vial("H3K001"))], dose_id=clinic.dose(course, 1), at=happened, act_id=act_id
    )
    assert given.answer["findings"] == ["expired"]
    occurred, recorded, body = entry(clinic, act_id)
    assert (occurred, recorded) == (happened, clinic.clock.now)
    assert (body["source"], body["act"]) == ("late", "dose.give")
    (row,) = rows(clinic, "SELECT mode, given_at FROM administration")
    assert (row[0], happened.isoformat()[:16]) == ("late", str(row[1]).replace(" ", "T")[:16])
    assert "expired" in one_case(clinic)
    assert scopes(clinic) == {("lot", "UC26-H3")}
    assert "held" in clinic.scan("H3K002")[1]
    assert in_trace(clinic) == [(name(clinic, clinic.ids["subject"]), "H3K001")]
    assert clinic.vial("H3K001").state == "given"
    clean(clinic)


def test_what_was_still_good_when_it_was_given_is_not_held_against_it_later(released: Clinic) -> None:
    """Given in time, entered after midnight of its last day: as of when it happened nothing stood against it."""
    clinic = released
    clinic.clock.now = datetime(2026, 9, 30, 15, 0, tzinfo=UTC)
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    happened = clinic.clock.now
    clinic.clock.tick(days=2)
    given = report(clinic, [clinic.code(vial)], dose_id=clinic.dose(course, 1), at=happened)
    assert (given.answer["findings"], cases(clinic), holds(clinic)) == ([], [], [])


def test_a_late_entry_says_when(released: Clinic) -> None:
    """A time that is still to come is no time; the reason is part of the entry."""
    course = released.course()
    code = released.code(released.ready_vial(course, 1))
    later = released.clock.now + timedelta(minutes=3)
    assert refusal(lambda: report(released, [code], at=later)).code == "occurred_in_future"
    report(released, [code], at=released.clock.now + timedelta(minutes=1), dose_id=released.dose(course, 1))
    assert count(released, "free_text", "words = 'written down during downtime'") == 1


def test_told_before_the_vials_last_move(released: Clinic) -> None:
    """Somebody moved the vial in the record after it had been given: its stay is closed where it began, and it is given."""
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    happened = clinic.clock.now - timedelta(minutes=5)
    clinic.do(vials.move, clinic.PHARMACIST, vial.id, clinic.ids["freezer"])
    clinic.clock.tick(hours=2)
    given = report(clinic, [clinic.code(vial)], dose_id=clinic.dose(course, 1), at=happened)
    assert given.answer["findings"] == []
    assert count(clinic, "stay", f"vial_id = '{vial.id}' AND until IS NULL") == 0
    assert clinic.vial(vial.serial).state == "given"
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)  # before there was a vial: still a fact, and full of findings
    found = report(clinic, [clinic.code(clinic.vial("H3K002"))], at=long_ago).answer["findings"]
    assert {"no_order", "temperature_unknown", "not_at_hand"} <= set(found)
    clean(clinic)


def test_transcribed_from_paper_says_so(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    call = Call(occurred_at=released.clock.now - timedelta(minutes=2), source=Source.TRANSCRIBED)
    given = released.do(
        doses.give, released.PHYSICIAN, released.ids["subject"], RIGHT, [released.code(vial)], 3000, 0,
        dose_id=released.dose(course, 1), signed=both(released), call=call,
    )  # fmt: skip
    assert rows(released, "SELECT mode FROM administration WHERE id = :id", id=given.id)[0][0] == "transcribed"


def test_the_same_report_again_is_the_same_report(released: Clinic) -> None:
    course = released.course()
    code, dose = released.code(released.ready_vial(course, 1)), released.dose(course, 1)
    happened = released.clock.now

    def tell() -> object:
        return report(released, [code], dose_id=dose, at=happened, act_id="cd" * 16)

    first, again = tell(), tell()
    assert again.repeated  # type: ignore[attr-defined]
    assert first.number == again.number  # type: ignore[attr-defined]
    done, refused = at_once(8, lambda _: tell())
    assert (len(done), refused) == (8, [])
    assert count(released, "administration") == 1
    no = refusal(lambda: report(released, [code], dose_id=dose, at=happened, act_id="cd" * 16, given_ul=2000))
    assert no.code == "act_id_reused"


# ───────────────────────────────────────────────────────────────────────────────────────────────── against some rule


def test_the_wrong_knee(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    released.start_dose(course, 1, vial)
    given = report(released, [released.code(vial)], side=LEFT, dose_id=released.dose(course, 1))
    assert given.answer["findings"] == ["wrong_side"]
    assert "wrong_side" in one_case(released)
    assert scopes(released) == {("vial", vial.serial)}  # the lot did nothing wrong
    assert released.scan("H3K002") == ("use", [])
    assert len(in_trace(released)) == 1


def test_nobody_ordered_it(released: Clinic) -> None:
    subject = enrol(released)
    given = report(released, [released.code(released.vial("H3K001"))], subject=subject)
    assert given.answer["findings"] == ["no_order", "not_at_hand"]
    assert in_trace(released) == [(name(released, subject), "H3K001")]
    assert "no_order" in one_case(released)


def test_the_vial_was_kept_for_somebody_else(released: Clinic) -> None:
    """Two chairs, two patients, one mistake: recorded for who had it; the other's dose is still to be given."""
    clinic = released
    theirs = clinic.course()
    vial = clinic.ready_vial(theirs, 1)
    subject = enrol(clinic, mrn="MRN-2")
    clinic.consent(subject)
    mine = planned(clinic, subject)
    clinic.ordered(mine, 1)
    given = report(clinic, [clinic.code(vial)], subject=subject, dose_id=clinic.dose(mine, 1))
    assert given.answer["findings"] == ["vial_of_another", "not_started"]
    assert in_trace(clinic) == [(name(clinic, subject), vial.serial)]
    assert count(clinic, "reservation", "until IS NULL") == 0
    told = report(clinic, [clinic.code(clinic.vial("H3K004"))], subject=subject, dose_id=clinic.dose(theirs, 1)).answer
    assert told["findings"][:2] == ["dose_of_another", "no_order"]  # it was given to this one, as nobody's plan
    assert count(clinic, "administration", f"dose_id = '{clinic.dose(theirs, 1)}'") == 0
    found = report(clinic, [clinic.code(clinic.vial("H3K005"))], subject=subject).answer["findings"]
    assert "no_order" in found  # said without a dose, it is heard


def test_a_label_that_contradicts_the_record_is_found_beside_the_fact(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    code = released.code(vial, lot="UC26-H4")
    released.start_dose(course, 1, vial)
    assert report(released, [code], dose_id=released.dose(course, 1)).answer["findings"] == ["label_contradicts"]
    assert scopes(released) == {("lot", "UC26-H3")}


def test_a_vial_under_hold_and_recalled(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1)
    released.start_dose(course, 1, vial)
    signed = (released.sign("wijaya", Meaning.RECALLED),)
    released.do(
        stops.recall,
        released.MAKER_QA,
        "particles",
        1,
        True,
        ScopeKind.LOT,
        (released.ids["lot"],),
        reason="x",
        signed=signed,
    )
    given = report(released, [released.code(vial)], dose_id=released.dose(course, 1))
    assert given.answer["findings"] == ["recalled"]
    assert len(in_trace(released)) == 1


# ─────────────────────────────────────────────────────────────────────────────────────────────── codes nobody knows


def test_an_unknown_serial_of_a_known_lot_stands_in_the_lots_trace(released: Clinic) -> None:
    course = released.course()
    code = nobody_knows(released, "H3K999")
    given = report(released, [code], dose_id=released.dose(course, 1))
    assert given.answer["findings"][:2] == ["serial_unknown", "no_order"]
    (told,) = in_trace(released)
    assert told[0] == name(released, released.ids["subject"])
    assert "(21)H3K999" in told[1]
    assert scopes(released) == {("lot", "UC26-H3")}
    exposed = reading(released, lambda view: trace.exposed(view, [], [released.ids["lot"]]), released.PHYSICIAN)
    assert len(exposed) == 1


def test_a_known_vial_and_an_unknown_one_in_one_syringe(released: Clinic) -> None:
    """What is unknown of one lot does not hold another, and what is known is not forgotten for it."""
    clinic = released
    lot = clinic.released_lot("UC26-M4", 2)
    course = clinic.course()
    vial = clinic.ready_vial(course, 1, serial="H3K001")
    code = nobody_knows(clinic, "M4K777", lot="UC26-M4")
    given = report(clinic, [clinic.code(vial), code], dose_id=clinic.dose(course, 1), given_ul=3000)
    assert given.answer["findings"] == ["serial_unknown", "not_started"]
    assert scopes(clinic) == {("lot", "UC26-M4"), ("vial", "H3K001")}
    assert len(in_trace(clinic, lot)) == len(in_trace(clinic)) == 1


def test_a_code_that_nobody_knows_at_all(released: Clinic) -> None:
    """Of another maker's product: no lot to hold, but somebody has to answer for it, and the patient's record has it."""
    subject = enrol(released)
    code = nobody_knows(released, "X-1", lot="FOREIGN", gtin="09521234543220")
    given = report(released, [code], subject=subject)
    assert given.answer["findings"] == ["serial_unknown", "no_order"]
    assert holds(released) == []
    assert "X-1" in one_case(released)
    told = reading(released, lambda view: trace.of_subject(view, subject), released.PHYSICIAN)
    assert [(row["lot"], "(10)FOREIGN" in row["serial"]) for row in told["given"]] == [(None, True)]
    assert told["lots"] == []


def test_what_is_no_code_of_a_vial_is_read_again(released: Clinic) -> None:
    for code in ("hello", "(00)106141411234567897", ""):
        assert refusal(lambda: report(released, [code], subject=enrol_once(released))).code.startswith("code_")  # noqa: B023
    assert count(released, "administration") == 0


def enrol_once(clinic: Clinic) -> str:
    if "subject" not in clinic.ids:
        clinic.ids["subject"] = enrol(clinic)
    return clinic.ids["subject"]


def test_another_hospitals_vial(released: Clinic) -> None:
    clinic = released
    there = elsewhere(clinic)
    lot = clinic.lot("UC26-M4", 3)
    taken_in(there, lot, ("M4K001", "M4K002"))
    course = there.course()
    dose = there.ordered(course, 1)
    there.do(courses.reserve, there.PHARMACIST, there.vial("M4K001").id, dose)
    subject = enrol(clinic)
    given = report(clinic, [clinic.code(clinic.vial("M4K001"))], subject=subject)
    assert {"no_order", "other_organisation", "not_at_hand"} <= set(given.answer["findings"])
    assert clinic.vial("M4K001").state == "given"
    assert count(clinic, "reservation", "until IS NULL") == 0  # it is kept for nobody any more, there either
    told = reading(clinic, lambda view: trace.of_lot(view, lot), clinic.MAKER_QA)
    assert [(row["organisation_id"], row["pseudonym"]) for row in told["given"]] == [(clinic.ids["hospital"], None)]
    assert told["buckets"]["administered"] == 1
    clean(clinic)


# ────────────────────────────────────────────────────────────────────────────────────────────── twice, or after all


def test_the_same_vial_reported_twice_is_two_injections_and_raised(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    clinic.give_dose(course, 1, vial=vial)
    other = enrol(clinic, mrn="MRN-2")
    clinic.clock.tick(minutes=10)
    again = report(clinic, [clinic.code(vial)], subject=other)
    assert again.answer["findings"] == ["no_order", "given"]
    assert set(in_trace(clinic)) == {
        (name(clinic, clinic.ids["subject"]), vial.serial), (name(clinic, other), vial.serial),
    }  # fmt: skip
    told = reading(clinic, lambda view: trace.of_lot(view, clinic.ids["lot"]), clinic.PHYSICIAN)
    assert (told["buckets"]["administered"], sum(told["buckets"].values())) == (1, 5)  # one vial, whoever had it
    assert "given" in one_case(clinic)
    assert scopes(clinic) == {("lot", "UC26-H3")}


def test_one_dose_told_twice_is_raised_whichever_is_told_first(released: Clinic) -> None:
    """Told out of order: what happened first is entered last, from another vial, and is a double all the same."""
    clinic = released
    course = clinic.course()
    first = clinic.ready_vial(course, 1, serial="H3K001")
    before = clinic.clock.now - timedelta(minutes=5)
    clinic.give_dose(course, 1, vial=first)
    late = report(clinic, [clinic.code(clinic.vial("H3K002"))], dose_id=clinic.dose(course, 1), at=before)
    assert "dose_given" in late.answer["findings"]
    told = reading(clinic, lambda view: courses.doses(view, course))
    assert [row["k"] for row in told] == [1, 1, 2, 3, 4, 5]  # a dose given twice stands twice


def test_an_injection_told_late_is_too_near_to_the_one_after_it(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    clinic.clock.tick(days=7)
    clinic.give_dose(course, 2, start=False)
    clinic.ordered(course, 1)
    late = report(
        clinic,
        [clinic.code(clinic.vial("H3K002"))],
        dose_id=clinic.dose(course, 1),
        at=clinic.clock.now - timedelta(days=2),
    )
    assert "too_soon" in late.answer["findings"]


@pytest.mark.parametrize("befell", ["report_lost", "report_broken", "discard"])
def test_a_vial_that_was_lost_or_thrown_away_and_was_given_after_all(released: Clinic, befell: str) -> None:
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    happened = clinic.clock.now
    clinic.clock.tick(minutes=10)
    clinic.do(getattr(vials, befell), clinic.PHARMACIST, vial.id, reason="not on the bench")
    given = report(clinic, [clinic.code(vial)], dose_id=clinic.dose(course, 1), at=happened)
    assert clinic.vial(vial.serial).state == "given"
    assert len(in_trace(clinic)) == 1
    assert given.answer["findings"] != []
    told = reading(clinic, lambda view: trace.of_lot(view, clinic.ids["lot"]), clinic.PHYSICIAN)
    assert (told["buckets"]["administered"], told["buckets"]["missing"], told["buckets"]["wasted"]) == (1, 0, 0)
    clean(clinic)


def test_given_stays_given(released: Clinic) -> None:
    clinic = released
    clinic.give_dose(clinic.course(), 1)
    vial = clinic.vial("H3K001").id
    for act, told in (
        (vials.put_away, (clinic.ids["freezer"],)), (courses.unreserve, ()),
        (courses.take_back, (clinic.ids["bench"],)), (courses.thaw, (clinic.ids["bench"],)), (courses.issue, (clinic.ids["bench"],)),
    ):  # fmt: skip
        no = refusal(lambda: clinic.do(act, clinic.PHARMACIST, vial, *told, reason="x"))  # noqa: B023
        assert no.code in ("wrong_state", "thawed_goes_on", "vial_not_usable", "not_counted"), act.act.name
    assert clinic.vial("H3K001").state == "given"


@pytest.mark.parametrize("n", [2, 8])
def test_two_people_report_the_same_vial_at_once_and_both_are_heard(released: Clinic, n: int) -> None:
    """Facts are never refused, not even because somebody else was faster."""
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    code, dose = clinic.code(vial), clinic.dose(course, 1)
    done, refused = at_once(n, lambda _: report(clinic, [code], dose_id=dose))
    assert (len(done), [no.code for no in refused]) == (n, [])
    assert count(clinic, "administration") == n
    assert sum("dose_given" in one.answer["findings"] for one in done) == n - 1  # type: ignore[attr-defined]
    clean(clinic)


def test_somebody_moves_the_vial_while_it_is_reported_given(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    code, dose, shelf = clinic.code(vial), clinic.dose(course, 1), clinic.ids["freezer"]

    def either(n: int) -> object:
        if n % 2:
            return report(clinic, [code], dose_id=dose)
        return clinic.do(vials.move, clinic.PHARMACIST, vial.id, shelf)

    done, refused = at_once(6, either)
    assert count(clinic, "administration") == 3
    assert {no.code for no in refused} <= {"wrong_state"}
    assert clinic.vial(vial.serial).state == "given"
    assert count(clinic, "stay", f"vial_id = '{vial.id}' AND until IS NULL") == 0
    assert len(done) + len(refused) == 6
    clean(clinic)


# ────────────────────────────────────────────────────────────────────────────────────────────── answered for


def test_a_case_is_closed_by_quality_and_its_hold_is_lifted_by_itself(released: Clinic) -> None:
    clinic = released
    report(clinic, [nobody_knows(clinic)], subject=enrol(clinic))
    (case,) = cases(clinic)
    (hold,) = holds(clinic)
    assert hold.case_id == case.id
    signed = (clinic.sign("lestari", Meaning.DECIDED),)
    no = refusal(lambda: clinic.do(closing.close, clinic.QUALITY2, case.id, signed=signed))
    assert no.code == "reason_missing"
    no = refusal(lambda: clinic.do(closing.close, clinic.QUALITY2, case.id, signed=signed, reason="label misread"))
    assert "case_holds_lifted" in [one.code for one in no.findings]
    lift(clinic, hold.id)
    assert clinic.scan("H3K001") == ("ask_qa", ["release_outdated"])  # the case itself is not decided
    closed(clinic, case.id, "label misread")
    assert clinic.scan("H3K001") == ("use", [])
    assert cases(clinic) == []
    no = refusal(lambda: clinic.do(closing.close, clinic.QUALITY2, case.id, signed=signed, reason="again"))
    assert no.code == "already_ended"


# ────────────────────────────────────────────────────────────────────────────── what the record does not know, or not so


def code(lot: str, serial: str) -> str:
    return f"(01){GTIN}(17)260930(10){lot}(21){serial}"


@pytest.mark.parametrize("typed", [("UC26-H9", "H9K001"), ("uc26-h9", "h9k001")])
def test_a_vial_given_before_its_lot_was_on_record_is_found_when_the_lot_is_announced(
    clinic: Clinic, typed: tuple[str, str]
) -> None:
    """Given in a downtime, the maker's lot is entered the next day: it is in the trace, in the recall, and nobody's again."""
    subject = clinic.subject()
    clinic.consent(subject)
    report(clinic, [code(*typed)], subject=subject)
    clinic.clock.tick(days=1)
    lot = clinic.released_lot("UC26-H9")
    assert in_trace(clinic, lot) == [(name(clinic, subject), "H9K001")]
    assert clinic.scan("H9K001") == ("do_not_use", ["given"])
    assert clinic.scan("H9K002") == ("use", [])
    listed = reading(clinic, lambda view: trace.exposed(view, [clinic.vial("H9K001").id]), clinic.QUALITY)
    assert [row["serial"] for row in listed] == ["H9K001"]
    assert [one.lot_id for one in reading(clinic, lambda view: view.all(Case), clinic.MAKER_QA)] == [lot]
    clean(clinic)


def test_a_vial_of_an_unknown_lot_whose_serial_was_torn_is_in_the_trace_of_that_lot(clinic: Clinic) -> None:
    subject = clinic.subject()
    report(clinic, [f"(01){GTIN}(10)UC26-H9"], subject=subject)
    lot = clinic.lot("UC26-H9")
    assert [row[0] for row in in_trace(clinic, lot)] == [name(clinic, subject)]


def test_what_was_typed_in_small_letters_is_the_vial_that_it_names(released: Clinic) -> None:
    subject = enrol(released)
    found = report(released, [code("uc26-h3", "h3k001")], subject=subject).answer["findings"]
    assert "label_contradicts" in found
    assert in_trace(released) == [(name(released, subject), "H3K001")]
    assert released.scan("H3K001")[0] == "do_not_use"


def test_a_label_of_another_lot_puts_the_patient_into_the_trace_of_both(released: Clinic) -> None:
    other, subject = released.lot("UC26-H4"), enrol(released)
    report(released, [code("UC26-H4", "H3K001")], subject=subject)
    assert in_trace(released) == in_trace(released, other) == [(name(released, subject), "H3K001")]
    listed = reading(released, lambda view: trace.exposed(view, [], [other]), released.QUALITY)
    assert [row["pseudonym"] for row in listed] == [name(released, subject)]


def test_two_vials_whose_serials_were_torn_are_two(released: Clinic) -> None:
    torn = f"(01){GTIN}(10)UC26-H3"
    report(released, [torn, torn], subject=enrol(released), given_ul=5000)
    assert count(released, "administration_vial") == 2


def test_a_lot_that_is_announced_while_one_of_its_vials_is_told_of_finds_it(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, announced, found = clinic.subject(), [], bedside.findings

    def slowly(*told: Any) -> Any:
        if not announced:
            announced.append(threading.Thread(target=clinic.lot, args=("UC26-H9",)))
            announced[0].start()
            announced[0].join(2)  # SQLite has one writer: there the lot waits for its turn
        return found(*told)

    monkeypatch.setattr(bedside, "findings", slowly)
    report(clinic, [code("UC26-H9", "H9K001")], subject=subject)
    announced[0].join()
    assert count(clinic, "administration_vial", "vial_id IS NULL") == 0
    assert clinic.scan("H9K001")[0] == "do_not_use"

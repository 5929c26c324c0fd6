"""What one person has stopped or lost, somebody else's word frees or ends, and a stand-in is nobody else (R30, R31, R34, R36, R37)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import clean, closed, count, reading, refusal
from tests.stories.test_endings import sent
from tests.stories.test_grave_cases import ASK_QA, USE, opened
from tests.stories.test_recall import recall
from traceability.domain.casework import CaseDecision, CaseKind, CaseSeverity, Reactivity
from traceability.domain.people import Actor, Meaning, Role
from traceability.services import (
    cases,
    closing,
    endings,
    events,
    handing,
    investigations,
    materials,
    organisations,
    reconciling,
    releases,
    results,
    retrieving,
    stops,
    vials,
)
from traceability.store import passwords
from traceability.store.tables.endings import Method
from traceability.store.tables.outcomes import Asked
from traceability.store.tables.quality import ScopeKind


def signed(clinic: Clinic, who: str = "maharani") -> dict[str, Any]:
    return {"signed": (clinic.sign(who, Meaning.DECIDED),), "reason": "judged"}


def stand_in(clinic: Clinic, giver: Actor, username: str, role: Role) -> Actor:
    """The storekeeper stands in for somebody from now on."""
    clinic.clock.tick(minutes=1)
    until, lent = clinic.clock.now + timedelta(days=3), (clinic.sign(username, Meaning.DELEGATED),)
    clinic.do(handing.hand_over, giver, clinic.STOREKEEPER.person_id, role, until, "away", signed=lent)
    clinic.clock.tick(minutes=1)
    with clinic.store.engines.reader.connect() as connection:
        found = passwords.actor_of(connection, clinic.STOREKEEPER.person_id)
    assert found is not None
    return found


def released_too(clinic: Clinic, number: str = "UC26-H4") -> str:
    lot = clinic.in_stock(clinic.lot(number, 2))
    clinic.certificate(clinic.tested(lot))
    clinic.release(lot)
    return lot


def test_who_opened_a_case_frees_what_it_stops_through_no_door(released: Clinic) -> None:
    """Neither by grading it minor, nor by leaving a lot out again; and nobody does so without signing."""
    clinic, lot, other = released, released.ids["lot"], released_too(released)
    case = opened(clinic, CaseKind.ADVERSE_EVENT, who=clinic.QUALITY, lot_id=lot)
    clinic.do(investigations.extend_to, clinic.QUALITY2, case, [other], chosen=True, reason="same roll")
    minor = partial(clinic.do, cases.grade, severity=CaseSeverity.MINOR, case_id=case)
    left_out = partial(clinic.do, investigations.extend_to, case_id=case, lot_ids=[other], chosen=False)
    for frees in (minor, left_out):
        no = refusal(partial(frees, clinic.QUALITY, **signed(clinic)))
        assert (no.code, no.values["people"]) == ("case_opened_by_you", ("I. Lestari",))
        no = refusal(partial(frees, clinic.QUALITY2, reason="not so bad"))
        assert (no.code, no.values["meanings"]) == ("signature_missing", [Meaning.DECIDED])
    assert (clinic.scan("H3K001"), clinic.scan("H4K001")) == (ASK_QA, ASK_QA)
    left_out(clinic.QUALITY2, **signed(clinic, "lestari"))
    assert (clinic.scan("H3K001"), clinic.scan("H4K001")) == (ASK_QA, USE)
    minor(clinic.QUALITY2, **signed(clinic, "lestari"))
    assert clinic.scan("H3K001") == USE
    clean(clinic)


def test_nothing_needed_is_no_word_about_a_thing_and_undoes_no_rejection(released: Clinic) -> None:
    clinic, lot = released, released.ids["lot"]
    case = opened(clinic, CaseKind.COUNT_DIFFERS, who=clinic.QUALITY, lot_id=lot)
    clinic.do(closing.dispose, clinic.QUALITY2, case, CaseDecision.REJECT, **signed(clinic, "lestari"))
    for who, name in ((clinic.QUALITY, "maharani"), (clinic.QUALITY2, "lestari")):
        none = partial(clinic.do, closing.dispose, who, case, CaseDecision.NONE_NEEDED, **signed(clinic, name))
        assert refusal(none).code == "case_concerns_things"
    assert clinic.scan("H3K001") == ("do_not_use", ["rejected"])


def test_a_donors_case_that_is_opened_again_stops_its_lots_and_who_reported_lifts_no_hold(released: Clinic) -> None:
    clinic = released
    told = (clinic.ids["donor"], "Anti-HCV", Reactivity.REACTIVE, clinic.clock.now.date())
    case = clinic.do(
        materials.report_result, clinic.QUALITY, *told, signed=(clinic.sign("maharani", Meaning.RECORDED),)
    ).answer["case_id"]
    (hold,) = reading(clinic, stops.open_holds, clinic.QUALITY)
    second = signed(clinic, "lestari")
    clinic.do(closing.dispose, clinic.QUALITY2, case, CaseDecision.USE, **second)
    no = refusal(lambda: clinic.do(stops.lift, clinic.QUALITY, hold.id, **signed(clinic)))
    assert no.code == "case_opened_by_you"
    clinic.do(investigations.investigate, clinic.QUALITY, case, "mixed up", root_cause="two tubes, one label")
    clinic.do(stops.lift, clinic.QUALITY2, hold.id, **second)
    clinic.do(closing.close, clinic.QUALITY2, case, **second)
    assert clinic.scan("H3K001") == USE
    clinic.do(closing.reopen, clinic.QUALITY2, case, **second)
    assert clinic.scan("H3K001") == ASK_QA, "its hold was lifted: the case itself asks"


def test_a_stand_in_is_not_somebody_else(in_stock: Clinic) -> None:
    """Neither of results, nor of a case, and of one that the stand-in opened the other is not either."""
    clinic, lot = in_stock, in_stock.ids["lot"]
    entered = clinic.do(
        results.enter, clinic.ANALYST, lot, clinic.ids["spec_sterility"], "no growth", clinic.clock.now - timedelta(1)
    ).id
    for_analyst = stand_in(clinic, clinic.ANALYST, "wulandari", Role.ANALYST)
    look = (clinic.sign("handayani", Meaning.REVIEWED),)
    assert refusal(lambda: clinic.do(results.review, for_analyst, entered, signed=look)).code == "own_work"
    clinic.do(results.review, clinic.QUALITY2, entered, signed=(clinic.sign("lestari", Meaning.REVIEWED),))
    clinic.certificate(clinic.tested(lot))
    clinic.release(lot)
    case = opened(clinic, who=clinic.QUALITY, lot_id=lot)
    for_qa = stand_in(clinic, clinic.QUALITY, "maharani", Role.QUALITY)
    use = (closing.dispose, for_qa, case, CaseDecision.USE)
    no = refusal(lambda: clinic.do(*use, **signed(clinic, "handayani")))
    assert (no.code, no.values["people"]) == ("case_opened_by_you", ("I. Lestari",))
    clinic.do(investigations.investigate, clinic.PHARMACIST, case, "a drop", root_cause="worn seal")
    clinic.do(closing.dispose, clinic.QUALITY2, case, CaseDecision.USE, **signed(clinic, "lestari"))
    no = refusal(lambda: clinic.do(closing.close, for_qa, case, **signed(clinic, "handayani")))
    assert [one.code for one in no.findings] == ["case_other_eyes"]
    theirs = opened(clinic, who=for_qa, lot_id=lot)
    no = refusal(lambda: clinic.do(closing.dispose, clinic.QUALITY, theirs, CaseDecision.USE, **signed(clinic)))
    assert no.code == "case_opened_by_you"


def test_two_signatures_of_one_voice_are_one(released: Clinic) -> None:
    clinic = released
    stand_in(clinic, clinic.QUALITY, "maharani", Role.QUALITY)
    both = (clinic.sign("maharani", Meaning.DECIDED), clinic.sign("handayani", Meaning.VERIFIED))
    set_two = (organisations.set_release_signatures, clinic.QUALITY, clinic.ids["hospital"], 2)
    assert refusal(lambda: clinic.do(*set_two, signed=both, reason="two")).code == "signature_one_voice"
    # who stands in for two speaks for each of them
    stand_in(clinic, clinic.QUALITY2, "lestari", Role.QUALITY)
    for first, who in (("lestari", clinic.QUALITY2), ("maharani", clinic.QUALITY)):
        both = (clinic.sign(first, Meaning.DECIDED), clinic.sign("handayani", Meaning.VERIFIED))
        act = (organisations.set_release_signatures, who, clinic.ids["hospital"], 2)
        assert refusal(partial(clinic.do, *act, signed=both, reason="two")).code == "signature_one_voice", first
    both = (clinic.sign("maharani", Meaning.DECIDED), clinic.sign("putri", Meaning.VERIFIED))
    clinic.do(*set_two, signed=both, reason="two")


def test_a_lot_taken_into_the_case_of_a_failed_result_asks_as_well(released: Clinic) -> None:
    """21 CFR 211.192: the investigation reaches other lots. That of the result itself has a rule of its own."""
    clinic, lot, other = released, released.ids["lot"], released_too(released)
    at = clinic.clock.now - timedelta(hours=1)
    clinic.do(results.enter, clinic.ANALYST, lot, clinic.ids["spec_endotoxin"], "9", at)
    (case,) = reading(clinic, cases.open_cases, clinic.QUALITY)
    clinic.do(investigations.extend_to, clinic.QUALITY, case.id, [other], chosen=True, reason="same filling line")
    assert clinic.scan("H4K001") == ASK_QA
    (standing,) = reading(clinic, lambda view: releases.standings(view, lot), clinic.QUALITY)
    assert set(standing.changes) == {"result_failed", "outside_reopened"}
    clinic.do(closing.dispose, clinic.QUALITY, case.id, CaseDecision.USE, target_ids=[other], **signed(clinic))
    assert clinic.scan("H4K001") == USE


def test_what_a_case_asks_about_does_not_leave_and_what_had_left_is_asked_about_there(released: Clinic) -> None:
    clinic, there, lot = released, elsewhere(released), released.ids["lot"]
    clinic.clock.tick(minutes=1)
    box = sent(clinic, "other_site", "H3K001", number=71).id
    case = opened(clinic, code=clinic.code(clinic.vial("H3K001")))
    opened(clinic, code=clinic.code(clinic.vial("H3K002")))
    no = refusal(lambda: sent(clinic, "other_site", "H3K002", number=72))
    assert [(one.code, one.values["cases"]) for one in no.findings] == [("case_undecided", ["K-2"])]
    clinic.clock.tick(hours=1)
    there.arrived(box)
    there.counted(box)
    there.put_away(box)
    there.logged(box)
    there.certificate(there.tested(lot))
    no = refusal(lambda: there.release(lot, ("H3K001",)))
    assert [(one.code, one.values) for one in no.findings] == [("excursions_decided", {"excursions": ("K-1",)})]
    clinic.do(closing.dispose, clinic.QUALITY, case, CaseDecision.USE, **signed(clinic))
    there.release(lot, ("H3K001",))
    assert there.scan("H3K001", who=there.QUALITY) == USE
    clinic.do(cases.grade, clinic.QUALITY, case, CaseSeverity.CRITICAL, reason="a hair in it")
    assert there.scan("H3K001", who=there.QUALITY) == ASK_QA, "also what turns up later, where it lies now"


def test_everything_that_is_named_asks_and_a_vial_that_is_gone_stands_for_its_lot(released: Clinic) -> None:
    clinic, other = released, released_too(released)
    case = opened(clinic, lot_id=other, code=clinic.code(clinic.vial("H3K001")))
    assert [clinic.scan(one) for one in ("H3K001", "H3K002", "H4K001")] == [ASK_QA, USE, ASK_QA]
    closed(clinic, case, "the seal was whole")
    assert [clinic.scan(one) for one in ("H3K001", "H4K001")] == [USE, USE]
    dose = clinic.give_dose(clinic.course(), 1)
    told = {"administration_id": dose.id, "description": "septic knee", "grade": 4, "serious": True}
    clinic.do(events.record, clinic.PHYSICIAN, clinic.ids["subject"], Asked.YES, **told)
    rest = [one.serial for one in clinic.vials(clinic.ids["lot"]) if one.state == "in_stock"]
    assert [clinic.scan(one) for one in rest] == [ASK_QA] * 4
    (event,) = reading(clinic, cases.open_cases, clinic.QUALITY)
    clinic.do(closing.dispose, clinic.QUALITY, event.id, CaseDecision.USE, **signed(clinic))
    assert [clinic.scan(one) for one in rest] == [USE] * 4


def test_a_missing_vial_leaves_the_count_by_no_detour_of_one_person(released: Clinic) -> None:
    """Found and broken by who lost it, retrieved and broken, or destroyed before one's own stand-in: it stays, and is asked about."""
    clinic = released
    first, second, third = (clinic.vial(serial).id for serial in ("H3K001", "H3K002", "H3K003"))
    for one in (first, second, third):
        clinic.do(vials.report_lost, clinic.PHARMACIST, one, reason="gone")
    started = recall(clinic, ScopeKind.VIAL, second)
    clinic.clock.tick(minutes=5)
    clinic.do(vials.report_found, clinic.PHARMACIST, first, clinic.ids["freezer"], reason="there")
    clinic.do(retrieving.retrieve, clinic.PHARMACIST, started, clinic.code(clinic.vial("H3K002")))
    clinic.clock.tick(minutes=5)
    for one in (first, second):
        broken = clinic.do(vials.report_broken, clinic.PHARMACIST, one, reason="fell")
        assert broken.answer["findings"] == ["lost_and_broken"]
    stand_in(clinic, clinic.PHARMACIST, "putri", Role.PHARMACIST)
    both = (clinic.sign("putri", Meaning.DESTROYED), clinic.sign("handayani", Meaning.SEEN_DESTROYED))
    burnt = clinic.do(endings.destroy, clinic.PHARMACIST, [third], Method.INCINERATED, reason="swept up", signed=both)
    assert burnt.answer["findings"] == ["lost_and_broken"]
    assert [clinic.vial(f"H3K00{n}").state for n in (1, 2, 3)] == ["in_stock", "in_stock", "lost"]
    assert count(clinic, "removal") == 0
    counted = reading(clinic, lambda view: reconciling.count_up(view, clinic.ids["lot"]), clinic.QUALITY)
    (said,) = [one for one in counted.differs if one.code == "missing_and_broken"]
    assert said.values["serials"] == ("H3K001", "H3K002")
    clinic.do(vials.report_broken, clinic.QUALITY, first, reason="I saw the shards")
    assert clinic.vial("H3K001").state == "discarded"
    clean(clinic)

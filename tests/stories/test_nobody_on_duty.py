"""Nobody of QA is there: a role handed over for a time, who is on call, and a vial handed out all the same (R37)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.clinic import Clinic
from tests.stories.case import cases, clean, reading, refusal, rows
from traceability.domain.casework import CaseDecision, CaseKind, CaseSeverity
from traceability.domain.people import Actor, Meaning, Role
from traceability.services import (
    audit,
    audit_reviews,
    casebook,
    closing,
    due,
    emergencies,
    handing,
    investigations,
    people,
    shifts,
    stops,
    worklist,
)
from traceability.services.records import trail
from traceability.store import Call, Done, Source, passwords
from traceability.store.tables.alarms import AlarmKind


def now_held(clinic: Clinic, who: Actor) -> Actor:
    """The person with the grants of this moment, as a request reads them."""
    with clinic.store.engines.reader.connect() as connection:
        found = passwords.actor_of(connection, who.person_id)
    assert found is not None
    return found


def handed(clinic: Clinic, who: Actor, name: str, to: Actor, role: Role, days: float = 3, **told: Any) -> Done:
    until = clinic.clock.now + timedelta(days=days)
    signed = (clinic.sign(name, Meaning.DELEGATED),)
    return clinic.do(handing.hand_over, who, to.person_id, role, until, "leave until Monday", signed=signed, **told)


def test_a_role_is_handed_over_for_a_time_ends_by_itself_and_is_named_on_what_is_signed(released: Clinic) -> None:
    clinic = released
    hold = clinic.do(stops.hold, clinic.QUALITY, "doubt", stops.ScopeKind.LOT, (clinic.ids["lot"],), reason="x").id
    handed(clinic, clinic.QUALITY, "maharani", clinic.PHARMACIST, Role.QUALITY)
    stand_in = now_held(clinic, clinic.PHARMACIST)
    clinic.do(stops.lift, stand_in, hold, signed=(clinic.sign("putri", Meaning.DECIDED),), reason="sound")
    (signature,) = rows(clinic, "SELECT name, role, behalf FROM signature WHERE noun_id = :one", one=hold)
    assert tuple(signature) == ("N. Putri", "quality", "R. Maharani")
    # on paper it stands whom she stood in for, and under which entry
    lot = clinic.ids["lot"]
    with clinic.store.read(stand_in) as view:
        last = audit_reviews.last_entry(view, lot)
    clinic.do(
        audit_reviews.review, stand_in, last, lot, clinic.boxes_read(lot),
        signed=(clinic.sign("putri", Meaning.TRAIL_REVIEWED),),
    )  # fmt: skip
    with clinic.store.read(clinic.QUALITY) as view:
        (box,) = [one for one in trail.build(view, lot, "AUD-1", 1).signatures if one.name == "N. Putri"]
        (handed_over,) = audit.page(view, audit.Asked(clinic.ids["hospital"], act="grant.hand_over")).entries
    assert (box.behalf, box.delegation) == ("R. Maharani", handed_over.number)
    # she gives no role by it, and hands it to nobody else
    no = refusal(
        lambda: clinic.do(people.give, stand_in, clinic.STOREKEEPER.person_id, Role.ANALYST, clinic.ids["hospital"])
    )
    assert no.code == "not_permitted"
    no = refusal(lambda: handed(clinic, stand_in, "putri", clinic.STOREKEEPER, Role.QUALITY))
    assert no.code == "role_not_yours_to_hand_over"
    clinic.clock.tick(days=3, seconds=1)
    no = refusal(
        lambda: clinic.do(
            stops.hold, now_held(clinic, clinic.STOREKEEPER), "x", stops.ScopeKind.LOT, (clinic.ids["lot"],), reason="x"
        )
    )
    assert no.code == "not_permitted"
    assert Role.QUALITY not in now_held(clinic, clinic.PHARMACIST).roles(clinic.clock.now)
    clean(clinic)


def test_nobody_hands_over_more_than_they_hold_and_what_ends_above_ends_below(released: Clinic) -> None:
    clinic = released
    for who, name, to, role, code in (
        (clinic.QUALITY, "maharani", clinic.QUALITY, Role.QUALITY, "grant_to_oneself"),
        (clinic.QUALITY, "maharani", clinic.PHARMACIST, Role.PHYSICIAN, "role_not_yours_to_hand_over"),
        (clinic.QUALITY, "maharani", clinic.QUALITY2, Role.QUALITY, "role_held_already"),
        (clinic.QUALITY, "maharani", clinic.ELSEWHERE, Role.QUALITY, "person_elsewhere"),
    ):
        assert refusal(lambda a=who, n=name, t=to, r=role: handed(clinic, a, n, t, r)).code == code
    assert (
        refusal(lambda: handed(clinic, clinic.QUALITY, "maharani", clinic.PHARMACIST, Role.QUALITY, 100)).code
        == "handed_too_long"
    )
    handed(clinic, clinic.QUALITY, "maharani", clinic.PHARMACIST, Role.QUALITY)
    theirs = reading(clinic, lambda view: people.grants(view, clinic.QUALITY.person_id), clinic.ADMINISTRATOR)
    clinic.do(people.end, clinic.ADMINISTRATOR, theirs[0].id, reason="left the house")
    assert Role.QUALITY not in now_held(clinic, clinic.PHARMACIST).roles(clinic.clock.now)


def test_who_is_on_call_holds_the_role_for_the_whole_time(released: Clinic) -> None:
    clinic, now = released, released.clock.now
    night = (now + timedelta(hours=10), now + timedelta(hours=22))
    clinic.do(shifts.plan, clinic.PHARMACIST, clinic.QUALITY2.person_id, Role.QUALITY, *night, "+62 271 5550")
    no = refusal(
        lambda: clinic.do(shifts.plan, clinic.PHARMACIST, clinic.PHYSICIAN.person_id, Role.QUALITY, *night, "1")
    )
    assert no.code == "role_not_held_then"
    assert reading(clinic, shifts.on_call, clinic.PHYSICIAN) == []
    clinic.clock.tick(hours=11)
    (one,) = reading(clinic, lambda view: shifts.on_call(view, Role.QUALITY), clinic.PHYSICIAN)
    assert (one.name, one.shift.reach) == ("I. Lestari", "+62 271 5550")
    assert reading(clinic, shifts.on_call, clinic.ELSEWHERE) == []
    assert rows(clinic, "SELECT count(*) FROM entry WHERE body LIKE '%+62 271%'")[0][0] == 0


def test_a_vial_handed_out_without_qa_is_kept_with_its_findings_permits_nothing_and_is_reviewed_within_a_day(
    handed_out: tuple[Clinic, str, str],
) -> None:
    clinic, course, case_id = handed_out
    (case,) = cases(clinic)
    assert (case.id, case.kind, case.severity) == (case_id, CaseKind.EMERGENCY_ISSUE, CaseSeverity.MAJOR)
    assert clinic.vial("H3K001").state == "issued"
    issue = reading(clinic, lambda view: emergencies.of_case(view, case), clinic.QUALITY)
    assert "not_released" in [one["code"] for one in issue.findings]
    # the bedside is told, and still permits nothing
    no = refusal(lambda: clinic.start_dose(course, 1, clinic.vial("H3K001")))
    codes = [one.code for one in no.findings]
    assert {"not_released", "issued_in_emergency"} <= set(codes)
    # what is injected all the same is recorded with it, and is a case of its own
    given = clinic.give_dose(course, 1, vial=clinic.vial("H3K001"), start=False)
    assert {"not_released", "issued_in_emergency"} <= set(given.answer["findings"])
    assert {one.kind for one in cases(clinic)} == {CaseKind.EMERGENCY_ISSUE, CaseKind.IMPERMISSIBLE_DOSE}

    told = [(one.kind, one.step) for one in reading(clinic, due.reviews)]
    assert told == [(AlarmKind.REVIEW_OWED, 24)]
    clinic.clock.tick(hours=25)
    assert [one.step for one in reading(clinic, due.reviews)] == [0]
    (waits,) = reading(clinic, worklist.emergencies, clinic.QUALITY)
    assert waits.values["late"]
    clinic.do(investigations.investigate, clinic.PHARMACIST, case_id, "No shift planned", root_cause="List was empty")
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(closing.dispose, clinic.QUALITY, case_id, CaseDecision.NONE_NEEDED, signed=signed, reason="it was given")
    no = refusal(lambda: clinic.do(closing.close, clinic.QUALITY, case_id, signed=signed, reason="done"))
    assert [one.code for one in no.findings] == ["case_reviewed"]
    reviewed = (clinic.sign("maharani", Meaning.REVIEWED),)
    clinic.do(emergencies.review, clinic.QUALITY, case_id, True, "Nobody was on call.", signed=reviewed)
    assert reading(clinic, worklist.emergencies, clinic.QUALITY) == []
    clinic.do(closing.close, clinic.QUALITY, case_id, signed=signed, reason="a list is kept now")
    clean(clinic)


def test_a_recalled_vial_that_was_handed_out_is_no_less_recalled(released: Clinic) -> None:
    clinic = released
    clinic.ids["subject"] = clinic.subject()
    told = {"class_": 1, "mandatory": True, "kind": stops.ScopeKind.LOT, "target_ids": [clinic.ids["lot"]]}
    clinic.do(
        stops.recall, clinic.MAKER_QA, "glass", signed=(clinic.sign("wijaya", Meaning.RECALLED),), reason="x", **told
    )
    signed = (clinic.sign("putri", Meaning.HANDED_OVER), clinic.sign("santosa", Meaning.ORDERED))
    given = (clinic.vial("H3K001").id, clinic.ids["subject"], clinic.ids["bench"])
    done = clinic.do(emergencies.issue, clinic.PHARMACIST, *given, reason="x", signed=signed)
    assert "recalled" in done.answer["against"]
    assert cases(clinic)[0].severity is CaseSeverity.CRITICAL
    assert clinic.scan("H3K001", "bedside")[0] == "do_not_use"
    again = clinic.do(emergencies.issue, clinic.PHARMACIST, *given, reason="x", signed=signed)
    assert "state_contradicts" in again.answer["against"]  # a fact is kept, and moves nothing twice
    clean(clinic)


def test_an_emergency_that_is_told_late_is_owed_its_review_a_day_after_it_happened(in_stock: Clinic) -> None:
    clinic = in_stock
    clinic.ordered(clinic.course(), 1)
    clinic.clock.tick(days=3)
    happened = clinic.clock.now - timedelta(days=2)
    signed = (clinic.sign("putri", Meaning.HANDED_OVER), clinic.sign("santosa", Meaning.ORDERED))
    call = Call(occurred_at=happened, source=Source.LATE, reason="a long night", signing=signed)
    told = (clinic.vial("H3K001").id, clinic.ids["subject"], clinic.ids["bench"])
    case_id = clinic.do(emergencies.issue, clinic.PHARMACIST, *told, call=call).answer["case_id"]
    with clinic.store.read(clinic.QUALITY) as view:
        found = casebook.detail(view, str(case_id))
    assert found.emergency is not None
    assert (found.emergency.review_due_at, found.why) == (happened + timedelta(days=1), "a long night")
    assert [one.step for one in reading(clinic, due.reviews)] == [0]

"""A recall runs its course: everybody is told and answers, vials come back and are destroyed, patients are reached, it is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.exc import IntegrityError

from tests.clinic import START, Clinic
from tests.stories.case import at_once, clean, enrol, nobody_knows, reading, refusal, report
from tests.stories.test_recall import lot_of_two_hospitals, recall
from tests.stories.test_verdict import decided
from traceability.domain.people import Actor, Meaning
from traceability.domain.recalling import Account, ContactBy, Step
from traceability.domain.states import Custody
from traceability.services import clocks, endings, notices, progress, recalls, retrieving, stops, vials
from traceability.services.records import recall as record
from traceability.store import Call
from traceability.store.tables import metadata
from traceability.store.tables.endings import Method, SampleFor
from traceability.store.tables.quality import ScopeKind

LOT, VIAL, PLACE = ScopeKind.LOT, ScopeKind.VIAL, ScopeKind.PLACE


def standing(clinic: Clinic, recall_id: str, who: Actor | None = None) -> progress.Standing:
    found: progress.Standing = reading(clinic, lambda view: progress.standing(view, recall_id), who or clinic.MAKER_QA)
    return found


def points(clinic: Clinic, recall_id: str, who: Actor | None = None) -> dict[str, dict[str, Any]]:
    return {one.code: dict(one.values) for one in standing(clinic, recall_id, who).points}


def retrieve(clinic: Clinic, recall_id: str, serial: str, who: Actor | None = None, **told: Any) -> Any:
    return clinic.do(
        retrieving.retrieve, who or clinic.STOREKEEPER, recall_id, clinic.code(clinic.vial(serial)), **told
    )


def destroy(
    clinic: Clinic, *serials: str, who: Actor | None = None, users: tuple[str, str] = ("putri", "maharani")
) -> Any:
    signed = (clinic.sign(users[0], Meaning.DESTROYED), clinic.sign(users[1], Meaning.SEEN_DESTROYED))
    chosen = [clinic.vial(serial).id for serial in serials]
    return clinic.do(
        endings.destroy, who or clinic.PHARMACIST, chosen, Method.INCINERATED, reason="recalled", signed=signed
    )


def close(clinic: Clinic, recall_id: str, who: Actor | None = None, username: str = "wijaya", **told: Any) -> Any:
    told = {"reason": "looked for all of it", **told}
    return clinic.do(recalls.close, who or clinic.MAKER_QA, recall_id, signed=decided(clinic, username), **told)


def rehearsed(clinic: Clinic, *lots: str, kind: ScopeKind = LOT) -> str:
    return clinic.do(
        recalls.rehearse, clinic.MAKER_QA, "Late positive donor result, tried", 2, kind, lots or (clinic.ids["lot"],),
        signed=decided(clinic, "wijaya"),
    ).id  # fmt: skip


def check(clinic: Clinic, recall_id: str, organisation: str, effective: bool = True) -> None:
    clinic.do(recalls.check, clinic.MAKER_QA, recall_id, clinic.ids[organisation], ContactBy.PHONE, effective)


def test_a_recall_of_a_lot_is_closed_when_all_is_done_and_until_then_every_reason_is_told(released: Clinic) -> None:
    clinic = released
    subject = enrol(clinic)
    clinic.ids["subject"] = subject
    report(clinic, [clinic.code(clinic.vial("H3K001"))])
    started = recall(clinic, LOT, clinic.ids["lot"])
    told = standing(clinic, started)
    assert {one.organisation_id for one in told.told} == {clinic.ids["maker"], clinic.ids["hospital"]}
    no = refusal(lambda: close(clinic, started))
    assert no.code == "recall_open_points"
    assert {one.code for one in no.findings} == {
        "notice_unanswered", "vials_unaccounted", "destruction_owed", "subjects_untold", "effect_unchecked",
    }  # fmt: skip
    clinic.clock.tick(hours=2)
    clinic.do(notices.see, clinic.PHARMACIST, started)
    for serial in ("H3K002", "H3K003", "H3K004", "H3K005"):
        retrieve(clinic, started, serial)
        assert clinic.vial(serial).state is Custody.IN_STOCK
    clinic.do(notices.acknowledge, clinic.QUALITY, started, "four in the quarantine freezer, one was given")
    clinic.do(notices.acknowledge, clinic.MAKER_QA, started, "nothing left here")
    (notice,) = [one for one in standing(clinic, started).notices if one.organisation_id == clinic.ids["hospital"]]
    assert (notice.tally or {})["scanned"] == 4
    assert (notice.tally or {})["recorded"] == 1
    assert set(points(clinic, started)) == {"destruction_owed", "subjects_untold", "effect_unchecked"}
    destroy(clinic, "H3K002", "H3K003", "H3K004", "H3K005")
    clinic.do(recalls.contact, clinic.PHYSICIAN, started, subject, False, ContactBy.PHONE)
    clinic.do(
        recalls.contact, clinic.PHYSICIAN, started, subject, True, ContactBy.VISIT, told="well, told what to watch"
    )
    check(clinic, started, "hospital", effective=False)
    check(clinic, started, "maker")
    assert list(points(clinic, started)) == ["effect_unchecked"], (
        "one that found it had not arrived is no proof that it did"
    )
    check(clinic, started, "hospital")
    done = close(clinic, started)
    assert done.answer["coverage_bp"] == 10_000
    assert done.answer["missing"] == []
    steps = {one.step: one for one in standing(clinic, started).steps}
    assert all(one.met is not None and not one.late(clinic.clock.now) for one in steps.values())
    assert clinic.scan("H3K002")[0] == "do_not_use"
    assert "recalled" in clinic.scan("H3K002")[1] or "gone" in clinic.scan("H3K002")[1]
    assert (
        refusal(
            lambda: clinic.do(stops.withdraw, clinic.MAKER_QA, started, reason="x", signed=decided(clinic, "wijaya"))
        ).code
        == "already_ended"
    )
    clean(clinic)


def test_what_cannot_be_found_is_named_and_signed_for_and_nothing_else_is_waived(released: Clinic) -> None:
    clinic = released
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K005").id, reason="not on its shelf")
    started = recall(clinic, LOT, clinic.ids["lot"])
    for serial in ("H3K001", "H3K002", "H3K003", "H3K004"):
        retrieve(clinic, started, serial)
    no = refusal(lambda: close(clinic, started, accepting=True, reason="searched twice"))
    assert "vials_unaccounted" not in {one.code for one in no.findings}
    destroy(clinic, "H3K001", "H3K002", "H3K003", "H3K004")
    for who in (clinic.QUALITY, clinic.MAKER_QA):
        clinic.do(notices.acknowledge, who, started, "done")
    for organisation in ("hospital", "maker"):
        check(clinic, started, organisation)
    assert points(clinic, started) == {"vials_unaccounted": {"count": 1, "serials": ("H3K005",)}}
    assert refusal(lambda: close(clinic, started, accepting=True, reason=" ")).code == "reason_missing"
    done = close(clinic, started, accepting=True, reason="searched twice, freezer emptied")
    assert done.answer["missing"] == ["H3K005"]
    assert done.answer["coverage_bp"] == 8_000
    clinic.clock.tick(hours=1)
    late = retrieve(clinic, started, "H3K005")
    assert late.answer["findings"] == [], "a vial that turns up after the closure is put aside like any other"
    assert clinic.vial("H3K005").state is Custody.IN_STOCK
    assert clinic.scan("H3K005")[0] == "do_not_use"
    told = reading(clinic, lambda view: record.real(view, started, "RCL-0001", 1), clinic.MAKER_QA)
    assert (told.coverage_bp, told.missing, told.tally["unaccounted"]) == (10_000, (), 0), "what is known today"
    assert told.closed is not None
    assert (told.closed.coverage_bp, told.closed.missing, told.closed.tally["unaccounted"]) == (8_000, ("H3K005",), 1)


def test_a_retrieved_vial_lies_in_quarantine_for_nobody_wherever_it_was(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    clinic.ready_vial(course, 1, serial="H3K001")
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K002").id, reason="gone")
    started = recall(clinic, LOT, clinic.ids["lot"])
    clinic.clock.tick(minutes=5)
    assert retrieve(clinic, started, "H3K001").answer["place_id"] == clinic.ids["quarantine"]
    retrieve(clinic, started, "H3K002")
    assert clinic.vial("H3K001").state is Custody.BACK_IN_PHARMACY
    assert clinic.vial("H3K002").state is Custody.IN_STOCK
    assert refusal(lambda: retrieve(clinic, started, "H3K001")).code == "retrieved_already"
    elsewhere = refusal(lambda: retrieve(clinic, started, "H3K003", place_id=clinic.ids["freezer"]))
    assert elsewhere.code == "place_not_quarantine"
    strange = clinic.do(retrieving.retrieve, clinic.STOREKEEPER, started, nobody_knows(clinic))
    assert strange.answer["findings"] == ["serial_unknown"]
    assert strange.answer["case"]
    again = refusal(lambda: clinic.do(retrieving.retrieve, clinic.STOREKEEPER, started, nobody_knows(clinic)))
    assert again.code == "retrieved_already"


def test_a_vial_that_was_given_and_lies_in_the_hand_is_kept_as_seen_and_asked_about(released: Clinic) -> None:
    clinic = released
    clinic.ids["subject"] = enrol(clinic)
    report(clinic, [clinic.code(clinic.vial("H3K001"))])
    started = recall(clinic, LOT, clinic.ids["lot"])
    done = retrieve(clinic, started, "H3K001")
    assert done.answer["findings"] == ["state_contradicts"]
    assert done.answer["case"]
    assert clinic.vial("H3K001").state is Custody.GIVEN


def test_two_who_scan_the_same_vial_put_it_aside_once_and_a_lost_answer_is_given_again(released: Clinic) -> None:
    clinic = released
    started = recall(clinic, LOT, clinic.ids["lot"])
    done, refused = at_once(2, lambda _: retrieve(clinic, started, "H3K001"))
    assert (len(done), [one.code for one in refused]) == (1, ["retrieved_already"])
    call = Call()
    first = retrieve(clinic, started, "H3K002", call=call)
    again = retrieve(clinic, started, "H3K002", call=call)
    assert (again.repeated, again.answer) == (True, first.answer)
    clean(clinic)


def test_a_recall_of_two_hospitals_is_answered_by_each_in_its_own_ledger_and_grows(founded: Clinic) -> None:
    clinic = founded
    lot = lot_of_two_hospitals(clinic)
    clinic.ids["lot"] = lot
    started = recall(clinic, VIAL, clinic.vial("H3K001").id)
    assert {one.organisation_id for one in standing(clinic, started).told} == {
        clinic.ids["hospital"],
        clinic.ids["maker"],
    }
    assert refusal(lambda: clinic.do(notices.acknowledge, clinic.ELSEWHERE, started, "x")).code == "not_yours"
    answered = clinic.do(notices.acknowledge, clinic.QUALITY, started, "put aside")
    assert answered.ledger == clinic.ids["hospital"]
    signed = (clinic.sign("wijaya", Meaning.RECALLED),)
    clinic.do(recalls.extend, clinic.MAKER_QA, started, LOT, (lot,), reason="the whole lot", signed=signed)
    assert "recalled" in clinic.scan("H3K002")[1]
    assert "recalled" in clinic.scan("H3K004", who=clinic.ELSEWHERE)[1]
    assert points(clinic, started)["notice_unanswered"]["organisations"] == tuple(
        sorted(one.name for one in standing(clinic, started).told)
    ), "what grew is answered anew"
    theirs = clinic.do(notices.acknowledge, clinic.ELSEWHERE, started, "two boxes on the way")
    assert theirs.ledger == clinic.ids["other"]
    seen_there = standing(clinic, started, clinic.ELSEWHERE)
    assert [one.organisation_id for one in seen_there.told] == [clinic.ids["other"]]
    assert seen_there.points == ()
    assert refusal(lambda: close(clinic, started, clinic.QUALITY, "maharani")).code == "not_yours"
    clean(clinic)


def test_a_place_for_an_interval_is_recalled_with_what_lay_there_whatever_is_told_late(released: Clinic) -> None:
    clinic = released
    since = clinic.clock.now
    clinic.clock.tick(hours=1)
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["freezer"])
    clinic.clock.tick(hours=1)
    signed = (clinic.sign("maharani", Meaning.RECALLED),)
    told = {"reason": "flooded", "signed": signed, "since": since, "until": clinic.clock.now}
    clinic.do(stops.recall, clinic.QUALITY, "flooded", 2, False, PLACE, (clinic.ids["freezer"],), **told)
    assert "recalled" in clinic.scan("H3K001")[1]
    assert "recalled" not in clinic.scan("H3K002")[1]
    late = Call(occurred_at=since, reason="found in the log")
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["read_freezer"], call=late)
    assert "recalled" in clinic.scan("H3K001")[1], "a late word takes nothing out of a recall"
    no = refusal(lambda: recall(clinic, PLACE, clinic.ids["freezer"]))
    assert no.code == "interval_empty"


def test_subjects_are_reached_by_those_who_treat_them_and_nobody_else_sees_the_log(released: Clinic) -> None:
    clinic = released
    subject = enrol(clinic)
    clinic.ids["subject"] = subject
    report(clinic, [clinic.code(clinic.vial("H3K001"))])
    started = recall(clinic, LOT, clinic.ids["lot"])
    clinic.do(recalls.contact, clinic.QUALITY, started, subject, False, ContactBy.LETTER)
    assert list(standing(clinic, started, clinic.PHYSICIAN).contacts) == [subject]
    assert standing(clinic, started).contacts == {}, "the maker sees that somebody tried, not whom"
    assert "subjects_untold" not in points(clinic, started)
    other = enrol(clinic, "Somebody Else", "MRN-2")
    no = refusal(lambda: clinic.do(recalls.contact, clinic.PHYSICIAN, started, other, True, ContactBy.PHONE))
    assert no.code == "subject_not_concerned"


def test_clocks_are_data_of_their_house_and_a_running_recall_keeps_its_own(released: Clinic) -> None:
    clinic = released
    before = recall(clinic, LOT, clinic.ids["lot"])
    today = clinic.clock.now.date()
    clinic.do(
        clocks.of_step, clinic.MAKER_QA, 1, Step.NOTIFY, 2 * 3600, today, "order of the authority",
        reason="ordered", signed=decided(clinic, "wijaya"),
    )  # fmt: skip
    after = recall(clinic, LOT, clinic.ids["lot"])
    due = {
        one: next(step for step in standing(clinic, one).steps if step.step is Step.NOTIFY) for one in (before, after)
    }
    assert (due[before].due - clinic.clock.now).total_seconds() == 24 * 3600
    assert (due[after].due - clinic.clock.now).total_seconds() == 2 * 3600
    assert due[after].source == "order of the authority"
    assert due[after].met is not None


# ---------------------------------------------------------------------------------------------------------- mock recall


def test_a_mock_recall_over_three_sites_ends_at_a_hundred_per_cent_or_names_the_vial_that_is_missing(
    founded: Clinic,
) -> None:
    clinic = founded
    lot = lot_of_two_hospitals(clinic)
    clinic.ids["lot"] = lot
    clinic.ids["subject"] = enrol(clinic)
    report(clinic, [clinic.code(clinic.vial("H3K001"))])
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K003").id, reason="not on its shelf")
    clinic.clock.tick(minutes=1)
    before = {f"H3K00{n}": clinic.scan(f"H3K00{n}") for n in range(1, 6)}
    places = {serial: reading(clinic, lambda view, s=serial: vials.stays(view, clinic.vial(s).id)) for serial in before}
    mock = rehearsed(clinic, lot)
    assert len(standing(clinic, mock).told) == 3
    clinic.clock.tick(hours=1)
    retrieve(clinic, mock, "H3K002")
    for serial in ("H3K004", "H3K005"):
        retrieve(clinic, mock, serial, clinic.ELSEWHERE)
    for who in (clinic.QUALITY, clinic.MAKER_QA, clinic.ELSEWHERE):
        clinic.do(notices.acknowledge, who, mock, "looked for all of it")
    assert points(clinic, mock) == {"vials_unaccounted": {"count": 1, "serials": ("H3K003",)}}
    assert refusal(lambda: close(clinic, mock)).code == "recall_open_points"
    found = retrieve(clinic, mock, "H3K003")
    assert found.answer["findings"] == ["state_contradicts"]
    assert found.answer["case"]
    assert standing(clinic, mock).tally["unaccounted"] == 0
    done = close(clinic, mock)
    assert (done.answer["coverage_bp"], done.answer["took_s"], done.answer["missing"]) == (10_000, 3600, [])
    assert {serial: clinic.scan(serial) for serial in before} == before, "a mock recall stops nothing"
    assert places == {
        serial: reading(clinic, lambda view, s=serial: vials.stays(view, clinic.vial(s).id)) for serial in before
    }
    assert clinic.vial("H3K003").state is Custody.LOST, "nothing is moved: it is reported found by its own act"
    second = rehearsed(clinic, lot)
    named = close(clinic, second, accepting=True, reason="an exercise of the search")
    assert named.answer["missing"] == [f"H3K00{n}" for n in range(2, 6)]
    assert {one["account"] for one in standing(clinic, second).vials} == {Account.RECORDED, Account.UNACCOUNTED}
    assert refusal(lambda: retrieve(clinic, second, "H3K002")).code == "already_ended"
    clean(clinic)


@pytest.mark.parametrize(
    "kind", [ScopeKind.LOT, ScopeKind.VIAL, ScopeKind.MATERIAL, ScopeKind.MAKER, ScopeKind.CONSIGNMENT]
)
def test_a_mock_recall_of_whatever_changes_no_verdict(released: Clinic, kind: ScopeKind) -> None:
    clinic = released
    if clinic.store.engines.reader.dialect.name != "sqlite":
        pytest.skip("the same rows on either engine")
    target = {
        ScopeKind.LOT: clinic.ids["lot"], ScopeKind.VIAL: clinic.vial("H3K001").id, ScopeKind.MATERIAL: clinic.ids["donor"],
        ScopeKind.MAKER: clinic.ids["maker"], ScopeKind.CONSIGNMENT: clinic.ids["box"],
    }[kind]  # fmt: skip
    before = [clinic.scan(f"H3K00{n}", purpose) for n in range(1, 6) for purpose in ("stock", "issue", "bedside")]
    mock = rehearsed(clinic, target, kind=kind)
    seen = standing(clinic, mock)
    assert len(seen.vials) == (1 if kind is ScopeKind.VIAL else 5)
    clinic.do(retrieving.retrieve, clinic.STOREKEEPER, mock, clinic.code(clinic.vial("H3K001")))
    after = [clinic.scan(f"H3K00{n}", purpose) for n in range(1, 6) for purpose in ("stock", "issue", "bedside")]
    assert after == before
    assert reading(clinic, stops.open_recalls) == []
    no = refusal(lambda: clinic.do(recalls.contact, clinic.QUALITY, mock, "f" * 32, True, ContactBy.PHONE))
    assert no.code == "mock_without_patients"


def test_the_database_itself_refuses_a_mock_recall_that_could_stop_anything() -> None:
    """Whatever asks what stops a vial leaves out what was withdrawn; so a mock one cannot be there otherwise."""
    engine, table = create_engine("sqlite://"), metadata.tables["recall"]
    table.create(engine)
    row = {
        "id": "a" * 32, "act_id": "b" * 32, "demonstration": False, "number": "MR-1", "organisation_id": "c" * 32, "class_": 1,
        "mandatory": False, "title": "tried", "started_at": START, "withdrawn_at": START, "mock": True, "clocks": [], "salt": "d" * 32,
    }  # fmt: skip
    for withdrawn in (None, START + timedelta(seconds=1)):
        with engine.begin() as connection, pytest.raises(IntegrityError):
            connection.execute(insert(table), row | {"withdrawn_at": withdrawn})
    with engine.begin() as connection:
        connection.execute(insert(table), row)


def test_a_mock_recall_is_not_extended_and_shows_as_withdrawn_to_whoever_asks_for_stops(released: Clinic) -> None:
    clinic = released
    mock = rehearsed(clinic)
    signed = (clinic.sign("wijaya", Meaning.RECALLED),)
    told = {"reason": "more", "signed": signed}
    no = refusal(lambda: clinic.do(recalls.extend, clinic.MAKER_QA, mock, LOT, (clinic.ids["lot"],), **told))
    assert no.code == "already_ended"
    no = refusal(lambda: clinic.do(stops.withdraw, clinic.MAKER_QA, mock, reason="x", signed=decided(clinic, "wijaya")))
    assert no.code == "already_ended"


def test_documented_is_what_qa_vouches_for_in_writing_and_a_missing_vial_never(released: Clinic) -> None:
    clinic = released
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K002").id, reason="gone")
    clinic.do(endings.retain, clinic.QUALITY, [clinic.vial("H3K001").id], SampleFor.REFERENCE, reason="reference")
    mock = rehearsed(clinic)
    told = {"reason": "sealed in the archive, seal 12 seen on the list"}
    done = clinic.do(retrieving.document, clinic.QUALITY, mock, [clinic.vial("H3K001").id], **told)
    assert done.answer["vials"] == 1
    no = refusal(lambda: clinic.do(retrieving.document, clinic.QUALITY, mock, [clinic.vial("H3K002").id], **told))
    assert no.code == "vial_is_missing"
    counted = standing(clinic, mock).tally
    assert (counted["documented"], counted["scanned"], counted["unaccounted"]) == (1, 0, 4)

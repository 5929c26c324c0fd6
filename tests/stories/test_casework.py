"""What happens after something went wrong: found out, extended to other lots, decided, put right, judged, closed by other eyes (R34)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.stories.case import cases, clean, enrol, holds, reading, refusal, report, rows, today
from traceability.domain.casework import ActionKind, CaseDecision, CaseKind, CaseSeverity
from traceability.domain.people import Meaning
from traceability.services import actions, casebook, clocks, closing, events, investigations, stops, vials, worklist
from traceability.services import cases as service
from traceability.store.tables import Case
from traceability.store.tables.outcomes import Asked
from traceability.words import sentence


def decided(clinic: Clinic, who: str = "maharani", meaning: Meaning = Meaning.DECIDED) -> Any:
    return (clinic.sign(who, meaning),)


def missing(clinic: Clinic, case_id: str, who: str = "QUALITY") -> list[str]:
    """Why this person could not close it now, as the page shows it."""
    with clinic.store.read(getattr(clinic, who)) as view:
        return [one.code for one in casebook.detail(view, case_id).against or ()]


@pytest.fixture
def given(released: Clinic) -> tuple[Clinic, Case]:
    """A dose that nobody had ordered was given; another lot of the same harvest lies in the same freezer."""
    clinic = released
    clinic.ids["lot_2"] = clinic.in_stock(clinic.lot("UC26-H4", 2))
    report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=enrol(clinic))
    (case,) = cases(clinic)
    return clinic, case


def test_a_dose_given_without_permission_is_answered_for_from_the_finding_to_the_check_that_it_helped(
    given: tuple[Clinic, Case],
) -> None:
    clinic, case = given
    assert (case.kind, case.severity, case.owner_id) == (CaseKind.IMPERMISSIBLE_DOSE, CaseSeverity.CRITICAL, None)
    assert timedelta(days=7) < case.due_at - clinic.clock.now < timedelta(days=8)
    clinic.do(service.assign, clinic.QUALITY, case.id, clinic.QUALITY.person_id)
    # everything that is missing is said at once, and nothing is signed
    no = refusal(lambda: clinic.do(closing.close, clinic.QUALITY, case.id, signed=decided(clinic), reason="done"))
    told = [one.code for one in no.findings]
    assert (no.code, told) == (
        "case_not_closable",
        ["case_investigated", "case_extended", "case_disposed", "case_holds_lifted"],
    )
    assert told == missing(clinic, case.id)

    clinic.do(
        investigations.investigate,
        clinic.QUALITY,
        case.id,
        "No order on the ward.",
        root_cause="Order form not sent on.",
    )
    assert "case_other_eyes" in missing(clinic, case.id, "QUALITY")
    assert "case_other_eyes" not in missing(clinic, case.id, "QUALITY2")

    with clinic.store.read(clinic.QUALITY) as view:
        (near,) = investigations.suggestions(view, view.need(Case, case.id))
    assert near.lot.number == "UC26-H4"
    shared = {str(one.ground): one.names for one in near.grounds}
    assert set(shared) == {"ancestor", "place", "day"}
    assert shared["place"] == ("F-01-Q",)  # the maker's freezer is not ours to name
    clinic.do(
        investigations.extend_to, clinic.QUALITY, case.id, [near.lot.id], chosen=True, place_hold=True, reason="same ward"
    )  # fmt: skip
    assert "held" in clinic.scan("H4K001")[1]

    clinic.do(closing.dispose, clinic.QUALITY, case.id, CaseDecision.USE, signed=decided(clinic), reason="sound")
    clinic.do(
        closing.dispose, clinic.QUALITY, case.id, CaseDecision.REJECT, target_ids=[near.lot.id], signed=decided(clinic), reason="doubt"
    )  # fmt: skip
    for one in holds(clinic):
        clinic.do(stops.lift, clinic.QUALITY, one.id, signed=decided(clinic), reason="decided in the case")
    # no hold stands, and yet nobody may use what was rejected
    assert clinic.scan("H4K001")[0] == "do_not_use"
    assert "rejected" in clinic.scan("H4K001")[1]
    assert "rejected" not in clinic.scan("H3K002")[1]

    plan = clinic.do(
        actions.plan, clinic.QUALITY, case.id, ActionKind.PREVENTIVE, "Order form on the tray", clinic.PHARMACIST.person_id,
        today(clinic) + timedelta(days=5),
    )  # fmt: skip
    action = plan.answer["action_id"]
    assert missing(clinic, case.id, "QUALITY2") == ["case_actions_done"]
    no = refusal(
        lambda: clinic.do(actions.finish, clinic.PHYSICIAN, action, "done", today(clinic) + timedelta(days=30))
    )
    assert no.code == "action_of_another"
    clinic.do(actions.finish, clinic.PHARMACIST, action, "SOP 12, version 4", today(clinic) + timedelta(days=30))
    # its effect is judged in a month, which does not keep the case open; who investigated alone does not close it
    assert missing(clinic, case.id, "QUALITY") == ["case_other_eyes"]
    clinic.do(closing.close, clinic.QUALITY2, case.id, signed=decided(clinic, "lestari"), reason="answered")
    assert cases(clinic) == []
    no = refusal(lambda: clinic.do(investigations.investigate, clinic.QUALITY, case.id, "late"))
    assert no.code == "already_ended"

    clinic.clock.tick(days=31)
    waits = reading(clinic, worklist.actions, clinic.QUALITY)
    assert [(one.code, one.values["late"]) for one in waits] == [("action_check", True)]
    signed = decided(clinic, "maharani", Meaning.REVIEWED)
    done = clinic.do(actions.check, clinic.QUALITY, action, False, "Two more without an order.", signed=signed)
    assert done.answer["reopened"]
    assert [one.id for one in cases(clinic)] == [case.id]
    assert missing(clinic, case.id, "QUALITY2") == ["case_effective"]
    clean(clinic)


def test_the_day_of_a_case_moves_with_a_reason_and_never_by_itself(given: tuple[Clinic, Case]) -> None:
    clinic, case = given
    before = case.due_at
    later = before.date() + timedelta(days=20)
    no = refusal(lambda: clinic.do(service.postpone, clinic.QUALITY, case.id, later))
    assert no.code == "reason_missing"
    no = refusal(lambda: clinic.do(service.postpone, clinic.QUALITY, case.id, today(clinic), reason="x"))
    assert no.code == "due_not_later"
    clinic.do(service.grade, clinic.QUALITY, case.id, CaseSeverity.MINOR, reason="no harm", signed=decided(clinic))
    assert cases(clinic)[0].due_at == before  # less grave gives nobody more time
    clinic.do(service.postpone, clinic.QUALITY, case.id, later, reason="the maker answers on Friday")
    assert cases(clinic)[0].due_at > before
    clinic.clock.tick(days=30)
    (told,) = reading(clinic, lambda view: casebook.listed(view, overdue=True), clinic.QUALITY)
    assert told.case.id == case.id
    assert [one.code for one in reading(clinic, worklist.cases, clinic.QUALITY)] == ["case_overdue"]
    detail = reading(clinic, lambda view: casebook.detail(view, case.id), clinic.QUALITY)
    assert [(str(one.kind), one.before and one.before[:10]) for one in detail.steps] == [
        ("grade", "critical"),
        ("due", f"{before.date()}"),
    ]
    assert set(detail.reasons.values()) >= {"no harm", "the maker answers on Friday"}


def test_a_house_sets_its_own_days_by_a_signed_act_and_open_cases_keep_theirs(given: tuple[Clinic, Case]) -> None:
    clinic, case = given
    clinic.clock.now = clinic.clock.now.replace(hour=20)  # in Surakarta the next day has begun
    clinic.do(
        clocks.of_case, clinic.QUALITY, CaseSeverity.MAJOR, 3, "SOP QA-07", case_kind=CaseKind.LOSS, signed=decided(clinic),
        reason="inspection 2026",
    )  # fmt: skip
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K004").id, reason="not in the rack")
    clinic.do(service.open_by_hand, clinic.STOREKEEPER, CaseKind.DEVIATION, "Door left open")
    loss, deviation = (
        next(one for one in cases(clinic) if one.kind is kind) for kind in (CaseKind.LOSS, CaseKind.DEVIATION)
    )
    assert [(one.days, one.word.since, one.word.signed_by) for one in reading(clinic, clocks.in_force, clinic.QUALITY).cases if one.kind == CaseKind.LOSS] == [
        (3, clinic.clock.now.date() + timedelta(days=1), "R. Maharani")
    ]  # fmt: skip
    assert (loss.due_at - clinic.clock.now).days == 3
    assert (deviation.due_at - clinic.clock.now).days == 30
    assert next(one for one in cases(clinic) if one.id == case.id).due_at == case.due_at


def test_a_complaint_is_closed_with_its_reply_and_its_words_are_in_no_entry(released: Clinic) -> None:
    clinic = released
    no = refusal(lambda: clinic.do(service.open_by_hand, clinic.PHARMACIST, CaseKind.COMPLAINT, "Label smeared"))
    assert no.code == "complainant_missing"
    opened = clinic.do(
        service.open_by_hand, clinic.PHARMACIST, CaseKind.COMPLAINT, "Label smeared", description="Ink comes off in alcohol",
        code=clinic.code(clinic.vial("H3K001")), complainant="Ward Melati",
    ).id  # fmt: skip
    (case,) = cases(clinic)
    assert (case.vial_id, case.lot_id) == (clinic.vial("H3K001").id, clinic.ids["lot"])
    clinic.do(
        investigations.investigate, clinic.PHARMACIST, opened, "Ribbon of the wrong kind", root_cause="Ribbon changed"
    )
    clinic.do(closing.dispose, clinic.QUALITY, opened, CaseDecision.USE, signed=decided(clinic), reason="still legible")
    assert missing(clinic, opened) == ["case_replied"]
    clinic.do(closing.reply, clinic.QUALITY, opened, "New ribbon since Monday.", today(clinic))
    clinic.clock.tick(hours=(24 + 17 - clinic.clock.now.hour) % 24)  # past midnight in Jakarta, and not in UTC
    clinic.do(closing.close, clinic.QUALITY, opened, signed=decided(clinic), reason="answered")
    closed_on = today(clinic)
    assert closed_on > clinic.clock.now.date()
    for typed in ("Label smeared", "Ink comes off", "Ward Melati", "Ribbon", "New ribbon"):
        assert rows(clinic, "SELECT count(*) FROM entry WHERE body LIKE :typed", typed=f"%{typed}%")[0][0] == 0
    clinic.do(closing.reopen, clinic.QUALITY2, opened, signed=decided(clinic, "lestari"), reason="it came again")
    assert [one.id for one in cases(clinic)] == [opened]
    assert [row.before for row in rows(clinic, "SELECT before FROM case_step WHERE kind = 'reopened'")] == [
        str(closed_on)
    ]
    clean(clinic)


def test_a_serious_event_opens_a_case_about_the_vial_and_one_that_is_not_opens_none(released: Clinic) -> None:
    clinic = released
    dose = clinic.give_dose(clinic.course(), 1)
    told = {"subject_id": clinic.ids["subject"], "asked": Asked.YES, "administration_id": dose.id}
    clinic.do(events.record, clinic.PHYSICIAN, description="swollen", serious=False, **told)
    assert cases(clinic) == []
    clinic.do(events.record, clinic.PHYSICIAN, description="septic knee", grade=3, serious=True, **told)
    (case,) = cases(clinic)
    assert (case.kind, case.severity, case.lot_id) == (CaseKind.ADVERSE_EVENT, CaseSeverity.CRITICAL, clinic.ids["lot"])
    assert "septic" not in str(case.title)
    near = reading(clinic, lambda view: casebook.detail(view, case.id), clinic.QUALITY)
    assert [one.name for one in near.things] == ["UC26-H3"]  # nothing is left of the vial to look at


def test_who_opened_a_case_neither_frees_what_it_stops_nor_closes_it(released: Clinic) -> None:
    """A second person found it out; the third closes it. With two in QA the refusal names who may, and with one that nobody can."""
    clinic, lot = released, released.ids["lot"]
    case = clinic.do(service.open_by_hand, clinic.QUALITY, CaseKind.DEVIATION, "Filling line leaked", lot_id=lot).id
    free = (closing.dispose, clinic.QUALITY, case, CaseDecision.USE)
    no = refusal(lambda: clinic.do(*free, signed=decided(clinic), reason="sound"))
    assert (no.code, no.values["people"]) == ("case_opened_by_you", ("I. Lestari",))
    assert clinic.scan("H3K001")[1] == ["release_outdated"]
    clinic.do(investigations.investigate, clinic.PHARMACIST, case, "A drop", root_cause="worn seal")
    told = {"signed": decided(clinic, "lestari"), "reason": "sound"}
    clinic.do(closing.dispose, clinic.QUALITY2, case, CaseDecision.USE, **told)
    close = (closing.close, clinic.QUALITY, case)
    no = refusal(lambda: clinic.do(*close, signed=decided(clinic), reason="done"))
    assert [(one.code, one.values["people"]) for one in no.findings] == [("case_other_eyes", ["I. Lestari"])]
    clinic.do(investigations.investigate, clinic.QUALITY2, case, "Seen myself")
    no = refusal(lambda: clinic.do(*close, signed=decided(clinic), reason="done"))
    assert [one.values["people"] for one in no.findings] == [[]]
    assert "there" in sentence("case_other_eyes", no.findings[0].values)

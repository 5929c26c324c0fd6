"""Something grave is found after the release: what it names is not used until QA has decided, and nobody has to think of a hold (R31, R34)."""

from __future__ import annotations

from typing import Any

from tests.clinic import Clinic
from tests.stories.case import LEFT, RIGHT, both, clean, closed, planned, reading, refusal, today
from traceability.domain.casework import CaseDecision, CaseKind, CaseSeverity
from traceability.domain.harm import ReportedTo
from traceability.domain.people import Actor, Meaning
from traceability.services import cases, closing, doses, events, investigations, releases
from traceability.store.tables.outcomes import Asked

USE, ASK_QA = ("use", []), ("ask_qa", ["release_outdated"])


def opened(clinic: Clinic, kind: CaseKind = CaseKind.DEVIATION, *, who: Actor | None = None, **about: Any) -> str:
    return clinic.do(cases.open_by_hand, who or clinic.STOREKEEPER, kind, "Filling line leaked", **about).id


def signed(clinic: Clinic) -> dict[str, Any]:
    return {"signed": (clinic.sign("maharani", Meaning.DECIDED),), "reason": "judged"}


def test_a_deviation_after_the_release_stops_the_stock_until_qa_decides(released: Clinic) -> None:
    clinic, lot = released, released.ids["lot"]
    case = opened(clinic, lot_id=lot)
    assert [clinic.scan(serial) for serial in ("H3K001", "H3K005")] == [ASK_QA, ASK_QA]
    (standing,) = reading(clinic, lambda view: releases.standings(view, lot), clinic.QUALITY)
    assert standing.changes == ("case_undecided",)
    clinic.do(closing.dispose, clinic.QUALITY, case, CaseDecision.USE, **signed(clinic))
    assert clinic.scan("H3K001") == USE  # decided, though what is put right takes longer
    clinic.do(cases.grade, clinic.QUALITY, case, CaseSeverity.CRITICAL, reason="graver than it looked")
    assert clinic.scan("H3K001") == ASK_QA  # what was decided was of another case
    closed(clinic, case, "the seal was whole")
    assert clinic.scan("H3K001") == USE
    clinic.do(closing.reopen, clinic.QUALITY, case, **signed(clinic))
    assert clinic.scan("H3K001") == ASK_QA
    clean(clinic)


def test_a_minor_case_stops_nothing_before_qa_calls_it_grave(released: Clinic) -> None:
    clinic, lot = released, released.ids["lot"]
    case = opened(clinic, CaseKind.COUNT_DIFFERS, lot_id=lot)
    assert clinic.scan("H3K001") == USE
    clinic.do(cases.grade, clinic.QUALITY, case, CaseSeverity.MAJOR, reason="a vial too many")
    assert clinic.scan("H3K001") == ASK_QA
    (newer,) = [one.newer for one in reading(clinic, lambda view: releases.standings(view, lot), clinic.QUALITY)]
    assert newer >= 2


def test_what_is_found_of_one_vial_stops_that_vial_and_the_lots_that_qa_takes_in(released: Clinic) -> None:
    clinic = released
    other = clinic.in_stock(clinic.lot("UC26-H4", 2))
    clinic.certificate(clinic.tested(other))
    clinic.release(other)
    case = opened(clinic, CaseKind.LABEL_CONTRADICTION, code=clinic.code(clinic.vial("H3K001")))
    assert (clinic.scan("H3K001"), clinic.scan("H3K002"), clinic.scan("H4K001")) == (ASK_QA, USE, USE)
    clinic.do(investigations.extend_to, clinic.QUALITY, case, [other], chosen=True, reason="same roll of labels")
    assert clinic.scan("H4K001") == ASK_QA
    clinic.do(investigations.extend_to, clinic.QUALITY, case, [other], chosen=False, **signed(clinic))
    assert clinic.scan("H4K001") == USE


def test_the_makers_case_stops_it_too_and_another_hospitals_does_not(released: Clinic) -> None:
    clinic, lot = released, released.ids["lot"]
    shared = clinic.lot("UC26-H4", 1, consignee_ids=(clinic.ids["hospital"], clinic.ids["other"]))
    clinic.in_stock(shared)
    clinic.certificate(clinic.tested(shared))
    clinic.release(shared)
    opened(clinic, who=clinic.ELSEWHERE, lot_id=shared)
    assert clinic.scan("H4K001") == USE
    opened(clinic, who=clinic.MAKER_QA, lot_id=lot)
    assert (clinic.scan("H3K001"), clinic.scan("H4K001")) == (ASK_QA, USE)


def test_a_lot_with_a_grave_case_of_which_nobody_decided_is_not_released(ready: Clinic) -> None:
    """A release would be outdated from its first moment; it says why before anybody signs."""
    clinic, lot = ready, ready.ids["lot"]
    told = {"complainant": "ward 4", "lot_id": lot}
    case = opened(clinic, CaseKind.COMPLAINT, **told)
    no = refusal(lambda: clinic.release(lot))
    assert [(one.code, one.values) for one in no.findings] == [("excursions_decided", {"excursions": ("K-1",)})]
    clinic.do(closing.dispose, clinic.QUALITY, case, CaseDecision.USE, **signed(clinic))
    clinic.release(lot)
    assert clinic.scan("H3K001") == USE


def test_grave_harm_stops_every_lot_that_may_have_done_it_where_no_injection_is_named(released: Clinic) -> None:
    """Nobody has to know which of the injections it was, nor to call a death serious (R53)."""
    clinic = released
    clinic.released_lot("UC26-H4", 3)
    clinic.released_lot("UC26-J4", 1)
    course, subject = clinic.course(), clinic.ids["subject"]
    for serial in ("H3K001", "H4K001"):
        clinic.do(
            doses.give, clinic.PHYSICIAN, subject, RIGHT, [clinic.code(clinic.vial(serial))], 3000, 0, signed=both(clinic)
        )  # fmt: skip
        clinic.clock.tick(days=7)

    def after(**told: Any) -> list[str]:
        """What may be used after the event; then the authority is told and QA answers for it."""
        before = {one.id for one in reading(clinic, cases.open_cases, clinic.QUALITY)}
        event = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, description="septic joint", **told).id
        found = [serial for serial in ("H3K002", "H4K002", "J4K001") if clinic.scan(serial) == USE]
        clinic.do(events.report, clinic.QUALITY, event, ReportedTo.AUTHORITY, today(clinic), complete=True)
        for one in reading(clinic, cases.open_cases, clinic.QUALITY):
            if one.id not in before:
                closed(clinic, one.id, "the germ was the patient's own")
        return found

    left = planned(clinic, subject, LEFT)
    assert after(serious=True) == ["J4K001"]
    assert after(serious=True, course_id=course) == ["J4K001"]
    assert after(serious=True, course_id=left) == ["J4K001"]  # nothing was given of that one: it was something else
    assert after(grade=5) == after(grade=4, course_id=course) == ["J4K001"]
    assert after(grade=4, serious=False) == after(grade=3) == ["H3K002", "H4K002", "J4K001"]
    clean(clinic)

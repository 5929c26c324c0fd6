"""A hospital holds what was made of a donor: its own vials of it, and these wherever they go (R35, R37)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import reading
from tests.stories.test_endings import sent
from traceability.domain.casework import CaseDecision, CaseKind, Reactivity
from traceability.domain.checks import Purpose
from traceability.domain.people import Meaning
from traceability.services import cases, closing, materials, stops, verdicts
from traceability.store.hot import Hot
from traceability.store.tables.quality import ScopeKind


def test_what_was_under_a_hospitals_hold_stays_under_it_in_another_house(released: Clinic) -> None:
    clinic, there = released, elsewhere(released)
    clinic.clock.tick(minutes=1)
    gone, way = sent(clinic, "other_site", "H3K001", number=71).id, sent(clinic, "other_site", "H3K002", number=72).id
    clinic.clock.tick(hours=1)
    there.arrived(gone)
    there.counted(gone)
    there.put_away(gone)
    clinic.clock.tick(hours=1)
    target = ScopeKind.MATERIAL, (clinic.ids["donor"],)
    hold = clinic.do(stops.hold, clinic.QUALITY, "Anti-HCV", *target, reason="heard of it").id
    clinic.clock.tick(hours=1)
    there.arrived(way)  # ours still when the hold was placed
    there.counted(way)
    there.put_away(way)
    fresh = clinic.lot("UC26-H6", 1)
    clinic.in_stock(fresh)  # comes to us after it
    clinic.clock.tick(hours=1)

    def held() -> set[str]:
        serials = [*(f"H3K00{n}" for n in range(1, 6)), "H6K001"]
        return {one for one in serials if "held" in clinic.scan(one)[1]}

    assert held() == {"H3K002", "H3K003", "H3K004", "H3K005", "H6K001"}
    assert {row["serial"] for row in reading(clinic, lambda view: stops.covered(view, hold), clinic.QUALITY)} == held()
    assert "held" in there.scan("H3K002", who=there.QUALITY)[1]
    assert [one.id for one in reading(clinic, stops.holds, there.QUALITY)] == [hold]  # who holds it sees by whom
    clinic.do(stops.lift, clinic.QUALITY, hold, reason="negative", signed=(clinic.sign("maharani", Meaning.DECIDED),))
    assert held() == set()


def test_what_a_hospital_rejects_of_a_donor_is_rejected_on_its_way_too(released: Clinic) -> None:
    clinic, there = released, elsewhere(released)
    clinic.clock.tick(minutes=1)
    way = sent(clinic, "other_site", "H3K001").id
    clinic.clock.tick(hours=1)
    given = (clinic.ids["donor"], "Anti-HCV", Reactivity.REACTIVE, clinic.clock.now.date())
    told = clinic.do(
        materials.report_result, clinic.QUALITY, *given, signed=(clinic.sign("maharani", Meaning.RECORDED),)
    )
    decided = {"signed": (clinic.sign("maharani", Meaning.DECIDED),), "reason": "reactive"}
    clinic.do(closing.dispose, clinic.QUALITY, told.answer["case_id"], CaseDecision.REJECT, **decided)
    clinic.clock.tick(hours=1)
    there.arrived(way)
    there.counted(way)
    assert "rejected" in there.scan("H3K001", who=there.QUALITY)[1]


def test_however_many_vials_another_house_asks_about_the_verdict_asks_the_same_few_questions(
    released: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a hold of the donor by who has none of these vials, and a case there that names their lot."""
    clinic, there = released, elsewhere(released)
    shared = clinic.lot("UC26-H4", 4, consignee_ids=(clinic.ids["hospital"], clinic.ids["other"]))
    clinic.in_stock(shared)
    clinic.certificate(clinic.tested(shared))
    clinic.release(shared)
    clinic.do(stops.hold, there.QUALITY, "Anti-HCV", ScopeKind.MATERIAL, (clinic.ids["donor"],), reason="heard of it")
    clinic.do(cases.open_by_hand, there.STOREKEEPER, CaseKind.DEVIATION, "Filling line leaked", lot_id=shared)
    ids = [*(clinic.vial(f"H3K00{n}").id for n in range(1, 6)), *(clinic.vial(f"H4K00{n}").id for n in range(1, 5))]
    real, asked = Hot._ask, 0

    def counted(*told: Any) -> Any:
        nonlocal asked
        asked += 1
        return real(*told)

    def questions(*vial_ids: str) -> int:
        nonlocal asked
        asked = 0
        found = reading(clinic, lambda view: verdicts.judge(view, vial_ids, Purpose.ISSUE), clinic.QUALITY)
        assert {
            finding.code for _, findings in found.values() for finding in findings if finding.holds is False
        } == set()
        return asked

    monkeypatch.setattr(Hot, "_ask", counted)
    assert questions(*ids) == questions(ids[0], ids[5]) == questions(ids[5])

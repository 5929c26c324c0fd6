"""A donor's test comes back reactive after its lots were shipped, stored and given: everything made of it stops, everywhere (R37)."""

from __future__ import annotations

import pytest

from tests.clinic import Clinic
from tests.stories.case import cases, clean, holds, reading, refusal
from traceability.domain.casework import CaseDecision, CaseKind, CaseSeverity, Reactivity
from traceability.domain.people import Actor, Meaning
from traceability.services import casebook, closing, materials, stops, trace
from traceability.store import Done


def told(
    clinic: Clinic, reactivity: Reactivity, who: str = "wijaya", actor: Actor | None = None, test: str = "Anti-HCV"
) -> Done:
    given = (clinic.ids["donor"], test, reactivity, clinic.clock.now.date())
    signed = (clinic.sign(who, Meaning.RECORDED),)
    return clinic.do(materials.report_result, actor or clinic.MAKER_QA, *given, laboratory="Lab 3", signed=signed)


@pytest.fixture
def given(released: Clinic) -> Clinic:
    """One vial given, four in stock, another lot of the same donor on its way."""
    clinic = released
    clinic.give_dose(clinic.course(), 1)
    clinic.ids["lot_2"] = clinic.lot("UC26-H4", 2)
    clinic.shipped(clinic.ids["lot_2"])
    clinic.clock.tick(days=2)
    return clinic


def test_a_late_donor_result_holds_every_descendant_wherever_it_is_and_names_who_had_one(given: Clinic) -> None:
    clinic = given
    assert clinic.scan("H3K002") == ("use", [])
    answer = told(clinic, Reactivity.REACTIVE).answer
    assert answer["lots"] == ["UC26-H3", "UC26-H4"]
    (case,) = reading(clinic, lambda view: [one.case for one in casebook.listed(view)], clinic.MAKER_QA)
    assert (case.kind, case.severity, case.material_id) == (
        CaseKind.DONOR_RESULT,
        CaseSeverity.CRITICAL,
        clinic.ids["donor"],
    )
    # in stock at the hospital, on its way, and in a lot that nobody has announced yet
    for serial in ("H3K002", "H4K001"):
        assert "held" in clinic.scan(serial)[1], serial
    clinic.lot("UC26-H5", 1)
    assert "held" in clinic.scan("H5K001", who=clinic.MAKER_QA)[1]

    # the maker reads how many had one and where; the hospital reads who, by pseudonym, and in whose hold
    detail = reading(clinic, lambda view: casebook.detail(view, case.id), clinic.MAKER_QA)
    assert detail.near == []
    vials = reading(clinic, lambda view: casebook.vials_of(view, detail), clinic.MAKER_QA)
    assert sorted({(row["lot"], row["state"]) for row in vials}) == [
        ("UC26-H3", "given"), ("UC26-H3", "in_stock"), ("UC26-H4", "in_transit"), ("UC26-H5", "made"),
    ]  # fmt: skip
    ids = [row["id"] for row in vials]
    had = reading(clinic, lambda view: trace.exposed(view, ids), clinic.MAKER_QA)
    assert [(row["pseudonym"], row["organisation_id"]) for row in had] == [(None, clinic.ids["hospital"])]
    (hold,) = reading(clinic, stops.holds, clinic.QUALITY)
    assert cases(clinic) == []  # the case is the maker's
    theirs = reading(clinic, lambda view: stops.covered(view, hold.id), clinic.QUALITY)
    had = reading(clinic, lambda view: trace.exposed(view, [row["id"] for row in theirs]), clinic.QUALITY)
    assert [row["pseudonym"] is not None for row in had] == [True]
    clean(clinic)


def test_what_is_rejected_stays_so_after_the_hold_and_a_negative_result_lifts_nothing(given: Clinic) -> None:
    clinic = given
    case_id = told(clinic, Reactivity.INCONCLUSIVE).answer["case_id"]
    assert "case" not in told(clinic, Reactivity.NON_REACTIVE, test="Anti-HCV, again").answer
    assert "held" in clinic.scan("H3K002")[1]
    (hold,) = reading(clinic, stops.open_holds, clinic.MAKER_QA)
    signed = (clinic.sign("wijaya", Meaning.DECIDED),)
    clinic.do(
        closing.dispose, clinic.MAKER_QA, case_id, CaseDecision.DESTROY, signed=signed, reason="not clearly negative"
    )
    no = refusal(lambda: clinic.do(stops.lift, clinic.MAKER_QA, hold.id, signed=signed, reason="decided"))
    assert no.code == "case_opened_by_you"
    signed = (clinic.sign("wijaya2", Meaning.DECIDED),)
    clinic.do(stops.lift, clinic.MAKER_QA2, hold.id, signed=signed, reason="decided")
    assert clinic.scan("H3K002") == ("do_not_use", ["rejected", "release_outdated"])
    assert len(reading(clinic, lambda view: materials.results(view, [clinic.ids["donor"]]), clinic.MAKER_QA)) == 2
    clean(clinic)


def test_lots_of_a_donor_are_decided_one_by_one_and_the_hold_waits_for_the_donor_itself(given: Clinic) -> None:
    clinic = given
    case_id = told(clinic, Reactivity.REACTIVE).answer["case_id"]
    (hold,) = reading(clinic, stops.open_holds, clinic.MAKER_QA)
    signed = (clinic.sign("wijaya2", Meaning.DECIDED),)

    def decide(who: str, decision: CaseDecision, *things: str) -> None:
        actor = clinic.MAKER_QA if who == "wijaya" else clinic.MAKER_QA2
        said = {"signed": (clinic.sign(who, Meaning.DECIDED),), "reason": "looked at", "target_ids": things}
        clinic.do(closing.dispose, actor, case_id, decision, **said)

    decide("wijaya", CaseDecision.REJECT, clinic.ids["lot"])
    lift = (stops.lift, clinic.MAKER_QA2, hold.id)
    assert refusal(lambda: clinic.do(*lift, signed=signed, reason="decided")).code == "hold_undecided"
    no = refusal(lambda: decide("wijaya", CaseDecision.USE, clinic.ids["donor"]))
    assert no.code == "case_opened_by_you"
    decide("wijaya2", CaseDecision.USE, clinic.ids["donor"])
    clinic.do(*lift, signed=signed, reason="decided")
    assert clinic.scan("H3K002") == ("do_not_use", ["rejected"])
    assert not {"held", "rejected"} & set(clinic.scan("H4K001")[1])
    things = {
        one.name: one for one in reading(clinic, lambda view: casebook.detail(view, case_id), clinic.MAKER_QA).things
    }
    assert {name: str(one.decided.decision) for name, one in things.items() if one.decided} == {
        "UC26-H3": "reject", "UC26-H4": "use", next(name for name, one in things.items() if one.noun == "material"): "use",
    }  # fmt: skip


def test_a_hospital_holds_its_own_stock_and_whoever_has_nothing_of_it_holds_nothing(given: Clinic) -> None:
    clinic = given
    told(clinic, Reactivity.REACTIVE, "maharani", clinic.QUALITY)
    assert [one.kind for one in cases(clinic)] == [CaseKind.DONOR_RESULT]
    assert len(holds(clinic)) == 1
    assert "held" in clinic.scan("H3K002")[1]
    clinic.lot("UC26-H5", 1)
    assert "held" not in clinic.scan("H5K001", who=clinic.MAKER_QA)[1]
    no = refusal(lambda: told(clinic, Reactivity.REACTIVE, "other", clinic.ELSEWHERE))
    assert no.code == "not_yours"

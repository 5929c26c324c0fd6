"""A recall where it matters: at every hospital, at the bedside, and for everybody who had a vial already (step 10)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinic import Clinic
from tests.elsewhere import Elsewhere, elsewhere, taken_in
from tests.stories.case import (
    at_once,
    clean,
    count,
    enrol,
    nobody_knows,
    reading,
    refusal,
    report,
    reserve,
    rows,
    stops_at,
)
from tests.stories.test_verdict import hold, lift
from traceability.domain.people import Actor, Meaning
from traceability.services import courses, stops, trace, vials
from traceability.store.tables.quality import ScopeKind

LOT, VIAL = ScopeKind.LOT, ScopeKind.VIAL
BY = {"maker": ("MAKER_QA", "wijaya"), "hospital": ("QUALITY", "maharani")}


def recall(clinic: Clinic, by: str, kind: ScopeKind, *targets: str, **told: Any) -> str:
    who, username = BY[by]
    told = {"signed": (clinic.sign(username, Meaning.RECALLED),), "reason": "complaint 7", **told}
    return clinic.do(
        stops.recall, getattr(clinic, who), "particles", told.pop("class_", 1), True, kind, targets, **told
    ).id


def withdraw(clinic: Clinic, recall_id: str, by: str = "maker", **told: Any) -> None:
    who, username = BY[by]
    told = {"signed": (clinic.sign(username, Meaning.DECIDED),), "reason": "another lot was meant", **told}
    clinic.do(stops.withdraw, getattr(clinic, who), recall_id, **told)


def codes(clinic: Clinic, serial: str, purpose: str = "stock", who: Actor | None = None) -> tuple[str, bool]:
    verdict, found = clinic.scan(serial, purpose, who)
    return verdict, "recalled" in found


@pytest.fixture
def spread(founded: Clinic) -> tuple[Clinic, Elsewhere, str]:
    """One lot everywhere: in stock and issued here, on its way here, in stock at the other hospital, given here."""
    lot = founded.lot("UC26-H3", 8)
    founded.ids["lot"] = lot
    there = elsewhere(founded)
    taken_in(founded, lot, ("H3K001", "H3K002", "H3K003", "H3K004"))
    taken_in(there, lot, ("H3K005", "H3K006"))
    founded.shipped(lot, serials=("H3K007",))
    return founded, there, lot


@pytest.mark.parametrize("by", BY)
def test_a_lot_is_stopped_wherever_its_vials_are_and_free_again_when_it_is_withdrawn(
    spread: tuple[Clinic, Elsewhere, str], by: str
) -> None:
    clinic, there, lot = spread
    course = clinic.course()
    issued = clinic.ready_vial(course, 1, serial="H3K001")
    standing = hold(clinic, clinic.vial("H3K002").id)
    here, away = clinic.PHARMACIST, there.PHARMACIST
    everywhere = [("H3K001", "bedside", here), ("H3K002", "stock", here), ("H3K003", "issue", here), ("H3K005", "issue", away),
                  ("H3K007", "stock", here), ("H3K008", "stock", clinic.MAKER_QA)]  # fmt: skip
    before = [clinic.scan(serial, purpose, who) for serial, purpose, who in everywhere]
    started = recall(clinic, by, LOT, lot)
    assert [codes(clinic, *one) for one in everywhere] == [("do_not_use", True)] * 6
    assert stops_at(clinic, course, 1, issued) == ["recalled"]
    dose = there.ordered(there.course(), 1)
    no = refusal(lambda: there.do(courses.reserve, away, there.vial("H3K005").id, dose))
    assert [finding.code for finding in no.findings] == ["recalled"]
    covered = reading(clinic, lambda view: stops.covered(view, started), clinic.QUALITY)
    assert {row["serial"] for row in covered} == {f"H3K00{n}" for n in range(1, 9)}
    withdraw(clinic, started, by)
    assert [clinic.scan(serial, purpose, who) for serial, purpose, who in everywhere] == before
    assert clinic.scan("H3K002")[1] == ["held"]  # another matter, which stands
    clinic.start_dose(course, 1, issued)
    there.do(courses.reserve, away, there.vial("H3K005").id, dose)
    lift(clinic, standing)
    assert clinic.scan("H3K002") == ("use", [])
    clean(clinic)


@pytest.mark.parametrize("by", BY)
def test_serials_are_stopped_and_their_neighbours_are_not(spread: tuple[Clinic, Elsewhere, str], by: str) -> None:
    clinic, there, _ = spread
    named = [clinic.vial(serial).id for serial in ("H3K001", "H3K005", "H3K007")]
    started = recall(clinic, by, VIAL, *named, class_=2)
    assert codes(clinic, "H3K001") == codes(clinic, "H3K007") == ("do_not_use", True)
    assert codes(clinic, "H3K005", "issue", there.PHARMACIST) == ("do_not_use", True)
    assert clinic.scan("H3K002") == ("use", [])
    assert codes(clinic, "H3K006", "issue", there.PHARMACIST) == ("use", False)
    assert {row["serial"] for row in reading(clinic, lambda view: stops.covered(view, started), clinic.QUALITY)} == {
        "H3K001", "H3K005", "H3K007",
    }  # fmt: skip


def test_who_had_it_is_listed_also_who_should_not_have(released: Clinic) -> None:
    clinic, lot = released, released.ids["lot"]
    course = clinic.course()
    clinic.give_dose(course, 1)
    patient = clinic.ids["subject"]
    late = clinic.ready_vial(course, 2, serial="H3K002")
    started = recall(clinic, "maker", LOT, lot)
    assert report(clinic, [clinic.code(late)], dose_id=clinic.dose(course, 2)).answer["findings"][:1] == ["too_soon"]
    unordered, unknown = enrol(clinic, mrn="MRN-2"), enrol(clinic, mrn="MRN-3")
    report(clinic, [clinic.code(clinic.vial("H3K003"))], subject=unordered)
    report(clinic, [nobody_knows(clinic)], subject=unknown)
    found = reading(clinic, lambda view: stops.covered(view, started), clinic.QUALITY)
    who = reading(clinic, lambda view: trace.exposed(view, [row["id"] for row in found], [lot]), clinic.QUALITY)
    assert {(row["id"], row["vial_id"] and row["serial"]) for row in who} == {
        (patient, "H3K001"), (patient, "H3K002"), (unordered, "H3K003"), (unknown, None),
    }  # fmt: skip
    assert all(row["pseudonym"] for row in who)
    told = reading(clinic, lambda view: trace.exposed(view, [row["id"] for row in found], [lot]), clinic.MAKER_QA)
    assert [row["pseudonym"] for row in told] == [None] * 4  # how many, and not who


def test_a_recall_is_signed_and_says_why_and_of_what(released: Clinic) -> None:
    lot = released.ids["lot"]
    for told, targets, why in (
        ({"signed": ()}, (lot,), "signature_missing"),
        ({"reason": None}, (lot,), "reason_missing"),
        ({"reason": "  "}, (lot,), "reason_missing"),
        ({"signed": (released.sign("maharani", Meaning.RECALLED),)}, (lot,), "signature_not_accepted"),
        ({"class_": 4}, (lot,), "recall_class"),
        ({}, (), "nothing_chosen"),
        ({}, ("0" * 32,), "not_found"),
    ):
        assert refusal(lambda: recall(released, "maker", LOT, *targets, **told)).code == why  # noqa: B023
    assert (
        refusal(lambda: recall(released, "hospital", ScopeKind.PLACE, released.ids["freezer"])).code == "interval_empty"
    )
    assert count(released, "recall") == 0
    started = recall(released, "maker", LOT, lot)
    for told, why in (({"signed": ()}, "signature_missing"), ({"reason": None}, "reason_missing")):
        assert refusal(lambda: withdraw(released, started, **told)).code == why  # noqa: B023
    for who in (released.PHYSICIAN, released.PHARMACIST, released.STOREKEEPER):
        signed = (released.sign("santosa", Meaning.RECALLED),)
        no = refusal(lambda: released.do(stops.recall, who, "x", 1, True, LOT, (lot,), signed=signed, reason="x"))  # noqa: B023
        assert no.code == "not_permitted"
    (signature,) = rows(released, "SELECT name, role FROM signature WHERE meaning = 'recalled'")
    assert tuple(signature) == ("T. Wijaya", "maker_qa")


def test_the_makers_recall_is_the_makers_to_withdraw(released: Clinic) -> None:
    started = recall(released, "maker", LOT, released.ids["lot"])
    assert refusal(lambda: withdraw(released, started, "hospital")).code == "not_found"
    assert codes(released, "H3K001") == ("do_not_use", True)


def test_a_recall_in_the_middle_of_the_work_is_heard_from_its_first_row(released: Clinic) -> None:
    """Everything that was begun before it goes no further, and what is found again is still recalled."""
    clinic = released
    course = clinic.course()
    dose = clinic.ordered(course, 1)
    reserve(clinic, "H3K001", dose)
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K005").id, reason="gone")
    recall(clinic, "maker", LOT, clinic.ids["lot"])
    vial, bench = clinic.vial("H3K001").id, clinic.ids["bench"]
    for act in (courses.issue, courses.thaw):
        no = refusal(lambda: clinic.do(act, clinic.PHARMACIST, vial, bench))  # noqa: B023
        assert [finding.code for finding in no.findings] == ["recalled"]
    clinic.do(vials.report_found, clinic.STOREKEEPER, clinic.vial("H3K005").id, clinic.ids["freezer"], reason="there")
    assert codes(clinic, "H3K005") == ("do_not_use", True)


def test_recalls_at_once_have_numbers_of_their_own(released: Clinic) -> None:
    done, refused = at_once(6, lambda _: recall(released, "maker", LOT, released.ids["lot"]))
    assert (len(set(done)), refused) == (6, [])
    assert {row[0] for row in rows(released, "SELECT number FROM recall")} == {f"R-{n}" for n in range(1, 7)}
    for one in done[:5]:
        withdraw(released, str(one))
    assert codes(released, "H3K001") == ("do_not_use", True)
    withdraw(released, str(done[5]))
    assert released.scan("H3K001") == ("use", [])

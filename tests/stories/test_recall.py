"""A recall stops use in every organisation from its first row, acknowledged or not; withdrawn, it stops nothing."""

from __future__ import annotations

import pytest

from tests.clinic import Clinic
from tests.stories.test_verdict import decided, hold, lift
from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Meaning
from traceability.services import consignments, labels, lists, lots, stops, vials
from traceability.store.tables.quality import ScopeKind


def recall(
    clinic: Clinic, kind: ScopeKind, *targets: str, who: Actor | None = None, username: str = "wijaya", class_: int = 1
) -> str:
    signed = (clinic.sign(username, Meaning.RECALLED),)
    return clinic.do(
        stops.recall,
        who or clinic.MAKER_QA,
        "particles",
        class_,
        True,
        kind,
        targets,
        reason="complaint 7",
        signed=signed,
    ).id


def withdraw(clinic: Clinic, recall_id: str) -> None:
    clinic.do(stops.withdraw, clinic.MAKER_QA, recall_id, reason="wrong lot", signed=decided(clinic, "wijaya"))


def test_a_makers_recall_stops_use_at_the_hospital_at_once(released: Clinic) -> None:
    assert released.scan("H3K001") == ("use", [])
    first = recall(released, ScopeKind.LOT, released.ids["lot"])
    assert [released.scan(f"H3K00{n}") for n in range(1, 6)] == [("do_not_use", ["recalled"])] * 5
    withdraw(released, first)
    assert released.scan("H3K001") == ("use", [])


def test_a_recall_reaches_a_vial_on_its_way(arrived: Clinic) -> None:
    recall(arrived, ScopeKind.LOT, arrived.ids["lot"])
    verdict, codes = arrived.scan("H3K001")
    assert (verdict, codes[0]) == ("do_not_use", "recalled")


def test_a_recall_reaches_a_vial_that_was_issued_and_one_that_is_lost(released: Clinic) -> None:
    course = released.course()
    released.ready_vial(course, 1, serial="H3K001")
    released.do(vials.report_lost, released.STOREKEEPER, released.vial("H3K002").id, reason="not on its shelf")
    recall(released, ScopeKind.LOT, released.ids["lot"])
    assert released.scan("H3K001", "bedside") == ("do_not_use", ["recalled"])
    assert released.scan("H3K002")[0] == "do_not_use"


def test_a_recall_of_a_vial_under_hold_stops_it_and_lifting_the_hold_frees_nothing(released: Clinic) -> None:
    vial = released.vial("H3K001")
    standing = hold(released, vial.id)
    recalled = recall(released, ScopeKind.LOT, released.ids["lot"])
    assert released.scan("H3K001") == ("do_not_use", ["recalled", "held"])
    lift(released, standing)
    assert released.scan("H3K001") == ("do_not_use", ["recalled"])
    withdraw(released, recalled)
    assert released.scan("H3K001") == ("use", [])


def test_a_recall_of_serials_is_of_these_alone(released: Clinic) -> None:
    recall(released, ScopeKind.VIAL, released.vial("H3K002").id, released.vial("H3K004").id)
    assert [released.scan(f"H3K00{n}")[0] for n in range(1, 6)] == ["use", "do_not_use", "use", "do_not_use", "use"]


def test_a_recall_of_a_donor_reaches_every_lot_made_of_it(released: Clinic) -> None:
    other = released.lot("UC26-H4", 2)
    assert other
    recall(released, ScopeKind.MATERIAL, released.ids["donor"])
    assert released.scan("H3K001") == ("do_not_use", ["recalled"])
    assert "recalled" in released.scan("H4K001", who=released.MAKER_QA)[1]


def test_a_recall_of_a_consignment_is_of_what_was_in_the_box(certified: Clinic) -> None:
    lot = certified.ids["lot"]
    box = certified.arrived(certified.shipped(lot, serials=("H3K001", "H3K002")))
    recall(certified, ScopeKind.CONSIGNMENT, box)
    assert "recalled" in certified.scan("H3K001")[1]
    assert "recalled" not in certified.scan("H3K003")[1]


def test_two_recalls_are_withdrawn_one_by_one(released: Clinic) -> None:
    first, second = (
        recall(released, ScopeKind.LOT, released.ids["lot"]),
        recall(released, ScopeKind.VIAL, released.vial("H3K001").id),
    )
    withdraw(released, first)
    assert released.scan("H3K001") == ("do_not_use", ["recalled"])
    assert released.scan("H3K002") == ("use", [])
    withdraw(released, second)
    assert released.scan("H3K001") == ("use", [])
    with pytest.raises(Refused, match="already_ended"):
        withdraw(released, second)


def test_the_hospital_recalls_too_and_the_makers_vials_stop(released: Clinic) -> None:
    recall(released, ScopeKind.LOT, released.ids["lot"], who=released.QUALITY, username="maharani")
    assert released.scan("H3K001", who=released.MAKER_QA)[0] == "do_not_use"


def test_one_recalls_and_holds_only_what_one_may_see(released: Clinic) -> None:
    with pytest.raises(Refused, match="not_found"):
        recall(released, ScopeKind.LOT, released.ids["lot"], who=released.ELSEWHERE, username="other")
    with pytest.raises(Refused, match="not_found"):
        released.do(stops.hold, released.ELSEWHERE, "x", ScopeKind.VIAL, (released.vial("H3K001").id,), reason="x")
    with pytest.raises(Refused, match="nothing_chosen"):
        recall(released, ScopeKind.LOT)
    with pytest.raises(Refused, match="recall_class"):
        recall(released, ScopeKind.LOT, released.ids["lot"], class_=4)
    assert released.scan("H3K001") == ("use", [])


def test_a_hold_on_a_place_is_of_those_who_lay_there_then(released: Clinic) -> None:
    now = released.clock.now
    released.clock.tick(hours=1)
    released.do(vials.move, released.PHARMACIST, released.vial("H3K001").id, released.ids["freezer"])
    released.clock.tick(hours=1)
    released.do(
        stops.hold, released.QUALITY, "door open", ScopeKind.PLACE, (released.ids["freezer"],), reason="alarm",
        since=now, until=released.clock.now,
    )  # fmt: skip
    assert released.scan("H3K001") == ("ask_qa", ["held"])
    assert released.scan("H3K002") == ("use", [])
    with pytest.raises(Refused, match="interval_empty"):
        released.do(stops.hold, released.QUALITY, "x", ScopeKind.PLACE, (released.ids["freezer"],), reason="x")


def lot_of_two_hospitals(clinic: Clinic) -> str:
    """Three vials lie released here, two went to the other hospital."""
    lot = clinic.lot(consignee_ids=(clinic.ids["hospital"], clinic.ids["other"]))
    body = "09521239990000001"
    there = [clinic.vial(serial).id for serial in ("H3K004", "H3K005")]
    sscc = body + gs1.check_digit(body)
    clinic.do(consignments.ship, clinic.MAKER_QA, sscc, clinic.ids["maker_site"], clinic.ids["other_site"], there)
    box = clinic.arrived(clinic.shipped(lot, serials=("H3K001", "H3K002", "H3K003")))
    clinic.counted(box)
    clinic.put_away(box)
    clinic.logged(box)
    clinic.certificate(clinic.tested(lot))
    clinic.release(lot, ("H3K001", "H3K002", "H3K003"))
    return lot


@pytest.mark.parametrize(
    "kind, target", [(ScopeKind.SITE, "site"), (ScopeKind.MAKER, "maker"), (ScopeKind.MATERIAL, "donor")]
)
def test_a_hospital_that_has_nothing_to_do_with_it_stops_nothing_here(
    released: Clinic, kind: ScopeKind, target: str
) -> None:
    clinic = released
    with pytest.raises(Refused, match="not_yours"):
        clinic.do(stops.hold, clinic.ELSEWHERE, "mischief", kind, [clinic.ids[target]], reason="x")
    with pytest.raises(Refused, match="not_yours"):
        recall(clinic, kind, clinic.ids[target], who=clinic.ELSEWHERE, username="other")
    assert clinic.scan("H3K001") == ("use", [])


@pytest.mark.parametrize("kind, target", [(ScopeKind.MAKER, "maker"), (ScopeKind.MATERIAL, "donor")])
def test_a_consignees_doubt_about_a_maker_is_of_its_own_stock_and_the_owners_is_everywhere(
    founded: Clinic, kind: ScopeKind, target: str
) -> None:
    clinic = founded
    lot_of_two_hospitals(clinic)
    clinic.do(stops.hold, clinic.QUALITY, "a doubt", kind, [clinic.ids[target]], reason="read of it")
    assert "held" in clinic.scan("H3K001")[1]
    assert "held" not in clinic.scan("H3K004", who=clinic.ELSEWHERE)[1], "not theirs to stop"
    with clinic.store.read(clinic.ELSEWHERE) as view:
        assert stops.holds(view) == []
    started = recall(clinic, kind, clinic.ids[target])
    assert clinic.scan("H3K001")[0] == clinic.scan("H3K004", who=clinic.ELSEWHERE)[0] == "do_not_use"
    with clinic.store.read(clinic.MAKER_QA) as view:
        assert {row["serial"] for row in stops.covered(view, started)} == {f"H3K00{n}" for n in range(1, 6)}


def test_whoever_holds_a_vial_sees_every_hold_over_it_and_lifts_only_their_own(founded: Clinic) -> None:
    clinic = founded
    lot = lot_of_two_hospitals(clinic)
    placed = clinic.do(stops.hold, clinic.ELSEWHERE, "particles seen", ScopeKind.LOT, [lot], reason="seen in ours").id
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])
    with clinic.store.read(clinic.QUALITY) as view:
        assert [one.title for one in stops.holds(view)] == ["particles seen"]
        assert stops.hold_of(view, placed)[0].organisation_id == clinic.ids["other"]
        assert {row["serial"] for row in stops.covered(view, placed)} >= {"H3K001", "H3K002", "H3K003"}
        assert [one["id"] for one in lists.holds(view, limit=9, after=None)] == [placed]
    with pytest.raises(Refused, match="not_found"):
        lift(clinic, placed)
    with clinic.store.read(clinic.actors["admin"]) as view:
        assert [one.id for one in stops.holds(view)] == [placed]


def test_a_site_is_stopped_by_its_own_people(released: Clinic) -> None:
    released.do(stops.hold, released.QUALITY, "flooded", ScopeKind.SITE, [released.ids["site"]], reason="water")
    assert released.scan("H3K001") == ("ask_qa", ["held"])
    with pytest.raises(Refused, match="not_yours"):
        released.do(stops.hold, released.QUALITY, "x", ScopeKind.SITE, [released.ids["maker_site"]], reason="x")
    with pytest.raises(Refused, match="not_a_maker"):
        released.do(stops.hold, released.QUALITY, "x", ScopeKind.MAKER, [released.ids["other"]], reason="x")


def test_another_consignee_labels_none_of_our_vials(founded: Clinic) -> None:
    clinic = founded
    lot_of_two_hospitals(clinic)
    vial = clinic.vial("H3K001")
    with pytest.raises(Refused, match="not_yours"):
        clinic.do(labels.reprint, clinic.ELSEWHERE, [vial.id], "vial_16x30", reason="smudged")
    assert clinic.scan("H3K001") == ("use", [])
    clinic.do(labels.reprint, clinic.STOREKEEPER, [vial.id], "vial_16x30", reason="smudged")
    with pytest.raises(Refused, match="not_yours"):
        clinic.do(labels.scan_back, clinic.ELSEWHERE, clinic.code(vial))
    assert clinic.scan("H3K001")[1] == ["label_not_scanned_back"]
    clinic.do(labels.scan_back, clinic.STOREKEEPER, clinic.code(vial))
    assert clinic.scan("H3K001") == ("use", [])


@pytest.mark.parametrize("who, counts", [("ELSEWHERE", False), ("MAKER_QA", True), ("QUALITY", True)])
def test_a_certificate_counts_here_when_the_maker_or_we_attached_it(founded: Clinic, who: str, counts: bool) -> None:
    clinic = founded
    lot = clinic.lot(consignee_ids=(clinic.ids["hospital"], clinic.ids["other"]))
    clinic.tested(clinic.in_stock(lot))
    paper = ("ab" * 32, "coa.pdf", "application/pdf", 1000)
    clinic.do(lots.attach, getattr(clinic, who), *paper, lot_id=lot, kind="certificate_of_analysis")
    found = {one.code: one.holds for one in clinic.dossier(lot).findings}
    assert bool(found["certificate_attached"]) is counts

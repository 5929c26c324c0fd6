"""A recall stops use in every organisation from its first row, acknowledged or not; withdrawn, it stops nothing."""

from __future__ import annotations

import pytest

from tests.clinic import Clinic
from tests.stories.test_verdict import decided, hold, lift
from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Meaning
from traceability.services import stops, vials
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

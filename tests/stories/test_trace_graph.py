"""The trace as a graph: from donor to subject and back, with every hold, recall and excursion where it is (R46)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere, taken_in
from tests.stories.case import LEFT, RIGHT, enrol, nobody_knows, patient, reading, report
from tests.worlds import arrived, released, world, worlds
from traceability.domain.errors import NotFound
from traceability.domain.people import Actor, Meaning
from traceability.domain.records.graph import GraphBox, GraphRow, RowKind, StopKind, TraceGraph
from traceability.services import lots, products, stops, taking_back, trace, trace_graph
from traceability.store.tables.lots import MaterialKind, Route
from traceability.store.tables.quality import ScopeKind

__all__ = ["arrived", "released", "world", "worlds"]


def of_lot(clinic: Clinic, lot: str, who: Actor) -> TraceGraph:
    return reading(clinic, lambda view: trace_graph.of_lot(view, trace.of_lot(view, lot)), who)


def ends(box: GraphBox) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(row.kind, row.name if row.kind is not RowKind.VIALS else row.custody, row.serials) for row in box.rows]


def test_from_the_donor_to_whom_it_was_given_and_nobody_elses_patient(released: Clinic) -> None:
    """One box went to each of two hospitals, two vials stayed; each house sees its own patients by pseudonym."""
    clinic = released
    lot = clinic.lot("UC26-T1", 6, consignee_ids=(clinic.ids["hospital"], clinic.ids["other"]))
    there = elsewhere(clinic)
    taken_in(there, lot, ("T1K005", "T1K006"))
    theirs, _ = patient(there, "MRN-T-2", LEFT)
    report(there, [there.code(there.vial("T1K005"))], subject=theirs, side=LEFT)
    graph = of_lot(clinic, lot, there.PHYSICIAN)
    assert [(one.kind, one.code, one.parents) for one in graph.materials] == [
        ("donor", "D-4KQ7", ()), ("bank", "MCB-3", ("D-4KQ7",)), ("harvest", "HV-26-9", ("MCB-3",)),
    ]  # fmt: skip
    (one,) = graph.lots
    assert one.made_of == ("HV-26-9",)
    box, kept = one.boxes
    assert (box.number is not None, kept.number) == (True, None)
    assert [row.kind for row in box.rows] == [RowKind.SUBJECT, RowKind.VIALS]
    assert (box.rows[0].laterality, box.rows[0].serials, box.rows[0].doses) == ("left", ("T1K005",), (None,))
    assert ends(kept) == [(RowKind.VIALS, "made", ("T1K001", "T1K002", "T1K003", "T1K004"))]
    seen_here = of_lot(clinic, lot, clinic.PHYSICIAN)
    (hidden,) = [row for _, _, row in seen_here.rows() if row.kind is RowKind.UNNAMED]
    assert (hidden.ref, hidden.injections, hidden.serials) == (None, 1, ("T1K005",))
    assert box.rows[0].name not in str(seen_here)


def stop_of(row: GraphRow | GraphBox) -> list[tuple[str, int | None]]:
    return [(one.kind, one.vials) for one in row.stops]


def test_what_stops_a_lot_stands_where_it_stops(released: Clinic) -> None:
    """A donor's hold at the donor and the lot, a hold of two vials at their row, a recall at the lot; lifted ones nowhere."""
    clinic, lot = released, released.ids["lot"]
    held = [clinic.vial(serial).id for serial in ("H3K001", "H3K002")]
    hold = clinic.do(stops.hold, clinic.QUALITY, "dropped", ScopeKind.VIAL, held, reason="dropped").id
    clinic.do(stops.hold, clinic.QUALITY, "Anti-HCV", ScopeKind.MATERIAL, (clinic.ids["donor"],), reason="heard of it")
    graph = of_lot(clinic, lot, clinic.QUALITY)
    assert [stop_of(one) for one in graph.materials] == [[(StopKind.HOLD, None)], [], []]
    (one,) = graph.lots
    assert [stop.kind for stop in one.stops] == [StopKind.HOLD]
    (row,) = one.boxes[0].rows
    assert stop_of(row) == [(StopKind.HOLD, 2)]
    clinic.do(stops.lift, clinic.QUALITY, hold, reason="looked at", signed=(clinic.sign("maharani", Meaning.DECIDED),))
    assert stop_of(of_lot(clinic, lot, clinic.QUALITY).lots[0].boxes[0].rows[0]) == []
    signed = (clinic.sign("wijaya", Meaning.RECALLED),)
    clinic.do(
        stops.recall, clinic.MAKER_QA, "particles", 2, False, ScopeKind.LOT, (lot,), reason="particles", signed=signed
    )
    assert [stop.kind for stop in of_lot(clinic, lot, clinic.QUALITY).lots[0].stops] == [StopKind.HOLD, StopKind.RECALL]


def test_a_journey_that_was_too_warm_stands_at_its_box(arrived: Clinic) -> None:
    clinic, box = arrived, arrived.ids["box"]
    clinic.counted(box)
    clinic.put_away(box)
    clinic.logged(box, warm={3: -5.0, 4: -5.0})
    (one,) = of_lot(clinic, clinic.ids["lot"], clinic.QUALITY).lots
    assert StopKind.EXCURSION in {stop.kind for stop in one.stops}, "it held every vial of the lot"


def test_from_a_subject_back_to_the_donor_and_from_a_donor_to_every_lot(released: Clinic) -> None:
    clinic = released
    other = clinic.released_lot("UC26-T2", 3)
    subject = enrol(clinic, "Two lots", "MRN-T-3")
    report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=subject, side=RIGHT)
    report(clinic, [clinic.code(clinic.vial("T2K001"))], subject=subject, side=RIGHT)
    back = reading(clinic, lambda view: trace_graph.of_subject(view, trace.of_subject(view, subject)), clinic.PHYSICIAN)
    assert [(lot.number, [row.serials for box in lot.boxes for row in box.rows]) for lot in back.lots] == [
        ("UC26-H3", [("H3K001",)]), ("UC26-T2", [("T2K001",)]),
    ]  # fmt: skip
    assert [one.code for one in back.materials] == ["D-4KQ7", "MCB-3", "HV-26-9"]
    down = reading(clinic, lambda view: trace_graph.of_material(view, clinic.ids["donor"]), clinic.QUALITY)
    assert [lot.number for lot in down["graph"].lots] == ["UC26-H3", "UC26-T2"]
    assert {row.name for _, _, row in down["graph"].rows() if row.kind is RowKind.SUBJECT} == {
        back.lots[0].boxes[0].rows[0].name
    }
    assert other in {lot.id for lot in down["lots"]}
    stranger = elsewhere(clinic)
    with pytest.raises(NotFound):
        reading(clinic, lambda view: trace_graph.of_material(view, clinic.ids["lot"]), stranger.QUALITY)


def test_two_materials_with_one_code_are_two(released: Clinic) -> None:
    """A code is of its kind and house alone: a bank may be called as its donor is."""
    clinic = released
    maker = clinic.MAKER_QA.organisation_id
    bank = clinic.do(
        products.record_material, clinic.MAKER_QA, maker, MaterialKind.BANK, "D-4KQ7", parent_ids=(clinic.ids["donor"],)
    ).id
    lot = clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], "UC26-T6", place_id=clinic.ids["maker_freezer"], serials=("T6K001",),
        material_ids=(bank,), made_on=date(2026, 3, 9), expires=date(2026, 9, 30), route=Route.SERVICE,
        consignee_ids=(clinic.ids["hospital"],),
    ).id  # fmt: skip
    graph = of_lot(clinic, lot, clinic.MAKER_QA)
    donor, made = graph.materials
    assert (donor.kind, made.kind, made.parents, graph.lots[0].made_of) == (
        "donor",
        "bank",
        (donor.code,),
        (made.code,),
    )
    assert donor.code != made.code


def test_what_was_told_by_mistake_is_nobodys_way(released: Clinic) -> None:
    """It stays in the tables; drawn is where the vial is said to be now."""
    subject = enrol(released, "By mistake", "MRN-T-5")
    given = report(released, [released.code(released.vial("H3K004"))], subject=subject).id
    signed = (released.sign("santosa", Meaning.RECORDED), released.sign("putri", Meaning.VERIFIED))
    released.do(taking_back.void, released.PHYSICIAN, given, signed=signed, reason="told twice")
    drawn = [
        (row.kind, row.custody, row.serials)
        for _, _, row in of_lot(released, released.ids["lot"], released.PHYSICIAN).rows()
    ]
    assert (RowKind.VIALS, "lost", ("H3K004",)) in drawn
    assert not [one for one in drawn if one[0] is RowKind.SUBJECT]


def test_a_vial_that_nobody_knows_is_drawn_with_its_code(released: Clinic) -> None:
    subject, _ = patient(released, "MRN-T-4")
    report(released, [nobody_knows(released)], subject=subject)
    rows = [
        row for _, box, row in of_lot(released, released.ids["lot"], released.PHYSICIAN).rows() if box.number is None
    ]
    assert [(row.kind, len(row.serials)) for row in rows] == [(RowKind.SUBJECT, 1)]

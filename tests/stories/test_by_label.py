"""Whoever acts by a scanned code hears what the label says of lot and expiry: a contradiction is refused, or kept and asked about."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.services import cases, consignments, courses, moves, stocktakes, vials

WRONG: Any = {"lot": "OTHER-LOT", "expires": date(2031, 1, 31)}


def label(clinic: Clinic, serial: str = "H3K001", **told: Any) -> str:
    return clinic.code(clinic.vial(serial), **told)


def stopped(clinic: Clinic, act: Any, *args: Any, **told: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        clinic.do(act, clinic.PHARMACIST, clinic.vial("H3K001").id, *args, **told)
    assert refused.value.code == "vial_not_usable"
    return [one.code for one in refused.value.findings]


def asked(clinic: Clinic) -> list[str]:
    with clinic.store.read(clinic.QUALITY) as view:
        return [one.title for one in cases.open_cases(view)]


def test_a_vial_whose_label_names_another_lot_is_neither_kept_nor_issued_nor_taken_back(clinic: Clinic) -> None:
    clinic.released_lot()
    dose = clinic.ordered(clinic.course(), 1)
    code, bench = label(clinic, lot="OTHER-LOT"), clinic.ids["bench"]
    assert stopped(clinic, courses.reserve, dose, code=code) == ["label_contradicts"]
    clinic.do(courses.reserve, clinic.PHARMACIST, clinic.vial("H3K001").id, dose, code=label(clinic))
    assert stopped(clinic, courses.issue, bench, code=code) == ["label_contradicts"]
    assert stopped(clinic, courses.issue, bench, code=label(clinic, expires=date(2031, 1, 31))) == ["label_contradicts"]
    assert clinic.vial("H3K001").state == "reserved"
    clinic.do(courses.issue, clinic.PHARMACIST, clinic.vial("H3K001").id, bench, code=label(clinic))
    back = clinic.ids["freezer"]
    assert stopped(clinic, courses.take_back, back, code=code, reason="did not come") == ["label_contradicts"]
    assert clinic.vial("H3K001").state == "issued"


def test_a_move_of_a_wrong_label_is_kept_with_a_case_and_a_hold(clinic: Clinic) -> None:
    clinic.in_stock()
    vial = clinic.vial("H3K001")
    answer = clinic.do(
        vials.move, clinic.STOREKEEPER, vial.id, clinic.ids["freezer"], code=label(clinic, **WRONG)
    ).answer
    assert answer["findings"] == ["label_contradicts"]
    assert any("label_contradicts" in title for title in asked(clinic))
    assert "held" in clinic.scan("H3K001")[1]
    with clinic.store.read(clinic.STOREKEEPER) as view:
        assert vials.stays(view, vial.id)[-1][1].id == clinic.ids["freezer"]


def test_a_move_that_agrees_says_nothing_and_the_code_of_another_vial_moves_nothing(clinic: Clinic) -> None:
    clinic.in_stock()
    vial = clinic.vial("H3K001")
    assert (
        clinic.do(vials.move, clinic.STOREKEEPER, vial.id, clinic.ids["freezer"], code=label(clinic)).answer["findings"]
        == []
    )
    with pytest.raises(Refused) as refused:
        clinic.do(vials.move, clinic.STOREKEEPER, vial.id, clinic.ids["quarantine"], code=label(clinic, "H3K002"))
    assert refused.value.code == "label_of_another"
    assert asked(clinic) == []


def test_a_wrong_label_in_a_box_counts_and_is_held_and_is_not_put_away(clinic: Clinic) -> None:
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    wrong = label(clinic, **WRONG)
    answer = clinic.do(consignments.count, clinic.STOREKEEPER, box, wrong).answer
    assert (answer["found"], answer["findings"]) == ("ok", ["label_contradicts"])
    assert "held" in clinic.scan("H3K001")[1]
    assert stopped(clinic, vials.put_away, clinic.ids["quarantine"], code=wrong) == ["label_contradicts"]


def test_a_wrong_label_in_a_count_of_a_place_or_among_samples_opens_a_case(clinic: Clinic) -> None:
    clinic.in_stock()
    count = clinic.do(stocktakes.begin, clinic.STOREKEEPER, clinic.ids["quarantine"]).id
    answer = clinic.do(stocktakes.note, clinic.STOREKEEPER, count, label(clinic, **WRONG)).answer
    assert (answer["seen"], answer["findings"]) == ("here", ["label_contradicts"])
    assert "held" in clinic.scan("H3K001")[1]
    codes = [label(clinic, "H3K002", lot="OTHER-LOT"), label(clinic, "H3K003")]
    told = clinic.do(
        moves.move_all, clinic.STOREKEEPER, clinic.ids["quarantine"], clinic.ids["freezer"], codes, reason="defect"
    ).answer
    assert (told["findings"], len(told["cases"])) == (["label_contradicts"], 1)
    assert "held" in clinic.scan("H3K002")[1]
    assert "held" not in clinic.scan("H3K003")[1]

"""The board of places, and one place with what lies there."""

from __future__ import annotations

import re

import pytest

from tests.clinic import Clinic
from traceability.services import board, coldchain, vials


def state_of(clinic: Clinic, code: str) -> str:
    with clinic.store.read(clinic.STOREKEEPER) as view:
        return next(one.state for one in board.board(view) if one.code == code)


def test_a_place_is_as_well_known_as_it_is_watched(clinic: Clinic) -> None:
    assert [state_of(clinic, code) for code in ("F-01", "F-02", "F-03")] == ["assumed", "unknown", "unknown"]
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], -19_000, -20_000, -18_000)
    assert state_of(clinic, "F-02") == "read"
    clinic.clock.tick(hours=25)
    assert state_of(clinic, "F-02") == "old"


@pytest.mark.parametrize("now, state", [(-19_000, "in"), (-25_000, "in"), (-15_000, "in"), (-14_999, "excursion")])
def test_a_reading_is_judged_by_what_lies_there(clinic: Clinic, now: int, state: str) -> None:
    clinic.in_stock()
    place = clinic.ids["read_freezer"]
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, place)
    clinic.clock.tick(minutes=1)
    clinic.do(coldchain.read, clinic.STOREKEEPER, place, now, min(now, -19_000), max(now, -19_000))
    assert state_of(clinic, "F-02") == state


def test_vials_put_where_it_was_read_too_warm_are_out_of_limits(clinic: Clinic) -> None:
    clinic.in_stock()
    place = clinic.ids["read_freezer"]
    clinic.do(coldchain.read, clinic.STOREKEEPER, place, -9_000, -9_000, -9_000)
    clinic.clock.tick(minutes=1)
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, place)
    assert state_of(clinic, "F-02") == "excursion"


def test_the_board_counts_what_lies_there_and_a_box_only_while_it_holds_something(signed_in, clinic: Clinic) -> None:
    box = clinic.arrived(clinic.shipped(clinic.lot()))
    before = signed_in("handayani").get("/places").text
    assert "5 vials in 6 places." in before
    clinic.counted(box)
    clinic.put_away(box)
    after = signed_in("handayani").get("/places").text
    assert "5 vials in 5 places." in after
    assert "Shipper" not in after.partition("<main")[2]


def test_a_place_lists_its_vials_with_the_answer_of_each(signed_in, clinic: Clinic) -> None:
    clinic.released_lot()
    place = clinic.ids["quarantine"]
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K002").id, clinic.ids["bare_freezer"])
    page = signed_in("handayani").get(f"/places/{place}").text
    told = dict(re.findall(r"<code>(H3K\d+)</code>.*?</svg>([A-Z ]+)</span>", page, re.S))
    assert told == dict.fromkeys(("H3K001", "H3K003", "H3K004", "H3K005"), "USE")
    other = signed_in("handayani").get(f"/places/{clinic.ids['bare_freezer']}").text
    assert "ASK QA" in other
    assert f"/vials/{clinic.vial('H3K002').id}/move" in other


def test_readings_excursions_and_bands_stand_on_the_place(signed_in, clinic: Clinic) -> None:
    clinic.in_stock()
    place = clinic.ids["read_freezer"]
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, place)
    clinic.clock.tick(hours=1)
    clinic.do(coldchain.read, clinic.STOREKEEPER, place, -9_500, -20_000, -9_500)
    page = signed_in("maharani").get(f"/places/{place}").text
    assert "Excursion EX-1" in page
    assert "still open" in page
    assert (
        page.count("−9.5\u00a0°C") == 9
    )  # now, in the tile; then and most, in the reading; furthest, in the excursion; and five times beside the chart
    assert f"/places/{place}/assume" in page
    assert f"/holds/place?kind=place&amp;target_ids={place}" in page
    assert f"/places/{place}/assume" not in signed_in("santosa").get(f"/places/{place}").text


def test_a_maker_sees_only_its_own_places(signed_in, clinic: Clinic) -> None:
    page = signed_in("wijaya").get("/places").text
    assert "MF-01" in page
    assert "F-01-Q" not in page

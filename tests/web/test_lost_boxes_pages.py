"""A box that does not arrive, on its page and by program: due on both sides, given up by two people, taken over after all."""

from __future__ import annotations

import pytest

from tests.api.conftest import ask, signature
from tests.clinic import PASSWORD, Clinic
from tests.web.conftest import hidden
from tests.web.test_consignments_pages import SECOND, arrived, sscc
from tests.worlds import certified, founded, world, worlds
from traceability.store import Store

__all__ = ["ask", "certified", "founded", "world", "worlds"]


@pytest.fixture
def clinic(certified: Clinic) -> Clinic:
    return certified


@pytest.fixture
def store(clinic: Clinic) -> Store:
    return clinic.store


def test_a_box_that_does_not_come_is_said_on_its_page_and_given_up_by_two(clinic: Clinic, signed_in, ask):
    told = {
        "sscc": sscc(), "from_site_id": clinic.ids["maker_site"], "to_site_id": clinic.ids["site"], "lot_id": clinic.ids["lot"],
        "vial_ids": [one.id for one in clinic.vials(clinic.ids["lot"])], "due_on": "2026-04-03",
    }  # fmt: skip
    maker = signed_in("wijaya")
    page = maker.get(f"/consignments/ship?lot_id={clinic.ids['lot']}")
    late = maker.post("/consignments/ship", data=hidden(page.text) | told | {"due_on": "2027-04-03"})
    assert late.status_code == 422, "a slip of the pen"
    box = maker.post("/consignments/ship", data=hidden(late.text) | told).location.rsplit("/", 1)[1]
    quality = signed_in("maharani")
    assert "not arrived in time" not in quality.get(f"/consignments/{box}").text
    assert ask("maharani").get(f"/consignments/{box}").json["due_at"].startswith("2026-04-03T16:59:59")
    clinic.clock.tick(days=4)
    quality, maker, keeper = signed_in("maharani"), signed_in("wijaya"), signed_in("handayani")
    for home in (quality, maker, keeper):
        assert "Consignment C-1 has not arrived in time" in home.get("/").text
    assert "/give_up" not in keeper.get(f"/consignments/{box}").text
    assert "Overdue" in maker.get("/consignments").text
    signed = {"reason": "the carrier has no trace of it", "password": PASSWORD} | SECOND
    assert quality.fill(f"/consignments/{box}/give_up", **signed).status_code == 303
    page = quality.get(f"/consignments/{box}").text
    assert "Given up as lost in transit" in page
    assert "R. Maharani, N. Putri" in page
    assert "not arrived in time" not in maker.get("/").text
    once = ask("wijaya").post(
        f"/consignments/{box}/give_up",
        {"reason": "x", "signatures": [signature("wijaya", "decided"), signature("wijaya2", "searched")]},
    )
    assert (once.status_code, once.json["code"]) == (409, "wrong_state")
    assert ask("wijaya").get(f"/consignments/{box}").json["state"] == "given_up"
    assert arrived(clinic, signed_in, box).status_code == 303
    assert "It came after all" in signed_in("maharani").get(f"/consignments/{box}").text

"""Every page once over both engines: queries that read well on one may fail on the other."""

from __future__ import annotations

import pytest

from tests.clinic import Clinic
from traceability.services import coldchain, stops, vials
from traceability.services.stops import ScopeKind


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_page_opens(signed_in, clinic: Clinic) -> None:
    lot = clinic.in_stock(absent=("H3K002",))
    clinic.arrived(clinic.shipped(clinic.lot("UC26-K2")))
    clinic.lot("UC26-M4", certified=False)
    place = clinic.ids["read_freezer"]
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, place)
    clinic.clock.tick(hours=1)
    clinic.do(coldchain.read, clinic.STOREKEEPER, place, -9_000, -20_000, -9_000)
    clinic.do(stops.hold, clinic.PHARMACIST, "Smeared", ScopeKind.LOT, [lot], reason="seen")
    clinic.clock.now = clinic.clock.now.replace(year=2027, month=11)
    paths = [
        "/", "/places", f"/places/{place}", f"/places/{clinic.ids['quarantine']}", "/audit", "/audit?entry=20&refused=yes",
        "/audit?about=UC26-H3&from=2026-04-01&to=2026-05-01", "/people", f"/people/{clinic.QUALITY.person_id}", "/holds/place?kind=lot",
        "/holds/lift", "/cases/close", "/specifications/issue", f"/places/{place}/assume", "/health",
    ]  # fmt: skip
    browser = signed_in("maharani")
    assert {path: status for path in paths if (status := browser.get(path).status_code) != 200} == {}
    for who in ("wijaya", "handayani", "putri", "wulandari", "santosa", "admin", "other"):
        assert signed_in(who).get("/").status_code == 200

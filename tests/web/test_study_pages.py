"""Study data by page and by program: the same bytes, an inspector's by the system, nothing for who may not."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.clinic import Clinic
from tests.web.test_audit import inspector
from tests.web.test_audit_out import form
from tests.web.test_subjects_pages import scored
from tests.worlds import released, world, worlds
from traceability.services import audit
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import ConsentKind

__all__ = ["released", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    released.ids["course"] = released.course()
    released.consent(released.ids["subject"], ConsentKind.DATA)
    released.give_dose(released.ids["course"], 1)
    scored(released, ("VAS", "7", TimePoint.BASELINE, "visit"))
    return released


def test_it_is_taken_out_by_a_button_and_is_an_entry(signed_in, clinic: Clinic) -> None:
    browser = signed_in("maharani")
    assert 'href="/study"' in browser.get("/outcomes").text
    page = browser.get("/study").text
    sent = form(page, "/study/export")
    table = browser.post("/study/export", data=sent | {"format": "csv"})
    assert (table.mimetype, len(table.text.splitlines())) == ("text/csv", 2)
    zipped = browser.post("/study/export", data=form(browser.get("/study").text, "/study/export") | {"format": "sdtm"})
    assert "dm.csv" in ZipFile(BytesIO(zipped.data)).namelist()
    with clinic.store.read(clinic.QUALITY) as view:
        found = audit.page(view, audit.Asked(clinic.ids["hospital"], act="study.export")).entries
    assert {one.body["answer"]["sha256"] for one in found} == {sha256(one.data).hexdigest() for one in (table, zipped)}


def test_an_inspector_takes_what_they_see_and_others_nothing(signed_in, clinic: Clinic) -> None:
    inspector(clinic)
    guest = signed_in("inspector")
    taken = guest.post("/study/export", data=form(guest.get("/study").text, "/study/export") | {"format": "sdtm"})
    assert taken.status_code == 200
    with clinic.store.read(clinic.QUALITY) as view:
        (entry,) = audit.page(view, audit.Asked(clinic.ids["hospital"], act="study.export")).entries
    assert entry.role == "system"
    for who in ("putri", "wijaya", "admin", "handayani"):
        assert signed_in(who).get("/study").status_code == 403

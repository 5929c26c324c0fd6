"""The labels of a lot in Chromium: chosen and printed, and after a jam on with the next, in both languages and themes."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import overflow, violations
from tests.clinic import Clinic
from traceability.services import labels, lots
from traceability.store.tables.lots import Route

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")


@pytest.mark.parametrize(("theme", "width", "language"), [("light", 1280, "en"), ("dark", 360, "id")])
def test_labels_are_chosen_printed_and_counted(
    browser: Any, live: Any, clinic: Clinic, sign_in: Any, theme: str, width: int, language: str
) -> None:
    lot = clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], "UC26-L1", made_on=date(2026, 3, 9), expires=date(2026, 9, 30),
        place_id=clinic.ids["maker_freezer"], route=Route.SERVICE, serials=("AA1", "AA2", "AA3"), consignee_ids=(),
    ).id  # fmt: skip
    context = browser.new_context(
        base_url=live.url, viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-US"
    )
    page = context.new_page()
    context.add_cookies([{"name": "language", "value": language, "url": live.url}])
    sign_in(page, "wijaya")
    page.goto(f"/lots/{lot}/labels")
    assert page.locator("svg.label").count() == 5
    judged(page, f"labels-{theme}")
    clinic.do(labels.print_, clinic.MAKER_QA, lot, "vial_38x21")
    clinic.do(labels.spoil, clinic.MAKER_QA, [clinic.vial("AA2").id], reason="Smudged")
    clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(clinic.vial("AA1"), date(2026, 9, 30), "UC26-L1"))
    page.goto(f"/lots/{lot}/labels")
    assert [one.inner_text() for one in page.locator("#back ~ * dl.kv dd, dl.kv dd").all()][-4:] == ["4", "1", "1", "2"]
    judged(page, f"labels-printed-{theme}")
    page.goto(f"/lots/{lot}/labels.pdf?layout=vial_38x21&paper=A4&after=AA9")
    assert "AA9" in page.locator("#f-after-why").inner_text()
    context.close()


def judged(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    assert violations(page) == []
    assert overflow(page) == []

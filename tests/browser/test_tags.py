"""Labels of boxes, places, sensors and people in Chromium: chosen with the paper, in both languages and themes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import overflow, violations
from tests.browser.conftest import leave
from tests.clinic import Clinic
from traceability.services import sensors

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")


@pytest.mark.parametrize(("theme", "width", "language"), [("light", 1280, "en"), ("dark", 360, "id")])
def test_every_label_is_shown_as_it_will_be_printed_and_its_paper_is_chosen(
    browser: Any, live: Any, clinic: Clinic, sign_in: Any, theme: str, width: int, language: str
) -> None:
    box, subject = clinic.shipped(clinic.lot(count=2)), clinic.subject()
    sensor = clinic.do(sensors.register, clinic.QUALITY, "LG-7", "Asia/Jakarta", 300, giai="95212345LG7").id
    bare = clinic.do(sensors.register, clinic.QUALITY, "LG-8", "Asia/Jakarta", 300).id
    context = browser.new_context(
        base_url=live.url, viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-US"
    )
    page = context.new_page()
    context.add_cookies([{"name": "language", "value": language, "url": live.url}])
    for who, name, path, looks in (
        ("handayani", "place", f"places/{clinic.ids['quarantine']}", 2),
        ("handayani", "box", f"consignments/{box}", 1),
        ("handayani", "sensor", f"sensors/{sensor}", 2),
        ("handayani", "sensor-bare", f"sensors/{bare}", 0),
        ("maharani", "badge", f"people/{clinic.PHARMACIST.person_id}", 1),
        ("santosa", "wristband", f"subjects/{subject}", 1),
    ):
        sign_in(page, who)
        page.goto(f"/{path}")
        page.locator(f'a[href$="{path}/label"]').click()
        assert page.locator("svg.label").count() == looks
        judged(page, f"tag-{name}-{theme}")
        if looks:
            address = f"/{path}/label.pdf?paper=zpl_300"
            told = page.evaluate("async (address) => (await (await fetch(address)).text())", address)
            assert told.startswith("~DG")
            page.locator("#f-start").fill("999")
            page.locator("main form button[type=submit]").click()
            assert page.locator("#f-start-why").inner_text()
            judged(page, f"tag-{name}-refused-{theme}")
    sign_in(page, "handayani")
    page.goto("/scan/setup")
    assert page.locator('a[href*="/scan/setup/sheet?paper="]').count() == 6
    judged(page, f"tag-setup-{theme}")
    leave(context)


def judged(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    assert violations(page) == []
    assert overflow(page) == []

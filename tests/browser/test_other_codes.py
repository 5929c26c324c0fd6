"""Over-labels and codes of BPOM in Chromium with a scanner that types: announced, labelled, scanned, kept; both languages and themes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.test_tags import judged
from tests.browser.wedge import wedge
from tests.clinic import Clinic
from tests.stories.test_bpom import bpom
from tests.stories.test_overlabel import announced, released, with_gln
from tests.stories.test_silent_maker import silent_maker

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("theme", "width", "language"), [("light", 1280, "en"), ("dark", 360, "id")])
def test_a_vial_with_an_over_label_is_scanned_and_keeps_its_code_of_bpom(
    browser: Any, live: Any, clinic: Clinic, sign_in: Any, theme: str, width: int, language: str
) -> None:
    silent_maker(clinic)
    with_gln(clinic)
    vial = clinic.vials(released(clinic))[0]
    bare = announced(clinic, "QM-2", count=4)
    context = browser.new_context(
        base_url=live.url, viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-US"
    )
    page = context.new_page()
    context.add_cookies([{"name": "language", "value": language, "url": live.url}])

    sign_in(page, "maharani")
    page.goto("/lots/announce")
    page.locator("#f-overlabelled").check()
    judged(page, f"overlabel-announce-{theme}")
    sign_in(page, "handayani")
    page.goto(f"/lots/{bare}/labels")
    assert page.locator("svg.label").count() == 1
    judged(page, f"overlabel-print-{theme}")

    sign_in(page, "putri")
    page.goto("/scan")
    wedge(page, clinic.code(vial))
    page.locator('#verdict[data-answer="use"]').wait_for()
    page.locator("#facts ~ * summary, details.earlier summary").first.click()
    judged(page, f"overlabel-scanned-{theme}")
    page.locator("#f-alias").click()
    wedge(page, "(90)DKL1234567890A1")
    page.locator(".errors").wait_for()
    judged(page, f"bpom-refused-{theme}")
    page.locator("#f-alias").fill("")
    wedge(page, bpom(lot="QM-1"))
    page.wait_for_url("**/scan?mode=stock")
    wedge(page, bpom(lot="QM-1"))
    page.locator('#verdict[data-answer="use"]').wait_for()
    assert bpom(lot="QM-1") in page.locator("main").inner_text()
    judged(page, f"bpom-kept-{theme}")
    page.goto(f"/vials/{vial.id}/temperature")
    assert bpom(lot="QM-1") in page.locator("main").inner_text()
    judged(page, f"bpom-vial-{theme}")
    context.close()

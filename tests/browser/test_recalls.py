"""The list of recalls on a phone in the hospital's language: nothing of it lies outside the screen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import overflow
from tests.browser.conftest import Live, leave
from tests.clinic import PASSWORD, Clinic
from traceability.domain.people import Meaning
from traceability.services import stops
from traceability.store.tables.quality import ScopeKind

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("who", ["wijaya", "maharani"])
@pytest.mark.parametrize("path", ["/recalls", "/holds"])
def test_what_is_stopped_fits_a_phone_in_indonesian(
    browser: Any, live: Live, clinic: Clinic, path: str, who: str
) -> None:
    lot, signed = clinic.lot(), (clinic.sign("wijaya", Meaning.RECALLED),)
    title = "Late positive donor result of the cell bank"
    clinic.do(stops.recall, clinic.MAKER_QA, title, 2, False, ScopeKind.LOT, [lot], reason="x", signed=signed)
    first = clinic.do(stops.recall, clinic.MAKER_QA, title, 1, True, ScopeKind.LOT, [lot], reason="x", signed=signed).id
    decided = (clinic.sign("wijaya", Meaning.DECIDED),)
    clinic.do(stops.withdraw, clinic.MAKER_QA, first, reason="x", signed=decided)
    lifted = clinic.do(stops.hold, clinic.MAKER_QA, title, ScopeKind.LOT, [lot], reason="x").id
    clinic.do(stops.lift, clinic.MAKER_QA, lifted, reason="x", signed=decided)
    clinic.do(stops.hold, clinic.MAKER_QA, title, ScopeKind.LOT, [lot], reason="x")
    context = browser.new_context(base_url=live.url, viewport={"width": 360, "height": 800}, locale="id-ID")
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{live.url}/")
    page.goto(path)
    assert title in page.inner_text("main") or path == "/holds"
    assert page.locator("html").get_attribute("lang") == "id"
    assert overflow(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    leave(context)

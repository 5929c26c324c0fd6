"""A mock recall over three sites in Chromium: the maker starts it, two hospitals scan what they hold, one vial is missing and is
named, and in the end it is found.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import clean
from tests.browser.conftest import Live
from tests.browser.wedge import wedge
from tests.clinic import PASSWORD, Clinic
from tests.stories.test_recall import lot_of_two_hospitals
from traceability.domain.states import Custody

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")
"""A folder: pictures of every page are left there, to be looked at."""


def pictured(page: Any, name: str) -> None:
    if not SHOTS:
        return
    page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    page.set_viewport_size({"width": 360, "height": 780})
    page.screenshot(path=str(Path(SHOTS) / f"{name}-360.png"), full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def scanned(page: Any, clinic: Clinic, *serials: str) -> None:
    for serial in serials:
        wedge(page, clinic.code(clinic.vial(serial)))
        page.locator(".heard", has_text=serial).wait_for()


def answered(page: Any, words: str) -> None:
    page.get_by_role("link", name="Answer", exact=True).click()
    page.get_by_label("What you found, and what you do").fill(words)
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("heading", level=1).wait_for()


def test_a_mock_recall_over_three_sites_names_the_missing_vial_and_ends_at_a_hundred_per_cent(
    page: Any, live: Live, clinic: Clinic, sign_in: Any
) -> None:
    lot = lot_of_two_hospitals(clinic)
    before = [clinic.scan(f"H3K00{n}") for n in (1, 2, 3)]

    sign_in(page, "wijaya")
    page.goto("/recalls")
    pictured(page, "0-recalls")
    page.get_by_role("link", name="Start a mock recall").click()
    page.locator(f"input[name=lot_ids][value='{lot}']").check()
    page.get_by_label("What is wrong, in one line").fill("Late positive donor result, tried")
    page.locator("input[name=class_][value='2']").check()
    page.get_by_label("Your password").fill(PASSWORD)
    pictured(page, "1-start")
    page.get_by_role("button", name="Sign and rehearse").click()
    page.get_by_text("5 vials are not accounted for").wait_for()
    assert page.locator("aside.strip").inner_text().startswith("Mock recall.")
    assert not clean(page)
    pictured(page, "2-started")
    where = page.url.partition("?")[0]
    answered(page, "Nothing is left here.")

    clinic.clock.tick(minutes=20)
    sign_in(page, "handayani")
    page.goto(where)
    page.get_by_role("link", name="Retrieve by scanning").click()
    scanned(page, clinic, "H3K001", "H3K002")
    assert "left where it is" in page.locator(".heard").inner_text()
    assert not clean(page)
    pictured(page, "3-scanning")

    clinic.clock.tick(minutes=20)
    sign_in(page, "other")
    page.goto(f"{where}/retrieve")
    scanned(page, clinic, "H3K004", "H3K005")
    page.get_by_text("Every vial that your organisation holds is accounted for.").wait_for()
    page.get_by_role("link", name="To the recall").click()
    answered(page, "Both in the freezer.")

    sign_in(page, "wijaya")
    page.goto(where)
    assert "80" in page.locator("#account + p").inner_text()
    assert "H3K003" in page.locator("section[aria-labelledby=account]").inner_text()
    assert (
        "not seen, no answer"
        not in page.locator("section[aria-labelledby=told] tr", has_text="RSUD Dr. Moewardi").inner_text()
    ), "the page was open there"
    pictured(page, "4-missing")

    clinic.clock.tick(minutes=30)
    sign_in(page, "maharani")
    page.goto(f"{where}/retrieve")
    scanned(page, clinic, "H3K003")
    page.get_by_role("link", name="To the recall").click()
    answered(page, "The third stood behind the box.")

    sign_in(page, "wijaya")
    page.goto(where)
    page.get_by_role("link", name="Close a recall").click()
    page.get_by_label("What it comes to").fill("All found; the last one stood behind the box.")
    page.get_by_label("Your password").fill(PASSWORD)
    pictured(page, "5-close")
    page.get_by_role("button", name="Sign and close the recall").click()
    page.get_by_text("The recall is closed with its figures.").wait_for()
    assert "100" in page.locator("#account + p").inner_text()
    assert not clean(page)
    pictured(page, "6-closed")
    assert [clinic.scan(f"H3K00{n}") for n in (1, 2, 3)] == before, "no vial was stopped by it"
    assert clinic.vial("H3K001").state is Custody.IN_STOCK
    page.goto(f"/lots/{lot}/reconciliation")
    assert not clean(page)
    pictured(page, "7-reconciliation")
    page.goto(f"/lots/{lot}/distribution")
    assert not clean(page)
    pictured(page, "8-distribution")

"""A donor's test comes back reactive, in Chromium: what was on its way to a patient stops, who had it is listed for those who treat
them, and the maker's QA decides lot by lot.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import clean
from tests.browser.test_bedside import scanned
from tests.browser.wedge import wedge
from tests.clinic import PASSWORD, Clinic
from tests.worlds import released, world, worlds

pytestmark = pytest.mark.browser
__all__ = ["released", "world", "worlds"]
SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    """One vial was given, the next is thawing for the same patient, another lot of the donor is in its box on the way."""
    course = released.course()
    released.give_dose(course, 1)
    released.clock.tick(days=7)
    released.ids["lot_2"] = released.lot("UC26-H4", 2)
    released.shipped(released.ids["lot_2"])
    released.ids["vial"] = released.ready_vial(course, 2).serial
    return released


def looked_at(page: Any, name: str) -> None:
    assert not clean(page), page.url
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.screenshot(path=f"{SHOTS}/donor-{name}.png", full_page=True)
        page.set_viewport_size({"width": 360, "height": 780})
        page.screenshot(path=f"{SHOTS}/donor-{name}-360.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def decided(page: Any, word: str, why: str, *things: str) -> None:
    page.get_by_role("link", name="Decide", exact=True).click()
    for one in things:
        page.get_by_role("checkbox", name=one).check()
    page.get_by_label(word, exact=True).check(force=True)
    page.locator("#f-reason").fill(why)
    page.locator("#f-password").fill(PASSWORD)
    looked_at(page, f"decide-{word.split()[0]}")
    page.get_by_role("button", name="Sign the decision").click()
    page.get_by_text("The decision is on record.").wait_for()


def test_a_late_result_of_a_donor_stops_what_was_made_of_it_and_is_decided_lot_by_lot(
    page: Any, clinic: Clinic, sign_in: Any
) -> None:
    sign_in(page, "santosa")
    scanned(page, clinic, "right")
    assert page.locator("#word").inner_text() == "USE"

    sign_in(page, "wijaya")
    page.goto("/")
    page.get_by_role("link", name="Report a late result").click()
    page.get_by_role("link", name="D-4KQ7").click()
    page.locator("#f-test").fill("Anti-HCV")
    page.locator("[name=reactivity][value=reactive]").check(force=True)
    page.locator("#f-tested_on").fill(clinic.clock.now.date().isoformat())
    page.locator("#f-laboratory").fill("Lab 3")
    page.locator("#f-password").fill(PASSWORD)
    looked_at(page, "1-report")
    page.locator("main button[type=submit]").last.click()
    page.get_by_role("heading", name=re.compile("Case K-1")).wait_for()
    assert "reactive" in page.locator("section[aria-labelledby=results]").inner_text().lower()
    assert "1 subject" in page.locator("section[aria-labelledby=had]").inner_text()
    subject = clinic.ids["subject"]
    assert subject not in page.content(), "the maker learns that somebody had it, and not who"
    looked_at(page, "2-case")
    case = page.url.partition("?")[0]

    # in the procedure room, with the patient; and in a box that nobody has opened
    sign_in(page, "santosa")
    scanned(page, clinic, "right")
    assert page.locator("#word").inner_text() == "ASK QA"
    assert "H-1" in page.locator("#verdict").inner_text()
    assert page.get_by_role("button", name="Start dose 2").count() == 0
    looked_at(page, "3-bedside")
    sign_in(page, "handayani")
    page.goto("/scan")
    wedge(page, clinic.code(clinic.vial("H4K001")))
    page.get_by_text("ASK QA", exact=True).wait_for()
    assert "H-1" in page.locator("#verdict").inner_text()

    # who had it: by pseudonym for who judges or treats, as a number for who keeps the stock
    sign_in(page, "maharani")
    page.goto("/holds")
    page.get_by_role("link", name=re.compile("Open")).first.click()
    page.locator(f"a[href='/subjects/{subject}']").first.wait_for()
    assert page.get_by_role("link", name="Lift a hold").count() == 0, "it is the maker's"
    looked_at(page, "4-hold")
    held = page.url
    sign_in(page, "handayani")
    page.goto(held)
    page.get_by_role("region", name="Who had it").wait_for()
    assert subject not in page.content()

    sign_in(page, "wijaya")
    page.goto(case)
    decided(page, "Rejected", "Made while the donor may have been infected.", "UC26-H3")
    sign_in(page, "wijaya2")  # who reported the result frees nothing of it
    page.goto(case)
    decided(page, "May be used", "Frozen a year before; tested again, negative.", "UC26-H4", "D-")
    looked_at(page, "5-decided")
    page.get_by_role("link", name="H-1").click()
    page.get_by_role("link", name="Lift a hold").click()
    page.locator("#f-reason").fill("Decided in the case, lot by lot.")
    page.locator("#f-password").fill(PASSWORD)
    page.get_by_role("button", name="Sign and lift").click()
    page.get_by_text("The hold is lifted.").wait_for()

    sign_in(page, "santosa")
    scanned(page, clinic, "right")
    assert page.locator("#word").inner_text() == "DO NOT USE"
    assert "H-1" not in page.locator("#verdict").inner_text()
    looked_at(page, "6-rejected")
    assert not {"held", "rejected"} & set(clinic.scan("H4K001")[1])

"""A septic knee from the subject's page to the authority: told, its lots stopped, judged, reported, told again (R53)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import clean
from tests.browser.conftest import Live, leave
from tests.clinic import PASSWORD, Clinic
from tests.stories.case import enrol, report

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def given(clinic: Clinic) -> Clinic:
    clinic.ids["lot"] = clinic.released_lot()
    clinic.give_dose(clinic.course(), 1)
    report(clinic, [clinic.code(clinic.vial("H3K002"))], subject=enrol(clinic, "Somebody Else", "MRN-7"))
    return clinic


def pictured(page: Any, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.screenshot(path=f"{SHOTS}/event-{name}.png", full_page=True)


def test_an_event_stops_its_lot_is_judged_reported_and_told_again(page: Any, given: Clinic, live: Live, browser: Any, sign_in: Any) -> None:  # fmt: skip
    sign_in(page, "santosa")
    page.goto(f"/events/record?subject_id={given.ids['subject']}")
    page.locator("[name=asked][value=yes]").check(force=True)
    page.locator("#f-description").fill("Septic joint after dose 1")
    page.locator("#f-told_by").fill("ward round")
    page.locator("#f-administration_id").select_option(index=1)
    page.locator("#f-term").fill("Joint infection")
    page.locator("#f-grade").select_option("4")
    page.get_by_label("Life threatening").check()
    page.locator("#f-onset_on").fill(given.clock.now.date().isoformat())
    pictured(page, "1-form")
    assert clean(page) == []
    page.get_by_role("button", name="Record the answer").click()
    page.get_by_role("heading", name=re.compile("Event E-1")).wait_for()
    pictured(page, "2-told")
    assert clean(page) == []
    assert page.get_by_text("It stops these lots until QA has decided.").count()
    assert page.locator("section[aria-labelledby=had] li").count() == 1  # the other patient who had a vial of the lot
    assert given.scan("H3K005")[0] == "ask_qa"

    page.get_by_role("link", name="Judge it").first.click()
    page.locator("[name=causality], #f-causality").first.wait_for()
    page.locator("#f-causality").select_option("probable")
    page.locator("[name=expectedness][value=unexpected]").check(force=True)
    page.locator("#f-reference").fill("Investigator’s brochure, 3")
    page.locator("#f-password").fill(PASSWORD)
    pictured(page, "3-judge")
    page.get_by_role("button", name="Judge it").click()
    page.get_by_text("Your word is on record.").wait_for()

    sign_in(page, "maharani")
    page.goto("/")
    page.get_by_role("link", name=re.compile("Report event E-1")).click()
    page.get_by_role("link", name="It was reported").first.click()
    page.locator("[name=recipient][value=authority]").check(force=True)
    page.locator("#f-reported_on").fill(given.clock.now.date().isoformat())
    page.locator("#f-number").fill("BPOM-2026-17")
    pictured(page, "4-report")
    page.get_by_role("button", name="Record the report").click()
    page.get_by_text("The report is on record.").wait_for()
    assert page.get_by_text(re.compile("reported on")).count()

    given.clock.tick(days=3)
    sign_in(page, "santosa")
    page.goto("/events")
    pictured(page, "5-list")
    assert clean(page) == []
    page.get_by_role("link", name=re.compile("E-1")).first.click()
    page.get_by_role("link", name="Tell it again").click()
    assert page.locator("#f-term").input_value() == "Joint infection"
    page.locator("#f-outcome").select_option("recovering")
    page.get_by_role("button", name="Record the answer").click()
    page.get_by_text("Told before").first.wait_for()
    pictured(page, "6-again")
    event = page.url
    page.goto(f"{event}/report")
    page.locator("[name=recipient][value=maker]").check(force=True)
    page.locator("#f-reported_on").fill(given.clock.now.date().isoformat())
    told = [one.inner_text()[:3] for one in page.locator("#f-telling_id option").all()]
    assert told[1:] == ["2 ·", "1 ·"]
    page.locator("#f-telling_id").select_option(index=1)
    pictured(page, "7-which")
    assert clean(page) == []
    page.get_by_role("button", name="Record the report").click()
    page.get_by_text("The report is on record.").wait_for()
    row = page.locator("section[aria-labelledby=reports] tbody tr", has_text="maker")
    assert re.search(r"\b2\b", row.inner_text())
    pictured(page, "8-reported")

    given.clock.tick(days=20)
    context = browser.new_context(base_url=live.url, viewport={"width": 360, "height": 800}, color_scheme="dark")
    context.add_cookies([{"name": "language", "value": "id", "url": live.url}])
    phone = context.new_page()
    sign_in(phone, "santosa")
    for name, path in {"one": event, "list": "/events", "form": f"/events/record?subject_id={given.ids['subject']}", "clocks": "/clocks", "report": f"{event}/report"}.items():  # fmt: skip
        phone.goto(path)
        pictured(phone, f"phone-{name}")
        assert clean(phone) == [], path
    assert "terlambat" in (phone.goto("/events") and phone.inner_text("main"))
    leave(context)

"""A dose given without permission, as QA answers for it on the pages: from the work list to the signature that closes it."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import overflow, violations
from tests.browser.conftest import Live, leave
from tests.clinic import PASSWORD, Clinic
from tests.stories.case import cases, enrol, report
from traceability.domain.casework import CaseKind
from traceability.services import cases as service

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def given(clinic: Clinic) -> Clinic:
    clinic.ids["lot"] = clinic.released_lot()
    clinic.ids["lot_2"] = clinic.in_stock(clinic.lot("UC26-H4", 2))
    report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=enrol(clinic))
    clinic.ids["case"] = cases(clinic)[0].id
    return clinic


def pictured(page: Any, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.screenshot(path=f"{SHOTS}/case-{name}.png", full_page=True)


def test_a_dose_given_without_permission_is_answered_for_and_closed(page: Any, given: Clinic, sign_in: Any) -> None:
    sign_in(page, "maharani")
    page.goto("/")
    page.get_by_role("link", name=re.compile("Case K-1 is open")).click()
    page.get_by_role("heading", name="Case K-1: Dose that was not permitted").wait_for()
    assert (
        page.locator("#missing ~ *").count() or page.get_by_text("Nobody has written down what was found out.").count()
    )
    pictured(page, "1-open")
    assert violations(page) == []

    page.get_by_role("link", name="Hand over").click()
    page.locator("#f-owner_id").select_option(label="R. Maharani")
    page.get_by_role("button", name="Hand it over").click()
    page.get_by_text("It is theirs to answer for now.").wait_for()
    page.get_by_role("link", name="Write a finding").click()
    page.locator("#f-findings").fill("No order on the ward.")
    page.locator("#f-root_cause").fill("Order form not sent on.")
    page.get_by_role("button", name="Record it").click()
    page.get_by_text("What was found out is on record.").wait_for()

    page.get_by_role("link", name="Say which are concerned").click()
    pictured(page, "2-extend")
    assert page.get_by_role("checkbox", name="UC26-H4").is_checked()
    page.get_by_label("No, leave them out").check(force=True)
    page.locator("#f-reason").fill("Another ward, another day.")
    page.get_by_role("button", name="Record it").click()
    page.get_by_text("It is on record which other lots are concerned.").wait_for()

    page.get_by_role("link", name="Decide", exact=True).click()
    page.get_by_label("May be used").check(force=True)
    page.locator("#f-reason").fill("The vial was sound.")
    page.locator("#f-password").fill(PASSWORD)
    pictured(page, "3-decide")
    page.get_by_role("button", name="Sign the decision").click()
    page.get_by_text("The decision is on record.").wait_for()

    page.get_by_role("link", name="Plan an action").click()
    page.locator("[name=kind][value=preventive]").check(force=True)
    page.locator("#f-title").fill("Order form on the tray")
    page.locator("#f-owner_id").select_option(label="R. Maharani")
    page.locator("#f-due_on").fill((given.clock.now + timedelta(days=5)).date().isoformat())
    page.get_by_role("button", name="Plan it").click()
    page.get_by_text("The action is planned.").wait_for()
    page.get_by_role("link", name="Done CA-1").click()
    page.locator("#f-evidence").fill("SOP 12, version 4")
    page.locator("#f-check_on").fill((given.clock.now + timedelta(days=30)).date().isoformat())
    page.get_by_role("button", name="Record that it is done").click()
    page.get_by_text("The action is done. Somebody else judges whether it helped.").wait_for()

    page.get_by_role("link", name="H-1").click()
    page.get_by_role("link", name="Lift a hold").click()
    page.locator("#f-reason").fill("Decided in the case.")
    page.locator("#f-password").fill(PASSWORD)
    page.get_by_role("button", name="Sign and lift").click()
    page.get_by_text("The hold is lifted.").wait_for()

    # who investigated alone does not close it
    page.goto(f"/cases/{given.ids['case']}")
    page.get_by_text("You opened it, or investigated it, or who you stand in for did.").wait_for()
    sign_in(page, "lestari")
    page.goto(f"/cases/{given.ids['case']}")
    assert page.get_by_text("What is missing before it closes").count() == 0
    pictured(page, "4-ready")
    page.get_by_role("link", name="Sign and close").click()
    page.locator("#f-reason").fill("Answered.")
    page.locator("#f-password").fill(PASSWORD)
    page.get_by_role("button", name="Sign and close").click()
    page.get_by_text("The case is closed.").wait_for()
    pictured(page, "5-closed")
    assert cases(given) == []


def test_cases_fit_a_phone_in_the_dark_in_indonesian(browser: Any, live: Live, given: Clinic, sign_in: Any) -> None:
    given.do(service.open_by_hand, given.STOREKEEPER, CaseKind.DEVIATION, "Door of F-01 left open over the weekend")
    given.clock.tick(days=40)
    context = browser.new_context(base_url=live.url, viewport={"width": 360, "height": 800}, color_scheme="dark")
    context.add_cookies([{"name": "language", "value": "id", "url": live.url}])
    page = context.new_page()
    sign_in(page, "maharani")
    told = {"list": "/cases", "one": f"/cases/{given.ids['case']}", "extend": f"/cases/{given.ids['case']}/extend_to",
            "dispose": f"/cases/{given.ids['case']}/dispose", "open": "/cases/open"}  # fmt: skip
    for name, path in told.items():
        page.goto(path)
        pictured(page, f"phone-{name}")
        assert overflow(page) == [], path
    assert "Terlambat" in (page.goto("/cases") and page.inner_text("main"))
    leave(context)

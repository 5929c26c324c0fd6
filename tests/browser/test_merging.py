"""A patient who lost their wristband and was enrolled again: QA's colleague on the ward compares, looks, and both sign."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.axe import overflow, policy_violations, violations
from tests.clinic import PASSWORD, Clinic
from tests.stories.case import enrol, planned

pytestmark = pytest.mark.browser


def seen(page: Any, name: str) -> None:
    """It fits a telephone, and whoever cannot see it is told it; SHOTS=/tmp/shots keeps what a person sees."""
    for width, scheme in ((360, "light"), (1280, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) + overflow(page) + policy_violations(page) == [], (name, width)
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/merging-{name}-{width}-{scheme}.png", full_page=True)


def test_two_pseudonyms_become_one_on_the_ward(page: Any, sign_in: Callable[[Any, str], None], clinic: Clinic) -> None:
    first = enrol(clinic, "Sri Lestari", "MRN-1", nik="3372014305690001")
    again = enrol(clinic, "Lestari, Sri", "MRN-2", nik="3372014305690009")
    for one in (first, again):
        clinic.consent(one)
        planned(clinic, one)
    sign_in(page, "santosa")
    page.goto("/subjects")
    seen(page, "list")
    page.get_by_role("link", name="Which, and compare").click()
    seen(page, "alike")
    page.get_by_role("link", name="Compare").click()
    seen(page, "compare")
    page.get_by_role("button", name="Show both identities").click()
    page.get_by_text("MRN-2").wait_for()
    seen(page, "shown")
    page.get_by_label("It is one person all the same").check()
    page.get_by_label("Reason").fill(
        "The ward enrolled her again after the wristband was lost; one number was mistyped"
    )
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Username of the second person").fill("maharani")
    page.get_by_label("Password of the second person").fill(PASSWORD)
    page.get_by_role("button", name="Sign that it is one person").click()
    page.get_by_text("This person was enrolled more than once").wait_for()
    seen(page, "stands")
    page.goto(f"/subjects/{again}")
    seen(page, "merged")
    page.goto(f"/subjects/{first}/merge")
    seen(page, "which")

"""Charts in Chromium: drawn under the strict policy in both themes, at 1280 and 360, with their tables beside them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import overflow, policy_violations, violations, watch_policy
from tests.browser.conftest import leave
from tests.clinic import Clinic
from tests.freezer import hang, told, watched_freezer
from traceability.services import coldchain

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")
"""Where pictures go, for somebody to look at."""


@pytest.fixture
def told_of(clinic: Clinic) -> Clinic:
    """A freezer with an excursion and a gap, a second sensor and a reading by hand; a box that was too warm for a while."""
    clinic.ids["box"] = clinic.arrived(clinic.shipped(clinic.lot()))
    clinic.counted(clinic.ids["box"])
    clinic.put_away(clinic.ids["box"])
    clinic.logged(clinic.ids["box"], warm={9: -13.0, 10: -11.5})
    began = watched_freezer(clinic).clock.now
    other = hang(clinic, clinic.ids["read_freezer"], "S-2")
    clinic.clock.tick(hours=10)
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], -18_500, -22_000, -17_000)
    told(clinic, other, "S-2", began, 10, low=-18.4)
    told(clinic, clinic.ids["sensor"], "S-1", began, 10)
    clinic.clock.tick(hours=2)
    return clinic


@pytest.fixture(params=[("light", 1280, "en"), ("dark", 360, "id")], ids=["light", "dark-phone"])
def shown(browser: Any, live: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    scheme, width, language = request.param
    context = browser.new_context(
        base_url=live.url, viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-US"
    )
    page = context.new_page()
    context.add_cookies([{"name": "language", "value": language, "url": live.url}])
    page.shot_as = f"{scheme}-{width}-{language}"
    yield page
    leave(context)


def paths(clinic: Clinic) -> dict[str, str]:
    return {
        "place": f"/places/{clinic.ids['read_freezer']}",
        "place-week": f"/places/{clinic.ids['read_freezer']}?span=7d",
        "assumed": f"/places/{clinic.ids['quarantine']}?span=all",
        "box": f"/consignments/{clinic.ids['box']}",
        "vial": f"/vials/{clinic.vial('H3K001').id}/temperature",
    }


def test_every_chart_is_drawn_under_the_policy_and_says_the_same_beside_it(
    shown: Any, told_of: Clinic, sign_in: Any
) -> None:
    watch_policy(shown)
    wrong: list[str] = []
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    sign_in(shown, "maharani")
    for name, path in paths(told_of).items():
        shown.goto(path)
        shown.wait_for_selector(".drawn[data-ready]")
        if SHOTS:
            Path(SHOTS).mkdir(exist_ok=True)
            shown.screenshot(path=f"{SHOTS}/{name}-{shown.shot_as}.png", full_page=True)
        assert wrong == [], name
        assert policy_violations(shown) == [], name
        assert shown.evaluate(INK) > 500, f"{name}: the canvas is empty"
        assert re.search(r"-?−?\d", shown.locator(".drawn").get_attribute("aria-label")), name
        assert overflow(shown) == [], name
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert violations(shown) == [], name


INK = """() => { const c = document.querySelector('.drawn canvas');
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  let inked = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) inked++; return inked; }"""


def test_without_the_drawing_the_tables_say_it(shown: Any, told_of: Clinic, sign_in: Any) -> None:
    sign_in(shown, "maharani")
    shown.route("**/plot*", lambda route: route.abort())
    shown.goto(paths(told_of)["place"])
    shown.wait_for_function("document.querySelector('.drawn').textContent.length > 10")
    assert "9" in shown.locator("section[aria-labelledby=figures]").inner_text()


def test_more_or_less_of_it_is_drawn_by_links(page: Any, told_of: Clinic, sign_in: Any) -> None:
    sign_in(page, "maharani")
    page.goto(paths(told_of)["place"])
    page.get_by_role("link", name="7 days").click()
    page.wait_for_selector(".drawn[data-ready]")
    assert page.locator("a[aria-current=true]", has_text="7 days").count() == 1
    assert "span=7d" in page.locator(".drawn").get_attribute("data-plot")
    page.get_by_role("link", name="Earlier").click()
    page.wait_for_selector(".drawn[data-ready]")
    page.get_by_role("link", name="Later").click()
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    assert file.value.suggested_filename.endswith(".csv")

"""A session that ends under somebody's hands: a word before it, a way to stay, and the form that comes back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import overflow, policy_violations, violations, watch_policy
from tests.browser.conftest import Live, leave
from tests.clinic import PASSWORD, Clinic
from traceability.domain.people import SYSTEM
from traceability.store.tables import ManualReading

pytestmark = pytest.mark.browser


def opened(page: Any, sign_in: Any, clinic: Clinic) -> str:
    """The storekeeper at a form, with a clock in the browser that the test winds."""
    page.clock.install(time=clinic.clock.now)
    sign_in(page, "handayani")
    path = f"/places/{clinic.ids['freezer']}/read"
    page.goto(path)
    return path


def wind(page: Any, clinic: Clinic, minutes: int) -> None:
    clinic.clock.tick(minutes=minutes)
    page.clock.fast_forward(minutes * 60_000)


def test_two_minutes_before_the_end_it_says_so_and_one_click_stays(
    page: Any, sign_in: Any, live: Live, clinic: Clinic
) -> None:
    watch_policy(page)
    opened(page, sign_in, clinic)
    page.locator("#f-now_mc").fill("-19.5")
    wind(page, clinic, 11)
    assert page.locator("#ending").inner_text() == ""
    wind(page, clinic, 2)
    stay = page.get_by_role("button", name="Stay signed in")
    stay.wait_for()
    assert page.locator("#ending b").inner_text().startswith(("1:", "0:5"))
    assert page.evaluate("document.activeElement.id") == "f-now_mc"  # it takes nobody's place
    assert not violations(page) + overflow(page) + policy_violations(page)
    with page.expect_response(lambda answer: answer.url.endswith("/session")) as answer:
        stay.click()
    assert answer.value.status == 204
    stay.wait_for(state="detached")
    assert page.locator("#f-now_mc").input_value() == "-19.5"
    wind(page, clinic, 11)  # the session goes on: eleven more minutes are none too many
    assert page.locator("#ending").inner_text() == ""
    assert page.request.get("/").url.endswith("/")


def test_another_window_of_the_same_person_keeps_this_one_open(page: Any, sign_in: Any, clinic: Clinic) -> None:
    opened(page, sign_in, clinic)
    other = page.context.new_page()
    wind(page, clinic, 10)
    other.goto("/places")
    wind(page, clinic, 3)
    page.wait_for_timeout(100)
    assert page.locator("#ending").inner_text() == ""
    other.close()
    wind(page, clinic, 25)
    page.get_by_text("You are signed out.").wait_for()


@pytest.mark.parametrize("width, lang", [(1280, "en-US"), (360, "id-ID")])
def test_a_form_that_was_sent_too_late_comes_back_after_signing_in(
    browser: Any, live: Live, sign_in: Any, clinic: Clinic, width: int, lang: str
) -> None:
    context = browser.new_context(base_url=live.url, viewport={"width": width, "height": 800}, locale=lang)
    page = context.new_page()
    watch_policy(page)
    path = opened(page, sign_in, clinic)
    for name, typed in {"now_mc": "-19.5", "low_mc": "-20", "high_mc": "-18"}.items():
        page.locator(f"#f-{name}").fill(typed)
    wind(page, clinic, 16)
    page.locator("#ending .toast").wait_for()
    assert page.locator("#ending button").count() == 0
    assert not violations(page) + overflow(page)
    page.locator("main form button.go").click()
    page.locator("#f-username").fill("handayani")
    page.locator("#f-password").fill(PASSWORD)
    assert not violations(page) + overflow(page) + policy_violations(page)
    page.locator("main form button.go").click()
    page.locator("main form.body button.go:focus").wait_for()
    assert page.locator("h1").inner_text() in ("Signed in again", "Sudah masuk lagi")
    assert not violations(page) + overflow(page) + policy_violations(page)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: path not in url and "sign-in" not in url)
    with clinic.store.read(SYSTEM) as view:
        (kept,) = view.all(ManualReading)
    assert (kept.now_mc, kept.low_mc, kept.high_mc) == (-19_500, -20_000, -18_000)
    leave(context)

"""The shell in a real browser: the scanner's box, one submit, clocks, and axe over every part."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.browser.axe import overflow, policy_violations, violations, watch_policy
from tests.web.gallery import gallery

pytestmark = pytest.mark.browser

PAGES = ["/", "/toast", "/forms", "/bedside-parts", "/problem", "/sign-in", "/sign-in?error=yes",
         "/verdict/use", "/verdict/do_not_use", "/verdict/ask_qa", "/verdict/provisional", "/verdict/rest"]  # fmt: skip


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, gallery(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser, base) -> Iterator[Any]:
    context = browser.new_context(base_url=base)
    one = context.new_page()
    watch_policy(one)
    yield one
    context.close()


@pytest.mark.parametrize("width, scheme, lang", [(1280, "light", "en-US"), (360, "dark", "id-ID")])
def test_every_part_is_clean_fits_and_is_allowed(browser, base, width, scheme, lang):
    context = browser.new_context(
        base_url=base, viewport={"width": width, "height": 800}, color_scheme=scheme, locale=lang
    )
    one = context.new_page()
    watch_policy(one)
    told = {}
    for path in PAGES:
        one.goto(path)
        assert one.locator("html").get_attribute("lang") == lang[:2]
        found = violations(one) + overflow(one) + policy_violations(one)
        if found:
            told[path] = found
    context.close()
    assert not told


def test_axe_is_awake(page):
    page.goto("/sign-in")
    page.evaluate("document.querySelector('label').remove()")
    assert any(line.startswith("label:") for line in violations(page))


def test_the_open_menu_of_a_phone_is_clean_and_holds_sign_out(browser, base):
    context = browser.new_context(base_url=base, viewport={"width": 360, "height": 800})
    one = context.new_page()
    one.goto("/")
    one.get_by_role("link", name="Menu", exact=True).click()
    assert one.get_by_role("button", name="Sign out").is_visible()
    assert not violations(one)
    assert not overflow(one)
    context.close()


def test_a_scan_without_a_click_keeps_its_separator_and_is_sent(page):
    page.goto("/verdict/provisional")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type("]d210UC26-H3")
    page.keyboard.press("Control+]")
    page.keyboard.type("21K7M4Q2")
    assert page.locator("#code").input_value() == "]d210UC26-H3\x1d21K7M4Q2"
    # To the end of the answer: a page that is closed while it goes elsewhere may never be closed.
    with page.expect_navigation(), page.expect_request(lambda request: request.method == "POST") as sent:
        page.keyboard.press("Enter")
    assert "code=%5Dd210UC26-H3%1D21K7M4Q2" in sent.value.post_data


def test_a_held_box_takes_no_scan_and_a_scanner_cannot_acknowledge(page):
    page.goto("/verdict/do_not_use")
    held = page.locator("#code").input_value()
    assert page.evaluate("document.activeElement.id") == "verdict"
    page.locator("[data-aside]").focus()
    page.keyboard.type("0109521234543213")
    page.keyboard.press("Enter")
    assert page.locator("#code").input_value() == held
    assert page.get_by_text("Held until you acknowledge").is_visible()
    assert not page.get_by_text("Issue", exact=True).is_visible()
    assert page.get_by_text("Not taken.").is_visible()
    page.keyboard.press("Enter")  # some scanners end with two
    assert page.locator("#code").input_value() == held
    page.locator("[data-aside]").focus()
    page.keyboard.press("Enter")
    assert page.locator("#code").input_value() == ""
    assert page.locator("#code").evaluate("e => e === document.activeElement && !e.readOnly")
    assert not page.get_by_text("Held until you acknowledge").is_visible()
    assert page.get_by_text("Issue", exact=True).is_visible()
    assert page.locator(".verdict .word").inner_text() == "DO NOT USE"
    assert not violations(page)


def test_without_script_acknowledging_leads_to_an_open_box(browser, base):
    context = browser.new_context(base_url=base, java_script_enabled=False)
    one = context.new_page()
    one.goto("/verdict/do_not_use")
    one.get_by_role("link", name="I put it aside").click()
    assert one.locator("#code").get_attribute("readonly") is None
    context.close()


def test_a_form_is_sent_once_and_opens_again_on_return(page):
    posts = []

    def answer(route):
        if route.request.method == "POST":
            posts.append(route.request.post_data)
            route.fulfill(status=204)  # the browser stays on the page
        else:
            route.continue_()

    page.route("**/forms", answer)
    page.goto("/forms")
    page.evaluate("""() => { const b = [...document.querySelectorAll('button.go')].find(b => b.textContent.includes('Save'));
                             b.click(); b.click(); setTimeout(() => b.click(), 50); }""")
    page.wait_for_timeout(200)
    assert len(posts) == 1
    save = page.get_by_role("button", name="Save 4 vials")
    assert save.is_disabled()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert save.is_enabled()


def test_errors_have_the_focus_and_lead_to_their_fields(page):
    page.goto("/forms")
    assert page.evaluate("document.activeElement.className") == "errors"
    page.get_by_role("link", name="Temperature needs a number").click()
    assert page.evaluate("document.activeElement.id") == "f-temperature"
    page.get_by_role("link", name="Choose a side").click()
    assert page.evaluate("document.activeElement.id") == "f-laterality"


def test_a_clock_runs_by_the_servers_time_and_says_when_it_is_over(page):
    page.goto("/bedside-parts")
    over = page.get_by_text("Observation is over. Record it.")
    over.wait_for(timeout=5000)
    assert page.get_by_role("timer", name="Observe, time left").locator("b").inner_text() == "0:00"
    assert page.get_by_role("timer", name="Thaw limit").locator("b").inner_text().startswith("40:")


def test_mute_is_kept_on_this_device(page):
    page.goto("/verdict/use")
    page.get_by_role("button", name="Mute").click()
    page.goto("/verdict/use")
    assert page.get_by_role("button", name="Mute").get_attribute("aria-pressed") == "true"


def test_a_server_that_does_not_answer_is_said_once_on_the_page(page):
    page.goto("/")
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:sendError'))")
    assert page.get_by_role("alert").get_by_text("Not yet confirmed. Do not repeat it.").is_visible()


def test_the_api_viewer_draws_under_the_same_policy(page):
    page.goto("/api")
    page.get_by_text("Secretome trace").first.wait_for()
    page.locator(".opblock-get .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.get_by_text("Response body").first.wait_for()
    assert not policy_violations(page)


def test_a_refusal_of_a_partial_request_takes_the_whole_page(page):
    refused = "<!doctype html><title>x</title><main id='main' tabindex='-1'><h1>Refused</h1></main>"
    page.route("**/boom", lambda route: route.fulfill(status=409, content_type="text/html", body=refused))
    page.goto("/")
    page.evaluate("htmx.ajax('GET', '/boom', '.queue')")
    page.get_by_role("heading", name="Refused").wait_for()
    assert page.locator("main").count() == 1
    assert page.locator(".queue").count() == 0
    assert not policy_violations(page)

"""Dose 1 on a tablet, from the wristband to the observation; and the wrong knee, which is not given."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import overflow, policy_violations, violations, watch_policy
from tests.browser.conftest import leave
from tests.clinic import PASSWORD, Clinic
from traceability.domain.people import Meaning
from traceability.services import courses, stops
from traceability.store.tables.quality import ScopeKind

pytestmark = pytest.mark.browser

BAND = "MRN-0417733"


@pytest.fixture
def ready(clinic: Clinic) -> Clinic:
    clinic.released_lot()
    clinic.ids["course"] = clinic.course()
    clinic.ids["vial"] = clinic.ready_vial(clinic.ids["course"], 1).serial
    return clinic


@pytest.fixture
def tablet(browser: Any, live: Any) -> Any:
    context = browser.new_context(base_url=live.url, viewport={"width": 1024, "height": 768}, locale="en-US")
    page = context.new_page()
    watch_policy(page)
    yield page
    leave(context)


def clean(page: Any) -> None:
    assert violations(page) + overflow(page) + policy_violations(page) == []


def scanned(page: Any, clinic: Clinic, knee: str) -> None:
    """Wristband, what the patient says, the knee, the vial: as far as the answer."""
    page.goto("/bedside")
    clean(page)
    page.get_by_role("link", name="Start").first.click()
    clean(page)
    page.locator("#code").fill(BAND)
    page.keyboard.press("Enter")
    page.get_by_text("Wristband matched").wait_for()
    assert BAND not in page.url + page.content()
    clean(page)
    page.get_by_label("Full name").check()
    page.get_by_label("Birth date").check()
    page.locator(f"input[name=laterality][value={knee}]").check()
    page.locator("#code").fill(clinic.code(clinic.vial(clinic.ids["vial"])))
    page.keyboard.press("Enter")
    page.locator("#verdict[data-answer]").wait_for()


def test_dose_one_on_a_tablet(tablet: Any, ready: Clinic, sign_in: Any) -> None:
    sign_in(tablet, "santosa")
    scanned(tablet, ready, "right")
    assert tablet.locator("#word").inner_text() == "USE"
    assert tablet.get_by_text("RIGHT KNEE", exact=True).is_visible()
    clean(tablet)
    tablet.get_by_role("button", name="Start dose 1").click()
    tablet.get_by_role("heading", name="Two signatures").wait_for()
    clean(tablet)
    tablet.reload()
    for label, value in (("Withdrawn", "3"), ("Given", "3"), ("Discarded", "0")):
        tablet.get_by_label(label, exact=True).fill(value)
    tablet.locator("input[name=vas_before][value='7']").check()
    tablet.get_by_label("Guidance").select_option("ultrasound")
    tablet.get_by_label("Your password").fill(PASSWORD)
    tablet.get_by_label("Username of the second person").fill("rahayu")
    tablet.get_by_label("Password of the second person").fill(PASSWORD)
    tablet.get_by_role("button", name="Both sign, and record").dblclick()
    tablet.get_by_text("Every rule held when it was given.").wait_for()
    clean(tablet)
    record = tablet.url
    clock = tablet.get_by_role("timer")
    assert clock.locator("b").inner_text().split(":")[0] in ("30", "29")
    tablet.go_back()
    tablet.wait_for_url(record)
    ready.clock.tick(minutes=31)
    sign_in(tablet, "rahayu")
    tablet.goto(record)
    tablet.locator("input[name=vas_after][value='4']").check()
    tablet.locator("input[name=reaction][value=no]").check()
    tablet.get_by_role("button", name="Record the observation").click()
    tablet.get_by_text("none seen").wait_for()
    clean(tablet)
    with ready.store.read(ready.PHYSICIAN) as view:
        (row,) = view.rows("SELECT count(*), max(vas_after) FROM administration")
    assert tuple(row) == (1, "4")


def test_a_clock_counts_by_the_servers_time_and_ends_as_a_stop(
    browser: Any, live: Any, ready: Clinic, sign_in: Any
) -> None:
    """The tablet is an hour fast, and somebody sets it two hours back while the page stands."""
    context = browser.new_context(base_url=live.url, viewport={"width": 1024, "height": 768}, locale="en-US")
    context.add_init_script("window.off = 3600e3; const real = Date.now; Date.now = () => real() + window.off;")
    page = context.new_page()
    sign_in(page, "santosa")
    page.goto("/bedside")
    clock = page.get_by_role("timer")
    assert clock.locator("b").inner_text() in ("30:00", "29:59", "29:58")
    page.evaluate("window.off = -3600e3")
    page.wait_for_timeout(1500)
    assert clock.locator("b").inner_text() in ("29:59", "29:58", "29:57", "29:56")
    assert page.locator(".clock.ended").count() == 0
    ready.clock.tick(minutes=29, seconds=58)
    sign_in(page, "santosa")
    page.goto("/bedside")
    page.get_by_text("The time in use is over. Do not use the vial.").wait_for()
    assert clock.locator(".stands").is_visible()
    assert clock.locator(".runs").is_hidden()
    clean(page)
    leave(context)


def test_without_scripts_a_clock_says_what_was_left_and_until_when(
    browser: Any, live: Any, ready: Clinic, sign_in: Any
) -> None:
    context = browser.new_context(base_url=live.url, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    sign_in(page, "santosa")
    page.goto("/bedside")
    said = page.get_by_role("timer").inner_text()
    assert ("30:00" in said, "Load the page again" in said, "to be used by" in said) == (True, True, True)
    leave(context)


def test_the_wrong_knee_is_not_given(tablet: Any, ready: Clinic, sign_in: Any) -> None:
    sign_in(tablet, "santosa")
    scanned(tablet, ready, "left")
    assert tablet.locator("#word").inner_text() == "DO NOT USE"
    assert "The course is for: right." in tablet.locator("#verdict li").first.inner_text()
    assert tablet.get_by_role("button", name="Start dose 1").count() == 0
    clean(tablet)
    tablet.get_by_role("link", name="It was already given").click()
    tablet.get_by_role("heading", name="It was already given").wait_for()
    assert tablet.locator("input[name=laterality]:checked").count() == 0
    clean(tablet)


def test_a_consent_withdrawn_after_the_vial_was_issued_stops_the_dose(tablet: Any, ready: Clinic, sign_in: Any) -> None:
    sign_in(tablet, "santosa")
    tablet.goto(f"/subjects/{ready.ids['subject']}")
    tablet.get_by_role("link", name="It was withdrawn").click()
    clean(tablet)
    tablet.get_by_role("button", name="Record it").click()
    tablet.get_by_text("Withdrawn", exact=False).first.wait_for()
    clean(tablet)
    scanned(tablet, ready, "right")
    assert tablet.locator("#word").inner_text() == "DO NOT USE"
    assert "consent" in tablet.locator("#verdict li").first.inner_text()
    assert tablet.get_by_role("button", name="Start dose 1").count() == 0
    clean(tablet)


def test_who_did_not_come_leaves_a_thawed_vial_that_goes_back_to_no_stock(
    tablet: Any, ready: Clinic, sign_in: Any
) -> None:
    serial = ready.ids["vial"]
    sign_in(tablet, "putri")
    tablet.goto(f"/courses/{ready.ids['course']}")
    away = tablet.get_by_role("region", name="The patient did not come for dose 1?")
    assert "it cannot go back to stock" in away.inner_text()
    clean(tablet)
    away.get_by_role("link", name="Take it back").click()
    tablet.locator("#f-place_id").select_option(value=ready.ids["bench"])
    tablet.locator("#f-reason").fill("did not come")
    tablet.get_by_role("main").locator("button[type=submit]").click()
    tablet.wait_for_url(f"**/courses/{ready.ids['course']}")
    vial = ready.vial(serial)
    assert vial.state == "back_in_pharmacy"
    tablet.goto(f"/vials/{vial.id}/put_away")
    tablet.locator("#f-place_id").select_option(index=1)
    tablet.get_by_role("main").locator("button[type=submit]").click()
    tablet.get_by_text("thaw").first.wait_for()
    clean(tablet)
    assert ready.vial(serial).state == "back_in_pharmacy"


def test_a_recall_after_the_start_is_read_on_a_phone_in_the_dark_in_indonesian(
    browser: Any, live: Any, ready: Clinic, sign_in: Any
) -> None:
    context = browser.new_context(
        base_url=live.url, viewport={"width": 360, "height": 800}, color_scheme="dark", locale="id"
    )
    page = context.new_page()
    watch_policy(page)
    sign_in(page, "santosa")
    with ready.store.read(ready.PHYSICIAN) as view:
        dose = next(row["id"] for row in courses.doses(view, ready.ids["course"]) if row["k"] == 1)
    page.goto(f"/bedside/{dose}")
    page.locator("#code").fill(BAND)
    page.keyboard.press("Enter")
    for said in ("name", "birth date"):
        page.locator(f"input[name=identifiers][value='{said}']").check()
    page.locator("input[name=laterality][value=right]").check()
    page.locator("#code").fill(ready.code(ready.vial(ready.ids["vial"])))
    page.keyboard.press("Enter")
    page.locator("#verdict[data-answer=use]").wait_for()
    page.locator("form:has(input[value=start]) button[type=submit]").click()
    page.locator("#f-given_ul").wait_for()
    signed = (ready.sign("wijaya", Meaning.RECALLED),)
    told = ("particles", 1, True, ScopeKind.LOT, [ready.vial(ready.ids["vial"]).lot_id])
    ready.do(stops.recall, ready.MAKER_QA, *told, reason="particles", signed=signed)
    page.reload()
    page.locator("#verdict[data-answer=do_not_use]").wait_for()
    assert page.locator("#word").inner_text() == "JANGAN DIPAKAI"
    assert page.locator("#f-given_ul").is_visible()
    clean(page)
    leave(context)

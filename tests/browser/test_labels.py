"""The labels of a lot in Chromium: chosen, printed and scanned back, in both languages and themes; after a jam on with the next."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.browser.axe import overflow, violations
from tests.browser.conftest import leave
from tests.browser.wedge import in_two, wedge
from tests.clinic import Clinic
from traceability.services import labelling, labels, lots
from traceability.store.tables.lots import Route

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")


@pytest.mark.parametrize(("theme", "width", "language"), [("light", 1280, "en"), ("dark", 360, "id")])
def test_labels_are_chosen_printed_and_counted(
    browser: Any, live: Any, clinic: Clinic, sign_in: Any, theme: str, width: int, language: str
) -> None:
    lot = clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], "UC26-L1", made_on=date(2026, 3, 9), expires=date(2026, 9, 30),
        place_id=clinic.ids["maker_freezer"], route=Route.SERVICE, serials=("AA1", "AA2", "AA3"), consignee_ids=(),
    ).id  # fmt: skip
    context = browser.new_context(
        base_url=live.url, viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-US"
    )
    page = context.new_page()
    context.add_cookies([{"name": "language", "value": language, "url": live.url}])
    sign_in(page, "wijaya")
    page.goto(f"/lots/{lot}/labels")
    assert page.locator("svg.label").count() == 5
    judged(page, f"labels-{theme}")
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_38x21", lot_id=lot)
    clinic.do(labels.spoil, clinic.MAKER_QA, [clinic.vial("AA2").id], reason="Smudged")
    clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(clinic.vial("AA1"), date(2026, 9, 30), "UC26-L1"))
    page.goto(f"/lots/{lot}/labels")
    assert [one.inner_text() for one in page.locator("#back ~ * dl.kv dd, dl.kv dd").all()][-4:] == ["4", "1", "1", "2"]
    judged(page, f"labels-printed-{theme}")
    page.goto(f"/lots/{lot}/labels.pdf?layout=vial_38x21&paper=A4&after=AA9")
    assert "AA9" in page.locator("#f-after-why").inner_text()
    leave(context)


def judged(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    assert violations(page) == []
    assert overflow(page) == []


LOT, EXPIRES = "UC26-L1", date(2026, 9, 30)


def six(
    clinic: Clinic, number: str = LOT, serials: tuple[str, ...] = ("AA1", "AA2", "AA3", "AA4", "AA5", "AA6")
) -> str:
    lot = clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], number, made_on=date(2026, 3, 9), expires=EXPIRES,
        place_id=clinic.ids["maker_freezer"], route=Route.SERVICE, serials=serials, consignee_ids=(),
    ).id  # fmt: skip
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_38x21", lot_id=lot)
    return str(lot)


def drawn(page: Any, address: str) -> list[str]:
    """The serials on a file that the page leads to, in their order."""
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "application/pdf", answer.text()
    told = "".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(answer.body()))
    return re.findall(r"SN\s(\w+)", told)


def test_six_labels_are_scanned_back_one_twice_one_spoiled_and_a_job_goes_on_after_a_jam(
    page: Any, sign_in: Any, clinic: Clinic
) -> None:
    lot, other = six(clinic), six(clinic, "UC26-L2", ("BB1",))
    sign_in(page, "wijaya")
    page.goto(f"/lots/{lot}/scan_back")

    def code(serial: str, of: str = LOT) -> str:
        return clinic.code(clinic.vial(serial), EXPIRES, of)

    def heard(serial: str, how: str = "ok") -> None:
        page.locator(f"#heard.{how}").get_by_text(serial, exact=True).wait_for()

    def missing() -> list[str]:
        return [serial for one in page.locator("[data-missing]").all() for serial in one.inner_text().split()]

    # one label, another, and the same once more: it is shown and not done twice
    for serial in ("AA1", "AA2"):
        wedge(page, code(serial))
        heard(serial)
    page.wait_for_timeout(2_100)  # within two seconds the page itself takes it for one scan
    wedge(page, code("AA2"))
    page.locator("#heard.info").get_by_text("Noted already").wait_for()
    assert missing() == ["AA3", "AA4", "AA5", "AA6"]

    # the printer jams: the job goes on behind the last good label, although that is on its vial by now
    rest = page.locator("form[action$='/labels.pdf']")
    rest.locator("[name=after]").fill("AA2")
    query = rest.evaluate("form => new URLSearchParams(new FormData(form)).toString()")
    assert drawn(page, f"/lots/{lot}/labels.pdf?{query}") == ["AA3", "AA4", "AA5", "AA6"]
    page.goto(f"/lots/{lot}/labels.pdf?{query.replace('after=AA2', 'after=AA9')}")
    assert "AA9" in page.locator("#f-after-why").inner_text()

    # one is smudged: why is owed, then it alone is printed anew
    page.locator("#f-serial").fill("AA4")
    page.get_by_role("button", name="Spoiled, print anew").click()
    page.locator("#f-reason-why").wait_for()
    page.locator("#f-reason").fill("smudged")
    page.get_by_role("button", name="Spoiled, print anew").click()
    page.get_by_text("The label of AA4 is noted as spoiled. Destroy it.").wait_for()
    judged(page, "scan-back-spoiled")
    assert drawn(page, page.get_by_role("link", name="Print it anew").get_attribute("href")) == ["AA4"]
    assert missing() == ["AA3", "AA4", "AA5", "AA6"]

    # a label of another pile is not noted here; it is named, and stays named
    wedge(page, code("BB1", "UC26-L2"))
    page.get_by_role("alert").get_by_text("This label is not of this job.").wait_for()
    page.get_by_role("link", name="I put it aside").click()

    # a scanner that ends too early, a label that is typed, one whose separators come as keys of the number pad
    in_two(page, code("AA3"), 20)
    heard("AA3")
    by_hand = f"(01){clinic.vial('AA4').gtin}(17)260930(10){LOT}(21)AA4"
    for _ in range(2):
        page.locator("#code").fill(by_hand)
        page.keyboard.press("Enter")
        if _ == 0:
            page.get_by_text("Typed by hand: second check").wait_for()
    heard("AA4")
    wedge(page, code("AA5"), "alt")
    heard("AA5")
    assert missing() == ["AA6"]
    wedge(page, code("AA6"))
    page.get_by_text("Every label was read from its vial.").wait_for()
    assert [one.inner_text() for one in page.locator("dl.kv dd").all()][-4:] == ["7", "6", "1", "0"]
    judged(page, "scan-back-done")
    with clinic.store.read(clinic.MAKER_QA) as view:
        assert labelling.progress(view, labelling.Job("lot", other)).waiting == 1


def test_a_long_file_says_how_far_it_is_and_is_then_saved_whole(page: Any, sign_in: Any, clinic: Clinic) -> None:
    lot = six(clinic, serials=tuple(f"M{number:04}" for number in range(520)))
    sign_in(page, "wijaya")
    page.goto(f"/lots/{lot}/labels")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Open the labels that wait").click()
    file = pypdfium2.PdfDocument(saved.value.path())
    assert saved.value.suggested_filename.endswith(".pdf")
    assert page.locator("[data-so-far]").inner_text() == f"Drawn: {len(file)} of {len(file)} pages."
    assert sum(one.get_textpage().get_text_range().count("SN") for one in file) == 520
    page.get_by_label("Go on after the serial").fill("M9999")  # what is refused is said at its field, as ever
    page.get_by_role("button", name="Open the labels that wait").click()
    page.locator("#f-after-why").wait_for()

"""A study's table read in by its page: mapped, checked, put right, confirmed, and nothing a second time; wide, on a phone, in the dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import clean
from tests.clinic import Clinic
from tests.stories.case import reading
from tests.worlds import released, world, worlds
from traceability.services import outcomes, subjects

__all__ = ["released", "world", "worlds"]

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    subject = released.subject()
    released.ids["name"] = reading(released, lambda view: subjects.subject(view, subject).pseudonym)
    return released


def test_a_table_is_mapped_checked_and_entered_once(page: Any, clinic: Clinic, sign_in: Any) -> None:
    def pictured(name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(exist_ok=True)
            page.screenshot(path=f"{SHOTS}/study-{name}.png", full_page=True)

    def send(text: str) -> None:
        page.goto("/study/import")
        page.locator("#f-file").set_input_files(
            {"name": "study.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}
        )
        page.get_by_role("button", name="Read the file").click()
        page.get_by_role("button", name="Check every line").wait_for()

    sign_in(page, "santosa")
    page.goto("/study")
    pictured("1-data")
    assert clean(page) == []
    page.get_by_role("link", name="Read a study’s table in").click()
    text = f"Patient;VAS baseline;VAS 6 months;WOMAC pre;Quelle\n{clinic.ids['name']};7,5;3;1.065;régister\nNOBODY;7;3;65;x\n"
    send(text)
    assert page.locator("#f-encoding").input_value() == "cp1252"
    page.locator("#f-column_4").select_option("source")
    page.locator("#f-constant_laterality").select_option("right")
    page.locator("#f-low_VAS").fill("0")
    page.locator("#f-high_VAS").fill("10")
    pictured("2-mapping")
    page.evaluate("scrollTo(0, 0)")  # what lies under the bar cannot be touched there
    assert clean(page) == []
    page.get_by_role("button", name="Check every line").click()
    page.get_by_text("4 values cannot be read in, so none is.").wait_for()
    assert page.get_by_text("No subject of yours has the pseudonym").count() == 3
    assert page.get_by_text("“1.065” can be read in two ways.").count() == 1
    pictured("3-refused")

    for _ in range(2):
        send(text.partition("NOBODY")[0])
        page.locator("#f-column_4").select_option("source")
        page.locator("#f-constant_laterality").select_option("right")
        page.locator("#f-low_VAS").fill("0")
        page.locator("#f-high_VAS").fill("10")
        page.locator("#f-decimal").select_option("comma")
        page.get_by_role("button", name="Check every line").click()
        if page.get_by_role("button", name="Enter 3 scores").count():
            pictured("4-ready")
            page.evaluate("scrollTo(0, 0)")
            assert clean(page) == []
            page.get_by_role("button", name="Enter 3 scores").click()
            page.get_by_text("3 scores are entered.").wait_for()
    page.get_by_text("Every value of this file is on record already.").wait_for()
    found = reading(clinic, lambda view: outcomes.scores(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    assert sorted((one.instrument, one.raw, one.high, one.source) for one in found) == [
        ("VAS", "3", "10", "régister"), ("VAS", "7.5", "10", "régister"), ("WOMAC", "1065", None, "régister"),
    ]  # fmt: skip
    page.set_viewport_size({"width": 360, "height": 780})
    page.emulate_media(color_scheme="dark")
    pictured("5-phone")
    page.evaluate("scrollTo(0, 0)")
    assert clean(page) == []

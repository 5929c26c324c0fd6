"""A patient answers a questionnaire on their phone, and on the clinic's tablet, which asks for a password afterwards (R50)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import clean, watch_policy
from tests.browser.conftest import Live, leave
from tests.clinic import Clinic
from tests.stories.case import reading
from tests.stories.test_form_links import issued
from traceability.services import outcomes

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS")


def pictured(page: Any, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.screenshot(path=f"{SHOTS}/patient-{name}.png", full_page=True)


def test_a_patient_answers_by_phone_and_the_tablet_of_the_clinic_asks_for_a_password_afterwards(
    page: Any, clinic: Clinic, live: Live, browser: Any, sign_in: Any
) -> None:
    clinic.course()
    subject = clinic.ids["subject"]
    texts = live.store.documents.parent / "items"
    texts.mkdir()
    told = {
        "items": [f"Butir uji {n}" for n in range(1, 25)],
        "answers": ["Tidak", "Ringan", "Sedang", "Berat", "Sangat berat"],
    }
    (texts / "womac-likert-3.1.id.json").write_text(json.dumps(told), encoding="utf-8")

    def make(how: str) -> None:
        sign_in(page, "rahayu")
        page.goto(f"/form_links/issue?subject_id={subject}")
        page.get_by_label("WOMAC, Likert 3.1").check()
        page.locator("#f-time_point").select_option("baseline")
        page.locator("[name=laterality][value=right]").check(force=True)
        pictured(page, "1-make")
        assert clean(page) == []
        page.get_by_role("button", name=how).click()

    make("As a QR code")
    address = page.locator("code.codes").inner_text()
    pictured(page, "2-code")
    assert clean(page) == []

    context = browser.new_context(
        base_url=live.url, viewport={"width": 360, "height": 740}, color_scheme="dark", locale="id-ID"
    )
    phone = context.new_page()
    phone.goto(address)
    assert phone.get_by_role("heading", name="Bagaimana lutut kanan Anda?").count()
    pictured(phone, "3-begin")
    assert clean(phone) == []
    phone.get_by_role("button", name="Mulai").click()
    for n in range(1, 25):
        phone.get_by_text(f"Butir uji {n}", exact=True).wait_for()
        if n == 2:
            pictured(phone, "4-item")
            assert clean(phone) == []
        if n != 5:
            phone.get_by_label("Sedang").check()
        phone.get_by_role("button", name="Lanjut").click()
    phone.get_by_text("1 pertanyaan dilewati.").wait_for()
    pictured(phone, "5-send")
    phone.get_by_role("button", name="Kembali").click()
    assert phone.get_by_label("Sedang").is_checked()
    phone.get_by_role("button", name="Lanjut").click()
    phone.get_by_role("button", name="Kirim").click()
    phone.get_by_text("Jawaban Anda sudah sampai di klinik.").wait_for()
    pictured(phone, "6-thanks")
    phone.goto(address)
    phone.get_by_text("Pertanyaan ini sudah dijawab.").wait_for()
    assert subject not in phone.content()
    leave(context)
    found = reading(clinic, lambda view: outcomes.scores(view, subject), clinic.PHYSICIAN)
    assert {(one.subscale, one.raw) for one in found} == {
        ("pain", "10"),
        ("stiffness", "4"),
        ("function", "34"),
        (None, "48"),
    }

    make("Here, on this device")
    page.get_by_role("button", name="Mulai").wait_for()
    page.goto("/subjects")
    page.get_by_label("Password").wait_for()  # nobody is signed in on the tablet any more


def test_a_line_is_touched_or_moved_by_keys_and_one_that_nobody_touched_is_no_answer(
    clinic: Clinic, live: Live, browser: Any
) -> None:
    clinic.course()
    _link, token = issued(clinic, "VAS|100 mm", "NRS|0–10", "PGA|100 mm", "WOMAC|VAS 3.1")
    context = browser.new_context(
        base_url=live.url, viewport={"width": 360, "height": 740}, color_scheme="dark", locale="id-ID", has_touch=True
    )
    phone = context.new_page()
    watch_policy(phone)
    phone.goto(f"/f/{token}")
    phone.get_by_role("button", name="Mulai").click()
    line = phone.get_by_role("slider", name="Seberapa nyeri lutut kanan Anda dalam 24 jam terakhir?")
    assert line.get_attribute("aria-valuetext") == "belum ditandai"
    pictured(phone, "7-line-open")
    assert clean(phone) == []
    phone.get_by_role("button", name="Lanjut").click()
    phone.get_by_role("radio", name="0: Tidak nyeri").wait_for()
    phone.get_by_role("button", name="Kembali").click()
    assert line.get_attribute("aria-valuetext") == "belum ditandai", "what nobody touched is not filled in"

    box = line.bounding_box()
    assert box
    phone.touchscreen.tap(
        box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    )  # where an unmarked one would stand
    assert line.get_attribute("aria-valuetext") == "50 dari 100"
    for key, told in (("ArrowRight", "51"), ("End", "100"), ("Home", "0"), ("ArrowUp", "1")):
        line.press(key)
        assert line.get_attribute("aria-valuetext") == f"{told} dari 100"
    phone.touchscreen.tap(box["x"] + 2, box["y"] + box["height"] / 2)  # beyond the end of the line
    assert line.get_attribute("aria-valuetext") == "0 dari 100"
    phone.touchscreen.tap(box["x"] + 16 + 0.7 * (box["width"] - 32), box["y"] + box["height"] / 2)
    assert line.get_attribute("aria-valuetext") == "70 dari 100"
    pictured(phone, "8-line")
    assert clean(phone) == []
    line.press("Enter")

    phone.get_by_role("radio", name="7", exact=True).check(force=True)
    pictured(phone, "9-numbers")
    assert clean(phone) == []
    phone.get_by_role("button", name="Lanjut").click()
    pictured(phone, "10-global")
    phone.get_by_role("slider").press("Home")
    phone.get_by_role("button", name="Lanjut").click()
    pictured(phone, "11-womac")
    for _ in range(24):
        phone.get_by_role("slider").wait_for()
        phone.get_by_role("button", name="Lewati pertanyaan ini").click()
    phone.get_by_text("24 pertanyaan dilewati.").wait_for()
    phone.get_by_role("button", name="Kirim").click()
    phone.get_by_text("Jawaban Anda sudah sampai di klinik.").wait_for()
    leave(context)
    found = reading(clinic, lambda view: outcomes.scores(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    assert {(one.instrument, one.raw) for one in found} == {("VAS", "70"), ("NRS", "7"), ("PGA", "0")}

"""The freezer fails on Saturday night; it is found on Monday, and one vial was given on Sunday. In Chromium, from the board to
the decision on each vial.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import clean, watch_policy
from tests.browser.conftest import Live, leave
from tests.browser.wedge import wedge
from tests.clinic import PASSWORD, Clinic
from tests.thermometers import device, hung, log_of
from traceability.services import sensors, vials
from traceability.services.cases import open_cases
from traceability.services.excursions import excursions
from traceability.store.tables import Subject
from traceability.worker import look

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")
"""A folder: pictures of every page are left there, to be looked at."""
SATURDAY = datetime(2026, 4, 4, 13, 0, tzinfo=UTC)  # 20:00 in Surakarta
FAILED = datetime(2026, 4, 4, 15, 30, tzinfo=UTC)  # 22:30
SERIALS = [f"H3K00{n}" for n in range(1, 7)]


def celsius(at: datetime) -> float:
    """−20 °C; from half past ten half a degree warmer every ten minutes, at six in the end; cold again by three."""
    if at < FAILED:
        return -20.0
    steps = int((at - FAILED) / timedelta(minutes=10))
    return -20.0 + 0.5 * steps if steps < 24 else -20.5


def measured(since: datetime, until: datetime) -> list[tuple[datetime, float]]:
    made = []
    while since <= until:
        made.append((since, celsius(since)))
        since += timedelta(minutes=10)
    return made


def friday(clinic: Clinic) -> str:
    """Six vials in F-02, whose sensor sends what it measures; one of them was on the bench once. The sensor's id."""
    clinic.ids["lot"] = clinic.released_lot("UC26-H3", 6)
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K006").id, clinic.ids["bench"])
    clinic.clock.tick(minutes=40)
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K006").id, clinic.ids["freezer"])
    clinic.clock.now = SATURDAY - timedelta(hours=1)
    sensor = hung(clinic, "read_freezer", "S-0211")
    clinic.clock.now = SATURDAY
    sends(clinic, sensor, SATURDAY - timedelta(hours=1), SATURDAY)
    for serial in SERIALS:
        clinic.do(vials.move, clinic.PHARMACIST, clinic.vial(serial).id, clinic.ids["read_freezer"])
    return sensor


def sends(clinic: Clinic, sensor: str, since: datetime, until: datetime) -> None:
    told = [(at, int(one * 1000)) for at, one in measured(since, until)]
    clinic.do(sensors.read, device(clinic), sensor, told)


def pictured(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def row_of(page: Any, code: str) -> str:
    return str(page.locator("tr", has=page.get_by_role("link", name=code, exact=True)).first.inner_text())


def test_the_freezer_fails_on_saturday_night_and_is_found_on_monday(
    page: Any, live: Live, clinic: Clinic, sign_in: Any, browser: Any
) -> None:
    sensor = friday(clinic)

    # Saturday, a quarter past eleven: the board says where it goes. Then the network dies with the compressor.
    clinic.clock.now = FAILED + timedelta(minutes=40)
    sends(clinic, sensor, SATURDAY + timedelta(minutes=10), clinic.clock.now)
    clinic.clock.tick(minutes=2)
    sign_in(page, "handayani")
    page.goto("/places")
    assert "1\u00a0h 08\u00a0min" in row_of(page, "F-02")  # and at twenty past midnight it will be out
    assert not clean(page)
    pictured(page, "1-board-saturday")

    # Sunday morning: its last reading is ten hours old, and a place is picked from for a day. Dose 1 is given.
    clinic.clock.now = SATURDAY + timedelta(hours=12)
    course = clinic.course()
    assert clinic.scan("H3K001") == ("use", [])
    clinic.give_dose(course, 1, vial=clinic.ready_vial(course, 1, serial="H3K001"))
    with clinic.store.read(clinic.QUALITY) as view:
        pseudonym = view.need(Subject, clinic.ids["subject"]).pseudonym

    # Monday, seven o'clock: the sensor has been silent since, and everything is carried to another freezer.
    monday = datetime(2026, 4, 6, 0, 0, tzinfo=UTC)
    clinic.clock.now = monday + timedelta(minutes=5)
    sign_in(page, "handayani")
    page.goto("/places")
    assert "Sensor silent" in row_of(page, "F-02")
    pictured(page, "2-board-monday")

    # The worker had raised an alarm twenty minutes after the last reading. Who is there takes it on.
    look(live.app)
    page.goto("/")
    page.get_by_role("heading", name="Alarm A-1: the sensor in F-02 is silent").wait_for()
    page.goto("/alarms")
    page.get_by_role("link", name=re.compile("A-1")).first.click()
    pictured(page, "2-alarm")
    assert not clean(page)
    page.get_by_role("link", name="Acknowledge").click()
    page.locator("#f-reason").fill("I go there; the vials are carried to F-01")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("Handayani,").wait_for()
    page.goto("/places")
    page.get_by_role("link", name="F-02", exact=True).click()
    page.get_by_role("link", name="Move everything").click()
    for number, serial in enumerate(("H3K002", "H3K005"), 1):
        page.locator("#code").focus()
        wedge(page, clinic.code(clinic.vial(serial)))
        page.get_by_text(f"{number} of 5").wait_for()
    assert not clean(page)
    pictured(page, "3-move-all")
    page.locator("#f-target_place_id").select_option(label="F-01")
    page.locator("#f-reason").fill("F-02 stood warm in the night, its sensor is silent")
    page.get_by_role("button", name="Record the move of 5 vials").click()
    page.get_by_text("5 vials are moved, 2 of them scanned.").wait_for()

    # The sensor's own memory is read in: it was warm from twenty past midnight to half past two.
    sign_in(page, "putri")
    page.goto(f"/sensors/{sensor}")
    assert not clean(page)
    pictured(page, "4-sensor")
    page.get_by_role("link", name="Read a file in").click()
    data = log_of("S-0211", SATURDAY, [one for _, one in measured(SATURDAY, monday)])
    page.locator("#f-log").set_input_files({"name": "S-0211.csv", "mimeType": "text/csv", "buffer": data})
    pictured(page, "5-file")
    page.get_by_role("button", name="Read the file").click()
    page.get_by_text("Is that what the logger wrote?").wait_for()
    assert not clean(page)
    pictured(page, "6-understood")
    page.get_by_role("button", name="Yes, read it in").click()
    page.get_by_text("The file is read in and judged: EX-1.").wait_for()
    with clinic.store.read(clinic.QUALITY) as view:
        (found,) = excursions(view)
        told = ["EX-1: F-02", "EX-1: H3K001 was given before this was known"]
        assert [one.title for one in open_cases(view)] == told
    assert (found.since, found.until) == (FAILED + timedelta(minutes=110), FAILED + timedelta(hours=4))
    assert [clinic.scan(serial) for serial in SERIALS[1:]] == [("ask_qa", ["held"])] * 5

    # QA: from the alarm to the excursion; who had one, what each vial went through, and three decisions.
    sign_in(page, "maharani")
    page.goto("/")
    pictured(page, "7-work")
    assert page.get_by_role("link", name=re.compile("^Decide")).is_visible()
    page.goto("/alarms")
    page.get_by_role("link", name=re.compile("A-2")).first.click()
    page.get_by_role("link", name="EX-1").click()
    assert page.get_by_role("link", name=pseudonym).is_visible()
    assert not clean(page)
    pictured(page, "8-excursion")
    decides(page, ["H3K002", "H3K003", "H3K004"], "Use", "inside the budget")
    decides(page, ["H3K005"], "Use until a day", "opened once more than the others", until="2026-05-31")
    page.goto(f"/excursions/{found.id}/dispose")
    pictured(page, "9-dispose")
    decides(
        page,
        ["H3K006"],
        "Reject",
        "its time out of storage leaves too little",
        picture="9-dispose-filled",
    )
    page.get_by_text("Decided on every vial.").wait_for()
    assert not clean(page)
    pictured(page, "10-decided")

    # What the scanner says of each.
    sign_in(page, "putri")
    for serial, word in (("H3K002", "USE"), ("H3K005", "USE"), ("H3K006", "DO NOT USE")):
        page.goto("/scan")
        wedge(page, clinic.code(clinic.vial(serial)))
        page.get_by_text(word, exact=True).first.wait_for()
        pictured(page, f"11-scan-{serial}")
    clinic.clock.now = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
    assert clinic.scan("H3K002")[0] == "use"
    assert "shortened" in " ".join(clinic.scan("H3K005")[1]) or clinic.scan("H3K005")[0] == "do_not_use"
    walked(browser, live, clinic, sign_in, sensor, found.id)


def decides(page: Any, serials: list[str], word: str, reason: str, until: str = "", picture: str = "") -> None:
    if not page.url.endswith("/dispose"):
        page.get_by_role("link", name=re.compile("^Decide for")).click()
    for serial in serials:
        page.get_by_label(serial, exact=True).check()
    page.get_by_role("radio", name=word, exact=True).check(force=True)
    if until:
        page.locator("#f-until").fill(until)
    page.locator("#f-reason").fill(reason)
    page.locator("#f-password").fill(PASSWORD)
    assert not clean(page)
    if picture:
        pictured(page, picture)
    page.get_by_role("button", name="Sign the decision").click()
    page.get_by_text("The decision on these vials is on record.").wait_for()


def walked(browser: Any, live: Live, clinic: Clinic, sign_in: Any, sensor: str, excursion: str) -> None:
    """Every page once more, on a telephone in the dark, in Indonesian."""
    paths = {
        "maharani": ["/places", "/sensors", "/excursions", f"/sensors/{sensor}", f"/sensors/{sensor}/import_log", "/holds",
                     f"/places/{clinic.ids['read_freezer']}", f"/excursions/{excursion}", f"/excursions/{excursion}/dispose"],
        "handayani": [f"/places/{clinic.ids['freezer']}/move_all", "/excursions", f"/excursions/{excursion}"],
    }  # fmt: skip
    told = {}
    for width, scheme, language in ((360, "dark", "id-ID"), (1280, "light", "en-US")):
        context = browser.new_context(
            base_url=live.url, viewport={"width": width, "height": 800}, color_scheme=scheme, locale=language
        )
        one = context.new_page()
        watch_policy(one)
        for username, found in paths.items():
            sign_in(one, username)
            for path in found:
                answer = one.goto(path)
                assert answer.status == 200, path
                pictured(one, f"{width}-{username}-{re.sub('[0-9a-f]{32}', 'x', path).strip('/').replace('/', '-')}")
                if wrong := clean(one):
                    told[width, path] = wrong
        leave(context)
    assert not told

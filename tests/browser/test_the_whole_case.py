"""The ten minutes of README.md in Chromium, on the demonstration: from the box at the door to the recall and back."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from werkzeug.serving import make_server

from tests.browser.axe import overflow, policy_violations, violations, watch_policy
from tests.browser.conftest import leave
from tests.clinic import Clock
from traceability import create_app, demonstration
from traceability.demonstration import setting
from traceability.store import Store
from traceability.store.verify import verify

pytestmark = pytest.mark.browser
GTIN = setting.GTIN
ON_ITS_WAY = ("P71003", "P74002", "P77001", "P78004")


@dataclass
class Demonstration:
    """The demonstration while it is served: a browser, and who is signed in to it."""

    url: str
    store: Store
    clock: Clock
    instance: Path
    sign_ins: dict[str, dict[str, str]]
    page: Any

    def become(self, username: str, lands_on: str = "/") -> None:
        """Sign in by the page, as README says; whoever was there before is signed out."""
        self.page.context.clear_cookies()
        self.page.goto(lands_on)
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(self.password(username))
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out").wait_for()

    def password(self, username: str) -> str:
        return next(one["password"] for one in self.sign_ins.values() if one["username"] == username)

    def sign(self, username: str, second: str = "") -> None:
        """Fill in the passwords of whoever signs."""
        self.page.get_by_label("Your password").fill(self.password(username))
        if second:
            self.page.get_by_label("Username of the second person").fill(second)
            self.page.get_by_label("Password of the second person").fill(self.password(second))

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def follow(self, name: str, *, exact: bool = False) -> None:
        link = self.page.get_by_role("main").get_by_role("link", name=name, exact=exact).first
        with self.page.expect_navigation():  # what is looked at next is the new page
            link.click()

    def type_code(self, code: str) -> None:
        """As somebody without a scanner does: into the box, then Enter."""
        self.page.locator("#code").fill(code)
        self.page.keyboard.press("Enter")

    def type_twice(self, code: str) -> None:
        """What is typed and acts is asked for a second time (R58)."""
        self.type_code(code)
        self.page.get_by_text("Typed by hand: second check").wait_for()
        self.type_code(code)

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def clean(self) -> None:
        """Nobody is kept from using this page, nothing sticks out, the content policy refused nothing."""
        assert violations(self.page) + overflow(self.page) + policy_violations(self.page) == [], self.page.url


def code(lot: str, serial: str) -> str:
    return f"(01){GTIN}(10){lot}(21){serial}"


@pytest.fixture
def demo(browser: Any, tmp_path: Path) -> Iterator[Demonstration]:
    """Told by its own code on one day, then served; from there the clock of the test goes on."""
    clock = Clock(datetime(2026, 4, 14, 2, 0, tzinfo=UTC))
    url = f"sqlite:///{tmp_path}/traceability.sqlite"
    store = Store(url, tmp_path, clock=clock)
    settings = {"DATABASE_URL": url, "DATABASE_OWNER_URL": None, "EXTERNAL_URL": None}
    sign_ins = demonstration.load(store, tmp_path, settings, lambda line: None)
    store.clock = clock
    app = create_app({"STORE": store}, instance_path=str(tmp_path))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(10_000)
    watch_policy(page)
    yield Demonstration(address, store, clock, tmp_path, sign_ins, page)
    leave(context)
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


def test_the_ten_minutes_of_the_readme(demo: Demonstration, browser: Any) -> None:
    arrival(demo)
    release(demo)
    patient, lot, serial = dose_four(demo)
    watched(demo, patient)
    traced(demo, patient, lot, serial)
    status = printed(demo, lot)
    public(browser, status)
    recalled(demo, patient, lot)
    with demo.store.engines.reader.connect() as connection:
        assert verify(connection).ok


def arrival(demo: Demonstration) -> None:
    """Consignment C-6: two people sign, four codes are typed, put away, the logger's file attached."""
    page = demo.page
    demo.become("store")
    demo.clean()
    demo.sees("Consignment C-6 is on its way")
    demo.follow("Receive")
    for label, typed in (
        ("Carrier", "Courier"),
        ("Number of the seal", "S-4711"),
        ("Condition of the box", "dry ice left"),
    ):
        page.get_by_label(label).fill(typed)
    page.locator("input[name=seal_whole][value=yes]").check()
    demo.sign("store", "pharmacy")
    demo.clean()
    demo.press("Record the arrival")
    page.wait_for_url("**/count")
    for serial in ON_ITS_WAY:
        demo.type_twice(code("UC26-P7", serial))
        page.locator("#heard").get_by_text(serial).wait_for()
    demo.clean()
    demo.follow("Finish the count")
    demo.clean()
    demo.press("Finish the count")
    page.wait_for_url("**/put_away")
    page.get_by_label("Place", exact=True).select_option(label="Freezer F-01, quarantine drawer, quarantine")
    demo.press("Put away there")
    for number, serial in enumerate(ON_ITS_WAY, 1):
        demo.type_twice(code("UC26-P7", serial))
        demo.sees(f"{number} of 4")
    demo.clean()
    demo.follow("Attach the logger’s file")
    demo.clean()
    page.locator("input[type=file]").set_input_files(demo.instance / "demo-logger.csv")
    demo.press("Read the file")
    demo.press("Yes, read it in")
    demo.sees("Inside the limits from the first reading to the last.")
    demo.clean()


def release(demo: Demonstration) -> None:
    """One rule of all is not met until the review of the audit trail is signed; K2 shows every reason at once."""
    page = demo.page
    demo.become("quality", "/lots")
    demo.follow("UC26-P7")
    demo.clean()
    demo.follow("Release", exact=True)
    demo.sees("Release is refused: 1 of 22 rules do not hold.")
    demo.follow("Open the audit trail")
    demo.clean()
    page.go_back()
    demo.follow("Sign the review")
    demo.sign("quality")
    page.locator("main button[type=submit]").click()
    demo.sees("All 22 rules hold.")
    demo.press("Release 4 vials")
    demo.sign("quality")
    demo.clean()
    demo.press("Sign and release")
    demo.sees("4 of 4 released")
    page.goto("/lots")
    demo.follow("UC26-K2")
    demo.follow("Release", exact=True)
    reasons = page.get_by_role("row").filter(has_text="Not met")
    assert reasons.count() == 4
    assert "EX-1" in reasons.first.inner_text()


def dose_four(demo: Demonstration) -> tuple[str, str, str]:
    """A vial is chosen, issued, thawed; the left knee is refused; the right one is given and signed by two."""
    page = demo.page
    demo.become("pharmacy")
    due = page.get_by_role("listitem").filter(has_text="dose 4 of 5 is due today")
    patient = due.get_by_role("heading").inner_text().partition(":")[0]
    demo.clean()
    due.get_by_role("link", name="Choose").click()
    demo.clean()
    chosen = page.get_by_role("row").filter(has_text="first to expire")
    serial, lot = chosen.locator("code").all_inner_texts()
    demo.press("Keep it")
    page.get_by_role("heading", level=1, name=patient).wait_for()
    demo.clean()
    demo.follow("Issue")
    page.get_by_label("To", exact=True).select_option(label="P-02 · Procedure room 2")
    demo.clean()
    demo.press("Issue")
    demo.follow("Start thawing")
    page.get_by_label("Where", exact=True).select_option(label="P-02 · Procedure room 2")
    demo.clean()
    demo.press("Start thawing")
    demo.sees("Time left in use")

    demo.clock.tick(minutes=20)
    demo.become("physician")
    demo.sees(f"Vial {serial} is thawed. Two people sign what is given.")
    demo.clean()
    demo.follow("Start")
    at_the_bedside(demo, "left", code(lot, serial))
    assert page.locator("#word").inner_text() == "DO NOT USE"
    assert "The course is for: right." in page.locator("#verdict li").first.inner_text()
    assert page.get_by_role("button", name="Start dose 4").count() == 0
    demo.clean()
    page.goto("/bedside")
    demo.clean()
    demo.follow("Start")
    at_the_bedside(demo, "right", code(lot, serial))
    assert page.locator("#word").inner_text() == "USE"
    demo.clean()
    demo.press("Start dose 4")
    for label, volume in (("Withdrawn", "3"), ("Given", "3"), ("Discarded", "0")):
        page.get_by_label(label, exact=True).fill(volume)
    demo.sign("physician", "witness")
    demo.clean()
    demo.press("Both sign, and record")
    demo.sees("Every rule held when it was given.")
    demo.clean()
    return patient, lot, serial


def at_the_bedside(demo: Demonstration, knee: str, vial: str) -> None:
    """Wristband, two things the patient said, the knee, the vial: as far as the answer."""
    page = demo.page
    demo.type_code("MRN-DEMO-0001")
    demo.sees("Wristband matched")
    page.get_by_label("Full name").check()
    page.get_by_label("Birth date").check()
    page.locator(f"input[name=laterality][value={knee}]").check()
    demo.type_twice(vial)
    page.locator("#verdict[data-answer]").wait_for()


def watched(demo: Demonstration, patient: str) -> None:
    """Half an hour later the witness finds on the first page who is to be watched, and records what was seen."""
    page = demo.page
    demo.clock.tick(minutes=31)
    demo.become("witness")
    demo.sees(f"{patient} is to be watched")
    demo.clean()
    demo.follow("Watch")
    page.locator("input[name=vas_after][value='2']").check()
    page.locator("input[name=reaction][value=no]").check()
    demo.press("Record the observation")
    demo.sees("none seen")
    demo.clean()


def traced(demo: Demonstration, patient: str, lot: str, serial: str) -> None:
    """From the lot to the patient: a row with the fourth dose, and the vial is counted as given."""
    page = demo.page
    demo.become("quality", "/lots")
    demo.follow(lot)
    demo.follow("Trace")
    row = page.get_by_role("region", name="Subjects and their vials").get_by_role("row").filter(has_text=patient)
    assert serial in row.inner_text()
    demo.sees("16 filled, 15 accounted for. 3 injections.")  # one was absent when its box was counted
    demo.clean()


def printed(demo: Demonstration, lot: str) -> str:
    """The batch trace is issued, its bytes fetched, and the QR on its first page read by another library."""
    page = demo.page
    page.goto("/lots")
    demo.follow(lot)
    demo.follow("Documents")
    demo.press("Print the batch trace")
    demo.sees("is issued.")
    demo.clean()
    address = page.get_by_role("link", name="Open the PDF").get_attribute("href")
    answer = page.context.request.get(demo.url + address)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    image = pypdfium2.PdfDocument(io.BytesIO(answer.body()))[0].render(scale=200 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text.startswith(f"{demo.url}/d/")
    return str(found.text)


def public(browser: Any, status: str) -> None:
    """Whoever holds the paper, signed in nowhere, is told whether it is current, and nothing about people."""
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    watch_policy(page)
    page.goto(status)
    page.get_by_text("This version is current.").wait_for()
    assert page.get_by_role("button", name="Sign out").count() == 0
    assert violations(page) + overflow(page) + policy_violations(page) == []
    leave(context)


def recalled(demo: Demonstration, patient: str, lot: str) -> None:
    """By the maker; whoever scans is stopped until it was acknowledged; QA reads who had it; withdrawn again."""
    page = demo.page
    demo.become("maker", "/recalls")
    demo.clean()
    demo.follow("Start a recall")
    page.get_by_label(lot).check()
    page.get_by_label("What is wrong, in one line").fill("Particles seen in a kept vial")
    page.locator("input[name=class_][value='2']").check()
    page.locator("input[name=mandatory][value=no]").check()
    page.get_by_label("Reason", exact=True).fill("Kept vials were looked at again.")
    demo.sign("maker")
    demo.clean()
    demo.press("Sign and recall")
    demo.sees("No vial below may be used, wherever it is.")
    assert patient not in page.content()
    demo.clean()

    demo.become("store", "/scan")
    left = in_stock(demo, lot)
    demo.type_code(code(lot, left))
    page.get_by_text("DO NOT USE", exact=True).wait_for()
    assert page.locator("#verdict li").first.inner_text().startswith("The vial is recalled: R-3")
    demo.clean()
    held = page.locator("#code").input_value()
    page.locator("#code").press_sequentially("next")
    assert page.locator("#code").input_value() == held
    page.wait_for_timeout(150)
    page.get_by_role("link", name="I put it aside").click()
    assert page.locator("#code").input_value() == ""
    assert page.locator("#code").get_attribute("readonly") is None

    demo.become("quality", "/recalls")
    demo.follow("Open")
    had = page.get_by_role("region", name="Who had it")
    assert patient in had.inner_text()
    demo.clean()

    demo.become("maker", "/recalls")
    demo.follow("Open")
    demo.follow("Withdraw a recall")
    page.get_by_label("Reason", exact=True).fill("It was the light, not the vial.")
    demo.sign("maker")
    demo.clean()
    demo.press("Sign and withdraw")
    demo.sees("It stops nothing any more.")

    demo.become("store", "/scan")
    demo.type_code(code(lot, left))
    page.get_by_text("USE", exact=True).wait_for()


def in_stock(demo: Demonstration, lot: str) -> str:
    """A vial of this lot that still lies in the freezer: the first that the record names."""
    with demo.store.engines.reader.connect() as connection:
        asked = "SELECT v.serial FROM vial v JOIN lot l ON l.id = v.lot_id WHERE l.number = ? AND v.state = 'in_stock' ORDER BY v.serial"
        return str(connection.exec_driver_sql(asked, (lot,)).first()[0])

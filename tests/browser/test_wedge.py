"""What a wedge does at the box, key by key: separators, codes in two pieces, the same code twice, a code too many."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Live, leave
from tests.browser.wedge import in_two, keys, wedge
from tests.clinic import GTIN, Clinic
from traceability.domain import gs1
from traceability.services import consignments

pytestmark = pytest.mark.browser
LINK = f"https://id.gs1.org/01/{GTIN}/10/UC26-H3/21/H3K001?17=260930"


def code(serial: str = "H3K001", lot: str = "UC26-H3") -> str:
    return f"]d201{GTIN}1726093010{lot}{gs1.GS}21{serial}"


@pytest.fixture
def counting(page: Any, sign_in: Any, clinic: Clinic) -> str:
    """A box of four that has arrived, its count open on the page."""
    box = clinic.arrived(clinic.shipped(clinic.lot("UC26-H3", 4)))
    sign_in(page, "handayani")
    page.goto(f"/consignments/{box}/count")
    return box


def counted(clinic: Clinic, box: str) -> set[str]:
    with clinic.store.read(clinic.STOREKEEPER) as view:
        lines = consignments.consignment(view, box)["lines"]
    return {vial.serial for line, vial in lines if vial and line.counted_at}


class Slow:
    """The server takes its time: a request is let through when the test says so."""

    def __init__(self, page: Any, path: str) -> None:
        self.posts = 0
        self._page = page
        self._waiting: list[Any] = []
        page.route(path, self._hold)

    def _hold(self, route: Any) -> None:
        if route.request.method == "POST":
            self.posts += 1
            self._waiting.append(route)
        else:
            route.continue_()

    def answer(self) -> None:
        """What waits goes on; on a busy machine it may only now be on its way."""
        while not self._waiting:
            self._page.wait_for_timeout(20)
        for route in self._waiting:
            route.continue_()
        self._waiting.clear()


@pytest.mark.parametrize("separator", ["ctrl", "alt"])
def test_a_separator_that_comes_as_keys_is_put_in_and_shown(
    page: Any, counting: str, clinic: Clinic, separator: str
) -> None:
    keys(page, code(), separator)
    assert page.locator("#code").input_value() == code()
    assert "UC26-H3 GS 21H3K001" in page.locator("[data-read]").inner_text()
    page.keyboard.press("Enter")
    page.locator("#heard").get_by_text("H3K001").wait_for()
    assert counted(clinic, counting) == {"H3K001"}
    assert page.evaluate("document.activeElement.id") == "code"


def test_a_lost_separator_is_refused_and_stays_until_somebody_saw_it(page: Any, counting: str, clinic: Clinic) -> None:
    wedge(page, code(), separator="none")
    page.locator("#heard").get_by_text("The separator was lost.").wait_for()
    assert page.locator("#code").get_attribute("readonly") is not None
    page.get_by_role("link", name="I put it aside").click()
    assert page.evaluate("document.activeElement.id") == "code"
    wedge(page, code())
    page.locator("#heard").get_by_text("H3K001").wait_for()
    assert counted(clinic, counting) == {"H3K001"}


@pytest.mark.parametrize(
    "raw, at", [(LINK, 30), (LINK, 9), (code(), 3), (code(), 12)], ids=["link", "domain", "identifier", "gtin"]
)
def test_a_code_in_two_pieces_is_one_where_the_first_alone_is_none(
    page: Any, counting: str, clinic: Clinic, raw: str, at: int
) -> None:
    in_two(page, raw, at)
    page.locator("#heard").get_by_text("H3K001").wait_for()
    assert page.get_by_text("Not taken.").count() == 0
    assert counted(clinic, counting) == {"H3K001"}


def test_what_follows_a_torn_code_and_is_a_code_of_its_own_is_not_put_behind_it(
    page: Any, counting: str, clinic: Clinic
) -> None:
    wedge(page, f"https://id.gs1.org/01/{GTIN}/10/UC26-H3/21/")
    page.get_by_text("Not counted").wait_for()
    wedge(page, "F-01-Q")  # as a serial it would read
    page.locator("#heard").get_by_text("Two pieces were sent and together they are no code.").wait_for()
    assert counted(clinic, counting) == set()
    assert page.locator("#code").get_attribute("readonly") is not None


def test_a_readable_code_is_never_joined_to_what_comes_after_it(page: Any, counting: str, clinic: Clinic) -> None:
    wedge(page, code("H3K00"))  # a vial that nobody knows
    page.get_by_text("Counted, and not on record").wait_for()
    wedge(page, "1")
    page.get_by_text("Not taken.").wait_for()
    assert counted(clinic, counting) == set()


def test_the_same_code_within_two_seconds_is_shown_and_not_asked_twice(
    page: Any, counting: str, clinic: Clinic
) -> None:
    page.evaluate("performance.now = () => 10_000")  # however long a busy machine takes
    slow = Slow(page, "**/count")
    wedge(page, code())
    wedge(page, code())  # while the first is with the server
    page.get_by_text("Read twice, done once.").wait_for()
    slow.answer()
    page.locator("#heard").get_by_text("H3K001").wait_for()
    wedge(page, code())
    page.get_by_text("Read twice, done once.").wait_for()
    assert slow.posts == 1
    page.evaluate("performance.now = () => 12_001")
    wedge(page, code())
    page.wait_for_function("document.querySelector('[data-waiting]:not([hidden])')")
    slow.answer()
    page.get_by_text("Noted already").wait_for()
    assert slow.posts == 2


def test_another_code_while_one_is_with_the_server_is_refused_in_the_open(
    page: Any, counting: str, clinic: Clinic
) -> None:
    slow = Slow(page, "**/count")
    wedge(page, code("H3K001"))
    wedge(page, code("H3K002"))
    page.get_by_role("alert").get_by_text("Not taken.").wait_for()
    slow.answer()
    page.locator("#heard").get_by_text("H3K001").wait_for()
    assert page.get_by_text("Not taken.").is_visible(), "the answer to the first does not take it away"
    assert page.locator("#code").get_attribute("readonly") is not None
    assert slow.posts == 1
    assert counted(clinic, counting) == {"H3K001"}
    page.get_by_role("button", name="I scan it again").click()
    wedge(page, code("H3K002"))
    page.wait_for_function("document.querySelector('[data-waiting]:not([hidden])')")
    slow.answer()
    page.locator("#heard").get_by_text("H3K002").wait_for()
    assert counted(clinic, counting) == {"H3K001", "H3K002"}


def test_a_scan_that_began_before_the_answer_is_refused_as_a_whole(page: Any, counting: str, clinic: Clinic) -> None:
    slow = Slow(page, "**/count")
    wedge(page, code("H3K001"))
    keys(page, code("H3K002")[:20])
    slow.answer()
    page.locator("#heard").get_by_text("H3K001").wait_for()
    page.wait_for_function("!document.querySelector('[data-waiting]:not([hidden])')")
    keys(page, code("H3K002")[20:])
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("Not taken.").wait_for()
    assert page.locator("#code").input_value() == ""
    assert counted(clinic, counting) == {"H3K001"}


def test_an_answer_that_never_came_is_asked_for_again_under_the_same_act(
    page: Any, counting: str, clinic: Clinic
) -> None:
    page.route("**/count", lambda route: _lost(route))
    wedge(page, code())
    page.get_by_text("No answer came.").wait_for()
    assert counted(clinic, counting) == {"H3K001"}, "the server heard it; its answer was lost"
    page.unroute("**/count")
    page.get_by_role("button", name="Send it again").click()
    page.get_by_text("Noted already").wait_for()
    assert counted(clinic, counting) == {"H3K001"}


def _lost(route: Any) -> None:
    if route.request.method == "POST":
        route.fetch()
        route.abort()
    else:
        route.continue_()


def test_a_place_that_was_chosen_from_the_list_is_not_searched_by_the_next_scan(
    page: Any, sign_in: Any, clinic: Clinic
) -> None:
    clinic.released_lot("UC26-H3", 1)
    sign_in(page, "handayani")
    page.goto("/scan/move")
    places = page.locator("select[name=place_id]")
    places.click()
    places.select_option(clinic.ids["bench"])
    keys(page, code())
    assert (page.locator("#code").input_value(), places.input_value()) == (code(), clinic.ids["bench"])


@pytest.mark.parametrize("where", [".mute", ".btn, nav a"])
def test_a_scan_goes_into_the_box_whatever_has_the_focus(page: Any, counting: str, clinic: Clinic, where: str) -> None:
    """Somebody muted the tones, or moved on by the keyboard: no key of the scan is lost and its Enter presses nothing."""
    page.locator(where).first.focus()
    before = page.evaluate("localStorage.getItem('muted')")
    wedge(page, code())
    page.locator("#heard").get_by_text("H3K001").wait_for()
    assert counted(clinic, counting) == {"H3K001"}
    assert page.evaluate("localStorage.getItem('muted')") == before


def test_without_script_each_scan_is_a_form(browser: Any, live: Live, sign_in: Any, clinic: Clinic) -> None:
    box = clinic.arrived(clinic.shipped(clinic.lot("UC26-H3", 2)))
    context = browser.new_context(base_url=live.url, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    sign_in(page, "handayani")
    page.goto(f"/consignments/{box}/count")
    page.locator("#code").fill(code().replace(gs1.GS, "␝"))
    page.keyboard.press("Enter")
    page.locator("#heard").get_by_text("H3K001").wait_for()
    leave(context)
    assert counted(clinic, box) == {"H3K001"}

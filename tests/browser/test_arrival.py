"""A lot's labels are printed, read by another library, and what that reads is what the scanner types, page after page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.browser.axe import clean, watch_policy
from tests.browser.conftest import Live, leave
from tests.browser.wedge import wedge
from tests.clinic import PASSWORD, Clinic, logger_csv
from tests.reports import readers
from traceability.domain import gs1
from traceability.domain.labels import LAYOUTS
from traceability.services import lots, stops
from traceability.store.tables.quality import ScopeKind

pytestmark = pytest.mark.browser
LAYOUT = "vial_38x21"
SERIALS = ("AAA2", "BBB3", "CCC4")


def decoded(pdf: bytes) -> list[str]:
    """What another library reads from the first row of the printed sheet, at 300 dpi."""
    image, dot = next(readers.rasters(pdf, 300)), 300 / 25.4
    size = LAYOUTS[LAYOUT]
    left = (210 - 5 * size.width_mm) / 2
    found = []
    for column in range(len(SERIALS)):
        x = left + column * size.width_mm
        cell = image.crop((int(x * dot), int(9 * dot), int((x + size.width_mm) * dot), int((9 + size.height_mm) * dot)))
        found += readers.libdmtx(cell)
    return found


def announced(clinic: Clinic) -> str:
    told = {"made_on": date(2026, 3, 9), "expires": date(2026, 9, 30), "route": lots.Route.SERVICE}
    return clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], "UC26-H3", place_id=clinic.ids["maker_freezer"],
        serials=SERIALS, material_ids=(clinic.ids["harvest"],), **told,
    ).id  # fmt: skip


def test_from_the_printed_label_to_the_verdict(page: Any, sign_in: Any, clinic: Clinic) -> None:
    lot = announced(clinic)

    # the maker prints and scans back
    sign_in(page, "wijaya")
    page.goto(f"/lots/{lot}/labels")
    page.locator(f"input[value={LAYOUT}]").check()
    assert not clean(page)
    with page.expect_response(lambda answer: "labels.pdf" in answer.url) as answered:
        page.get_by_role("button", name="Print 3 labels").click()
    pdf = page.context.request.get(answered.value.url).body()
    codes = decoded(pdf)
    assert [gs1.read(code, date(2026, 4, 1)).serial for code in codes] == list(SERIALS)
    page.goto(f"/lots/{lot}/scan_back")
    for number, code in enumerate(codes, 1):
        wedge(page, code)
        page.locator("#heard").get_by_text(SERIALS[number - 1]).wait_for()
        page.locator("#back + *, .prog").get_by_text(f"{number} of 3").wait_for()
    assert not clean(page)

    # certified, shipped in a box
    page.goto(f"/lots/{lot}")
    page.get_by_role("link", name="Certify").first.click()
    page.locator("#f-certified_on").fill("2026-04-01")
    page.locator("#f-statement").fill("Conforms to specification 1.")
    page.locator("#f-password").fill(PASSWORD)
    page.locator("form button.go, form button.bad").last.click()
    page.goto(f"/consignments/ship?lot_id={lot}")
    body = "09521230000000042"
    page.locator("#f-sscc").fill(body + gs1.check_digit(body))
    page.locator("#f-to_site_id").select_option(clinic.ids["site"])
    assert not clean(page)
    page.get_by_role("button", name="Ship the box").click()
    page.get_by_text("Shipped as").wait_for()
    box = page.url.rsplit("/", 1)[1]
    began = clinic.clock.now

    # two people take it over; it is counted by scanning
    clinic.clock.tick(hours=6)
    sign_in(page, "handayani")
    page.goto("/scan")
    wedge(page, f"]C100{body}{gs1.check_digit(body)}")
    page.wait_for_url(f"**/consignments/{box}")
    page.get_by_role("link", name="It has arrived").click()
    for name, typed in (("carrier", "KJ Cold"), ("seal", "S-1"), ("condition", "dry ice left"), ("password", PASSWORD),
                        ("second_username", "putri"), ("second_password", PASSWORD)):  # fmt: skip
        page.locator(f"#f-{name}").fill(typed)
    page.locator("input[name=seal_whole][value=yes]").check()
    assert not clean(page)
    page.get_by_role("button", name="Record the arrival").click()
    page.wait_for_url("**/count")
    wedge(page, codes[0])
    page.locator("#heard").get_by_text("Counted", exact=True).wait_for()
    wedge(page, codes[0])
    page.get_by_text("Read twice, done once.").wait_for()
    wedge(page, codes[1].replace(gs1.GS, ""))  # a scanner that drops the separator
    page.get_by_text("Not counted").wait_for()
    assert page.locator("#code").get_attribute("readonly") is not None
    assert not clean(page)
    wedge(page, codes[1])  # held: neither typed nor counted, and its Enter does not acknowledge
    page.locator("#heard").get_by_text("Two pieces were sent and together they are no code.").wait_for()
    assert page.get_by_text("Not counted").is_visible()
    page.get_by_role("link", name="I put it aside").click()
    wedge(page, codes[1])
    page.locator("#heard").get_by_text("Counted", exact=True).wait_for()
    page.locator("input[name=mode][value=broken]").check()
    wedge(page, codes[2])
    page.get_by_text("Broken, noted").wait_for()
    page.get_by_role("link", name="Finish the count").click()
    assert page.get_by_text("Broken, 1").is_visible()
    assert not clean(page)
    clinic.clock.tick(minutes=10)
    page.get_by_role("button", name="Finish the count").click()

    # into quarantine: the place once, then each vial
    page.wait_for_url("**/put_away")
    clinic.clock.tick(minutes=3)
    wedge(page, "F-01-Q")
    page.get_by_text("Scan each vial as you put it into F-01-Q").wait_for()
    for number, code in enumerate(codes[:2], 1):
        wedge(page, code)
        page.get_by_text(f"{number} of 2").wait_for()
    assert not clean(page)
    clinic.clock.tick(hours=2)
    sign_in(page, "handayani")
    page.goto(f"/consignments/{box}/attach_log")
    page.locator("#f-log").set_input_files(
        {"name": "journey.csv", "mimeType": "text/csv", "buffer": logger_csv(began.replace(minute=0), 7, 5, -21.0, {})}
    )
    page.locator("#f-calibrated_until").fill("2027-01-31")
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Yes, read it in").click()
    page.get_by_text("Inside the limits from the first reading to the last.").wait_for()
    assert page.get_by_text("not applicable, frozen product").is_visible()
    assert not clean(page)

    # not released yet: it asks
    page.goto("/scan")
    wedge(page, codes[0])
    page.get_by_text("ASK QA", exact=True).wait_for()
    page.get_by_role("link", name="I keep it aside and ask QA").click()

    # QA reads, looks, signs
    clinic.certificate(clinic.tested(lot))
    sign_in(page, "maharani")
    page.goto(f"/lots/{lot}/release")
    page.get_by_role("link", name="Sign the review").click()
    page.locator("#f-password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.get_by_text("All 22 rules hold.").wait_for()
    page.get_by_role("button", name="Release 2 vials").click()
    page.locator("#f-password").fill(PASSWORD)
    assert not clean(page)
    page.get_by_role("button", name="Sign and release").click()
    page.get_by_text("2 of 3 released").wait_for()

    sign_in(page, "putri")
    page.goto("/scan")
    wedge(page, codes[0])
    page.get_by_text("USE", exact=True).wait_for()
    wedge(page, codes[2])  # the broken one, right after: the box was free
    page.get_by_text("DO NOT USE", exact=True).wait_for()
    assert page.locator("#code").get_attribute("readonly") is not None
    assert not clean(page)


@pytest.mark.parametrize("width, scheme, lang", [(1280, "light", "en-US"), (360, "dark", "id-ID")])
def test_every_page_of_lots_and_boxes_is_clean_fits_and_is_allowed(
    browser: Any, live: Live, sign_in: Any, clinic: Clinic, width: int, scheme: str, lang: str
) -> None:
    released = clinic.released_lot("UC26-H3", 4)
    judging = clinic.in_stock(clinic.lot("UC26-K2", 4), broken=("K2K001",), absent=("K2K002",))
    clinic.do(stops.hold, clinic.QUALITY, "Seen", ScopeKind.LOT, [judging], reason="seen")
    warm = clinic.arrived(clinic.shipped(clinic.lot("UC26-M4", 3)))
    clinic.counted(warm)
    clinic.put_away(warm)
    clinic.logged(warm, warm={20: -9.0})
    counting = clinic.arrived(clinic.shipped(clinic.lot("UC26-P5", 3)))
    expected = clinic.shipped(clinic.lot("UC26-Q6", 2))
    bare = announced_bare(clinic)
    tabs = ("", "/release", "/vials", "/tests", "/labels", "/holds", "/documents")
    pages = {
        "maharani": ["/lots", "/scan", *(f"/lots/{one}{tab}" for one in (released, judging) for tab in tabs)],
        "wijaya": ["/lots/announce", "/consignments/ship", f"/consignments/ship?lot_id={bare}", f"/lots/{bare}/labels",
                   f"/lots/{released}/scan_back"],
        "handayani": ["/consignments", f"/consignments/{warm}", f"/consignments/{expected}/arrive",
                      *(f"/consignments/{counting}{tab}" for tab in ("", "/count", "/check_in", "/attach_log")),
                      f"/consignments/{warm}/put_away"],
    }  # fmt: skip
    context = browser.new_context(
        base_url=live.url, viewport={"width": width, "height": 800}, color_scheme=scheme, locale=lang
    )
    one = context.new_page()
    watch_policy(one)
    told = {}
    for username, paths in pages.items():
        sign_in(one, username)
        for path in paths:
            answer = one.goto(path)
            assert answer.status == 200, path
            if found := clean(one):
                told[path] = found
    leave(context)
    assert not told


def announced_bare(clinic: Clinic) -> str:
    told = {"made_on": date(2026, 3, 9), "expires": date(2026, 9, 30), "route": lots.Route.SERVICE}
    return clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], "UC26-R7", place_id=clinic.ids["maker_freezer"],
        count=3, **told,
    ).id  # fmt: skip

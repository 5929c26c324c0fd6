"""A pharmacist's morning: forty vials arrive, two labels are smudged, a foreign box stands in between, one label is printed anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import clean
from tests.browser.wedge import wedge
from tests.clinic import GTIN, PASSWORD, Clinic
from traceability.domain import gs1
from traceability.services import labels, vials

pytestmark = pytest.mark.browser
SERIALS = [f"H3K{n:03d}" for n in range(1, 41)]
SMUDGED = ("H3K007", "H3K019")
FOREIGN = "0952999" + "0000000017"


def code(serial: str) -> str:
    return f"]d201{GTIN}1726093010UC26-H3{gs1.GS}21{serial}"


def by_hand(serial: str) -> str:
    return f"(01){GTIN}(17)260930(10)UC26-H3(21){serial}"


def typed(page: Any, told: str) -> None:
    """A label that no scanner reads: what stands beside its code, typed."""
    page.locator("#code").fill(told)
    page.keyboard.press("Enter")


def heard(page: Any, serial: str) -> None:
    page.locator("#heard.ok").get_by_text(serial, exact=True).wait_for()


def each(page: Any) -> None:
    """Every vial at the box: scanned, or typed twice where its label is smudged."""
    for serial in SERIALS:
        if serial in SMUDGED:
            typed(page, by_hand(serial))
            page.get_by_text("Typed by hand: second check").wait_for()
            typed(page, by_hand(serial))
        else:
            wedge(page, code(serial))
        heard(page, serial)


def test_forty_vials_from_the_door_to_the_shelf(page: Any, sign_in: Any, clinic: Clinic) -> None:
    lot = clinic.lot("UC26-H3", 40)
    box = clinic.shipped(lot)
    sscc = clinic.consignment(box).sscc
    clinic.clock.tick(hours=6)
    sign_in(page, "putri")

    # a box of somebody else stands between ours: it is named, and nothing is opened for it
    page.goto("/scan/arrive")
    wedge(page, f"]C100{FOREIGN}{gs1.check_digit(FOREIGN)}")
    page.get_by_role("alert").get_by_text("No consignment of yours has this number.").wait_for()
    assert not clean(page)
    page.get_by_role("link", name="I put it aside").click()
    wedge(page, f"]C100{sscc}")
    page.wait_for_url("**/arrive")
    for name, told in (("carrier", "KJ Cold"), ("seal", "S-1"), ("condition", "dry ice left"), ("password", PASSWORD),
                       ("second_username", "handayani"), ("second_password", PASSWORD)):  # fmt: skip
        page.locator(f"#f-{name}").fill(told)
    page.locator("input[name=seal_whole][value=yes]").check()
    page.get_by_role("button", name="Record the arrival").click()

    # counted by scanning; what is typed is typed twice, and a slip is found by it
    page.wait_for_url("**/count")
    typed(page, by_hand("H3K007"))
    page.get_by_text("Typed by hand: second check").wait_for()
    typed(page, by_hand("H3K001"))
    page.get_by_role("alert").get_by_text("The two entries differ.").wait_for()
    page.get_by_role("link", name="I put it aside").click()
    each(page)
    page.get_by_text("Whole, 40").or_(page.locator(".tile").filter(has_text="Whole").get_by_text("40")).first.wait_for()
    page.get_by_role("link", name="Finish the count").click()
    clinic.clock.tick(minutes=10)
    page.get_by_role("button", name="Finish the count").click()

    # put away: the place once, then vial after vial
    page.wait_for_url("**/put_away")
    clinic.clock.tick(minutes=2)
    wedge(page, "F-01-Q")
    page.get_by_text("Scan each vial as you put it into F-01-Q").wait_for()
    each(page)
    page.get_by_text("40 of 40").wait_for()

    # one of the smudged labels is printed anew: the vial asks until the new label was read on it
    clinic.clock.tick(minutes=5)
    smudged = clinic.vial("H3K007")
    clinic.do(labels.reprint, clinic.PHARMACIST, [smudged.id], "vial_16x30", reason="smudged on the way")
    assert "label_not_scanned_back" in clinic.scan("H3K007")[1]
    page.goto(f"/lots/{lot}/scan_back")
    wedge(page, code("H3K007"))
    page.locator("#heard.ok").wait_for()
    assert "label_not_scanned_back" not in clinic.scan("H3K007")[1]

    # the drawer is counted: what was not scanned is named before it counts as missing
    clinic.clock.tick(minutes=5)
    page.goto("/scan/count")
    wedge(page, "F-01-Q")
    page.wait_for_url("**/stocktakes/**")
    for serial in SERIALS[:-1]:
        if serial != "H3K019":
            wedge(page, code(serial))
            heard(page, serial)
    page.get_by_role("link", name="Finish the count").click()
    page.get_by_text("2 vials were not scanned and will count as missing.").wait_for()
    assert page.get_by_text("H3K019 H3K040").is_visible()
    assert not clean(page)
    page.go_back()
    wedge(page, code("H3K040"))
    heard(page, "H3K040")
    typed(page, by_hand("H3K019"))
    page.get_by_text("Typed by hand: second check").wait_for()
    typed(page, by_hand("H3K019"))
    heard(page, "H3K019")
    page.get_by_role("link", name="Finish the count").click()
    page.get_by_role("button", name="Finish the count").click()
    page.get_by_text("The count agrees with the record.").wait_for()
    assert not clean(page)
    with clinic.store.read(clinic.STOREKEEPER) as view:
        assert {vials.stays(view, clinic.vial(serial).id)[-1][1].code for serial in SERIALS} == {"F-01-Q"}

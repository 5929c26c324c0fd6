"""The trace drawn, as QA and a phone see it: grouped, marked, opened by keyboard; nothing sticks out, nothing is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import clean
from tests.clinic import Clinic
from tests.stories.case import LEFT, RIGHT, enrol, report
from tests.worlds import released, world, worlds
from traceability.services import stops
from traceability.store.tables.quality import ScopeKind

__all__ = ["released", "world", "worlds"]

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS")
VIALS = 44
KNEES = 14
"""More than a box shows at once."""


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    """A lot of which one box arrived and half was given; two vials are held, and the donor is."""
    clinic = released
    clinic.ids["big"] = lot = clinic.lot("UC26-D1", VIALS)
    first = tuple(f"D1K{n:03d}" for n in range(1, VIALS - 7))
    box = clinic.arrived(clinic.shipped(lot, serials=first))
    clinic.counted(box)
    clinic.put_away(box)
    clinic.logged(box, warm={3: -5.0, 4: -5.0})
    clinic.shipped(lot, serials=tuple(f"D1K{n:03d}" for n in range(VIALS - 7, VIALS - 3)))
    for n in range(KNEES):
        subject = enrol(clinic, f"Patient {n}", f"MRN-D-{n}")
        side = LEFT if n % 2 else RIGHT
        for serial in first[2 * n : 2 * n + 2]:
            report(clinic, [clinic.code(clinic.vial(serial))], subject=subject, side=side)
    held = [clinic.vial(serial).id for serial in first[-2:]]
    clinic.do(stops.hold, clinic.QUALITY, "dropped", ScopeKind.VIAL, held, reason="dropped")
    clinic.do(stops.hold, clinic.QUALITY, "Anti-HCV", ScopeKind.MATERIAL, (clinic.ids["donor"],), reason="heard of it")
    return clinic


def pictured(page: Any, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.locator("section[aria-labelledby=drawn]").screenshot(path=f"{SHOTS}/drawn-{name}.png")


def test_a_lot_drawn_opened_and_followed(page: Any, clinic: Clinic, sign_in: Any) -> None:
    sign_in(page, "santosa")
    page.goto(f"/lots/{clinic.ids['big']}/trace")
    drawn = page.locator("svg.tr.wide")
    assert "14 knees" in drawn.text_content()
    assert "on hold" in drawn.text_content()
    pictured(page, "1-wide")
    assert clean(page) == []

    summed = drawn.locator("a", has_text="14 knees")
    summed.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**open=*")
    names = page.locator("svg.tr.wide a[href*='/subjects/']")
    assert names.count() == KNEES
    pictured(page, "2-open")

    page.set_viewport_size({"width": 360, "height": 780})
    page.emulate_media(color_scheme="dark")
    page.goto(f"/lots/{clinic.ids['big']}/trace?serial=D1K001")
    found = page.locator("svg.tr.tall a[href*='/subjects/'] .nm")
    assert found.count() == 1, "who is looked for is drawn, however many there are"
    who = found.text_content().partition(",")[0]
    assert page.get_by_text("Marked: the way to").count() == 1
    pictured(page, "3-phone-dark")
    assert clean(page) == []

    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.locator("svg.tr.wide a", has_text=who).click()
    page.get_by_role("heading", name="Trace of", exact=False).first.wait_for()
    pictured(page, "4-subject")
    page.locator("svg.tr.wide a", has_text="D-4KQ7").click()
    page.get_by_role("heading", name="Trace of D-4KQ7").wait_for()
    assert page.locator("svg.tr.wide a", has_text="UC26-").count() == 2
    pictured(page, "5-donor")
    assert clean(page) == []

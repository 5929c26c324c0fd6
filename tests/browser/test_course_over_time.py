"""One course over time, as the physician sees it: wide, on a phone in the dark, in Indonesian; nothing sticks out or is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import clean
from tests.clinic import Clinic
from tests.stories.case import RIGHT
from tests.worlds import released, world, worlds
from traceability.domain.people import Meaning
from traceability.services import outcomes
from traceability.store.tables.outcomes import TimePoint

__all__ = ["released", "world", "worlds"]

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS")
VALUES = (
    # as the published case has them: a grade that contradicts itself, a questionnaire without its range, a last visit without a date
    ("VAS", "7", TimePoint.BASELINE, "body", {"low": "0", "high": "10"}),
    ("VAS", "3", TimePoint.FOLLOW_UP, "body", {"low": "0", "high": "10"}),
    ("WOMAC", "65", TimePoint.BASELINE, "body", {}),
    ("WOMAC", "30", TimePoint.AFTER_SERIES, "body", {}),
    ("KL", "3", TimePoint.BASELINE, "body", {}),
    ("KL", "4", TimePoint.BASELINE, "abstract", {}),
    ("KL", "2", TimePoint.AFTER_SERIES, "body", {}),
    ("NRS", "6", TimePoint.BASELINE, "ward", {"low": "0", "high": "10"}),
    ("NRS", "5", TimePoint.BASELINE, "letter", {"low": "0", "high": "10"}),
)


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    clinic = released
    clinic.ids["course"] = clinic.course()
    for k in (1, 2, 3):
        clinic.give_dose(clinic.ids["course"], k)
        clinic.clock.tick(days=6, hours=20)
    made = [
        clinic.do(
            outcomes.record, clinic.PHYSICIAN, clinic.ids["subject"], name, raw, point, source, laterality=RIGHT, **more
        ).id
        for name, raw, point, source, more in VALUES
    ]
    signed = (clinic.sign("santosa", Meaning.ADJUDICATED),)
    clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, made[4:6], made[4], reason="findings and figure", signed=signed)
    return clinic


def test_a_course_over_time(page: Any, clinic: Clinic, sign_in: Any) -> None:
    def pictured(name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(exist_ok=True)
            page.screenshot(path=f"{SHOTS}/course-{name}.png", full_page=True)

    sign_in(page, "santosa")
    page.goto(f"/courses/{clinic.ids['course']}")
    page.get_by_role("link", name="Over time").click()
    drawn = page.locator("svg.plot.wide-only").first
    drawn.wait_for()
    assert drawn.locator(".undecided").count() == 2
    assert "KL" in drawn.text_content()
    assert "Kellgren–Lawrence grade: Before the course 3, After the last dose 2" in drawn.get_attribute("aria-label")
    assert page.get_by_text("range not reported").first.is_visible()
    pictured("1-wide")
    assert clean(page) == []
    page.set_viewport_size({"width": 360, "height": 780})
    page.emulate_media(color_scheme="dark")
    page.goto("/language/id?next=/")
    page.goto(f"/courses/{clinic.ids['course']}/outcomes")
    pictured("2-phone")
    if SHOTS:
        page.locator("section[aria-labelledby=overtime]").screenshot(path=f"{SHOTS}/course-3-phone.png")
    assert clean(page) == []

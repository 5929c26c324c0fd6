"""Seven findings stand against a release; each is put right, QA signs, and a logger read late takes the release back."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.axe import overflow, violations
from tests.clinic import PASSWORD, Clinic
from tests.stories.test_results import close, enter, report, review
from tests.watched import watched
from tests.worlds import in_stock, world, worlds
from traceability.services import labels

pytestmark = pytest.mark.browser
__all__ = ["in_stock", "world", "worlds"]


@pytest.fixture
def clinic(in_stock: Clinic) -> Clinic:
    """Counted, logged and put away. One test failed and nobody looked at it, one is missing, a label was printed again."""
    in_stock.ids["outside"] = enter(in_stock, in_stock.ids["lot"], "endotoxin", "0.31")
    vial = in_stock.vial("H3K001")
    in_stock.do(labels.reprint, in_stock.PHARMACIST, [vial.id], "vial_16x30", reason="smudged")
    return in_stock


def test_a_release_refused_with_seven_findings_is_put_right_signed_and_ended_by_a_late_excursion(
    clinic: Clinic, page: Any, sign_in: Callable[[Any, str], None]
) -> None:
    lot = clinic.ids["lot"]

    def refused(count: int) -> None:
        """QA looks again: so many rules do not hold, and they head the list."""
        sign_in(page, "maharani")
        page.goto(f"/lots/{lot}/release")
        page.get_by_text(f"Release is refused: {count} of 22 rules do not hold.").wait_for()
        assert page.locator("tr.hit, tr:has(.st.ask)").count() >= count
        assert page.get_by_role("button", name="Release 5 vials").count() == 0

    freezer = watched(clinic)
    began = clinic.clock.now
    clinic.clock.tick(minutes=30)
    refused(7)
    shot(page, "refused")
    assert violations(page) == []

    # 1 the maker's certificate of analysis
    page.goto(f"/lots/{lot}/documents")
    page.set_input_files(
        "input[type=file]", {"name": "coa.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 certificate"}
    )
    page.get_by_role("button", name="Attach").click()
    page.get_by_text("The file is attached.").wait_for()
    refused(6)
    # 2 the label, read from its vial
    clinic.do(labels.scan_back, clinic.PHARMACIST, clinic.code(clinic.vial("H3K001")))
    refused(5)
    # 3 the missing test, and 4 everything reviewed
    review(clinic, enter(clinic, lot, "sterility", "no growth"))
    refused(4)
    repeated = review(clinic, enter(clinic, lot, "endotoxin", "0.06"))
    review(clinic, clinic.ids["outside"])
    refused(3)

    # 5 and 6: QA concludes on evidence that the laboratory erred, and closes the case
    evidence = report(clinic, lot)
    page.goto(f"/lots/{lot}/tests")
    shot(page, "tests")
    page.get_by_role("link", name="Conclude").click()
    shot(page, "conclude")
    page.check("[name=outcome][value=laboratory_error]")
    page.select_option("[name=stands_id]", repeated)
    page.select_option("[name=attachment_id]", evidence)
    page.fill("[name=reason]", "The dilution was pipetted twice; the report says how.")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign the conclusion").click()
    page.get_by_text("It is on record which result stands").wait_for()
    refused(3)  # it counts when the case is closed
    close(clinic, clinic.ids["outside"])
    refused(1)

    # 7 the audit trail, reviewed by a signature of its own
    page.get_by_role("link", name="Sign the review").click()
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("main").locator("button[type=submit]").click()
    page.get_by_text("All 22 rules hold.").wait_for()
    shot(page, "holds")
    page.locator("details.rests summary").first.click()
    assert page.locator("details.rests[open] a").count() >= 2
    page.get_by_role("button", name="Release 5 vials").click()
    page.get_by_text("Sign: release lot UC26-H3").wait_for()
    shot(page, "sign")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign and release").click()
    page.get_by_text("Released: RC-1, 5 vials.").wait_for()
    assert clinic.scan("H3K001") == ("use", [])

    # a day's readings come in late: the freezer was warm before the release
    clinic.clock.tick(hours=1)
    since = (clinic.clock.now - began) // freezer.every
    freezer.sends(began + freezer.every, [-10.0] * 3 + [-20.0] * (since - 3))
    assert clinic.scan("H3K001") == ("ask_qa", ["held", "release_outdated"])
    sign_in(page, "maharani")
    page.goto(f"/lots/{lot}/release")
    page.get_by_text("No longer holds", exact=True).wait_for()
    assert "an excursion before the release that nobody knew of" in page.inner_text("main")
    shot(page, "outdated")
    assert violations(page) == []
    page.get_by_role("link", name="Take back").click()
    page.fill("[name=reason]", "The excursion was not in the dossier.")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign and take back").click()
    page.get_by_text("Taken back").first.wait_for()
    assert clinic.scan("H3K001") == ("ask_qa", ["held", "release_ended"])


def shot(page: Any, name: str) -> None:
    """It fits a telephone; SHOTS=/tmp/shots keeps what a person sees there, and wide, by day and by night."""
    folder = os.environ.get("SHOTS")
    for width, scheme in ((360, "light"), (1280, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert overflow(page) == [], (name, width)
        if folder:
            page.screenshot(path=f"{folder}/release-{name}-{width}-{scheme}.png", full_page=True)

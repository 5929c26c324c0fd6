"""Making a patient's way in on its page: what is not known is told at its field, and nothing is put in its place (R50)."""

from __future__ import annotations

from tests.clinic import Clinic
from tests.stories.case import count, rows
from tests.web.conftest import hidden
from traceability.domain.scoring import VERSIONS


def test_a_knee_or_a_language_that_nobody_knows_is_told_and_makes_no_link(signed_in, clinic: Clinic) -> None:
    clinic.course()
    subject = clinic.ids["subject"]
    browser, path = signed_in("rahayu"), "/form_links/issue"
    told = {
        "subject_id": subject, "forms": "|".join(next(iter(VERSIONS))), "time_point": "baseline", "laterality": "right",
        "language": "id", "how": "link",
    }  # fmt: skip

    def asked() -> dict[str, str]:
        return hidden(browser.get(f"{path}?subject_id={subject}").text)

    for wrong in (
        {"laterality": "rigth"},
        {"language": "fr"},
        {"time_point": "later"},
        {"valid_h": "0"},
        {"forms": []},
    ):
        page = browser.post(path, data=asked() | told | wrong)
        assert page.status_code in (409, 422), wrong
    assert count(clinic, "form_link") == 0
    form = asked() | told
    made = browser.post(path, data=form)
    assert made.status_code == 200
    assert "/f/" in made.text
    assert rows(clinic, "SELECT laterality, language FROM form_link") == [("right", "id")]
    assert "/f/" not in browser.post(path, data=form).text  # sent twice: told once

"""Making a patient's way in on its page: what is not known is told at its field, and nothing is put in its place (R50)."""

from __future__ import annotations

import re

from tests.api.conftest import ask
from tests.clinic import Clinic
from tests.stories.case import count, rows
from tests.web.conftest import hidden
from traceability.domain.scoring import VERSIONS

__all__ = ["ask"]


def test_a_knee_or_a_language_that_nobody_knows_is_told_and_makes_no_link(signed_in, clinic: Clinic) -> None:
    course = clinic.course()
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
        {"laterality": ""},
        {"language": "fr"},
        {"time_point": "later"},
        {"valid_h": "0"},
        {"forms": []},
    ):
        page = browser.post(path, data=asked() | told | wrong)
        assert page.status_code in (409, 422), wrong
    assert count(clinic, "form_link") == 0
    page = browser.post(path, data=asked() | told | {"laterality": ""}).text
    assert "Say which knee is asked about" in page[page.index("f-laterality-why") :]
    form = asked() | told
    made = browser.post(path, data=form)
    assert made.status_code == 200
    assert "/f/" in made.text
    assert rows(clinic, "SELECT laterality, language FROM form_link") == [("right", "id")]
    assert "/f/" not in browser.post(path, data=form).text  # sent twice: told once
    of_course = browser.post(path, data=asked() | told | {"laterality": "", "course_id": course})
    assert of_course.status_code == 200
    assert rows(clinic, "SELECT laterality FROM form_link ORDER BY id") == [("right",), ("right",)]


def test_without_scripts_a_line_is_a_number_nothing_is_filled_in_and_what_it_does_not_offer_is_told(
    ask, client, clinic: Clinic
) -> None:
    clinic.course()
    told = {
        "subject_id": clinic.ids["subject"], "forms": ["VAS|100 mm", "NRS|0–10"], "time_point": "baseline",
        "laterality": "left", "language": "en", "valid_h": 24,
    }  # fmt: skip
    path = "/f/" + ask("rahayu").post("/form_links/issue", told).json["answer"]["token"]  # a program makes one, too

    def sent(go: str, at: int, **said: str):
        return client.post(path, data={"language": "en", "at": str(at), "go": go, **said})

    assert "How is your left knee?" in client.get(path).text
    line = sent("begin", 0)
    assert 'name="a0" value=""' in line.text
    (drawn,) = re.findall(r'<input[^>]*type="range"[^>]*>', line.text)
    assert " name=" not in drawn, "a browser sends the middle of a slider that nobody touched"
    for wrong in ("101", "-1", "1_0", "3,5", "much"):
        page = sent("next", 0, a0=wrong)
        assert (page.status_code, "A whole number from 0 (No pain) to 100" in page.text) == (422, True), wrong
    numbers = sent("next", 0, a0="37")
    assert numbers.text.count('type="radio"') == 11
    assert " checked" not in numbers.text
    assert 'name="a0" value="37"' in numbers.text
    assert " checked" in sent("back", 2, a0="37", a1="4").text
    left_out = sent("skip", 1, a0="37", a1="4")
    assert "a1" not in left_out.text
    assert "1 question is left out." in left_out.text
    nothing = sent("next", 1)
    assert "No question is answered yet." in nothing.text
    assert 'value="send"' not in nothing.text
    assert count(clinic, "score") == 0
    assert "Thank you." in sent("send", 2, a0="37").text
    assert rows(clinic, "SELECT instrument, raw, laterality FROM score") == [("VAS", "37", "left")]

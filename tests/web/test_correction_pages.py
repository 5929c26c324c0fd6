"""An injection that was told wrong is put right on its page: only what differs is asked, two people sign, the first words stay."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from tests.clinic import PASSWORD, Clinic
from tests.stories.case import reading
from tests.web.conftest import Browser
from traceability.services import administrations, outcomes
from traceability.store.tables import Administration
from traceability.store.tables.outcomes import TimePoint

SIGNS = {
    "password": PASSWORD,
    "second_username": "putri",
    "second_password": PASSWORD,
    "reason": "as the paper sheet shows",
}


@pytest.fixture
def given(clinic: Clinic) -> str:
    clinic.released_lot()
    course = clinic.course()
    injection = clinic.give_dose(course, 1, needle="21 G, 40 mm").id
    clinic.clock.tick(minutes=40)
    return injection


def filled(text: str) -> dict[str, str]:
    """What a form is filled with when it is opened, as a browser would send it back."""
    found: dict[str, str] = {}
    chosen = [""]

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            told = dict(attrs)
            name, value = told.get("name"), told.get("value") or ""
            if tag == "input" and name and (told.get("type") not in ("radio", "checkbox") or "checked" in told):
                found[name] = value
            elif tag == "select":
                chosen[0] = str(name)
            elif tag == "option" and "selected" in told:
                found[chosen[0]] = value

    Reader().feed(text.partition('<main id="main"')[2])
    return found


def on_record(clinic: Clinic, injection: str) -> Administration:
    return reading(
        clinic, lambda view: administrations.administration(view, injection)["administration"], clinic.PHYSICIAN
    )


def test_only_what_was_typed_otherwise_is_corrected_and_the_page_shows_before_and_since(
    signed_in: Callable[[str], Browser], clinic: Clinic, given: str
) -> None:
    doctor, path = signed_in("santosa"), f"/administrations/{given}/correct"
    as_it_is = filled(doctor.get(path).text)
    assert (as_it_is["vas_before"], as_it_is["given_ul"], as_it_is["needle"], as_it_is["laterality"]) == (
        "7",
        "3",
        "21 G, 40 mm",
        "right",
    )
    nothing = doctor.post(path, data=as_it_is | SIGNS)
    assert "Nothing differs" in nothing.text
    assert "Why" in doctor.post(path, data=as_it_is | SIGNS | {"reason": ""}).text
    done = doctor.post(path, data=filled(doctor.get(path).text) | SIGNS | {"vas_before": "6.5", "needle": ""})
    assert done.status_code == 303, done.text[-2000:]
    page = doctor.get(done.headers["Location"]).text
    assert '<span class="was">7</span>' in page
    assert page.count("No longer covers") == 2  # who gave it and who stood by had signed for 7
    assert "as the paper sheet shows" in page
    told = on_record(clinic, given)
    assert (told.vas_before, told.needle, told.vas_after) == ("6.5", None, "5")


def test_a_program_reads_the_corrections_and_the_pages_of_one_told_by_mistake_say_so(
    signed_in: Callable[[str], Browser], clinic: Clinic, given: str
) -> None:
    doctor = signed_in("santosa")
    done = doctor.fill(f"/administrations/{given}/void?next=/administrations/{given}", **SIGNS)
    assert done.headers["Location"].endswith(f"/administrations/{given}"), done.text[-2000:]
    page = doctor.get(done.headers["Location"]).text
    assert "Told by mistake since" in page
    assert "/correct" not in page.partition("<main")[2]
    subject = on_record(clinic, given).subject_id
    assert "told by mistake" in doctor.get(f"/subjects/{subject}").text
    assert "told by mistake" in doctor.get(f"/subjects/{subject}/trace").text
    assert "no planned dose" not in doctor.get("/bedside").text
    path = f"/administrations/{given}/correct"
    refused = doctor.post(path, data=filled(doctor.get(path).text) | SIGNS | {"vas_after": "1"})
    assert "told by mistake" in refused.text


def test_a_score_told_by_mistake_stays_in_the_table_of_sources_with_why(
    signed_in: Callable[[str], Browser], clinic: Clinic, given: str
) -> None:
    subject = on_record(clinic, given).subject_id
    score = clinic.do(outcomes.record, clinic.PHYSICIAN, subject, "VAS", "70", TimePoint.BASELINE, "form").id
    doctor = signed_in("santosa")
    back = f"/subjects/{subject}#outcomes"
    done = doctor.fill(f"/scores/{score}/void", password=PASSWORD, reason="another patient’s form", next=back)
    assert done.status_code == 303, done.text[-2000:]
    page = doctor.get(f"/subjects/{subject}").text
    assert "another patient’s form" in page
    assert '<span class="was">70</span>' in page


@pytest.mark.parametrize("who", ["putri", "maharani", "rahayu"])
def test_who_may_not_correct_is_told_who_may(signed_in: Callable[[str], Browser], given: str, who: str) -> None:
    browser = signed_in(who)
    answers = {browser.get(f"/administrations/{given}/{act}").status_code for act in ("correct", "void")}
    assert answers <= {403} or who == "rahayu"


def test_the_card_is_printed_from_the_course_in_either_language(
    signed_in: Callable[[str], Browser], clinic: Clinic, given: str
) -> None:
    course = on_record(clinic, given).course_id
    nurse = signed_in("rahayu")
    page = nurse.get(f"/courses/{course}")
    assert "For the patient" in page.text
    done = nurse.send(f"/courses/{course}/documents", page, language="id", kind="card")
    assert done.status_code == 303, done.text[-2000:]
    assert "Patient’s card" in nurse.get(done.headers["Location"]).text
    assert "For the patient" not in signed_in("maharani").get(f"/courses/{course}").text

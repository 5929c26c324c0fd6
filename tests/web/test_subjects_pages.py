"""Subjects: pseudonyms everywhere, who somebody is only after an act that says who looked; consents, scores, harm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from flask import Flask, Response, request, request_finished

from tests.clinic import PASSWORD, Clinic
from tests.web.conftest import hidden
from traceability.domain.people import SYSTEM
from traceability.services import outcomes, subjects
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import Laterality

PERSON = {
    "name": "Canary Wijayanti",
    "mrn": "MRN-0417733",
    "nik": "3372014305690001",
    "born": "1969-05-03",
    "wristband": "8018952123400000018",
}
CANARIES = ("Canary", "Wijayanti", "0417733", "3372014305690001", "1969-05-03", "3 May 1969", "952123400000018")


class Watched:
    """Every answer of the application: its address, where it leads, what it says."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def leaks(self) -> list[str]:
        return [f"{path}: {canary}" for path, said in self.told for canary in CANARIES if canary in said]


@pytest.fixture
def watched(app: Flask) -> Iterator[Watched]:
    made = Watched()

    def keep(_app: Flask, response: Response, **_: object) -> None:
        if not response.direct_passthrough:
            said = f"{request.full_path} {response.headers.get('Location', '')} {response.get_data(as_text=True)}"
            made.told.append((f"{request.method} {request.path}", said))

    with request_finished.connected_to(keep, app):
        yield made


def ledger(clinic: Clinic) -> str:
    with clinic.store.read(SYSTEM) as view:
        return " ".join(row.body for row in view.rows("SELECT body FROM entry"))


def subject_of(response) -> str:
    return re.search(r"/subjects/([0-9a-f]{32})", response.headers["Location"])[1]


@pytest.fixture
def signs(clinic: Clinic) -> Callable[..., dict[str, str]]:
    return lambda **told: {"password": PASSWORD, "second_username": "rahayu", "second_password": PASSWORD} | told


def test_who_somebody_is_is_shown_once_and_the_record_says_who_looked(
    signed_in, clinic: Clinic, watched: Watched
) -> None:
    nurse = signed_in("rahayu")
    enrolled = nurse.fill("/subjects/enrol", **PERSON)
    assert enrolled.status_code == 303
    subject = subject_of(enrolled)
    pseudonym = re.search(r"<code>(\w{6})</code>", nurse.get(f"/subjects/{subject}").text)[1]
    for number in (PERSON["mrn"], PERSON["nik"], PERSON["wristband"], "mrn 0417733"):
        assert subject_of(nurse.send("/subjects/find", nurse.get("/subjects"), code=number)) == subject
    unknown = nurse.send("/subjects/find", nurse.get("/subjects"), code="MRN-9999")
    assert unknown.status_code == 404
    assert "MRN-9999" not in unknown.text
    path = f"/subjects/{subject}/open_identity"
    asked = nurse.get(path)
    assert "Looking is recorded" in asked.text
    assert watched.leaks() == []
    shown = nurse.send(path, asked)
    assert [PERSON[key] in shown.text for key in ("name", "mrn", "nik", "born")] == [True] * 4
    assert shown.headers["Cache-Control"] == "no-store"
    assert {told.partition(":")[0] for told in watched.leaks()} == {f"POST {path}"}
    watched.told.clear()
    assert "It was shown once" in nurse.send(path, asked).text
    assert watched.leaks() == []
    body = ledger(clinic)
    assert body.count('"act":"subject.open_identity"') == 1
    assert not [canary for canary in CANARIES if canary in body]
    assert pseudonym in nurse.get("/subjects").text


def test_a_person_who_is_known_gets_no_second_pseudonym_and_the_page_does_not_say_who(
    signed_in, clinic, watched
) -> None:
    clinic.subject()
    again = signed_in("santosa").fill("/subjects/enrol", **PERSON | {"name": "Somebody Else"})
    assert again.status_code == 409
    assert "known here already" in again.text
    assert watched.leaks() == []


def test_the_form_says_what_is_missing_and_enrolling_twice_is_one_subject(signed_in, clinic: Clinic) -> None:
    doctor = signed_in("santosa")
    page = doctor.get("/subjects/enrol")
    assert doctor.send("/subjects/enrol", page, name="A", born="03.05.1969").status_code == 422
    assert doctor.send("/subjects/enrol", page, **PERSON | {"born": "2100-01-01"}).status_code == 422
    first, second = (doctor.send("/subjects/enrol", page, **PERSON) for _ in range(2))
    assert subject_of(first) == subject_of(second)
    with clinic.store.read(clinic.PHYSICIAN) as view:
        assert len(subjects.subjects(view)) == 1


def test_qa_breaks_the_glass_with_a_second_person_and_a_colleague_reviews_it(signed_in, clinic: Clinic) -> None:
    subject = clinic.subject()
    page = f"/subjects/{subject}"
    quality = signed_in("maharani")
    assert "Show the identity" not in quality.get(page).text
    two = {
        "reason": "The ward cannot reach them",
        "password": PASSWORD,
        "second_username": "rahayu",
        "second_password": PASSWORD,
    }
    broken = quality.fill(f"{page}/break_glass", **two)
    assert broken.headers["Location"].endswith(page)
    told = quality.get(page).text
    assert "The glass is broken until" in told
    assert "Somebody else of QA reviews it by" in told
    assert "Canary Wijayanti" in quality.fill(f"{page}/open_identity").text

    colleague = signed_in("lestari")
    assert "was opened" in colleague.get("/").text
    told = colleague.get(page).text
    assert "The ward cannot reach them" in told
    assert "looked 1 time" in told
    review = re.search(r'href="(/openings/[0-9a-f]{32}/review[^"]*)"', told)[1].replace("&amp;", "&")
    done = colleague.fill(review, justified="on", review="No other way was left.", password=PASSWORD)
    assert done.status_code == 303, done.text
    assert "it was right" in colleague.get(page).text


@pytest.mark.parametrize("who, page, looks", [
    ("maharani", 200, 403), ("putri", 200, 403), ("rahayu", 200, 200), ("wijaya", 403, 403), ("admin", 403, 403), ("other", 404, 404)])  # fmt: skip
def test_who_may_see_what(signed_in, clinic: Clinic, watched: Watched, who: str, page: int, looks: int) -> None:
    subject = clinic.subject()
    person = signed_in(who)
    assert person.get(f"/subjects/{subject}").status_code == page
    assert person.get(f"/subjects/{subject}/open_identity").status_code == looks
    home = person.get("/")
    found = person.send(
        "/subjects/find",
        home,
        code="MRN-0417733",
        csrf_token=re.search(r'name="csrf_token" value="(\w+)"', home.text)[1],
    )
    assert found.status_code == (303 if looks == 200 else 403)
    assert watched.leaks() == []


def test_a_consent_needs_two_people_and_ends_when_it_is_withdrawn(signed_in, clinic: Clinic, signs) -> None:
    subject = clinic.subject()
    doctor = signed_in("santosa")
    path = f"/consents/record?subject_id={subject}"
    told = {"kind": "therapy", "version": "v2 (id)", "signed_at": "2026-04-01T10:00"}
    assert doctor.fill(path, **told, password=PASSWORD).status_code == 422
    refused = doctor.fill(path, **told, **signs(second_password="wrong"))
    assert refused.status_code == 409
    assert 'value="v2 (id)"' in refused.text
    assert doctor.fill(path, **told, **signs(second_username="santosa")).status_code == 409
    assert doctor.fill(path, **told, **signs()).status_code == 303
    page = doctor.get(f"/subjects/{subject}").text
    assert "Therapy, v2 (id)" in page
    assert "E. Rahayu" in page
    withdraw = re.search(r"/consents/[0-9a-f]{32}/withdraw", page)[0]
    assert doctor.fill(withdraw).status_code == 303
    assert "Withdrawn" in doctor.get(f"/subjects/{subject}").text


def test_a_form_is_added_as_pdf_issued_by_qa_and_chosen_when_it_is_signed(signed_in, clinic: Clinic, signs) -> None:
    quality, subject = signed_in("maharani"), clinic.subject()
    given = {"kind": "therapy", "version": "v3", "language": "id", "valid_from": "2026-03-01", "renew": "yes"}

    def added(data: bytes) -> Response:
        form = hidden(quality.get("/consent_forms").text) | given | {"file": (BytesIO(data), "formulir.pdf")}
        return quality.post("/consent_forms/draft", data=form)

    assert added(b"no PDF").status_code == 422
    assert added(b"%PDF-1.7 form").status_code == 303
    page = quality.get("/consent_forms")
    assert "draft" in page.text
    issue = re.search(r'href="(/consent_forms/\w{32}/issue[^"]*)"', page.text)[1].replace("&amp;", "&")
    assert quality.fill(issue, password=PASSWORD).headers["Location"].endswith("/consent_forms")
    assert "in force" in quality.get("/consent_forms").text
    doctor = signed_in("santosa")
    path = f"/consents/record?subject_id={subject}"
    assert 'value="therapy|v3 (id)"' in doctor.get(path).text
    told = {
        "form": "therapy|v3 (id)",
        "signed_at": "2026-04-01T10:00",
        "representative": "S. Rahmi",
        "relation": "mother",
    }
    assert doctor.fill(path, **told, **signs()).status_code == 303
    shown = doctor.get(f"/subjects/{subject}").text
    assert "Signed by S. Rahmi, mother" in shown
    file = re.search(r'href="(/consent_forms/\w{32}/file)"', shown)[1]
    with doctor.get(file) as came:
        assert came.data == b"%PDF-1.7 form"
    other = {"kind": "data", "version": "v7 (id)", "signed_at": "2026-04-01T10:00"}
    assert doctor.fill(path, **other, **signs()).status_code == 303
    assert "which nobody issued here" in doctor.get(f"/subjects/{subject}").text


def scored(clinic: Clinic, *values: tuple[str, str, TimePoint, str], **told: str) -> None:
    for instrument, raw, point, source in values:
        clinic.do(
            outcomes.record, clinic.PHYSICIAN, clinic.ids["subject"], instrument, raw, point, source, laterality=Laterality.RIGHT, **told
        )  # fmt: skip


def rows(text: str) -> list[list[str]]:
    from lxml import html

    return [
        [" ".join(" ".join(cell.itertext()).split()) for cell in row.xpath("./th|./td")]
        for row in html.document_fromstring(text).xpath("//tbody/tr")
    ]


def test_sources_that_differ_stand_side_by_side_until_somebody_signs(signed_in, clinic: Clinic) -> None:
    subject = clinic.subject()
    before, after = TimePoint.BASELINE, TimePoint.AFTER_SERIES
    scored(
        clinic,
        ("KL", "3", before, "abstract, first"),
        ("KL", "4", before, "abstract, later"),
        ("KL", "3", before, "body"),
    )
    scored(clinic, ("WOMAC", "65", before, "body"), ("WOMAC", "30", after, "body"))
    scored(clinic, ("VAS", "7", before, "body"), ("VAS", "3", after, "body"), low="0", high="10")
    doctor = signed_in("santosa")
    page = doctor.get(f"/subjects/{subject}")
    found = {row[0]: row[1:] for row in rows(page.text) if len(row) == 4}
    assert found["Kellgren–Lawrence grade Right knee"][0] == "undecided 3, 4, 3"
    assert found["WOMAC Right knee"] == ["65", "30", "not normalised: range not reported"]
    assert found["VAS, pain Right knee"] == ["7", "3", "70.0 → 30.0"]
    choose = re.search(r"/scores/[0-9a-f]{32}/adjudicate", page.text)[0]
    form = doctor.get(choose)
    body = re.findall(r'name="chosen_id" value="(\w+)"', form.text)[2]
    owed = doctor.send(choose, form, chosen_id=body, password=PASSWORD)
    assert owed.status_code == 409
    assert "This is needed" in owed.text
    assert doctor.send(choose, owed, chosen_id=body, reason="The body says so.", password=PASSWORD).status_code == 303
    page = doctor.get(f"/subjects/{subject}").text
    kl = [row for row in rows(page) if row[0].startswith("Kellgren") and len(row) == 6]
    assert [row[-1].partition(" Say")[0] for row in kl][:2] == ["stands beside it", "stands beside it"]
    assert "adjudicated The body says so. B. Santosa" in kl[2][-1]
    assert {row[3] for row in kl} == {"Range: not reported Version: not reported Observed: not reported"}
    assert "undecided" not in page


def test_a_score_is_entered_as_its_source_gives_it_and_outside_its_range_not_at_all(signed_in, clinic: Clinic) -> None:
    subject = clinic.subject()
    nurse = signed_in("rahayu")
    path, told = (
        f"/scores/record?subject_id={subject}",
        {"instrument": "VAS", "raw": "6,5", "time_point": "baseline", "told_by": "visit"},
    )
    assert nurse.fill(path, **told | {"raw": "11"}, low="0", high="10").status_code == 409
    assert nurse.fill(path, **told).status_code == 303
    assert next(row[:3] for row in rows(nurse.get(f"/subjects/{subject}").text) if len(row) == 6) == [
        "VAS, pain side not reported",
        "Before the course",
        "6.5",
    ]


def test_a_questionnaire_is_answered_by_the_grades_of_its_version_and_without_one_not_at_all(
    signed_in, clinic: Clinic
) -> None:
    browser, subject = signed_in("santosa"), clinic.subject()
    page = browser.get(f"/score_forms/record?subject_id={subject}&form=WOMAC|Likert 3.1")
    assert re.findall(r'name="item_24" value="(\d*)"', page.text) == ["0", "1", "2", "3", "4", ""]
    sent = browser.send("/score_forms/record", page, form="", time_point="baseline", told_by="visit")
    assert sent.status_code == 409
    assert "This instrument is not known here" in sent.text


def test_not_asked_is_not_none(signed_in, clinic: Clinic) -> None:
    subject = clinic.subject()
    doctor = signed_in("santosa")
    assert "That is not “none”" in doctor.get(f"/subjects/{subject}").text
    path = f"/events/record?subject_id={subject}"
    assert doctor.fill(path, asked="none", description="swelling").status_code == 409
    assert doctor.fill(path, asked="none", window="the whole course").status_code == 303
    assert doctor.fill(path, asked="yes", description="Swelling for a day", grade="1", serious="no").status_code == 303
    page = doctor.get(f"/subjects/{subject}").text
    assert "Asked, none" in page
    assert "Asked, yes: Swelling for a day" in page
    assert "Grade 1, not serious" in page
    assert "That is not" not in page


def test_a_questionnaire_is_answered_on_a_page_and_says_who_responded_and_by_which_source(
    signed_in, clinic: Clinic
) -> None:
    subject = clinic.subject()
    doctor = signed_in("santosa")
    chosen = f"/score_forms/record?subject_id={subject}&form=WOMAC%7CLikert 3.1"
    assert doctor.get(f"/score_forms/record?subject_id={subject}").text.count("form=") == 7
    for point, answer in (("baseline", "3"), ("month_6", "1")):
        told = {"time_point": point, "told_by": "visit", "laterality": "right"}
        done = doctor.fill(chosen, **told, **{f"item_{n}": answer for n in range(1, 25)})
        assert done.status_code == 303, done.text
    page = doctor.get(f"/subjects/{subject}").text
    assert "Responder (OMERACT-OARSI)" in page
    row = page[page.index('id="became"') :]
    assert row.index("yes") < row.index("WOMAC, 12 % of before")
    assert "not evaluable: VAS, pain" in row
    left = doctor.fill(chosen, time_point="month_2", told_by="visit", item_1="9")
    assert left.status_code == 422
    assert 'value="month_2" selected' in left.text

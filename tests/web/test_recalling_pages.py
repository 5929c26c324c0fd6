"""A recall on its page: clocks, who answered, vials retrieved by scanning, patients tried, closed; a mock one says so everywhere."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest

from tests.clinic import PASSWORD, Clinic
from tests.reports.test_records import text_of
from tests.stories.test_recall_course import standing
from tests.web.test_recalls_pages import TOLD
from tests.web.test_subjects_pages import watched
from tests.worlds import founded, released, world, worlds
from traceability.domain.states import Custody

__all__ = ["founded", "released", "watched", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    return released


def link(page: str, verb: str) -> str:
    found = re.search(rf'href="([^"]*/recalls/[0-9a-f]{{32}}/{verb}[^"]*)"', page)
    assert found, verb
    return found[1].replace("&amp;", "&")


def test_a_recall_is_answered_scanned_and_closed_from_its_page(signed_in, clinic: Clinic, watched) -> None:
    clinic.give_dose(clinic.course(), 1)
    maker, quality, keeper = signed_in("wijaya"), signed_in("maharani"), signed_in("handayani")
    where = maker.fill(
        "/recalls/start", **TOLD | {"hazard": "May carry a virus. Destroy."}, lot_ids=clinic.ids["lot"]
    ).headers["Location"]
    page = maker.get(where).text
    assert "Tell everybody" in page
    assert "May carry a virus. Destroy." in page
    assert "4 vials are not accounted for" in page
    assert "points are open" in page
    theirs = quality.get(where)
    assert "Your organisation has not answered yet." in theirs.text
    assert quality.send(f"{where}/see", theirs).status_code in (204, 303)
    recall_id = where.rpartition("/")[2]
    assert next(
        one for one in standing(clinic, recall_id).notices if one.organisation_id == clinic.ids["hospital"]
    ).seen_at
    scan = f"{where}/retrieve"
    before = keeper.get(scan)
    assert "H3K002 H3K003 H3K004 H3K005" in before.text
    for serial in ("H3K002", "H3K003", "H3K004"):
        told = keeper.send(scan, keeper.get(scan), code=clinic.code(clinic.vial(serial)))
        assert "Put it into F-01-Q." in told.text
    again = keeper.send(scan, keeper.get(scan), code=clinic.code(clinic.vial("H3K002")))
    assert "accounted for already" in again.text
    strange = keeper.send(scan, keeper.get(scan), code="not a code at all")
    assert strange.status_code == 422
    answered = quality.fill(link(theirs.text, "acknowledge"), answer="Three in quarantine, one is looked for.")
    assert answered.status_code == 303, answered.text[-900:]
    assert "Three in quarantine, one is looked for." in maker.get(where).text
    doctor = signed_in("santosa").get(where).text
    tried = signed_in("santosa").fill(
        link(doctor, "contact"),
        subject_id=clinic.ids["subject"],
        reached="yes",
        contact_by="phone",
        told="Well; knows what to watch.",
    )
    assert tried.status_code == 303, tried.text[-900:]
    assert "Well; knows what to watch." in signed_in("santosa").get(where).text
    assert "Well; knows what to watch." not in maker.get(where).text, "the log of contacts stays where they are treated"
    no = maker.fill(f"{where}/close", password=PASSWORD, reason="over")
    assert no.status_code == 409
    for told in ("Not answered yet", "Vials not accounted for", "still to be destroyed", "Not known to have arrived"):
        assert told in no.text


def test_a_mock_recall_is_marked_on_every_page_and_ends_with_the_missing_vial_named(signed_in, clinic: Clinic) -> None:
    maker, keeper = signed_in("wijaya"), signed_in("handayani")
    told = {"title": "Donor result, tried", "class_": "2", "password": PASSWORD}
    made = maker.fill("/recalls/rehearse", **told, lot_ids=clinic.ids["lot"])
    assert made.status_code == 303, made.text[-900:]
    where = made.headers["Location"]
    scan = f"{where}/retrieve"
    for page in (maker.get(where), keeper.get(where), keeper.get(scan), maker.get("/recalls")):
        assert "Mock recall" in page.text
        assert "No vial below may be used" not in page.text
    for serial in ("H3K001", "H3K002", "H3K003", "H3K004"):
        answer = keeper.send(scan, keeper.get(scan), code=clinic.code(clinic.vial(serial)))
        assert "left where it is" in answer.text
    assert clinic.scan("H3K001") == ("use", [])
    page = maker.get(where).text
    assert "H3K005" in page
    closed = maker.fill(link(page, "close"), password=PASSWORD, accepting="yes", reason="searched for an hour")
    assert closed.status_code == 303, closed.text[-900:]
    assert "closed, 80" in maker.get("/recalls").text
    assert clinic.scan("H3K005") == ("use", [])
    report = maker.send(f"{where}/documents", maker.get(where), language="en")
    assert report.status_code == 303, report.text[-900:]
    paper = text_of(maker.get(f"{report.headers['Location']}.pdf").data)
    for told in (
        "MOCK recall report",
        "VIALS NOT FOUND",
        "Not accounted for: H3K005.",
        "4 of 5 vials accounted for, 80 %",
    ):
        assert told in paper, told
    assert keeper.send(f"{where}/documents", keeper.get(where), language="en").status_code == 403


def test_a_lot_is_counted_up_on_its_page_and_signed_and_what_went_to_whom_is_a_table(signed_in, clinic: Clinic) -> None:
    quality = signed_in("maharani")
    path = f"/lots/{clinic.ids['lot']}/reconciliation"
    page = quality.get(path)
    assert "The lot adds up" in page.text
    assert page.text.count('class="s-stock"') >= 1
    signed = quality.send(
        f"/lots/{clinic.ids['lot']}/reconcile", page, password=PASSWORD, figures_digest=digest(page.text)
    )
    assert signed.status_code == 303, signed.text[-900:]
    assert "5 of 5, 0 missing" in quality.get(path).text
    late = quality.send(
        f"/lots/{clinic.ids['lot']}/reconcile", quality.get(path), password=PASSWORD, figures_digest="0" * 64
    )
    assert "The figures changed while you looked at them." in late.text
    assert signed_in("handayani").get(path).text.count("figures_digest") == 0
    record = quality.get(f"/lots/{clinic.ids['lot']}/distribution").text
    assert "UC26-H3" in record
    sheet = quality.get("/distribution?format=csv")
    (line,) = csv.DictReader(StringIO(sheet.text))
    assert (line["lot"], line["quantity"], line["consignee"]) == ("UC26-H3", "5", "RSUD Dr. Moewardi")
    assert signed_in("other").get(path).status_code == 404


def digest(page: str) -> str:
    found = re.search(r'name="figures_digest" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_a_place_for_an_interval_is_recalled_from_the_form_and_destruction_takes_two(signed_in, clinic: Clinic) -> None:
    quality = signed_in("maharani")
    path = "/recalls/start?kind=place"
    page = quality.get(path)
    told = TOLD | {"kind": "place", "target_ids": clinic.ids["quarantine"], "since": "2026-04-01T00:00"}
    made = quality.send("/recalls/start", page, **told)
    assert made.status_code == 303, made.text[-900:]
    assert clinic.scan("H3K001")[0] == "do_not_use"
    form = {
        "vial_ids": clinic.vial("H3K001").id, "method": "incinerated", "reason": "recalled", "password": PASSWORD,
        "second_username": "maharani", "second_password": PASSWORD,
    }  # fmt: skip
    pharmacist = signed_in("putri")
    listed = pharmacist.get("/vials/destroy").text
    assert "H3K001" in listed, "whatever lies here may be destroyed"
    done = pharmacist.fill("/vials/destroy", **form)
    assert done.status_code == 303, done.text[-1500:]
    assert clinic.vial("H3K001").state is Custody.DESTROYED

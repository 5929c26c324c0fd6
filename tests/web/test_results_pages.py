"""A laboratory's file, results outside their specification and the release on pages: shown first, entered whole, answered for."""

from __future__ import annotations

import html
import io
import re

import pytest

from tests.clinic import PASSWORD, Clinic
from tests.stories.test_named_patient import outside
from tests.stories.test_results import GOOD, count, csv, enter
from tests.web.conftest import Browser, hidden
from tests.web.test_lots_pages import look, to_sign
from tests.worlds import in_stock, world, worlds

__all__ = ["in_stock", "world", "worlds"]


@pytest.fixture
def clinic(in_stock: Clinic) -> Clinic:
    """One lot, counted, logged and put away, a day ago."""
    in_stock.clock.tick(days=1)
    return in_stock


def send(browser: Browser, lot: str, data: bytes, name: str = "lab.csv"):
    path = f"/lots/{lot}/results/import"
    told = hidden(browser.get(path).text) | {"file": (io.BytesIO(data), name)}
    return path, browser.post(path, data=told, content_type="multipart/form-data")


def test_a_file_is_shown_as_understood_and_entered_when_it_is_confirmed(clinic: Clinic, signed_in):
    lot, browser = clinic.ids["lot"], signed_in("wulandari")
    path, page = send(browser, lot, GOOD)
    assert page.status_code == 200
    for told in ("Parameter", "Satuan", "Catatan", "Enter 2 results", "&lt; 0.05"):
        assert told in page.text
    assert count(clinic) == (0, 0)
    done = browser.post(path, data=hidden(page.text), follow_redirects=True)
    assert "2 results are entered" in done.text
    assert count(clinic) == (2, 1)
    assert "lab.csv" in done.text  # the file stands beside its results
    again = browser.post(path, data=hidden(page.text))
    assert again.status_code == 409
    assert "read in for this lot before" in again.text


def test_a_line_that_cannot_be_read_is_named_and_there_is_nothing_to_confirm(clinic: Clinic, signed_in):
    data = csv("Endotoxin;0,05;EU/mL;2026-04-01;", "Sterility;no growth;;2026-04-01;")
    _, page = send(signed_in("wulandari"), clinic.ids["lot"], data)
    assert page.status_code == 422
    assert "1 line cannot be read in, so none is." in page.text
    assert "is not a number" in page.text
    assert 'name="confirmed"' not in page.text
    assert count(clinic) == (0, 0)


def test_each_rule_leads_to_the_rows_it_rests_on_and_to_their_entries(clinic: Clinic, signed_in):
    lot = clinic.certificate(clinic.tested(clinic.ids["lot"]))
    page, _ = look(signed_in("maharani"), lot)
    assert page.text.count('<details class="rests">') >= 12
    assert f"about={lot}&amp;entry=" in page.text
    assert f"/excursions/{lot}" not in page.text
    assert "coa.pdf" in page.text
    assert "Endotoxin: 0.06" in page.text
    entry = page.text.partition(f"about={lot}&amp;entry=")[2].partition('"')[0]
    assert int(entry) > 0
    assert signed_in("maharani").get(f"/audit?about={lot}&entry={entry}").status_code == 200


def test_for_a_named_patient_the_page_asks_for_the_course_and_for_two_signatures(clinic: Clinic, signed_in):
    lot = outside(clinic)
    course, browser = clinic.course(), signed_in("maharani")
    page, _ = look(browser, lot)
    assert "Release is refused" in page.text
    page, _ = look(browser, lot, kind="named_patient")
    assert "names the course" in page.text
    page, told = to_sign(browser, lot, kind="named_patient", course_id=course)
    assert "Does not hold" in page.text
    asked = told | hidden(page.text) | {"vial_ids": told["vial_ids"], "password": PASSWORD}
    half = browser.post(
        f"/lots/{lot}/release", data=asked | {"second_username": "santosa", "second_password": PASSWORD}
    )
    assert half.status_code == 409
    assert 'id="f-reason-why"' in half.text
    asked |= hidden(half.text) | {"second_username": "santosa", "second_password": PASSWORD, "reason": "no alternative"}
    asked["vial_ids"] = told["vial_ids"]
    done = browser.post(f"/lots/{lot}/release", data=asked, follow_redirects=True)
    assert "Released: RC-1, 5 vials." in done.text
    assert "For a named patient" in done.text


def test_what_became_of_a_release_stands_on_its_page_and_on_the_lot(clinic: Clinic, signed_in):
    lot, browser = clinic.certificate(clinic.tested(clinic.ids["lot"])), signed_in("maharani")
    clinic.release(lot)
    assert "Newer facts exist" not in browser.get(f"/lots/{lot}").text
    enter(clinic, lot, "endotoxin", "0.40")
    page = browser.get(f"/lots/{lot}/release").text
    assert "No longer holds" in page
    assert "a result outside its specification" in page
    assert "Newer facts exist" in browser.get(f"/lots/{lot}").text


def test_the_specification_of_a_product_says_what_is_in_force(clinic: Clinic, signed_in):
    page = signed_in("wijaya").get(f"/products/{clinic.ids['product']}/specifications").text
    assert page.count("In force</span>") == 2
    assert "at most 0.25 EU/mL" in page
    assert "New version" in page


def test_results_are_ticked_and_reviewed_by_one_signature(clinic: Clinic, signed_in):
    lot, browser = clinic.ids["lot"], signed_in("maharani")
    for test, value in (("endotoxin", "0.05"), ("sterility", "no growth")):
        enter(clinic, lot, test, value)
    page = browser.get(f"/lots/{lot}/tests").text
    (link,) = re.findall(r'href="([^"]*review_results[^"]*)">Review 2 results<', page)
    form = browser.get(html.unescape(link)).text
    ticks = re.findall(r'name="result_ids" value="(\w+)"', form)
    assert len(ticks) == 2
    assert "Endotoxin: 0.05" in form
    path = f"/lots/{lot}/review_results"
    asked = hidden(form) | {"password": PASSWORD, "result_ids": ticks}
    done = browser.post(path, data=asked, follow_redirects=True)
    assert "The results are reviewed." in done.text
    assert "review_results" not in done.text
    assert done.text.count("R. Maharani") >= 2

"""Outcomes by lot on the page and by program: the answer first, its method, its rows, and how often anybody looked."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from tests.cohort import Patient, treat
from tests.web.test_subjects_pages import rows
from tests.worlds import released, world, worlds
from traceability.services import sessions
from traceability.store.tables.outcomes import Asked

__all__ = ["released", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    good = released.released_lot("UC26-J4", 9)
    patients = [
        Patient([released.ids["lot"]], before=f"{64 + n}", after=f"{58 + 2 * n}", asked=Asked.YES) for n in range(5)
    ]
    patients += [Patient([good], before=f"{62 + n}", after=f"{28 + n * n}") for n in range(6)]
    patients += [Patient([released.released_lot("UC26-K5", 2)], asked=None)]
    treat(released, patients)
    return released


def asking(app: Flask, clinic: Clinic, username: str) -> Asking:
    return Asking(app, sessions.sign_in(clinic.store, username, PASSWORD, "bearer").token)


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_page_says_what_stands_out_of_how_many_by_which_method_and_how_often_it_was_looked_at(
    signed_in, clinic: Clinic
) -> None:
    page = signed_in("maharani").get("/outcomes")
    told = text(page.text)
    assert "Stands out from the rest: UC26-H3, UC26-J4." in told
    assert told.count("a series without controls cannot show") == 6
    assert told.count("Looks taken here so far, this one included: 1, by people: 1.") == 6
    assert ["UC26-H3", "0 of 5 UC26-H3", "0 % to 52 %", "0 of 5", "0"] in [row[:5] for row in rows(page.text)]
    assert ["UC26-K5", "1 UC26-K5", "–", "too few", "not compared"] in rows(page.text)
    assert ["UC26-K5", "0 of 0 UC26-K5", "too few", "1", "not compared"] in rows(page.text)
    drawn = re.findall(r'<svg class="plot wide-only".*?</svg>', page.text, re.S)
    assert len(drawn) == 5
    assert re.findall(r'class="lbl">(.*?)<', drawn[0]) == ["UC26-J4", "UC26-H3", "UC26-K5"]
    signed_in("santosa").get("/outcomes?by=month&exposure=any")
    again = text(signed_in("maharani").get("/outcomes").text)
    assert "this one included: 3, by people: 2." in again


def test_every_number_opens_its_rows_under_pseudonyms(signed_in, clinic: Clinic) -> None:
    reader = signed_in("santosa")
    page = reader.get("/outcomes").text
    link = unescape(re.search(r'href="([^"]*group=[^"]*)">0 of 5<', page)[1])
    found = rows(reader.get(link).text)
    assert [row[2] for row in found] == ["UC26-H3"] * 5
    assert {row[6] for row in found} == {"no"}
    assert "Canary" not in reader.get(link).text
    sheet = reader.get(link.replace("rows?", "rows?format=csv&"))
    assert sheet.content_type.startswith("text/csv")
    assert len(sheet.text.splitlines()) == 6
    assert reader.get("/outcomes/rows?group=" + "0" * 32).status_code == 404
    assert reader.get("/outcomes?by=nothing&visit=never").status_code == 200


def test_programs_are_told_the_same_with_the_method_and_looks_count_for_them_too(app: Flask, clinic: Clinic) -> None:
    told = asking(app, clinic, "maharani").get("/outcomes", by="lot").json
    names = {one["key"]: one["name"] for one in told["groups"]}
    events = {names[one["group"]]: one for one in told["events"]}
    assert events["UC26-H3"]["share"] | {"high": 1.0} == {
        "count": 5,
        "n": 5,
        "low": pytest.approx(0.478, abs=1e-3),
        "high": 1.0,
    }
    assert (events["UC26-K5"]["share"]["low"], events["UC26-K5"]["p"]) == (None, None)
    assert {one["name"] for one in told["groups"] if one["stands_out"]} == {"UC26-H3", "UC26-J4"}
    assert len(told["rows"]) == 12
    assert "cannot show efficacy" in told["method"]["limits"]
    assert asking(app, clinic, "maharani").get("/outcomes").json["looks"] == 2
    assert asking(app, clinic, "maharani").get("/outcomes", by="colour").status_code == 422
    for who in ("wijaya", "handayani"):
        assert asking(app, clinic, who).get("/outcomes").status_code == 403

"""What a page says when it cannot be shown."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from unittest.mock import Mock

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from tests.clinic import Clinic
from tests.web.conftest import hidden
from traceability import problems
from traceability.domain.errors import NotKept, Refused, Unconfirmed
from traceability.services import stops
from traceability.store.tables.quality import ScopeKind
from traceability.web import home


@pytest.mark.parametrize("path", ["/nowhere", "/lots/" + "0" * 32, "/places/not-an-id", "/people/' OR 1=1 --"])
def test_what_is_not_there_is_not_found_for_who_is_signed_in(signed_in, path: str) -> None:
    answer = signed_in("maharani").get(path)
    assert answer.status_code == 404
    assert "R. Maharani" in answer.text
    assert "Back to your work" in answer.text


def test_what_is_not_there_tells_a_stranger_nothing_more(client, clinic: Clinic) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Not found" in answer.text


def test_a_place_of_another_hospital_is_as_little_there_as_none(signed_in, clinic: Clinic) -> None:
    foreign = signed_in("other").get(f"/places/{clinic.ids['freezer']}")
    absent = signed_in("other").get(f"/places/{'0' * 32}")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.text.partition("<main")[2] == absent.text.partition("<main")[2]


def test_a_wrong_way_of_asking_is_named(signed_in) -> None:
    assert signed_in("maharani").post("/places", data={}).status_code == 405
    assert signed_in("maharani").get("/sign-out").status_code == 405


def test_too_much_is_turned_away(signed_in, app) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert signed_in("maharani").post("/holds/place", data={"title": "x" * 2000}).status_code == 413


def test_a_refusal_names_who_may(signed_in) -> None:
    answer = signed_in("putri").get("/people")
    assert answer.status_code == 403
    assert "administrator" in answer.text


def test_a_mistake_of_ours_shows_an_id_and_no_text_of_it(signed_in, monkeypatch, capsys) -> None:
    browser = signed_in("maharani")

    def broken(*_: object) -> None:
        raise RuntimeError(f"the secret is {4700 + 11}")

    monkeypatch.setattr(home.worklist, "waiting", broken)
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "4711" not in answer.text
    reference = answer.text.partition("Reference <code>")[2][:12]
    logged = capsys.readouterr().out
    assert reference in logged
    assert "RuntimeError" in logged
    assert "4711" not in logged


@pytest.mark.parametrize("language, titles", [
    ("en", ("Not yet confirmed", "Nothing was kept", "Nothing can be kept now", "The database does not answer", "This page is broken")),
    ("id", ("Belum terkonfirmasi", "Tidak ada yang tersimpan", "Sekarang tidak ada yang dapat disimpan", "Basis data tidak menjawab",
            "Halaman ini rusak")),
])  # fmt: skip
def test_what_stopped_a_page_is_what_its_title_says(
    signed_in, monkeypatch, language: str, titles: tuple[str, ...]
) -> None:
    browser = signed_in("maharani")
    gone, wrong = (
        sqlite3.OperationalError("unable to open database file"),
        sqlite3.OperationalError("no such column: x"),
    )
    gone.sqlite_errorcode, wrong.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_ERROR
    causes = (
        (Unconfirmed("a" * 32), 503), (NotKept("a" * 32), 503), (Refused("act_left_open"), 503),
        (OperationalError("SELECT 1", None, gone), 503), (OperationalError("SELECT x", None, wrong), 500),
    )  # fmt: skip
    for (cause, status), title in zip(causes, titles, strict=True):
        monkeypatch.setattr(home.worklist, "waiting", Mock(side_effect=cause))
        answer = browser.get("/", headers={"Accept-Language": language})
        assert answer.status_code == status
        assert f"<span>{title}</span>" in answer.text


@pytest.mark.parametrize("state, is_away", [(None, True), ("08006", True), ("57P01", True), ("42P01", False)])
def test_a_server_that_went_is_told_from_a_mistake_of_ours(state: str | None, is_away: bool) -> None:
    error = psycopg.OperationalError("gone") if state in (None, "08006") else psycopg.errors.lookup(state)("gone")
    error.sqlstate = state
    assert problems.away(OperationalError("SELECT 1", None, error)) is is_away
    assert problems.away(error) is is_away
    assert not problems.away(OSError("the disk is gone"))


@pytest.mark.parametrize("language, words", [
    ("en", ("The clock stands behind the record", "Confirm that the clock had run ahead")),
    ("id", ("Jam tertinggal dari catatan", "Pastikan bahwa jam tadi terlalu cepat")),
])  # fmt: skip
def test_whoever_may_answer_for_a_clock_that_stands_behind_is_led_there(
    signed_in, clinic: Clinic, language: str, words: tuple[str, ...]
) -> None:
    lot, right = clinic.released_lot(), clinic.clock.now
    clinic.clock.now = right + timedelta(days=365)
    place = f"/places/{clinic.ids['freezer']}/read"
    clinic.do(stops.hold, clinic.QUALITY, "doubt", ScopeKind.LOT, (lot,), reason="a call")
    clinic.clock.now = right
    address = f"/organisations/{clinic.ids['hospital']}/confirm_clock"
    browser, here = signed_in("maharani"), {"Accept-Language": language}
    told = hidden(browser.get("/scan").text) | {"code": clinic.code(clinic.vial("H3K001"))}
    refused = signed_in("handayani").fill(place, now_mc="-19.5", low_mc="-20", high_mc="-18")
    assert refused.status_code == 409
    assert address not in refused.text, "it is not a storekeeper's to answer"
    for page in (browser.get("/", headers=here), browser.post("/scan", data=told, headers=here)):
        main = page.text.partition("<main")[2]
        assert all(word in main for word in words)
        assert f'href="{address}"' in main
    form = browser.get(address)
    assert words[0] not in form.text
    assert browser.send(address, form, reason="The time server was wrong.").status_code == 303
    assert address not in browser.post("/scan", data=told).text


def test_the_api_answers_for_its_own_paths(client, clinic: Clinic) -> None:
    answer = client.get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.mimetype != "text/html"

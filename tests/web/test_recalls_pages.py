"""Recalls and holds: started signed, felt everywhere at once, who had it, and withdrawn or lifted one by one."""

from __future__ import annotations

import re

import pytest

from tests.clinic import PASSWORD, Clinic
from tests.stories.test_recall import lot_of_two_hospitals
from tests.web.test_subjects_pages import rows, watched
from tests.worlds import founded, released, world, worlds
from traceability.services import stops, subjects
from traceability.store.tables.quality import ScopeKind

__all__ = ["founded", "released", "watched", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    return released


TOLD = {
    "title": "Late positive donor result",
    "class_": "2",
    "mandatory": "no",
    "reason": "The laboratory called.",
    "password": PASSWORD,
}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_recall_stops_at_once_says_who_had_it_and_is_withdrawn_again(signed_in, clinic: Clinic, watched) -> None:
    clinic.give_dose(clinic.course(), 1)
    maker, quality = signed_in("wijaya"), signed_in("maharani")
    page = maker.get("/recalls/start")
    nothing = maker.send("/recalls/start", page, **TOLD)
    assert nothing.status_code == 422
    assert "Choose what is recalled" in nothing.text
    assert (
        maker.send("/recalls/start", page, **TOLD | {"lot_ids": clinic.ids["lot"], "password": "wrong"}).status_code
        == 409
    )
    made = maker.fill("/recalls/start", **TOLD, lot_ids=clinic.ids["lot"])
    assert made.status_code == 303, made.text[-500:]
    where = made.headers["Location"]
    assert clinic.scan("H3K002")[0] == "do_not_use"
    mine = maker.get(where).text
    assert "RSUD Dr. Moewardi: 1 subject" in mine
    assert clinic.ids["subject"] not in mine
    assert "The laboratory called." in mine
    theirs = quality.get(where).text
    assert f"/subjects/{clinic.ids['subject']}" in theirs
    assert "The laboratory called." not in theirs, "the maker's reason is the maker's"
    told = rows(theirs)
    assert ["RSUD Dr. Moewardi", "In stock", "F-01-Q", "4", "H3K002 H3K003 H3K004 H3K005"] in told
    assert ["RSUD Dr. Moewardi", "Given", "–", "1", "H3K001"] in told
    assert "Late positive donor result" in signed_in("other").get("/recalls").text
    foreign = signed_in("other").get(where).text
    assert "not yours to see" in foreign
    assert "H3K002" not in foreign
    withdraw = re.search(r"/recalls/[0-9a-f]{32}/withdraw[^\"]*", mine)[0].replace("&amp;", "&")
    assert quality.get(withdraw).status_code == 404
    assert maker.fill(withdraw, reason="Tested again: negative.", password=PASSWORD).headers["Location"] == where
    assert clinic.scan("H3K002")[0] == "use"
    page = maker.get(where).text
    assert "It stops nothing any more." in page
    assert "Tested again: negative." in page
    assert watched.leaks() == []


def test_serials_of_a_lot_are_recalled_and_a_strange_one_is_named(signed_in, clinic: Clinic) -> None:
    quality = signed_in("maharani")
    path = "/recalls/start?kind=vial"
    strange = quality.fill(path, **TOLD, lot_id=clinic.ids["lot"], serials="H3K001, H3K777")
    assert strange.status_code == 422
    assert "H3K777" in strange.text
    assert (
        quality.send("/recalls/start", strange, **TOLD, lot_id=clinic.ids["lot"], serials="H3K001\nH3K002").status_code
        == 303
    )
    assert [clinic.scan(serial)[0] for serial in ("H3K001", "H3K002", "H3K003")] == ["do_not_use", "do_not_use", "use"]


def test_who_may_not_recall_does_not(signed_in, clinic: Clinic) -> None:
    for who in ("putri", "santosa", "handayani"):
        assert signed_in(who).get("/recalls").status_code == 200
        assert signed_in(who).get("/recalls/start").status_code == 403


def test_two_holds_are_listed_apart_and_need_two_lifts(signed_in, clinic: Clinic) -> None:
    quality = signed_in("maharani")
    holds = [
        clinic.do(stops.hold, clinic.QUALITY, title, ScopeKind.LOT, [clinic.ids["lot"]], reason="seen").id
        for title in ("Smeared", "Warm")
    ]
    page = quality.get("/holds").text
    assert ("Smeared" in page, "Warm" in page) == (True, True)
    for n, hold in enumerate(holds, 1):
        told = quality.get(f"/holds/{hold}").text
        assert "H3K001" in told
        lift = re.search(rf"/holds/{hold}/lift[^\"]*", told)[0].replace("&amp;", "&")
        assert quality.fill(lift, reason="Looked at.", password=PASSWORD).headers["Location"] == f"/holds/{hold}"
        assert "Looked at." in quality.get(f"/holds/{hold}").text
        assert clinic.scan("H3K001")[0] == ("ask_qa" if n == 1 else "use")
    assert signed_in("wijaya").get(f"/holds/{holds[0]}").status_code == 404


def test_another_hospitals_hold_over_our_vials_is_seen_here_and_lifted_there(
    signed_in, founded: Clinic, client, app
) -> None:
    lot_of_two_hospitals(founded)
    lot = founded.vials(founded.vial("H3K001").lot_id)[0].lot_id
    app.extensions["store"] = founded.store
    placed = founded.do(stops.hold, founded.ELSEWHERE, "Particles seen", ScopeKind.LOT, [lot], reason="In ours.").id
    quality = signed_in("maharani")
    listed = quality.get("/holds").text
    assert "Particles seen" in listed
    assert "Placed by Second hospital." in listed
    page = quality.get(f"/holds/{placed}").text
    assert "Only they can lift it." in page
    assert f"/holds/{placed}/lift" not in page
    assert "In ours." not in page
    assert quality.get(f"/holds/{placed}/lift").status_code == 404


def test_who_treats_nobody_is_told_how_many_had_it(signed_in, clinic: Clinic) -> None:
    clinic.give_dose(clinic.course(), 1)
    signed_in("maharani").fill("/recalls/start", **TOLD, lot_ids=clinic.ids["lot"])
    with clinic.store.read(clinic.QUALITY) as view:
        (recall,) = stops.open_recalls(view)
        pseudonym = subjects.subject(view, clinic.ids["subject"]).pseudonym
    assert pseudonym in signed_in("putri").get(f"/recalls/{recall.id}").text
    for who in ("handayani", "wulandari", "admin"):
        page = signed_in(who).get(f"/recalls/{recall.id}").text
        assert pseudonym not in page
        assert "RSUD Dr. Moewardi: 1 subject" in page

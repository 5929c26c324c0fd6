"""Temperatures by program: the same record as on the page, and as a table file."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from tests.api.conftest import Ask
from tests.clinic import Clinic
from tests.freezer import watched_freezer


@pytest.fixture
def told_of(clinic: Clinic) -> Clinic:
    clinic.ids["box"] = clinic.arrived(clinic.shipped(clinic.lot()))
    clinic.counted(clinic.ids["box"])
    clinic.put_away(clinic.ids["box"])
    clinic.logged(clinic.ids["box"])
    return watched_freezer(clinic)


def test_a_place_a_sensor_and_a_box_are_told_with_their_extremes(ask: Ask, told_of: Clinic) -> None:
    asking = ask("putri")
    place = asking.get(f"/places/{told_of.ids['read_freezer']}/plot").json
    assert (max(one["high_mc"] for one in place["worst"]), place["limits"]) == (
        -9_600,
        {"low_mc": -25_000, "high_mc": -15_000},
    )
    assert [(one["number"], one["peak_mc"]) for one in place["outs"]] == [("EX-1", -9_600)]
    assert "reading_gap" in [one["reason"] for one in place["unknown"]]
    assert {"in_limits", "out", "unknown"} == {one["judged"] for one in place["rows"]}
    sensor = asking.get(f"/sensors/{told_of.ids['sensor']}/plot", span="48h").json
    assert len(sensor["worst"]) == len(place["worst"]) == 40
    box = asking.get(f"/consignments/{told_of.ids['box']}/plot").json
    assert (box["worst"][0]["n"], box["outs"]) == (1, [])


def test_a_vial_is_told_whole(ask: Ask, told_of: Clinic) -> None:
    made = ask("putri").get(f"/vials/{told_of.vial('H3K001').id}/temperature").json
    assert (made["serial"], made["known"], made["reasons"]) == ("H3K001", None, ["reading_gap"])
    assert (made["used_s"], made["left_s"]) == (1800, 4 * 3600 - 1800)
    assert made["mkt"] == {"value_mc": None, "why_not": "frozen", "since": None, "until": None, "supports": None}
    assert [one["by"] for one in made["stays"]] == [["assumed"], ["sensor"], ["assumed"], ["sensor"]]
    assert made["plot"]["outs"][0]["number"] == "EX-1"


@pytest.mark.parametrize("told", [{"query_string": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
def test_asked_for_a_table_file_it_is_one(ask: Ask, told_of: Clinic, told: dict) -> None:
    for path in (f"/places/{told_of.ids['read_freezer']}/plot", f"/vials/{told_of.vial('H3K001').id}/temperature"):
        answer = ask("putri")("GET", path, **told)
        assert answer.content_type == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        rows = list(csv.DictReader(StringIO(answer.text, newline="")))
        assert "-9.6" in {row["most_c"] for row in rows}
        assert {"limits", "reading", "out", "unknown", "came"} <= {row["what"] for row in rows}


def test_wrong_windows_are_refused_and_others_see_nothing(ask: Ask, told_of: Clinic) -> None:
    path = f"/places/{told_of.ids['read_freezer']}/plot"
    for wrong in ({"span": "2h"}, {"until": "yesterday"}, {"points": "9"}, {"format": "pdf"}):
        assert ask("putri").get(path, **wrong).status_code == 422, wrong
    assert ask("other").get(path).status_code == 404
    assert ask("other").get(f"/sensors/{told_of.ids['sensor']}/plot").status_code == 404
    assert ask("other").get(f"/vials/{told_of.vial('H3K001').id}/temperature").status_code == 404
    assert ask("putri").get(path, until="2026-04-01T20:00:00Z", span="7d").json["until"].startswith("2026-04-01T18:2")


def test_a_months_record_is_issued_and_listed_with_its_month(ask: Ask, told_of: Clinic) -> None:
    body = {"kind": "place", "noun_id": told_of.ids["read_freezer"], "period": "2026-04", "language": "en"}
    made = ask("handayani").post("/documents/issue", body)
    assert made.status_code == 201, made.json
    listed = ask("handayani").get("/documents", kind="place").json["items"]
    assert [(one["number"], one["period"]) for one in listed] == [("CCP-0001", "2026-04")]
    assert ask("handayani").post("/documents/issue", body | {"period": "2026-4"}).json["code"] == "document_period"

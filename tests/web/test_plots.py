"""What stands beside a chart, without any script: its sentence, its tables, links to more of it; and the page of a vial."""

from __future__ import annotations

import re

import pytest

from tests.clinic import Clinic
from tests.freezer import watched_freezer
from tests.web.conftest import hidden


@pytest.fixture
def told_of(clinic: Clinic) -> Clinic:
    clinic.ids["box"] = clinic.arrived(clinic.shipped(clinic.lot()))
    clinic.counted(clinic.ids["box"])
    clinic.put_away(clinic.ids["box"])
    clinic.logged(clinic.ids["box"])
    return watched_freezer(clinic)


def test_the_place_says_in_a_sentence_and_in_figures_what_is_drawn(signed_in, told_of: Clinic) -> None:
    page = signed_in("putri").get(f"/places/{told_of.ids['read_freezer']}").text
    assert (
        "Limits −25 to −15\u00a0°C. Least −21.0\u00a0°C, most −9.6\u00a0°C. Out of limits once. Unknown 2 times."
        in page
    )
    assert re.search(r"Out of limits, furthest −9.6\u00a0°C · EX-1", page)
    assert "Unknown: its place was not watched for a while" in page
    assert page.count("/plot?") + page.count('/plot"') >= 2


def test_what_is_drawn_by_the_script_is_the_same_record(signed_in, told_of: Clinic) -> None:
    told = signed_in("putri").get(f"/places/{told_of.ids['read_freezer']}/plot").json
    times, low, high = told["worst"]
    assert max(one for one in high if one is not None) == -9.6
    assert min(one for one in low if one is not None) == -21.0
    assert times == sorted(times)
    assert low.count(None) == high.count(None) == 1, "nothing is drawn over the gap"
    assert [mark[1] for mark in told["marks"]] == ["2 vials in", "EX-1", "alarm A-1"]


def test_a_wrong_window_shows_what_there_is(signed_in, told_of: Clinic) -> None:
    asking = signed_in("putri")
    path = f"/places/{told_of.ids['read_freezer']}"
    for query in ("?span=2h", "?until=then", "?span=7d&until=never"):
        assert asking.get(path + query).status_code == 200
    assert 'aria-current="true">7 days' in asking.get(f"{path}?span=7d&until=never").text


def test_a_vial_tells_what_it_went_through(signed_in, told_of: Clinic) -> None:
    asking = signed_in("putri")
    page = asking.get(f"/vials/{told_of.vial('H3K001').id}/temperature").text
    for part in ("F-01-Q", "F-02", "assumed band", "sensor", "Out for 30\u00a0min", "Unknown for 1\u00a0h 30\u00a0min", "frozen product",
                 "3\u00a0h 30\u00a0min"):  # fmt: skip
        assert part in page, part
    listed = asking.get(f"/lots/{told_of.vial('H3K001').lot_id}/vials").text
    assert f"/vials/{told_of.vial('H3K001').id}/temperature" in listed
    assert signed_in("other").get(f"/vials/{told_of.vial('H3K001').id}/temperature").status_code == 404


def test_the_table_file_of_a_page_is_whole(signed_in, told_of: Clinic) -> None:
    answer = signed_in("putri").get(f"/vials/{told_of.vial('H3K001').id}/plot?format=csv")
    assert answer.mimetype == "text/csv"
    assert "\r\nout," in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_records_of_the_cold_chain_are_printed_where_they_are_shown(signed_in, told_of: Clinic) -> None:
    asking = signed_in("putri")
    place, vial = told_of.ids["read_freezer"], told_of.vial("H3K001").id
    for page, path, more in (
        (f"/places/{place}", f"/places/{place}/documents", {"period": "2026-04"}),
        (f"/consignments/{told_of.ids['box']}", f"/consignments/{told_of.ids['box']}/documents", {}),
        (f"/vials/{vial}/temperature", f"/vials/{vial}/documents", {}),
    ):
        shown = asking.get(page)
        assert f'action="{path}"' in shown.text
        made = asking.post(path, data=hidden(shown.text) | {"language": "id"} | more)
        assert made.status_code == 303, made.text[-600:]
        assert asking.get(made.headers["Location"]).status_code == 200
        assert asking.get(f"{made.headers['Location']}.pdf").data.startswith(b"%PDF")
    assert asking.post(f"/places/{place}/documents", data=hidden(shown.text) | {"language": "id"}).status_code == 409
    assert f'action="/places/{place}/documents"' not in signed_in("santosa").get(f"/places/{place}").text

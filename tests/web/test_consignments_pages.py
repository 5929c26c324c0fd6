"""A box from shipping to the shelf, page by page: counted by scanning, its differences named, its temperature judged."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clinic import PASSWORD, Clinic, logger_csv
from tests.web.conftest import hidden
from traceability.domain import gs1

CORPORA = Path(os.environ.get("CORPORA") or Path(__file__).parents[2] / ".." / "shared" / "corpora")
ELITECH = CORPORA / "loggers" / "elitech-rc5-ext-temp.xls"
SECOND = {"second_username": "putri", "second_password": PASSWORD}


def sscc(body="09521230000000042"):
    return body + gs1.check_digit(body)


def shipped(clinic, signed_in, lot, *, box=None, leave=()):
    browser = signed_in("wijaya")
    path = f"/consignments/ship?lot_id={lot}"
    page = browser.get(path)
    assert 'name="sscc" ' not in page.text or 'name="sscc" value' not in page.text  # nothing is suggested
    vials = [one.id for one in clinic.vials(lot) if one.serial not in leave]
    told = {"sscc": box or sscc(), "from_site_id": clinic.ids["maker_site"], "to_site_id": clinic.ids["site"]}
    return browser.post("/consignments/ship", data=hidden(page.text) | told | {"lot_id": lot, "vial_ids": vials})


def box_of(clinic, signed_in, count=4, **more):
    return shipped(clinic, signed_in, clinic.lot(count=count), **more).location.rsplit("/", 1)[1]


def arrived(clinic, signed_in, box, **typed):
    clinic.clock.tick(hours=6)
    told = {
        "carrier": "KJ Cold",
        "seal": "S-1",
        "seal_whole": "yes",
        "condition": "dry ice left",
        "password": PASSWORD,
    } | SECOND
    return signed_in("handayani").fill(f"/consignments/{box}/arrive", **told | typed)


def held(page):
    return " readonly" in page.text.partition('id="code"')[2].partition(">")[0]


def cells(page, word):
    """A tile's number by its label."""
    return int(re.search(rf"<dt>{word}</dt><dd[^>]*>(?:<svg.*?</svg> )?(\d+)", page.text, re.S)[1])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_a_box_is_shipped_taken_over_counted_put_away_and_judged(clinic: Clinic, signed_in, engine):
    box = box_of(clinic, signed_in, leave=("H3K004",))
    extra = clinic.vial("H3K004")
    began = clinic.consignment(box).shipped_at
    assert "Expected" in signed_in("handayani").get("/consignments").text
    answer = arrived(clinic, signed_in, box, temperature_mc="-19,4")
    browser = signed_in("handayani")
    assert answer.location.endswith(f"/consignments/{box}/count")
    door = browser.get(f"/consignments/{box}").text
    assert "S. Handayani, N. Putri" in door
    assert "−19.4" in door

    path = f"/consignments/{box}/count"
    page = browser.fill(path, code=clinic.code(clinic.vial("H3K001")), mode="ok")
    assert (cells(page, "To be scanned"), cells(page, "Whole")) == (2, 1)
    page = browser.fill(path, code=clinic.code(clinic.vial("H3K001")), mode="ok")
    assert page.status_code == 200
    assert "Noted already" in page.text
    assert not held(page)
    page = browser.fill(path, code=clinic.code(clinic.vial("H3K002")), mode="broken")
    assert 'value="broken" checked' in page.text
    page = browser.fill(path, code=clinic.code(extra), mode="ok")
    assert "it stands on no list" in page.text
    assert (cells(page, "Broken"), cells(page, "Extra")) == (1, 1)

    page = browser.get(f"/consignments/{box}/check_in")
    assert "H3K003" in page.text.partition("Absent: never scanned")[2].partition("</div></div>")[0]
    clinic.clock.tick(minutes=10)
    answer = browser.send(f"/consignments/{box}/check_in", page)
    assert answer.location.endswith(f"/consignments/{box}/put_away")

    page = browser.get(answer.location)
    assert "Scan the place first" in page.text
    page = browser.send(f"/consignments/{box}/put_away", page, code="F-01-Q")
    assert f'name="place_id" value="{clinic.ids["quarantine"]}"' in page.text
    clinic.clock.tick(minutes=5)
    page = browser.send(f"/consignments/{box}/put_away", page, code=clinic.code(clinic.vial("H3K001")))
    assert "Put away" in page.text.partition('id="heard"')[2]
    assert clinic.vial("H3K001").state == "in_stock"
    page = browser.send(f"/consignments/{box}/put_away", page, code=clinic.code(clinic.vial("H3K001")))
    assert "Noted already" in page.text

    clinic.clock.tick(hours=1)
    browser = signed_in("handayani")
    data = logger_csv(began.replace(minute=0), 7, 5, -21.0, {30: -11.5})
    page = browser.get(f"/consignments/{box}/attach_log")
    told = hidden(page.text) | {"log": (io.BytesIO(data), "journey.csv")}
    shown = browser.post(f"/consignments/{box}/attach_log", data=told, content_type="multipart/form-data")
    assert "No logger file is attached" in browser.get(f"/consignments/{box}").text
    answer = confirmed(browser, box, shown)
    judged = answer.text.partition('id="logger"')[2]
    assert "EX-1" in judged
    assert "−11.5" in judged
    assert "not applicable, frozen product" in judged
    assert "of the journey" not in judged
    assert judged.count("not reported") == 4  # the plain file gives no figures of its own
    assert "held" in clinic.scan("H3K001")[1]


def confirmed(browser: Any, box: str, shown: Any) -> Any:
    """What was understood of the file is what its logger wrote."""
    assert "Is that what the logger wrote?" in shown.text
    path = f"/consignments/{box}/attach_log"
    return browser.post(path, data=hidden(shown.text.partition('<details class="rest"')[0]), follow_redirects=True)


def test_the_real_elitech_file_is_read_and_shown_beside_the_makers_own_figures(clinic: Clinic, signed_in):
    if not ELITECH.exists():
        pytest.skip("the Elitech file is not in this checkout")
    box = box_of(clinic, signed_in)
    arrived(clinic, signed_in, box)
    browser = signed_in("handayani")
    gc.disable()  # the client of the test leaves its own copy of a large upload to the collector
    page = browser.get(f"/consignments/{box}/attach_log")
    told = hidden(page.text) | {"log": (io.BytesIO(ELITECH.read_bytes()), ELITECH.name)}
    shown = browser.post(f"/consignments/{box}/attach_log", data=told, content_type="multipart/form-data")
    answer = confirmed(browser, box, shown)
    judged = answer.text.partition('id="logger"')[2].partition('id="vials"')[0]
    figures = judged.partition("<tbody")[2].partition("</tbody>")[0]
    assert figures.count("°C") >= 6
    assert "elitech" in judged.casefold()
    assert "This file watched none of the journey." in judged  # it is of 2023
    with warnings.catch_warnings(action="ignore"):
        del shown, answer, told
        gc.enable()
        gc.collect()


def test_a_file_that_cannot_be_read_is_told_at_its_field_and_nothing_is_kept(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    arrived(clinic, signed_in, box)
    browser = signed_in("handayani")
    page = browser.get(f"/consignments/{box}/attach_log")
    for data, name in (
        (b"", "nothing.csv"),
        (b"hello", "hello.txt"),
        (b"time,temperature_c\n2026-04-01T00:00:00Z,warm\n", "a.csv"),
    ):
        told = hidden(page.text) | {"log": (io.BytesIO(data), name)}
        answer = browser.post(f"/consignments/{box}/attach_log", data=told, content_type="multipart/form-data")
        assert answer.status_code == 422, name
        assert 'id="f-log-why"' in answer.text
    answer = browser.post(f"/consignments/{box}/attach_log", data=hidden(page.text), content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "No logger file is attached" in browser.get(f"/consignments/{box}").text


def test_a_count_that_was_sent_before_lunch_is_entered_as_of_then_and_the_next_one_as_of_now(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    arrived(clinic, signed_in, box)
    browser, path = signed_in("handayani"), f"/consignments/{box}/count"
    page = browser.get(path)
    clinic.clock.tick(minutes=16)
    away = browser.send(path, page, code=clinic.code(clinic.vial("H3K001")), mode="ok")
    sent = clinic.clock.now
    clinic.clock.tick(minutes=40)
    back = browser.post("/sign-in", data=hidden(away.text) | {"username": "handayani", "password": PASSWORD})
    counted = browser.send(path, back)
    browser.send(path, counted, code=clinic.code(clinic.vial("H3K002")), mode="ok")
    with clinic.store.read(clinic.QUALITY) as view:
        told = [
            json.loads(row[0])
            for row in view.rows("SELECT body FROM entry WHERE act = 'consignment.count' ORDER BY number")
        ]
    assert [one["source"] for one in told] == ["late", "live"]
    assert [
        abs(datetime.fromisoformat(one["occurred_at"]) - at) < timedelta(seconds=1)
        for one, at in zip(told, (sent, clinic.clock.now), strict=True)
    ] == [True, True]


def test_what_is_not_accepted_stays_until_it_is_acknowledged(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    arrived(clinic, signed_in, box)
    browser = signed_in("handayani")
    for code in ("banana", "]d2" + "0109521234543210" + "10UC26-H3", f"]C100{sscc()}"):
        page = browser.fill(f"/consignments/{box}/count", code=code, mode="ok")
        assert page.status_code >= 400
        assert held(page)
        assert "Not counted" in page.text
        assert code != "banana" or "banana" not in page.text  # it may be a person's number
        assert "data-aside" in page.text
        assert cells(page, "To be scanned") == 4


def test_a_vial_that_nobody_knows_is_counted_put_aside_and_named_when_the_count_is_finished(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    arrived(clinic, signed_in, box)
    browser = signed_in("handayani")
    page = browser.fill(f"/consignments/{box}/count", code="]d2" + "0109521234543213" + "21NOBODY", mode="ok")
    assert page.status_code == 200
    assert held(page)
    assert "Counted, and not on record" in page.text
    assert "Serial NOBODY is not on record" in page.text
    assert (cells(page, "To be scanned"), cells(page, "Extra")) == (4, 1)
    assert "(01)09521234543213(21)NOBODY" in page.text
    assert "(01)09521234543213(21)NOBODY" in browser.get(f"/consignments/{box}/check_in").text
    assert "(01)09521234543213(21)NOBODY" in browser.get(f"/consignments/{box}").text


def test_the_number_of_the_box_is_told_at_its_field(clinic: Clinic, signed_in):
    lot = clinic.lot(count=2)
    wrong = shipped(clinic, signed_in, lot, box=sscc()[:-1] + str((int(sscc()[-1]) + 1) % 10))
    assert wrong.status_code == 422
    assert 'id="f-sscc-why"' in wrong.text
    assert wrong.text.count(" checked") >= 2  # the vials stay chosen
    right = shipped(clinic, signed_in, lot, box=f"]C100{sscc()}")
    assert right.status_code == 303
    assert clinic.consignment(right.location.rsplit("/", 1)[1]).sscc == sscc()
    again = shipped(clinic, signed_in, clinic.lot("UC26-K2", 2), box=sscc())
    assert again.status_code == 409
    assert 'id="f-sscc-why"' in again.text


def test_two_people_take_the_box_over(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    alone = arrived(clinic, signed_in, box, second_username="handayani")
    assert alone.status_code == 409
    assert 'id="f-second_username-why"' in alone.text
    assert 'value="KJ Cold"' in alone.text
    stranger = arrived(clinic, signed_in, box, second_password="not the password")
    assert 'id="f-second_password-why"' in stranger.text
    nobody = arrived(clinic, signed_in, box, password="", second_username="", seal="")
    assert nobody.status_code == 422
    for name in ("password", "second_username", "seal"):
        assert f'id="f-{name}-why"' in nobody.text
    assert clinic.consignment(box).state == "expected"


def test_an_arrival_that_was_hours_ago_is_recorded_with_both_times(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    local = clinic.clock.now.astimezone(UTC).replace(tzinfo=None)
    clinic.clock.tick(hours=2)
    typed = local.replace(hour=local.hour + 8).isoformat(timespec="minutes")  # one hour after shipping, in Jakarta
    answer = arrived(clinic, signed_in, box, occurred_at=typed)
    assert answer.status_code == 303
    page = signed_in("handayani").get(f"/consignments/{box}").text
    shown = datetime.fromisoformat(typed)
    assert f"{shown:%H:%M} WIB" in page.partition('id="door"')[2]


def test_nothing_is_finished_before_anything_was_scanned(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    arrived(clinic, signed_in, box)
    browser = signed_in("handayani")
    page = browser.get(f"/consignments/{box}/check_in")
    assert "Nothing was scanned yet." in page.text
    refused = browser.send(f"/consignments/{box}/check_in", page)
    assert refused.status_code == 409
    assert "Nothing was saved" in refused.text


def test_a_vial_that_was_never_counted_is_not_put_away(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    arrived(clinic, signed_in, box)
    browser = signed_in("handayani")
    page = browser.get(f"/consignments/{box}/put_away?place_id={clinic.ids['quarantine']}")
    page = browser.send(f"/consignments/{box}/put_away", page, code=clinic.code(clinic.vial("H3K001")))
    assert page.status_code == 409
    assert held(page)
    assert "Not put away" in page.text


def test_others_boxes_are_not_found(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    browser = signed_in("other")
    for tab in ("", "/arrive", "/count", "/check_in", "/put_away", "/attach_log"):
        assert browser.get(f"/consignments/{box}{tab}").status_code == 404, tab
    assert "C-1" not in browser.get("/consignments").text.partition("<main")[2]


def test_who_may_not_is_told_who_may(clinic: Clinic, signed_in):
    box = box_of(clinic, signed_in)
    answer = signed_in("santosa").get(f"/consignments/{box}/arrive")
    assert answer.status_code == 403
    assert "storekeeper" in answer.text

"""The pages of the cold chain: sensors, a file read in step by step, everything moved, an excursion and QA's decision."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.clinic import JAKARTA, PASSWORD, Clinic
from tests.thermometers import hung, imported, log_of, says
from tests.web.conftest import Browser, hidden
from traceability.services import deciding, vials
from traceability.services.cases import open_cases
from traceability.services.excursions import excursions
from traceability.store.tables import Disposition, SensorFile, Subject

SignIn = Callable[[str], Browser]


@pytest.fixture
def clinic(clinic: Clinic) -> Clinic:
    """The hospital with a lot that may be used."""
    clinic.ids["lot"] = clinic.released_lot()
    return clinic


def upload(browser: Browser, path: str, data: bytes, **told: Any) -> Any:
    page = browser.get(path)
    form = hidden(page.text) | told | {"log": (io.BytesIO(data), "freezer.csv")}
    return browser.post(path, data=form, content_type="multipart/form-data")


def general(*rows: str, header: str = "Date,Time,Temperature (C)") -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def test_sensors_are_listed_with_what_each_says_and_whether_it_can_be_believed(
    clinic: Clinic, signed_in: SignIn
) -> None:
    live, dead = hung(clinic, "read_freezer", "LIVE-1"), hung(clinic, "bare_freezer", "DEAD-1", calibrated=False)
    clinic.clock.tick(minutes=30)
    says(clinic, live, -20.5)
    page = signed_in("handayani").get("/sensors").text.partition("<main")[2]
    rows = re.findall(r"<tr role=\"row\".*?</tr>", page, re.S)[1:]
    assert ["DEAD-1" in rows[0], "LIVE-1" in rows[1]] == [True, True]  # what is silent stands first
    assert "Silent" in rows[0]
    assert "No calibration" in rows[0]
    assert "−20.5" in rows[1]
    assert "Calibrated" in rows[1]
    one = signed_in("santosa").get(f"/sensors/{live}").text
    assert "F-02" in one
    assert f"/sensors/{live}/import_log" not in one  # a physician reads, and does nothing to it
    assert f"/sensors/{live}/import_log" in signed_in("putri").get(f"/sensors/{live}").text
    assert signed_in("other").get(f"/sensors/{dead}").status_code == 404


def test_a_file_is_shown_as_it_was_understood_and_read_in_when_it_is_confirmed(
    clinic: Clinic, signed_in: SignIn
) -> None:
    sensor = hung(clinic, "read_freezer", "L-7", live=False)
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["read_freezer"])
    clinic.clock.tick(hours=2)
    first = clinic.clock.now - timedelta(minutes=100)
    data = log_of("L-7", first, [-20.0, -20.0, -19.0, -12.0, -11.0, -19.5, -20.0])
    browser, path = signed_in("putri"), f"/sensors/{sensor}/import_log"
    shown = upload(browser, path, data)
    assert shown.status_code == 200
    told = shown.text.partition('id="understood"')[2]
    assert "−11.0" in told
    assert "F-02" in told
    with clinic.store.read(clinic.QUALITY) as view:
        assert view.all(SensorFile, SensorFile.sensor_id == sensor) == []
    strangers = hidden(shown.text)
    other = signed_in("maharani")
    theirs = other.post(
        path, data=hidden(other.get(path).text) | {"waiting": strangers["waiting"], "confirmed": strangers["confirmed"]}
    )
    assert theirs.status_code == 422  # what waits is read in by who sent it
    last = shown.text.rpartition("<form")[0].rpartition("<form")[2] if "Its clock ran" in shown.text else shown.text
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', last))
    assert form["confirmed"] == strangers["confirmed"]
    done = browser.post(path, data=form, follow_redirects=True)
    assert "EX-1" in done.text
    with clinic.store.read(clinic.QUALITY) as view:
        assert [one.readings for one in view.all(SensorFile, SensorFile.sensor_id == sensor)] == [7]
    again = upload(browser, path, data)
    assert "was attached before" in again.text
    assert "Yes, read it in" not in again.text


def test_what_a_file_leaves_open_is_asked_with_its_answers(clinic: Clinic, signed_in: SignIn) -> None:
    """The second of March or the third of February: the file does not say, and nobody guesses."""
    sensor = hung(clinic, "read_freezer", "L-8", live=False)
    clinic.clock.tick(hours=3)
    day = clinic.clock.now
    data = general(*(f"02/03/2026,{n // 6:02d}:{n % 6 * 10:02d},-20.{n % 5}" for n in range(12)))
    browser, path = signed_in("putri"), f"/sensors/{sensor}/import_log"
    asked = upload(browser, path, data)
    assert asked.status_code == 422
    assert "How are its dates written?" in asked.text
    assert "2026-03-02" in asked.text
    assert "2026-02-03" in asked.text
    shown = browser.post(path, data=hidden(asked.text) | {"date_order": "dmy"})
    assert shown.status_code == 200
    assert "2 Mar 2026" in shown.text
    assert "The sensor hung in no place" in shown.text  # it was hung only in April
    assert day.month == 4


def test_a_file_that_names_no_unit_and_two_clocks_is_asked_for_both_before_anybody_confirms_it(
    clinic: Clinic, signed_in: SignIn
) -> None:
    """−4 with nothing beside it: the answer stands in °C beside each unit, and only what was answered can be confirmed."""
    sensor = hung(clinic, "read_freezer", "L-8", live=False)
    clinic.clock.tick(hours=3)
    began = clinic.clock.now.astimezone(JAKARTA).replace(microsecond=0) - timedelta(hours=2)
    times = [began + timedelta(minutes=10 * n) for n in range(12)]
    told = [
        f"{t + timedelta(minutes=7):%Y-%m-%d %H:%M:%S},{t:%Y-%m-%d %H:%M:%S},-4.{n % 5}" for n, t in enumerate(times)
    ]
    browser, path = signed_in("putri"), f"/sensors/{sensor}/import_log"
    clocks = upload(browser, path, general(*told, header="Server time,Device time,Temperature"))
    assert clocks.status_code == 422
    assert "Which of its times are those of the readings?" in clocks.text
    units = browser.post(path, data=hidden(clocks.text) | {"clock": "Device time"})
    assert units.status_code == 422
    assert "In which unit are its temperatures?" in units.text
    assert "-4.4 … -4.0 °C" in units.text
    assert "-20.2 … -20.0 °C" in units.text
    assert "Yes, read it in" not in units.text
    shown = browser.post(path, data=hidden(units.text) | {"unit": "F"})
    assert shown.status_code == 200
    assert "−20.2" in shown.text
    form = hidden(shown.text)
    assert (form["clock"], form["unit"]) == ("Device time", "F")
    browser.post(path, data=form, follow_redirects=True)
    with clinic.store.read(clinic.QUALITY) as view:
        (kept,) = view.all(SensorFile, SensorFile.sensor_id == sensor)
    assert (kept.first, kept.readings) == (began, 12)


def test_a_file_of_another_logger_is_told_before_anybody_confirms_it(clinic: Clinic, signed_in: SignIn) -> None:
    sensor = hung(clinic, "read_freezer", "L-9", live=False)
    clinic.clock.tick(hours=1)
    data = log_of("X-1", clinic.clock.now - timedelta(minutes=40), [-20.0, -20.0, -20.1])
    told = upload(signed_in("putri"), f"/sensors/{sensor}/import_log", data)
    assert "logger X-1, not of L-9" in told.text
    assert "Yes, read it in" not in told.text
    assert upload(signed_in("putri"), f"/sensors/{sensor}/import_log", b"hello").status_code == 422


def test_everything_is_moved_with_what_was_scanned_on_the_way(clinic: Clinic, signed_in: SignIn) -> None:
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K005").id, clinic.ids["bench"])
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['quarantine']}/move_all"
    page = browser.get(path)
    for serial, said in (("H3K001", "In this place"), ("H3K001", "Noted already"), ("H3K005", "Not in this place")):
        codes = re.findall(r'name="codes" value="([^"]*)" form="finish"', page.text)
        page = browser.post(path, data=hidden(page.text) | {"codes": codes, "code": clinic.code(clinic.vial(serial))})
        assert said in page.text.partition('id="heard"')[2]
    unread = browser.post(path, data=hidden(page.text) | {"code": "nothing"})
    assert unread.status_code == 422
    assert "I put it aside" in unread.text
    codes = re.findall(r'name="codes" value="([^"]*)" form="finish"', page.text)
    assert len(codes) == 2
    bare = browser.post(path, data=hidden(page.text) | {"codes": codes, "target_place_id": clinic.ids["read_freezer"]})
    assert bare.status_code in (409, 422)
    told = {"codes": codes, "target_place_id": clinic.ids["read_freezer"], "reason": "the compressor has stopped"}
    done = browser.post(path, data=hidden(bare.text) | told, follow_redirects=True)
    assert "4 vials are moved, 2 of them scanned." in done.text
    assert "It is kept as it was told." in done.text
    with clinic.store.read(clinic.QUALITY) as view:
        assert [one.title for one in open_cases(view)] == ["Vial H3K005, in_stock: not_in_that_place"]
    assert path not in signed_in("santosa").get(f"/places/{clinic.ids['read_freezer']}").text


def test_a_sample_whose_label_contradicts_its_record_is_named_before_the_move_is_told(
    clinic: Clinic, signed_in: SignIn
) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['quarantine']}/move_all"
    relabelled = clinic.code(clinic.vial("H3K001")).replace("10UC26-H3", "10UC26-K2")
    page = browser.post(path, data=hidden(browser.get(path).text) | {"code": relabelled})
    heard = page.text.partition('id="heard"')[2]
    assert 'data-tone="ask"' in heard
    assert "UC26-K2" in heard


OTHER = "]d2010952123454322010X1\x1d21H3K001"


def test_a_vial_of_another_product_with_the_same_serial_is_another_sample(clinic: Clinic, signed_in: SignIn) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['quarantine']}/move_all"
    page = browser.post(path, data=hidden(browser.get(path).text) | {"code": clinic.code(clinic.vial("H3K001"))})
    codes = re.findall(r'name="codes" value="([^"]*)" form="finish"', page.text)
    page = browser.post(path, data=hidden(page.text) | {"codes": codes, "code": OTHER})
    heard = page.text.partition('id="heard"')[2]
    assert "Noted already" not in heard
    assert "Not in this place" in heard


def warm(clinic: Clinic) -> str:
    """All five in F-02, which was warm for an hour; one on its way to the bench after half of it. Its id."""
    for n in range(1, 6):
        clinic.do(vials.move, clinic.PHARMACIST, clinic.vial(f"H3K00{n}").id, clinic.ids["read_freezer"])
    sensor = hung(clinic, "read_freezer", "S-1")
    clinic.clock.tick(minutes=30)
    says(clinic, sensor, -20.0, -20.0, -10.0)
    clinic.clock.tick(minutes=30)
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K005").id, clinic.ids["freezer"])
    clinic.clock.tick(minutes=30)
    says(clinic, sensor, -10.0, -9.0, -10.0, -10.0, -10.0, -20.0)
    with clinic.store.read(clinic.QUALITY) as view:
        (found,) = excursions(view)
    return found.id


def test_an_excursion_groups_its_vials_by_history_and_qa_decides_on_each(clinic: Clinic, signed_in: SignIn) -> None:
    excursion = warm(clinic)
    listed = signed_in("handayani").get("/excursions").text
    assert "Waits for QA" in listed
    page = signed_in("handayani").get(f"/excursions/{excursion}").text
    assert re.search(r"<code class=\"codes\">H3K001 H3K002 H3K003 H3K004</code>", page)
    assert re.search(r"<code class=\"codes\">H3K005</code>", page)
    assert "4\u00a0h 00\u00a0min" in page  # of its budget
    assert 'aria-disabled="true"' in page  # a storekeeper sees who decides
    browser = signed_in("maharani")
    page = browser.get(f"/excursions/{excursion}").text
    group = re.findall(r"dispose\?group=([0-9a-f]+)", page)[0]
    path = f"/excursions/{excursion}/dispose"
    form = browser.get(f"{path}?group={group}")
    told = hidden(form.text) | {"reason": "inside the budget", "password": PASSWORD}
    nothing = browser.post(path, data=told | {"decision": "use"})
    assert nothing.status_code == 422
    assert "Choose the vials that you decide on." in nothing.text
    assert browser.post(path, data=told | {"decision": "use", "group": "0" * 16}).status_code == 422
    undated = browser.post(path, data=told | {"decision": "use_until", "group": group})
    assert undated.status_code in (409, 422)
    told = hidden(undated.text) | {"reason": "inside the budget", "password": PASSWORD}
    done = browser.post(path, data=told | {"decision": "use", "group": group}, follow_redirects=True)
    assert "The decision on these vials is on record." in done.text
    assert clinic.scan("H3K001") == ("use", [])
    assert clinic.scan("H3K005") == ("ask_qa", ["held"])
    form = browser.get(path)
    told = hidden(form.text) | {
        "reason": "no",
        "password": PASSWORD,
        "decision": "reject",
        "vial_ids": clinic.vial("H3K005").id,
    }
    page = browser.post(path, data=told, follow_redirects=True).text
    assert clinic.scan("H3K005")[0] == "do_not_use"
    assert "Decided on every vial." in page
    assert page.count("R. Maharani") >= 2
    with clinic.store.read(clinic.QUALITY) as view:
        assert len(view.all(Disposition)) == 5
    assert "Decided" in browser.get("/excursions").text


def test_a_hold_of_an_excursion_leads_there_and_offers_no_lifting(clinic: Clinic, signed_in: SignIn) -> None:
    excursion = warm(clinic)
    browser = signed_in("maharani")
    listed = browser.get("/holds").text
    hold = re.findall(r"/holds/([0-9a-f]{32})", listed)[0]
    page = browser.get(f"/holds/{hold}").text
    assert f"/excursions/{excursion}" in page
    assert "/lift" not in page
    work = browser.get("/").text
    assert f"/excursions/{excursion}" in work
    assert "/lift" not in work
    assert f"/holds/{hold}/lift" not in browser.get(f"/lots/{clinic.ids['lot']}/holds").text


def test_a_dead_sensors_excursion_is_closed_by_a_person_with_a_reason(clinic: Clinic, signed_in: SignIn) -> None:
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["read_freezer"])
    sensor = hung(clinic, "read_freezer", "S-1")
    clinic.clock.tick(minutes=30)
    says(clinic, sensor, -20.0, -10.0)
    browser = signed_in("maharani")
    excursion = re.findall(r"/excursions/([0-9a-f]{32})", browser.get("/excursions").text)[0]
    page = browser.get(f"/excursions/{excursion}").text
    assert "Goes on" in page
    assert f"/excursions/{excursion}/close" in page
    ended = (clinic.clock.now + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")  # the site's own time
    clinic.clock.tick(minutes=5)
    done = browser.fill(
        f"/excursions/{excursion}/close", until=ended, reason="the probe broke, the display said −20", password=PASSWORD
    )
    assert done.status_code == 303, done.text[-600:]
    assert "as somebody said" in browser.get(f"/excursions/{excursion}").text


def test_who_had_a_vial_is_named_to_who_may_see_subjects_and_counted_for_others(
    clinic: Clinic, signed_in: SignIn
) -> None:
    """A logger's file tells on Monday that the freezer was warm on Saturday; the vial was given on Sunday."""
    sensor = hung(clinic, "read_freezer", "S-2")
    clinic.clock.tick(minutes=20)
    says(clinic, sensor, -20.0, -20.0)
    for n in range(1, 6):
        clinic.do(vials.move, clinic.PHARMACIST, clinic.vial(f"H3K00{n}").id, clinic.ids["read_freezer"])
    course, began = clinic.course(), clinic.clock.now
    clinic.clock.tick(hours=9)
    clinic.give_dose(course, 1, vial=clinic.ready_vial(course, 1, serial="H3K001"))
    clinic.clock.tick(hours=20)
    imported(clinic, sensor, log_of("S-2", began, [-20.0, -20.0, -9.0, -9.0, -20.0, -20.0]))
    with clinic.store.read(clinic.QUALITY) as view:
        (told,) = deciding.listed(view)
        pseudonym = view.need(Subject, clinic.ids["subject"]).pseudonym
    assert (told.vials, told.undecided, told.given) == (5, 4, 1)
    page = signed_in("maharani").get(f"/excursions/{told.excursion.id}").text
    assert pseudonym in page
    others = signed_in("handayani").get(f"/excursions/{told.excursion.id}").text
    assert pseudonym not in others
    assert "1 subject" in others
    assert "was given before this was known" in signed_in("maharani").get("/").text

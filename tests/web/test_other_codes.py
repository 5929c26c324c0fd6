"""Over-labels and codes of BPOM by page and by program: announced, printed, scanned back, kept, shown, in both languages."""

from __future__ import annotations

import pytest
import zxingcpp

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from tests.reports import readers
from tests.stories.test_bpom import NIE, bpom
from tests.stories.test_overlabel import BODY, announced, arrived, released, with_gln
from tests.stories.test_silent_maker import silent_maker
from tests.web.conftest import hidden
from traceability.services import sensors, sessions, vials
from traceability.store.tables import Alias


def program(clinic: Clinic, app, username: str) -> Asking:
    return Asking(app, sessions.sign_in(clinic.store, username, PASSWORD, "bearer").token)


@pytest.fixture
def quiet(clinic: Clinic) -> Clinic:
    silent_maker(clinic)
    with_gln(clinic)
    return clinic


def scanned(browser, code, **headers):
    page = browser.get("/scan")
    return browser.post("/scan", data=hidden(page.text) | {"code": code, "mode": "stock"}, headers=headers)


def test_a_lot_without_serials_is_announced_labelled_over_and_scanned_back_by_page(quiet: Clinic, signed_in):
    qa, store = signed_in("maharani"), signed_in("handayani")
    page = qa.get("/lots/announce").text
    assert "The maker gives these vials no serial" in page
    assert "Q-01" in page or "Its freezer" in page
    given = {
        "product_version_id": quiet.ids["quiet_version"], "number": "QM-1", "made_on": "2026-03-09", "expires": "2026-09-30",
        "place_id": quiet.ids["quiet_place"], "route": "service", "count": "2", "overlabelled": "yes",
    }  # fmt: skip
    wrong = qa.fill("/lots/announce", **given | {"serials": "A1 A2"})
    assert wrong.status_code == 409
    assert "Leave the serials empty" in wrong.text
    lot = qa.fill("/lots/announce", **given).location.rpartition("/")[2]
    found = quiet.vials(lot)
    page = store.get(f"/lots/{lot}/labels")
    assert 'value="overlabel_16x30" checked' in page.text
    assert "vial_38x21" not in page.text
    answer = store.send(f"/lots/{lot}/labels", page, layout="vial_38x21", start="0", paper="A4")
    assert answer.status_code == 422
    assert "30 × 16 mm, over-label" in answer.text, answer.text.partition("<main")[2][:3000]
    answer = store.send(f"/lots/{lot}/labels", page, layout="overlabel_16x30", start="0", paper="roll_300")
    said = [
        one.symbology_identifier + one.text
        for image in readers.rasters(store.get(answer.location).data, 300)
        for one in zxingcpp.read_barcodes(readers.paper(image), text_mode=zxingcpp.TextMode.Plain)
    ]
    assert said == [f"]d28004{BODY}{vial.serial}" for vial in found]
    page = store.fill(f"/lots/{lot}/scan_back", code=said[0])
    assert "1 of 2" in page.text
    page = store.send(f"/lots/{lot}/spoil", page, serial=said[1], reason="torn")
    assert page.location.endswith(f"spoiled={found[1].serial}")


def test_the_maker_is_not_offered_to_label_over(quiet: Clinic, signed_in):
    assert "overlabelled" not in signed_in("wijaya").get("/lots/announce").text


@pytest.mark.parametrize(
    ("language", "own"), [("en", "Own number of the hospital"), ("id", "Nomor rumah sakit sendiri")]
)
def test_an_over_label_gets_the_verdict_of_its_vial_with_its_facts(quiet: Clinic, signed_in, language: str, own: str):
    vial = quiet.vials(released(quiet))[0]
    page = scanned(signed_in("putri"), quiet.code(vial), **{"Accept-Language": language})
    for told in ('data-answer="use"', vial.serial, own, f"(8004){BODY}{vial.serial}", "QM-1"):
        assert told in page.text
    abroad = scanned(signed_in("other"), quiet.code(vial)).text.partition("<main")[2]
    assert 'data-answer="ask_qa"' in abroad
    assert "not in your organisation" in abroad
    assert "QM-1" not in abroad
    page = signed_in("putri").get(f"/vials/{vial.id}/temperature").text
    assert f"(8004){BODY}{vial.serial}" in page


def test_the_makers_code_and_then_the_over_label_are_one_vial_where_their_lots_agree(quiet: Clinic, signed_in):
    lot, other = announced(quiet), announced(quiet, "QM-2")
    address = f"/consignments/{arrived(quiet, lot)}/count"
    browser, product = signed_in("handayani"), quiet.vials(lot)[0].gtin
    first, second = quiet.vials(lot)[0], quiet.vials(other)[0]
    page = browser.fill(address, code=f"]d201{product}1726093010QM-1")
    assert "Scan the other code of this vial." in page.text
    wrong = browser.send(address, page, code=quiet.code(second))
    assert (wrong.status_code, "The two codes contradict each other" in wrong.text) == (422, True)
    assert f"{first.serial}</p>" in browser.send(address, page, code=quiet.code(first)).text


def test_a_code_of_bpom_acts_at_once_though_it_is_written_with_brackets(clinic: Clinic, signed_in):
    clinic.released_lot()
    vial = clinic.vial("H3K001")
    clinic.do(vials.add_alias, clinic.PHARMACIST, vial.id, code=clinic.code(vial), alias=bpom())
    browser, bench = signed_in("putri"), clinic.ids["bench"]
    page = browser.fill("/scan/move", code=bpom(), place_id=bench)
    assert "Type it once more" not in page.text
    assert "Moved" in page.text.partition('id="heard"')[2]


def test_a_sensors_number_still_leads_to_the_sensor(quiet: Clinic, signed_in):
    announced(quiet)
    sensor = quiet.do(sensors.register, quiet.QUALITY, "LG-7", "Asia/Jakarta", 300, giai=BODY + "LG7").id
    assert scanned(signed_in("putri"), f"(8004){BODY}LG7").location.endswith(f"/sensors/{sensor}")


def test_a_sensors_number_beside_a_vials_leads_nowhere_and_the_vial_gets_its_answer(clinic: Clinic, signed_in):
    clinic.released_lot()
    clinic.do(sensors.register, clinic.QUALITY, "LG-7", "Asia/Jakarta", 300, giai="9521234F01")
    code = f"{clinic.code(clinic.vial('H3K001'))}\x1d80049521234F01"
    page = scanned(signed_in("putri"), code)
    assert (page.status_code, 'data-answer="use"' in page.text) == (200, True)


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_code_of_bpom_is_kept_below_the_answer_and_shown_with_the_vial(clinic: Clinic, signed_in, language: str):
    clinic.released_lot()
    browser, vial = signed_in("putri"), clinic.vial("H3K001")
    asked = {"Accept-Language": language}
    page = scanned(browser, clinic.code(vial), **asked)
    assert f'action="/vials/{vial.id}/add_alias"' in page.text
    told = hidden(page.text) | {"alias": f"(90){NIE}"}
    answer = browser.post(f"/vials/{vial.id}/add_alias", data=told, headers=asked)
    assert answer.status_code == 409
    assert {"en": "marketing number alone", "id": "hanya memuat nomor izin edar"}[language] in answer.text
    answer = browser.send(f"/vials/{vial.id}/add_alias", answer, alias=bpom(), code=clinic.code(vial))
    assert answer.location.endswith("/scan?mode=stock")
    page = scanned(browser, bpom(), **asked)
    for told in ('data-answer="use"', "H3K001", bpom(), {"en": "Code of BPOM", "id": "Kode BPOM"}[language]):
        assert told in page.text
    assert "add_alias" not in page.text, "the vial’s own code is scanned beside it, not this one"
    assert bpom() in browser.get(f"/vials/{vial.id}/temperature").text
    with clinic.store.read(clinic.PHARMACIST) as view:
        assert [one.scheme for one in view.all(Alias)] == ["otentifikasi"]


def test_who_keeps_no_codes_is_not_asked_for_one(clinic: Clinic, signed_in):
    clinic.released_lot()
    assert "add_alias" not in scanned(signed_in("santosa"), clinic.code(clinic.vial("H3K001"))).text


def test_a_program_announces_prints_scans_and_keeps_as_the_pages_do(quiet: Clinic, app):
    qa, store, pharmacist = (program(quiet, app, who) for who in ("maharani", "handayani", "putri"))
    given = {
        "product_version_id": quiet.ids["quiet_version"], "number": "QM-1", "made_on": "2026-03-09", "expires": "2026-09-30",
        "place_id": quiet.ids["quiet_place"], "route": "service", "count": 2, "overlabelled": True,
    }  # fmt: skip
    lot = qa.post("/lots/announce", given).json["answer"]["id"]
    listed = store.get(f"/lots/{lot}/vials").json["items"]
    assert [one["serial_kind"] for one in listed] == ["internal"] * 2
    assert [one["code"] for one in listed] == [f"https://id.gs1.org/8004/{BODY}{one['serial']}" for one in listed]
    wrong = store.post("/labels/print", {"layout": "vial_16x30", "lot_id": lot})
    assert (wrong.status_code, wrong.json["code"]) == (409, "label_layout_of_others")
    assert store.post("/labels/print", {"layout": "overlabel_16x30", "lot_id": lot}).status_code == 201
    assert store.get(f"/lots/{lot}/labels.pdf", layout="overlabel_16x30").content_type == "application/pdf"
    assert store.get(f"/lots/{lot}/labels.zpl").status_code == 200
    for one in listed:
        assert store.post("/labels/scan_back", {"code": one["code"]}).status_code == 201
    vial = listed[0]
    kept = bpom(lot="QM-1")
    told = pharmacist.post(f"/vials/{vial['id']}/add_alias", {"code": vial["code"], "alias": kept})
    assert (told.status_code, told.json["code"]) == (403, "not_yours")
    quiet_box(quiet, lot)
    told = pharmacist.post(f"/vials/{vial['id']}/add_alias", {"code": vial["code"], "alias": kept})
    assert (told.status_code, told.json["answer"]["findings"]) == (201, [])
    for code in (vial["code"], kept):
        answer = pharmacist.get("/scan", code=code).json
        assert (answer["vial"]["id"], answer["vial"]["code"]) == (vial["id"], vial["code"])
    box = pharmacist.get("/consignments").json["items"][0]["id"]
    lines = pharmacist.get(f"/consignments/{box}").json["lines"]
    assert sorted(one["vial"]["code"] for one in lines) == sorted(one["code"] for one in listed)
    assert pharmacist.get(f"/vials/{vial['id']}").json["aliases"] == [
        {"scheme": "giai", "code": BODY + vial["serial"]}, {"scheme": "otentifikasi", "code": kept},
    ]  # fmt: skip


def quiet_box(clinic: Clinic, lot: str) -> None:
    box = arrived(clinic, lot)
    clinic.counted(box)
    clinic.put_away(box)

"""Lots: what they are, whose word stands for them, labels, and the release over exactly what was shown."""

from __future__ import annotations

import io
import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pypdfium2
import pytest

from tests.clinic import PASSWORD, Clinic
from tests.web.conftest import hidden
from traceability.domain.people import Meaning
from traceability.services import lots, products, stops
from traceability.services.products import CredentialKind
from traceability.store.tables.quality import ScopeKind


def ticked(text, name="vial_ids"):
    return re.findall(rf'name="{name}" value="(\w+)" checked', text)


def reviewed(browser, lot_id):
    """QA signs the review of the audit trail, where the page asks for it."""
    page = browser.get(f"/lots/{lot_id}/release").text
    if link := re.search(r'href="([^"]*/audits/review[^"]*)"', page):
        href = unescape(link[1])
        asked = {name: value for name, (value,) in parse_qs(urlsplit(href).query).items() if name != "next"}
        assert browser.fill(href, **asked, password=PASSWORD).status_code == 303


def look(browser, lot_id, **more):
    """The release page as its check button shows it, with the audit trail reviewed."""
    reviewed(browser, lot_id)
    page = browser.get(f"/lots/{lot_id}/release")
    told = hidden(page.text) | {
        "step": "check",
        "kind": "full",
        "vial_ids": ticked(page.text),
    }
    return browser.post(f"/lots/{lot_id}/release", data=told | more), told | more


def to_sign(browser, lot_id, **more):
    _page, told = look(browser, lot_id, **more)
    page = browser.post(f"/lots/{lot_id}/release", data=told | {"step": "sign"})
    return page, told


def sign(browser, lot_id, page, told, password=PASSWORD):
    asked = told | hidden(page.text) | {"vial_ids": told["vial_ids"], "password": password}
    return browser.post(f"/lots/{lot_id}/release", data=asked, follow_redirects=True)


def test_the_list_tells_where_the_vials_are_and_what_is_released(clinic: Clinic, signed_in):
    clinic.released_lot("UC26-H3", 4)
    clinic.shipped(clinic.lot("UC26-K2", 3))
    page = signed_in("maharani").get("/lots").text
    assert page.index("UC26-K2") < page.index("UC26-H3")
    assert "4 of 4" in page
    assert "0 of 3" in page
    assert "4 in stock" in page
    assert "3 in transit" in page


def test_others_lots_are_not_found(clinic: Clinic, signed_in):
    lot = clinic.lot()
    browser = signed_in("other")
    assert "UC26-H3" not in browser.get("/lots").text
    for tab in ("", "/release", "/vials", "/tests", "/labels", "/holds", "/documents"):
        assert browser.get(f"/lots/{lot}{tab}").status_code == 404, tab


def test_the_overview_names_ancestors_and_says_what_papers_do_not(clinic: Clinic, signed_in):
    lot = clinic.lot()
    clinic.do(
        products.record_credential,
        clinic.MAKER_QA,
        clinic.ids["maker"],
        CredentialKind.GMP,
        "GMP-0",
        "BPOM",
        "secretome",
    )
    page = signed_in("maharani").get(f"/lots/{lot}").text
    for told in ("D-4KQ7", "MCB-3", "HV-26-9", "11/1/10/KES/PMDN/2018", "Certified by the maker"):
        assert told in page
    undated = page.partition("GMP-0")[2].partition("</tr>")[0]
    assert undated.count("not reported") == 2
    assert "Transcribed" not in page


def test_a_transcribed_lot_never_reads_certified(clinic: Clinic, signed_in):
    lot = clinic.lot(certified=False)
    attached = clinic.do(lots.attach, clinic.QUALITY, "cd" * 32, "coa.pdf", "application/pdf", 9, lot_id=lot)
    signed = (clinic.sign("maharani", Meaning.TRANSCRIBED), clinic.sign("lestari", Meaning.VERIFIED))
    clinic.do(lots.transcribe, clinic.QUALITY, lot, date(2026, 4, 1), "As on paper.", attached.id, signed=signed)
    browser = signed_in("maharani")
    page = browser.get(f"/lots/{lot}").text
    assert "Transcribed by the hospital" in page
    assert "Certified" not in page
    assert "Certified" not in browser.get("/lots").text


def announced(browser, **typed):
    page = browser.get("/lots/announce")
    version = page.text.partition('name="product_version_id"')[2].partition('<option value="')[2].partition('"')[0]
    place = page.text.partition('name="place_id"')[2].partition('<option value="')[2].partition('"')[0]
    told = {"product_version_id": version, "place_id": place, "number": "UC26-X1", "made_on": "2026-03-09"}
    told |= {"expires": "2027-03-09", "route": "service"} | typed
    return browser.post("/lots/announce", data=hidden(page.text) | told)


def test_a_lot_is_announced_with_serials_as_they_stand_on_the_vials(clinic: Clinic, signed_in):
    answer = announced(signed_in("wijaya"), serials="AA1\nAA2, AA3", material_ids=[clinic.ids["harvest"]])
    assert answer.status_code == 303
    lot_id = answer.location.rsplit("/", 1)[1]
    assert [one.serial for one in clinic.vials(lot_id)] == ["AA1", "AA2", "AA3"]
    assert "D-4KQ7" in signed_in("wijaya").get(f"/lots/{lot_id}").text


def test_an_announcement_that_cannot_be_keeps_what_was_typed(clinic: Clinic, signed_in):
    browser = signed_in("wijaya")
    answer = announced(browser, serials="AA1 AA1")
    assert answer.status_code == 409
    assert "AA1 AA1" in answer.text
    assert 'value="UC26-X1"' in answer.text
    assert "Nothing was saved" in answer.text
    assert announced(browser, number="", serials="AA1").status_code == 422
    assert announced(browser, made_on="soon", serials="AA1").status_code == 422
    assert announced(browser, count="3").status_code == 303


def test_only_who_may_announce_sees_the_form(signed_in):
    assert signed_in("santosa").get("/lots/announce").status_code == 403


# ------------------------------------------------------------------------------------------------------------- labels


def unlabelled(clinic, signed_in, number="UC26-X1", serials="AA1 AA2 AA3"):
    return announced(signed_in("wijaya"), serials=serials, number=number).location.rsplit("/", 1)[1]


def texts(pdf):
    return [page.get_textpage().get_text_range().replace("\xa0", " ") for page in pypdfium2.PdfDocument(pdf)]


def test_a_sheet_is_noted_as_printed_and_then_drawn(clinic: Clinic, signed_in):
    browser = signed_in("wijaya")
    lot = unlabelled(clinic, signed_in)
    page = browser.get(f"/lots/{lot}/labels")
    assert page.text.count('<svg class="label"') == 5
    assert "SAMPLE"[:3] in page.text
    assert "AA1" not in page.text
    answer = browser.send(f"/lots/{lot}/labels", page, layout="vial_38x21", start="4")
    assert answer.status_code == 303
    pdf = browser.get(answer.location)
    assert pdf.mimetype == "application/pdf"
    (sheet,) = texts(pdf.data)
    assert all(f"SN {serial}" in sheet for serial in ("AA1", "AA2", "AA3"))
    again = browser.send(f"/lots/{lot}/labels", page, layout="vial_38x21", start="0")
    assert again.status_code == 422


def test_a_job_for_the_label_printer_is_saved_and_goes_on_after_the_last_good_label(clinic: Clinic, signed_in):
    browser = signed_in("wijaya")
    lot = unlabelled(clinic, signed_in)
    page = browser.get(f"/lots/{lot}/labels")
    answer = browser.send(f"/lots/{lot}/labels", page, layout="vial_10x20", paper="zpl_203", start="0")
    file = browser.get(answer.location)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.text.count("^BX") == 3
    page = browser.get(f"/lots/{lot}/labels")
    assert "Labels printed</dt><dd>3" in page.text
    assert "Left</dt><dd>3" in page.text
    first, *_rest = clinic.vials(lot)
    rest = browser.get(f"/lots/{lot}/labels.pdf?layout=vial_38x21&paper=roll_203&after={quote(clinic.code(first))}")
    assert [("SN AA2" in one, "SN AA3" in one) for one in texts(rest.data)] == [(True, False), (False, True)]
    wrong = browser.get(f"/lots/{lot}/labels.pdf?layout=vial_38x21&after=ZZ9")
    assert wrong.status_code >= 400
    assert "No label of ZZ9 waits" in wrong.text


def test_a_layout_that_is_too_small_names_the_smallest_that_fits_and_prints_nothing(clinic: Clinic, signed_in):
    browser = signed_in("wijaya")
    lot = unlabelled(clinic, signed_in, number="SECRETOME-2026-H3-XX", serials="LONG-SERIAL-00000001")
    page = browser.get(f"/lots/{lot}/labels")
    answer = browser.send(f"/lots/{lot}/labels", page, layout="vial_10x20", start="0")
    assert answer.status_code == 422
    why = answer.text.partition('id="f-layout-why"')[2].partition("</p>")[0]
    assert "smallest" in why
    assert "1 vial has no label" in answer.text


def test_a_label_counts_once_it_was_read_from_its_vial(clinic: Clinic, signed_in):
    browser = signed_in("wijaya")
    lot = unlabelled(clinic, signed_in)
    browser.send(f"/lots/{lot}/labels", browser.get(f"/lots/{lot}/labels"), layout="vial_38x21", start="0")
    first, second, _third = clinic.vials(lot)
    page = browser.fill(f"/lots/{lot}/scan_back", code=clinic.code(first))
    assert page.status_code == 200
    assert "1 of 3" in page.text
    assert "Scanned back" in page.text
    assert "SN AA1" not in texts(browser.get(f"/lots/{lot}/labels.pdf").data)[0]
    page = browser.fill(f"/lots/{lot}/scan_back", code=clinic.code(first))
    assert page.status_code == 200
    assert "Noted already" in page.text
    page = browser.fill(f"/lots/{lot}/scan_back", code=clinic.code(second, expires=date(2028, 1, 1)))
    assert page.status_code == 409
    assert "1 of 3" in page.text
    assert " readonly" in page.text.partition('id="code"')[2].partition(">")[0]
    assert "data-aside" in page.text


def test_labels_are_drawn_only_for_who_may_print(clinic: Clinic, signed_in):
    lot = clinic.lot()
    assert signed_in("santosa").get(f"/lots/{lot}/labels.pdf").status_code == 403
    assert signed_in("wijaya").get(f"/lots/{lot}/labels.pdf").status_code == 409  # all are on their vials


# ------------------------------------------------------------------------------------------------------------ release


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_qa_reads_looks_and_signs_for_the_vials_that_may_be_released(clinic: Clinic, signed_in, engine):
    lot = clinic.lot(count=4)
    clinic.certificate(clinic.tested(clinic.in_stock(lot, broken=("H3K001",), absent=("H3K002",))))
    browser = signed_in("maharani")
    first = browser.get(f"/lots/{lot}/release").text
    rules = first.partition('id="check"')[2]
    assert "Audit trail reviewed" in rules.partition("Holds</span>")[0]
    assert rules.rindex("Not met") < rules.index("Holds</span>")
    assert 'value="sign"' not in first
    page, told = look(browser, lot)
    assert "All 22 rules hold." in page.text
    assert len(told["vial_ids"]) == 2
    page, told = to_sign(browser, lot)
    digest = hidden(page.text)["dossier_digest"]
    assert digest in page.text
    assert "H3K003, H3K004" in page.text
    done = sign(browser, lot, page, told)
    assert "2 of 4 released" in done.text
    assert clinic.scan("H3K003") == ("use", [])
    assert clinic.scan("H3K001")[0] == "do_not_use"


def test_a_wrong_password_signs_nothing_and_the_right_one_still_may(clinic: Clinic, signed_in):
    lot = clinic.certificate(clinic.tested(clinic.in_stock()))
    browser = signed_in("maharani")
    page, told = to_sign(browser, lot)
    page = sign(browser, lot, page, told, password="correct horse")
    assert page.status_code == 409
    why = page.text.partition('id="f-password-why"')[2].partition("</p>")[0]
    assert "Nothing was signed" in why
    assert clinic.scan("H3K001")[0] == "ask_qa"
    assert "5 of 5 released" in sign(browser, lot, page, told).text


def test_what_changed_since_it_was_shown_is_looked_at_again(clinic: Clinic, signed_in):
    lot = clinic.certificate(clinic.tested(clinic.in_stock()))
    browser = signed_in("maharani")
    page, told = to_sign(browser, lot)
    clinic.do(
        stops.hold, clinic.PHARMACIST, "A crack is suspected", ScopeKind.VIAL, [clinic.vial("H3K001").id], reason="seen"
    )
    page = sign(browser, lot, page, told)
    assert page.status_code == 409
    assert "Holds and recalls" in page.text.partition("Holds</span>")[0]
    assert clinic.scan("H3K002")[0] == "ask_qa"


def test_another_choice_of_vials_is_another_dossier(clinic: Clinic, signed_in):
    lot = clinic.certificate(clinic.tested(clinic.in_stock()))
    browser = signed_in("maharani")
    page, told = to_sign(browser, lot)
    page = sign(browser, lot, page, told | {"vial_ids": told["vial_ids"][:2]})
    assert page.status_code == 409
    assert "look again" in page.text.casefold()
    _page, told = look(browser, lot)
    some = {"vial_ids": told["vial_ids"][:2]}
    page, told = to_sign(browser, lot, **some)
    assert "2 of 5 released" in sign(browser, lot, page, told).text


def test_a_conditional_release_says_on_what_condition_and_until_when(clinic: Clinic, signed_in):
    lot = clinic.certificate(clinic.tested(clinic.in_stock()))
    browser = signed_in("maharani")
    page, _told = to_sign(browser, lot, kind="conditional")
    assert 'id="f-condition-why"' in page.text
    assert 'id="f-until-why"' in page.text
    until = clinic.clock.now.replace(year=2026, month=5).isoformat(timespec="minutes")[:16]
    page, told = to_sign(browser, lot, kind="conditional", condition="potency pending", until=until)
    assert "5 of 5 released" in sign(browser, lot, page, told).text
    assert "potency pending" in browser.get(f"/lots/{lot}/release").text


def test_nobody_but_qa_is_offered_the_signature(clinic: Clinic, signed_in):
    lot = clinic.certificate(clinic.tested(clinic.in_stock()))
    browser = signed_in("putri")
    page = browser.get(f"/lots/{lot}/release")
    assert page.status_code == 200
    assert 'name="step"' not in page.text
    told = hidden(page.text) | {"step": "sign", "vial_ids": ticked(page.text)}
    assert browser.post(f"/lots/{lot}/release", data=told).status_code == 403


# --------------------------------------------------------------------------------------------------- vials, documents


def test_vials_are_judged_and_filtered(clinic: Clinic, signed_in):
    lot = clinic.in_stock(clinic.lot(count=4), broken=("H3K001",))
    browser = signed_in("maharani")
    assert browser.get(f"/lots/{lot}/vials").text.count("ASK QA") >= 3
    stopped = browser.get(f"/lots/{lot}/vials?answer=do_not_use").text.partition("<tbody")[2]
    assert "H3K001" in stopped
    assert "H3K002" not in stopped
    assert "H3K003" in browser.get(f"/lots/{lot}/vials?serial=k003&custody=in_stock").text
    assert "No vial fits" in browser.get(f"/lots/{lot}/vials?custody=given").text


def test_a_hold_is_named_with_how_many_vials_it_covers(clinic: Clinic, signed_in):
    lot = clinic.in_stock()
    clinic.do(
        stops.hold, clinic.QUALITY, "Freezer door open", ScopeKind.VIAL, [clinic.vial("H3K001").id], reason="seen"
    )
    page = signed_in("maharani").get(f"/lots/{lot}/holds").text
    assert "Freezer door open" in page
    assert "H-1" in page.partition("<tbody")[2]
    assert "/holds/" in page
    assert "On hold H-1" in page


def test_a_certificate_is_attached_and_opened_as_it_came(clinic: Clinic, signed_in):
    lot = clinic.lot()
    browser = signed_in("maharani")
    page = browser.get(f"/lots/{lot}/documents")
    pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n"
    told = hidden(page.text) | {"kind": "certificate_of_analysis", "file": (io.BytesIO(pdf), "coa.pdf")}
    page = browser.post(f"/lots/{lot}/attach", data=told, content_type="multipart/form-data", follow_redirects=True)
    assert page.status_code == 200
    link = page.text.partition(f'href="/lots/{lot}/files/')[2].partition('"')[0]
    with browser.get(f"/lots/{lot}/files/{link}") as kept:
        assert kept.data == pdf
        assert kept.mimetype == "application/pdf"
    assert signed_in("other").get(f"/lots/{lot}/files/{link}").status_code == 404
    told = hidden(page.text) | {"kind": "other", "file": (io.BytesIO(b"<html>"), "coa.pdf")}
    wrong = browser.post(f"/lots/{lot}/attach", data=told, content_type="multipart/form-data")
    assert wrong.status_code == 422
    assert 'id="f-file-why"' in wrong.text


def test_tests_are_shown_with_their_limits_and_who_may_go_on(clinic: Clinic, signed_in):
    lot = clinic.in_stock()
    page = signed_in("wulandari").get(f"/lots/{lot}/tests").text
    assert page.count("No result") == 2
    assert f"/results/enter?lot_id={lot}" in page
    clinic.tested(lot, endotoxin="0.9")
    page = signed_in("wulandari").get(f"/lots/{lot}/tests").text
    assert "Outside" in page
    assert "Conforms" in page
    assert "at most 0.25 EU/mL" in page

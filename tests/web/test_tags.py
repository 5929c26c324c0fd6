"""Labels of boxes, places, sensors and people: printed from the page of each, scanned back, and led where they should lead."""

from __future__ import annotations

import pypdfium2
import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.clinic import GTIN, Clinic
from tests.reports import readers
from tests.reports.zebra import Zebra
from traceability.domain import gs1, selftest
from traceability.domain.labels import PAPERS
from traceability.domain.people import SYSTEM
from traceability.services import organisations, sensors

GIAI = "95212345LG7"
GSRN = "899123400000000015"


def read_back(file: TestResponse, paper: str = "A4") -> list[str]:
    """What a scanner says of every symbol on that paper."""
    assert file.status_code == 200, file.text[-600:]
    dpi = int(paper.partition("_")[2] or 300)
    if paper.startswith("zpl"):
        pages = [one.image for one in Zebra().take(file.text)]
    else:
        pages = list(readers.rasters(file.data, dpi))
    return [said for page in pages for said in readers.zxing(readers.paper(page, 2)).values()]


def words(file: TestResponse) -> str:
    page = pypdfium2.PdfDocument(file.data)[0].get_textpage()
    return page.get_text_range().replace("\xa0", " ").replace("\r\n", "\n")


def a_sensor(clinic: Clinic, giai: str | None = GIAI, serial: str = "LG-7") -> str:
    return clinic.do(sensors.register, clinic.QUALITY, serial, "Asia/Jakarta", 300, giai=giai).id


@pytest.mark.parametrize("paper", PAPERS)
def test_a_place_is_labelled_on_every_paper_and_its_label_leads_back_to_it(clinic: Clinic, signed_in, paper):
    browser, place = signed_in("handayani"), clinic.ids["quarantine"]
    assert f"/places/{place}/label" in browser.get(f"/places/{place}").text
    page = browser.get(f"/places/{place}/label")
    assert 'class="label"' in page.text
    file = browser.get(f"/places/{place}/label.pdf?layout=place_50x30&paper={paper}&start=0")
    (said,) = read_back(file, paper)
    assert said.startswith("]d1STP.F-01-Q.")
    if not paper.startswith("zpl"):
        assert "QUARANTINE" in words(file)
    assert browser.fill("/scan", code=said).location.endswith(f"/places/{place}")


def test_a_place_of_a_site_with_a_gln_is_named_by_it(clinic: Clinic, signed_in):
    gln = "952123454321" + gs1.check_digit("952123454321")
    site = clinic.do(organisations.open_site, SYSTEM, clinic.ids["hospital"], "Solo", "Asia/Jakarta", gln).id
    kind = organisations.PlaceKind.FREEZER
    place = clinic.do(organisations.open_place, clinic.QUALITY, site, kind, "Deep", "S-01").id
    browser = signed_in("handayani")
    (said,) = read_back(browser.get(f"/places/{place}/label.pdf"))
    assert said == f"]d2414{gln}254S-01"
    assert browser.fill("/scan", code=said).location.endswith(f"/places/{place}")


def test_a_printed_place_is_chosen_by_scanning_it_where_vials_are_put_away(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    clinic.counted(box)
    browser = signed_in("handayani")
    (said,) = read_back(browser.get(f"/places/{clinic.ids['quarantine']}/label.pdf"))
    page = browser.fill("/scan/put_away", code=said)
    assert page.status_code in (200, 303)
    assert "F-01-Q" in (browser.get(page.location).text if page.status_code == 303 else page.text)


def test_a_box_says_what_is_in_it_and_how_cold_it_stays_and_leads_to_its_consignment(clinic: Clinic, signed_in):
    box = clinic.shipped(clinic.lot(count=3))
    sscc = clinic.consignment(box).sscc
    maker = signed_in("wijaya")
    assert f"/consignments/{box}/label" in maker.get(f"/consignments/{box}").text
    file = maker.get(f"/consignments/{box}/label.pdf")
    (said,) = read_back(file)
    assert dict(gs1.read(said, clinic.clock().date()).elements) == {
        "00": sscc, "02": GTIN, "37": "3", "17": "260930", "10": "UC26-H3", "4333": "002500-", "4331": "001500-",
    }  # fmt: skip
    for part in (
        "PT. Bifarma Adiluhung",
        "RSUD Dr. Moewardi, Surakarta",
        "Lot UC26-H3",
        "EXP 2026-09-30",
        "min −25 °C",
    ):
        assert part in words(file).replace("\n", " ")
    store = signed_in("handayani")
    assert store.fill("/scan", code=said).location.endswith(f"/consignments/{box}")
    assert store.fill("/scan/arrive", code=said).location.endswith(f"/consignments/{box}/arrive")
    assert signed_in("other").get(f"/consignments/{box}/label").status_code == 404


def test_a_box_with_two_lots_names_the_product_and_its_count_and_neither_lot(clinic: Clinic, signed_in):
    from traceability.services import consignments

    first, second = clinic.lot("UC26-H3", count=2), clinic.lot("UC26-K2", count=2)
    vials = [vial.id for lot in (first, second) for vial in clinic.vials(lot)]
    box = clinic.do(
        consignments.ship, clinic.MAKER_QA, "106141411234567897", clinic.ids["maker_site"], clinic.ids["site"], vials
    ).id
    (said,) = read_back(signed_in("wijaya").get(f"/consignments/{box}/label.pdf"))
    told = dict(gs1.read(said, clinic.clock().date()).elements)
    assert (told["02"], told["37"], "10" in told, "17" in told) == (GTIN, "4", False, False)


def test_a_sensor_is_labelled_by_its_giai_and_its_label_leads_to_it(clinic: Clinic, signed_in):
    sensor = a_sensor(clinic)
    browser = signed_in("handayani")
    assert f"/sensors/{sensor}/label" in browser.get(f"/sensors/{sensor}").text
    for layout in ("asset_16x30", "asset_70x40"):
        (said,) = read_back(browser.get(f"/sensors/{sensor}/label.pdf?layout={layout}&paper=roll_203"), "roll_203")
        assert said == f"]d28004{GIAI}"
    assert browser.fill("/scan", code=said).location.endswith(f"/sensors/{sensor}")
    assert signed_in("other").fill("/scan", code=said).status_code == 200


def test_a_sensor_without_a_giai_has_no_label_and_the_page_says_why(clinic: Clinic, signed_in):
    sensor = a_sensor(clinic, None, "LG-8")
    page = signed_in("handayani").get(f"/sensors/{sensor}/label")
    assert "LG-8 has no GIAI" in page.text
    assert "label.pdf" not in page.text
    assert signed_in("handayani").get(f"/sensors/{sensor}/label.pdf").status_code == 422


def test_a_badge_has_the_name_in_words_and_not_in_its_code_and_is_told_to_be_a_person(clinic: Clinic, signed_in):
    who = clinic.PHARMACIST.person_id
    quality = signed_in("maharani")
    assert f"/people/{who}/label" in quality.get(f"/people/{who}").text
    file = quality.get(f"/people/{who}/label.pdf")
    (said,) = read_back(file)
    name = words(file).splitlines()[0]
    assert name in quality.get(f"/people/{who}").text
    assert said.startswith("]d1STB.")
    assert not [part for part in name.upper().split() if part.strip(".") in said]
    page = signed_in("putri").fill("/scan", code=said)
    assert "This is a person’s code" in page.text
    assert said[3:] not in page.text


def test_a_badge_is_for_who_sees_the_people_and_for_oneself(clinic: Clinic, signed_in):
    mine, theirs = clinic.PHARMACIST.person_id, clinic.PHYSICIAN.person_id
    browser = signed_in("putri")
    assert browser.get(f"/people/{mine}/label.pdf").status_code == 200
    for address in ("label", "label.pdf"):
        assert browser.get(f"/people/{theirs}/{address}").status_code == 403


def test_a_wristband_says_the_pseudonym_and_is_read_at_the_bedside(clinic: Clinic, signed_in):
    from traceability.services import subjects

    subject = clinic.subject()
    browser = signed_in("santosa")
    assert f"/subjects/{subject}/label" in browser.get(f"/subjects/{subject}").text
    page = browser.get(f"/subjects/{subject}/label")
    file = browser.send(f"/subjects/{subject}/label.pdf", page, layout="wristband_60x25", paper="roll_300", code="")
    (said,) = read_back(file, "roll_300")
    with clinic.store.read(clinic.PHYSICIAN) as view:
        one = subjects.subject(view, subject)
        assert said[3:].startswith(f"STW.{one.pseudonym}.")
        assert subjects.of_band(view, subjects.read_band(clinic.store, said)).id == subject
    assert "0417733" not in words(file)
    assert "This is a person’s code" in browser.fill("/scan", code=said).text
    found = browser.send("/subjects/find", browser.get("/subjects"), code=said)
    assert found.location.endswith(f"/subjects/{subject}")


def test_a_wristband_is_for_who_sees_patients(clinic: Clinic, signed_in):
    subject = clinic.subject()
    for address in ("label", "label.pdf"):
        assert signed_in("handayani").get(f"/subjects/{subject}/{address}").status_code == 403
        assert signed_in("other").get(f"/subjects/{subject}/{address}").status_code in (403, 404)


def test_the_gsrn_that_a_patient_wears_is_printed_again_once_it_was_asked_whose_it_is(clinic: Clinic, signed_in):
    """Somebody else's number, and a plain one, print nothing; who asked stands in the ledger, the number does not."""
    from datetime import date

    from traceability.services import subjects

    def enrolled(mrn: str, wristband: str) -> str:
        told = {"name": "S. Patient", "mrn": mrn, "born": date(1960, 5, 3), "wristband": wristband}
        return clinic.do(subjects.enrol, clinic.PHYSICIAN, subjects.seal_identity(clinic.store, **told)).id

    mine, other = enrolled("MRN-1", f"(8018){GSRN}(8019)3"), enrolled("MRN-2", "")
    browser = signed_in("santosa")
    page = browser.get(f"/subjects/{mine}/label")
    file = browser.send(f"/subjects/{mine}/label.pdf", page, code=f"]d28018{GSRN}\x1d80193")
    (said,) = read_back(file)
    assert said == f"]d28018{GSRN}\x1d80193"
    assert f"(8018) {GSRN}" in words(file)
    wrong = browser.send(
        f"/subjects/{other}/label.pdf", browser.get(f"/subjects/{other}/label"), code=f"(8018){GSRN}(8019)3"
    )
    assert (wrong.status_code, "not the number of this patient" in wrong.text) == (409, True)
    for plain in ("MRN-2", "]d1STB.7KQ2.5C"):
        page = browser.get(f"/subjects/{other}/label")
        answer = browser.send(f"/subjects/{other}/label.pdf", page, code=plain)
        assert answer.status_code in (409, 422)
        assert plain not in answer.text
    with clinic.store.engines.reader.connect() as connection:
        asked = connection.execute(text("SELECT body FROM entry WHERE act = 'subject.look_up'")).scalars().all()
    assert len(asked) == 2
    assert GSRN not in "".join(map(str, asked))


def test_what_does_not_fit_is_told_at_its_field_and_nothing_is_sent(clinic: Clinic, signed_in):
    browser, place = signed_in("handayani"), clinic.ids["freezer"]
    for query, field in (("start=999", "start"), ("paper=A3", "paper"), ("layout=badge_86x54", "layout")):
        page = browser.get(f"/places/{place}/label.pdf?{query}")
        assert page.status_code == 422
        assert f'href="#f-{field}"' in page.text


def test_the_page_of_the_scanner_leads_to_its_sheet_on_every_paper_and_the_printed_sheet_makes_it_ready(
    clinic, signed_in
):
    browser = signed_in("handayani")
    page = browser.get("/scan/setup")
    for paper in PAPERS:
        assert f"/scan/setup/sheet?paper={paper}" in page.text
        matrix, square = sorted(
            read_back(browser.get(f"/scan/setup/sheet?paper={paper}"), paper), key=lambda one: one[1] != "d"
        )
        assert (matrix[3:], square[3:]) == (selftest.DATAMATRIX.text, selftest.QR.text)
    first = browser.send("/scan/setup", page, code=matrix)
    assert "This scanner is ready" in browser.send("/scan/setup", first, code=square).text
    assert browser.get("/scan/setup/sheet?paper=A3").status_code == 404


def test_drawing_a_label_changes_nothing_in_the_record(clinic: Clinic, signed_in):
    box, browser = clinic.shipped(clinic.lot()), signed_in("maharani")
    subject = clinic.subject()
    sensor = a_sensor(clinic)
    who = clinic.PHARMACIST.person_id

    def entries() -> int:
        with clinic.store.engines.reader.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM entry")).scalar_one()

    before = entries()
    for address in (
        f"consignments/{box}",
        f"places/{clinic.ids['freezer']}",
        f"sensors/{sensor}",
        f"people/{who}",
        f"subjects/{subject}",
    ):
        for paper in ("Letter", "zpl_203"):
            assert browser.get(f"/{address}/label.pdf?paper={paper}").status_code == 200, address
    assert entries() == before

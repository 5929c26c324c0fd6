"""Labels of what came with a box, over lots: one job by page and by program; files are sent as they are drawn."""

from __future__ import annotations

from datetime import date

import pypdfium2

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from traceability.domain import gs1
from traceability.services import consignments, labelling, labels, lots, sessions
from traceability.store.tables.lots import Route

EXPIRES = date(2026, 9, 30)


def bare(clinic: Clinic, number: str, *serials: str) -> str:
    """A lot that its maker never labelled here."""
    return clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], number, date(2026, 3, 9), EXPIRES, clinic.ids["maker_freezer"],
        Route.SERVICE, serials=serials, consignee_ids=(clinic.ids["hospital"],),
    ).id  # fmt: skip


def mixed(clinic: Clinic) -> tuple[str, str, str]:
    """A box with vials of two lots, one of them broken."""
    first, second = bare(clinic, "UC26-A1", "A101", "A102", "A103"), bare(clinic, "UC26-B2", "B201", "B202")
    chosen = [vial.id for lot in (first, second) for vial in clinic.vials(lot)]
    body = "09521230000000777"
    box = clinic.do(
        consignments.ship, clinic.MAKER_QA, body + gs1.check_digit(body), clinic.ids["maker_site"], clinic.ids["site"], chosen
    ).id  # fmt: skip
    clinic.counted(clinic.arrived(box), broken=("A102",))
    clinic.put_away(box)
    return box, first, second


def texts(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range().replace("\xa0", " ") for page in pypdfium2.PdfDocument(pdf))


def code(clinic: Clinic, serial: str, lot: str) -> str:
    return clinic.code(clinic.vial(serial), EXPIRES, lot)


def test_what_came_unlabelled_of_two_lots_is_labelled_and_scanned_back_as_one_job(clinic: Clinic, signed_in):
    box, first, _second = mixed(clinic)
    browser = signed_in("handayani")
    assert f"/consignments/{box}/labels" in browser.get(f"/consignments/{box}").text
    page = browser.get(f"/consignments/{box}/labels")
    assert "4 vials have no label" in page.text, "not the broken one"
    answer = browser.send(f"/consignments/{box}/labels", page, layout="vial_38x21", start="0", paper="A4")
    assert answer.status_code == 303
    told = texts(browser.get(answer.location).data)
    assert [told.count(f"SN {serial}") for serial in ("A101", "A102", "A103", "B201", "B202")] == [1, 0, 1, 1, 1]
    assert (told.count("Lot UC26-A1"), told.count("Lot UC26-B2")) == (2, 2)
    again = browser.send(f"/consignments/{box}/labels", page, layout="vial_38x21", start="0", paper="A4")
    assert again.status_code == 422

    address = f"/consignments/{box}/scan_back"
    page = browser.fill(address, code=code(clinic, "B201", "UC26-B2"))
    assert "1 of 4" in page.text
    page = browser.send(f"/consignments/{box}/spoil", page, serial="A103", reason="torn")
    assert page.location.endswith("scan_back?spoiled=A103")
    alone = texts(browser.get(f"/consignments/{box}/labels.pdf?only=A103").data)
    assert (alone.count("SN A103"), alone.count("SN ")) == (1, 1)
    for serial, lot in (("A101", "UC26-A1"), ("A103", "UC26-A1"), ("B202", "UC26-B2")):
        page = browser.fill(address, code=code(clinic, serial, lot))
    assert "Every label was read from its vial." in page.text
    assert "Back to the box" in page.text
    with clinic.store.read(clinic.STOREKEEPER) as view:
        of_lot = labelling.progress(view, labelling.Job("lot", first))
    assert (of_lot.labels, of_lot.applied, of_lot.spoiled, of_lot.left, of_lot.bare) == (3, 2, 1, 0, 0), (
        "the broken vial gets none"
    )


def test_a_program_prints_for_a_lot_or_for_a_box_and_not_for_both(clinic: Clinic, app):
    box, first, _second = mixed(clinic)
    asking = Asking(app, sessions.sign_in(clinic.store, "handayani", PASSWORD, "bearer").token)
    unclear = asking.post("/labels/print", {"layout": "vial_10x20", "lot_id": first, "consignment_id": box})
    assert (
        unclear.json["code"]
        == asking.post("/labels/print", {"layout": "vial_10x20"}).json["code"]
        == "label_job_unclear"
    )
    made = asking.post("/labels/print", {"layout": "vial_10x20", "consignment_id": box})
    assert (made.status_code, made.json["answer"]["labels"]) == (201, 4)
    told = asking.get(f"/consignments/{box}/labels").json
    assert (told["vials"], told["waiting"], told["left"]) == (4, 4, 4)
    assert [(one["lot"], one["serial"]) for one in told["missing"]][1:3] == [("UC26-A1", "A103"), ("UC26-B2", "B201")]
    rest = asking.get(f"/consignments/{box}/labels.zpl", layout="vial_10x20", after="A103").text
    assert (rest.count("_121B201"), rest.count("_121B202"), rest.count("_121A")) == (1, 1, 0)
    assert texts(asking.get(f"/consignments/{box}/labels.pdf", layout="vial_38x21", only="B202").data).count("SN ") == 1
    twice = asking.post("/labels/print", {"layout": "vial_10x20", "consignment_id": box})
    assert twice.json["code"] == "labels_printed_already"
    other = Asking(app, sessions.sign_in(clinic.store, "other", PASSWORD, "bearer").token)
    assert other.get(f"/consignments/{box}/labels").status_code == 404


def test_the_hospital_draws_no_label_of_what_the_maker_holds(clinic: Clinic, signed_in, app):
    lot = bare(clinic, "UC26-A1", "A101", "A102")
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot)
    for who, fine in (("handayani", False), ("wijaya", True)):
        asking = Asking(app, sessions.sign_in(clinic.store, who, PASSWORD, "bearer").token)
        browser = signed_in(who)
        for answer in (
            browser.get(f"/lots/{lot}/labels.pdf"), browser.get(f"/lots/{lot}/labels.pdf?paper=zpl_203"),
            asking.get(f"/lots/{lot}/labels.pdf"), asking.get(f"/lots/{lot}/labels.zpl"),
        ):  # fmt: skip
            assert (answer.status_code == 200) is fine, (who, answer.request.path)


def test_a_file_of_many_labels_is_sent_part_by_part(clinic: Clinic, signed_in):
    lot = bare(clinic, "UC26-M1", *(f"M1{number:03}" for number in range(60)))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_50x30", lot_id=lot)
    answer = signed_in("wijaya").get(f"/lots/{lot}/labels.pdf", buffered=False)
    assert answer.is_streamed
    pages = int(answer.headers["X-Pages"])
    parts = list(answer.iter_encoded())
    assert len(parts) > 3, "a part a sheet, and what closes the file"
    assert parts[0].startswith(b"%PDF")
    assert texts(b"".join(parts)).count("SN ") == 60
    assert len(pypdfium2.PdfDocument(b"".join(parts))) == b"".join(parts).count(b"/Type/Page/") == pages


def test_one_long_serial_among_short_ones_is_found_before_anything_is_noted_or_sent(clinic: Clinic, signed_in):
    lot = bare(clinic, "UC26-A1", "A1", "A2", "LONG-SERIAL-00000001", "Z9")
    browser = signed_in("wijaya")
    page = browser.get(f"/lots/{lot}/labels")
    refused = browser.send(f"/lots/{lot}/labels", page, layout="vial_10x20", start="0", paper="A4")
    assert refused.status_code == 422
    assert "LONG-SERIAL-00000001" in refused.text
    assert "4 vials have no label" in refused.text
    assert browser.send(f"/lots/{lot}/labels", page, layout="vial_50x30", start="0", paper="A4").status_code == 303
    assert browser.get(f"/lots/{lot}/labels.pdf?layout=vial_10x20").status_code == 422

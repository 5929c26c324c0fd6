"""The maker's part: papers, materials, a lot with its vials, labels printed and scanned back, the word given for it (step 2)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning
from traceability.domain.states import Custody
from traceability.services import consignments, labelling, labels, lots, organisations, products, vials
from traceability.services.labelling import Job
from traceability.store.tables import Credential, LabelPrint, LotAncestor, Material, Signature, Stay, Vial
from traceability.store.tables.lots import MaterialKind, Route
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.products import CredentialKind


def announced(clinic: Clinic, number: str = "UC26-A1", **told: object) -> str:
    given = {
        "made_on": date(2026, 3, 9), "expires": date(2026, 9, 30), "place_id": clinic.ids["maker_freezer"],
        "route": Route.SERVICE, "count": 3, "consignee_ids": (clinic.ids["hospital"],), **told,
    }  # fmt: skip
    return clinic.do(lots.announce, clinic.MAKER_QA, clinic.ids["version"], number, **given).id


def refused(clinic: Clinic, code: str, *args: object, **told: object) -> Refused:
    with pytest.raises(Refused) as no:
        announced(clinic, *args, **told)
    assert no.value.code == code
    with clinic.store.read(SYSTEM) as view:
        assert view.all(Vial) == []
    return no.value


def test_a_lot_is_announced_with_its_vials_each_in_the_makers_freezer(clinic: Clinic) -> None:
    lot = announced(clinic, count=40)
    with clinic.store.read(clinic.MAKER_QA) as view:
        vials = view.all(Vial, Vial.lot_id == lot)
        stays = view.all(Stay)
    assert len({vial.serial for vial in vials}) == len(vials) == 40
    assert {vial.state for vial in vials} == {Custody.MADE}
    assert {(stay.vial_id, stay.place_id, stay.until) for stay in stays} == {
        (vial.id, clinic.ids["maker_freezer"], None) for vial in vials
    }
    assert not set("".join(vial.serial for vial in vials)) & set("ILOS015")


def test_the_lot_carries_every_material_it_came_from_however_far_up(clinic: Clinic) -> None:
    lot = announced(clinic, material_ids=(clinic.ids["harvest"],))
    with clinic.store.read(clinic.MAKER_QA) as view:
        found = {one.material_id for one in view.all(LotAncestor, LotAncestor.lot_id == lot)}
    assert found == {clinic.ids[name] for name in ("donor", "bank", "harvest")}


def test_a_second_lot_of_the_same_number_is_refused(clinic: Clinic) -> None:
    announced(clinic)
    with pytest.raises(Refused, match="already_there"):
        announced(clinic)


def test_a_serial_is_given_once_for_ever(clinic: Clinic) -> None:
    assert refused(clinic, "serial_twice", serials=("S1", "S2", "S1")).values["serial"] == "S1"
    announced(clinic, serials=("S1",))
    with pytest.raises(Refused, match="serial_twice"):
        announced(clinic, "UC26-A2", serials=("S3", "S1"))


@pytest.mark.parametrize("number", ["", "x" * 21, "UC 26", "Ü26", "UC26\x1d10", "UC26#1"])
def test_a_number_that_no_label_could_carry_is_refused(clinic: Clinic, number: str) -> None:
    refused(clinic, "code_character", number)
    refused(clinic, "code_character", serials=(number,))


def test_a_number_in_which_another_element_could_hide_is_refused(clinic: Clinic) -> None:
    """`S1` and a day of making, had a separator between them been lost."""
    refused(clinic, "code_hides", "UC26-X11260309")
    refused(clinic, "code_hides", serials=("S111260309",))
    refused(clinic, "code_hides", serials=("<GS>1",))  # a scanner may write so for the separator


@pytest.mark.parametrize("count", [0, -1, 5001])
def test_a_lot_has_at_least_one_vial_and_not_too_many(clinic: Clinic, count: int) -> None:
    refused(clinic, "count_impossible", count=count)


def test_a_lot_does_not_expire_before_it_was_made(clinic: Clinic) -> None:
    refused(clinic, "interval_empty", expires=date(2026, 3, 9))


def test_a_lot_is_made_at_its_makers_place(clinic: Clinic) -> None:
    with pytest.raises(Refused, match="not_found"):  # the hospital's freezer is out of the maker's sight
        announced(clinic, place_id=clinic.ids["freezer"])


def test_materials_are_coded_once_and_made_of_what_is_there(clinic: Clinic) -> None:
    with pytest.raises(Refused, match="already_there"):
        clinic.do(products.record_material, clinic.MAKER_QA, clinic.ids["maker"], MaterialKind.DONOR, "D-4KQ7")
    with pytest.raises(Refused, match="not_found"):
        clinic.do(
            products.record_material,
            clinic.MAKER_QA,
            clinic.ids["maker"],
            MaterialKind.BANK,
            "B-2",
            parent_ids=("0" * 31 + "7",),
        )
    with clinic.store.read(SYSTEM) as view:
        assert {one.code for one in view.all(Material)} == {"D-4KQ7", "MCB-3", "HV-26-9"}


def test_a_credential_keeps_its_scanned_copy_and_says_nothing_that_its_source_does_not(clinic: Clinic) -> None:
    scanned = sha256(b"a scanned licence").hexdigest()
    paper = clinic.do(lots.attach, clinic.MAKER_QA, scanned, "licence.pdf", "application/pdf", 17, kind="licence").id
    row = clinic.do(
        products.record_credential, clinic.MAKER_QA, clinic.ids["maker"], CredentialKind.LICENCE, "L-9", "ministry", "secretome",
        attachment_id=paper,
    ).id  # fmt: skip
    with clinic.store.read(clinic.MAKER_QA) as view:
        kept = view.need(Credential, row)
    assert (kept.attachment_id, kept.valid_from, kept.valid_until) == (paper, None, None)


def test_a_product_revised_keeps_lots_under_the_version_they_were_made_under(clinic: Clinic) -> None:
    lot = clinic.lot()
    clinic.do(
        products.revise, clinic.MAKER_QA, clinic.ids["product"], volume_ul=5000, low_mc=-85_000, high_mc=-60_000, budget_s=0,
        freeze_sensitive=False, mkt_applies=False,
    )  # fmt: skip
    with clinic.store.read(clinic.MAKER_QA) as view:
        assert lots.summary(view, view.need(lots.Lot, lot))["version"].volume_ul == 3000


@pytest.mark.parametrize("gtin", ["09521234543214", "9521234543213", "0952123454321３", "x" * 14])
def test_a_gtin_with_a_wrong_check_digit_is_refused(clinic: Clinic, gtin: str) -> None:
    with pytest.raises(Refused, match="code_check_digit"):
        clinic.do(products.register, clinic.MAKER_QA, clinic.ids["maker"], gtin, "Another")


@pytest.mark.parametrize("told", [{"number": "L(10)1"}, {"serials": ("H3K001", "H3K001(10)B")}])
def test_a_number_that_typed_would_name_another_is_not_announced(clinic: Clinic, told: dict[str, Any]) -> None:
    refused(clinic, "number_reads_as_element", **told)


def test_a_number_with_other_brackets_is_announced(clinic: Clinic) -> None:
    announced(clinic, "A(1)", serials=("(X)1",))


def test_a_vial_whose_lot_has_digits_in_brackets_is_counted_all_the_same(clinic: Clinic) -> None:
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    code = "]d20109521234543213" + "10L(10)1\x1d21X1"
    clinic.do(consignments.count, clinic.STOREKEEPER, box, code)
    with clinic.store.read(clinic.STOREKEEPER) as view:
        (kept,) = [line.code for line, vial in consignments.consignment(view, box)["lines"] if vial is None]
    assert kept == "https://id.gs1.org/01/09521234543213/10/L%2810%291/21/X1"
    with pytest.raises(Refused, match="counted_already"):
        clinic.do(consignments.count, clinic.STOREKEEPER, box, code)


# ── labels ──


def test_another_number_beside_it_does_not_make_a_wrong_label_right(clinic: Clinic) -> None:
    lot = announced(clinic, serials=("A1K001",))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot)
    wrong = clinic.code(clinic.vials(lot)[0]).replace("10UC26-A1", "10UC26-X9") + "\x1d80049521234F01"
    with pytest.raises(Refused, match="label_contradicts"):
        clinic.do(labels.scan_back, clinic.MAKER_QA, wrong)


def test_every_label_is_printed_decoded_from_the_sheet_and_scanned_back(clinic: Clinic) -> None:
    """The sheet is drawn, rasterised and read by a second library; that string is what is scanned."""
    import pypdfium2
    import zxingcpp

    lot = announced(clinic, serials=("A1K001", "A1K002"))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot)
    pdf = file_of(clinic, lot, "vial_16x30")
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=600 / 72).to_pil().convert("L")
    read = {found.text for found in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.DataMatrix)}
    assert len(read) == 2
    left = [clinic.do(labels.scan_back, clinic.MAKER_QA, code).answer["left"] for code in sorted(read)]
    assert left == [1, 0]
    with clinic.store.read(clinic.MAKER_QA) as view:
        assert all(one.scanned_back_at == clinic.clock.now for one in view.all(LabelPrint))


def test_labels_are_printed_once_and_again_only_with_a_reason(clinic: Clinic) -> None:
    lot = announced(clinic)
    assert clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot).answer["labels"] == 3
    with pytest.raises(Refused, match="labels_printed_already"):
        clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot)
    with pytest.raises(Refused, match="reason_missing"):
        clinic.do(labels.reprint, clinic.MAKER_QA, [vial.id for vial in clinic.vials(lot)], "vial_16x30", reason="  ")


def test_a_label_that_contradicts_the_record_is_not_scanned_back(clinic: Clinic) -> None:
    lot = announced(clinic, serials=("A1K001",))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot)
    vial = clinic.vial("A1K001")
    for code in (clinic.code(vial, date(2027, 9, 30)), clinic.code(vial, lot="UC26-B1")):
        with pytest.raises(Refused, match="label_contradicts"):
            clinic.do(labels.scan_back, clinic.MAKER_QA, code)
    with clinic.store.read(clinic.MAKER_QA) as view:
        assert [one.scanned_back_at for one in view.all(LabelPrint)] == [None]
    clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(vial))
    with pytest.raises(Refused, match="label_scanned_already"):
        clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(vial))


def test_a_label_that_was_never_printed_is_not_scanned_back(clinic: Clinic) -> None:
    announced(clinic, serials=("A1K001",))
    with pytest.raises(Refused, match="label_not_printed"):
        clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(clinic.vial("A1K001")))


def balance(clinic: Clinic, lot: str) -> tuple[int, int, int, int]:
    with clinic.store.read(clinic.MAKER_QA) as view:
        told = labelling.progress(view, Job("lot", lot))
    return told.labels, told.applied, told.spoiled, told.left


def file_of(clinic: Clinic, lot: str, layout: str, **told: Any) -> bytes:
    with clinic.store.read(clinic.MAKER_QA) as view:
        file = labelling.drawn(view, Job("lot", lot), layout, domain="https://id.gs1.org", **told)
    return b"".join(file.parts)


def serials_of(clinic: Clinic, lot: str, **told: object) -> list[str]:
    """Serials in the order in which a Zebra printer is told them."""
    file = file_of(clinic, lot, "vial_10x20", paper="zpl_203", **told)
    return re.findall(r"_121(\w+)\^FS", file.decode())


def test_a_printer_jams_and_the_job_goes_on_with_the_vial_after_the_last_good_label(clinic: Clinic) -> None:
    lot = announced(clinic, serials=("K003", "K001", "K004", "K002"))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_10x20", lot_id=lot)
    assert serials_of(clinic, lot) == ["K001", "K002", "K003", "K004"]
    assert serials_of(clinic, lot, after="K002") == ["K003", "K004"]
    clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(clinic.vial("K001")))
    assert serials_of(clinic, lot) == ["K002", "K003", "K004"]
    assert serials_of(clinic, lot, after="K001") == ["K002", "K003", "K004"], (
        "the last good label is on its vial by now"
    )
    assert serials_of(clinic, lot, only="K003") == ["K003"]
    for told in ({"after": "K009"}, {"only": "K001"}):
        with pytest.raises(Refused, match="label_not_waiting"):
            serials_of(clinic, lot, **told)
    with pytest.raises(Refused, match="nothing_chosen"):
        serials_of(clinic, lot, after="K004")
    assert balance(clinic, lot) == (4, 1, 0, 3)  # fetching a file again prints no label on the record


@pytest.mark.parametrize("paper", ["A4", "Letter", "roll_203", "roll_300"])
def test_the_same_labels_come_on_every_paper(clinic: Clinic, paper: str) -> None:
    import pypdfium2

    lot = announced(clinic, serials=("K001", "K002", "K003"))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_38x21", lot_id=lot)
    pdf = file_of(clinic, lot, "vial_38x21", paper=paper)
    told = "".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(pdf))
    assert [told.count(serial) for serial in ("K001", "K002", "K003")] == [1, 1, 1]


def test_a_paper_that_nobody_has_is_refused(clinic: Clinic) -> None:
    lot = announced(clinic)
    with clinic.store.read(clinic.MAKER_QA) as view, pytest.raises(Refused, match="label_paper_unknown"):
        labelling.fitting(view, Job("lot", lot), "vial_38x21", domain="https://id.gs1.org", paper="A5")


def test_every_label_is_applied_spoiled_or_left(clinic: Clinic) -> None:
    lot = announced(clinic, serials=("K001", "K002", "K003"))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_10x20", lot_id=lot)
    smudged = clinic.vial("K002")
    with pytest.raises(Refused, match="reason_missing"):
        clinic.do(labels.spoil, clinic.MAKER_QA, [smudged.id])
    clinic.do(labels.spoil, clinic.MAKER_QA, [smudged.id], reason="Smudged in the printer")
    assert balance(clinic, lot) == (4, 0, 1, 3)
    assert serials_of(clinic, lot) == ["K002"], "the others are on paper already"
    for serial in ("K001", "K002", "K003"):
        clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(clinic.vial(serial)))
    assert balance(clinic, lot) == (4, 3, 1, 0)
    with pytest.raises(Refused, match="label_none_left"):
        clinic.do(labels.spoil, clinic.MAKER_QA, [smudged.id], reason="Again")


def test_a_spoiled_label_leaves_its_vial_asking_until_the_new_one_was_scanned(clinic: Clinic) -> None:
    lot = announced(clinic, serials=("K001",))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_10x20", lot_id=lot)
    vial = clinic.vial("K001")
    clinic.do(labels.spoil, clinic.MAKER_QA, [vial.id], reason="Torn")
    assert "label_not_scanned_back" in clinic.scan("K001", who=clinic.MAKER_QA)[1]
    clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(vial))
    assert "label_not_scanned_back" not in clinic.scan("K001", who=clinic.MAKER_QA)[1]


def test_a_label_that_was_printed_again_before_it_was_applied_is_spoiled_by_that(clinic: Clinic) -> None:
    lot = announced(clinic, serials=("K001",))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_10x20", lot_id=lot)
    vial = clinic.vial("K001")
    clinic.do(labels.reprint, clinic.MAKER_QA, [vial.id], "vial_10x20", reason="Lost on the floor")
    assert balance(clinic, lot) == (2, 0, 1, 1)
    clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(vial))
    assert balance(clinic, lot) == (2, 1, 1, 0)


def test_a_reprint_gives_what_was_reprinted_in_its_layout_and_each_paper_is_counted(clinic: Clinic) -> None:
    lot = announced(clinic, serials=("K001", "K002", "K003", "K004"))
    first = clinic.do(labels.print_, clinic.MAKER_QA, "vial_10x20", lot_id=lot)
    vial = clinic.vial("K002")
    clinic.clock.tick(minutes=1)
    second = clinic.do(labels.reprint, clinic.MAKER_QA, [vial.id], "vial_16x30", reason="Smudged")
    file = file_of(clinic, lot, "", paper="zpl_203")
    assert re.findall(r"_121(\w+)\^FS", file.decode()) == ["K002"]
    assert file == file_of(clinic, lot, "vial_16x30", paper="zpl_203", printing=second.act_id)
    assert file != file_of(clinic, lot, "vial_10x20", paper="zpl_203")
    rest = ["K001", "K003", "K004"]
    assert serials_of(clinic, lot, printing=first.act_id) == rest
    assert serials_of(clinic, lot, after="K001") == ["K003", "K004"], (
        "the first printing jammed: no second paper of K002"
    )
    assert serials_of(clinic, lot, after="K002") == ["K003", "K004"]
    with clinic.store.read(clinic.MAKER_QA) as view:
        told = labelling.progress(view, Job("lot", lot)).printings
    assert [(one.act_id, one.layout, one.labels) for one in told] == [
        (second.act_id, "vial_16x30", 1), (first.act_id, "vial_10x20", 3),
    ]  # fmt: skip
    assert balance(clinic, lot) == (5, 0, 1, 4) == (len(rest) + 1 + 1, 0, 1, len(rest) + 1)
    with pytest.raises(Refused, match="nothing_chosen"):
        serials_of(clinic, lot, printing="0" * 32)


def test_another_house_draws_no_label_of_what_the_maker_holds(clinic: Clinic) -> None:
    lot = announced(clinic, serials=("K001", "K002"))
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot)
    with clinic.store.read(clinic.STOREKEEPER) as view, pytest.raises(Refused, match="not_yours"):
        labelling.drawn(view, Job("lot", lot), "", domain="https://id.gs1.org", paper="zpl_203")


def test_a_vial_that_is_gone_gets_no_label_and_none_is_read_from_it(clinic: Clinic) -> None:
    clinic.in_stock()
    vial, who = clinic.vial("H3K001"), clinic.STOREKEEPER
    clinic.do(labels.reprint, who, [vial.id], "vial_16x30", reason="smudged")
    clinic.do(vials.report_broken, who, vial.id, reason="fell")
    with pytest.raises(Refused, match="label_of_gone"):
        clinic.do(labels.reprint, who, [vial.id], "vial_16x30", reason="smudged")
    with pytest.raises(Refused, match="label_of_gone"):
        clinic.do(labels.scan_back, who, clinic.code(vial))
    with clinic.store.read(who) as view, pytest.raises(Refused, match="nothing_chosen"):
        labelling.drawn(view, Job("lot", vial.lot_id), "", domain="https://id.gs1.org")


def test_the_acts_refuse_a_layout_that_nobody_has_or_that_does_not_fit(clinic: Clinic) -> None:
    lot = announced(clinic, "SECRETOME-2026-H3-XX", serials=("LONG-SERIAL-00000001",))
    vial = clinic.vial("LONG-SERIAL-00000001")
    for layout, why in (("banana", "label_layout_unknown"), ("vial_10x20", "label_does_not_fit")):
        with pytest.raises(Refused, match=why):
            clinic.do(labels.print_, clinic.MAKER_QA, layout, lot_id=lot)
        with pytest.raises(Refused, match=why):
            clinic.do(labels.reprint, clinic.MAKER_QA, [vial.id], layout, reason="smudged")
    assert balance(clinic, lot) == (0, 0, 0, 0)


# ── the word for the lot ──


def test_the_maker_certifies_what_is_its_own_signed(clinic: Clinic) -> None:
    lot = announced(clinic)
    signed = (clinic.sign("wijaya", Meaning.CERTIFIED),)
    clinic.do(lots.certify, clinic.MAKER_QA, lot, date(2026, 4, 1), "Conforms.", signed=signed)
    with clinic.store.read(clinic.MAKER_QA) as view:
        (given,) = lots.certifications(view, lot)
        (signature,) = view.known(Signature, Signature.noun_id == lot)
    assert (given.transcribed, signature.meaning, signature.name) == (False, "certified", "T. Wijaya")
    with pytest.raises(Refused, match="wrong_state"):
        clinic.do(lots.certify, clinic.MAKER_QA, lot, date(2026, 4, 1), "Conforms.", signed=signed)


@pytest.mark.parametrize("on", [date(2026, 3, 8), date(2026, 4, 2)], ids=["before it was made", "tomorrow"])
def test_a_certificate_is_given_between_making_and_now(clinic: Clinic, on: date) -> None:
    lot = announced(clinic)
    with pytest.raises(Refused, match="date_impossible"):
        clinic.do(
            lots.certify, clinic.MAKER_QA, lot, on, "Conforms.", signed=(clinic.sign("wijaya", Meaning.CERTIFIED),)
        )


def test_a_transcribed_certificate_has_two_people_and_says_so_to_the_end(clinic: Clinic) -> None:
    lot = clinic.in_stock(clinic.lot(certified=False))
    paper = clinic.do(
        lots.attach, clinic.PHARMACIST, "cd" * 32, "certificate.pdf", "application/pdf", 900, lot_id=lot
    ).id
    told = (lot, date(2026, 4, 1), "Conforms to specification 1.", paper)
    alone = (clinic.sign("lestari", Meaning.TRANSCRIBED), clinic.sign("lestari", Meaning.VERIFIED))
    with pytest.raises(Refused, match="signature_same_person"):
        clinic.do(lots.transcribe, clinic.QUALITY2, *told, signed=alone)
    both = (clinic.sign("lestari", Meaning.TRANSCRIBED), clinic.sign("putri", Meaning.VERIFIED))
    clinic.do(lots.transcribe, clinic.QUALITY2, *told, signed=both)
    with clinic.store.read(clinic.QUALITY) as view:
        (given,) = lots.certifications(view, lot)
        signed = view.known(Signature, Signature.act_id == given.act_id)
    assert given.transcribed is True
    assert {one.meaning for one in signed} == {"transcribed", "verified"}
    clinic.certificate(clinic.tested(lot))
    told_in_dossier = next(one for one in clinic.dossier(lot).findings if one.code == "lot_certified")
    assert told_in_dossier.values["transcribed"] is True


def test_the_hospital_does_not_certify_and_another_maker_does_not_either(clinic: Clinic) -> None:
    lot = announced(clinic)
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(
            lots.certify,
            clinic.QUALITY,
            lot,
            date(2026, 4, 1),
            "x",
            signed=(clinic.sign("maharani", Meaning.CERTIFIED),),
        )


def test_places_are_opened_at_ones_own_site_only(clinic: Clinic) -> None:
    with pytest.raises(Refused, match="not_yours"):
        clinic.do(organisations.open_place, clinic.QUALITY, clinic.ids["maker_site"], PlaceKind.FREEZER, "X", "X-1")
    with pytest.raises(Refused, match="already_there"):
        clinic.do(organisations.open_place, clinic.QUALITY, clinic.ids["site"], PlaceKind.FREEZER, "X", "F-01")


def test_what_is_assumed_of_a_place_is_signed_and_can_be(clinic: Clinic) -> None:
    for low, high, longest in ((-15_000, -25_000, 3600), (-25_000, -15_000, 0)):
        with pytest.raises(Refused, match="band_impossible"):
            clinic.do(
                organisations.assume, clinic.QUALITY, clinic.ids["bench"], low, high, longest,
                reason="mapped", signed=(clinic.sign("maharani", Meaning.DECIDED),),
            )  # fmt: skip


def test_a_lot_announced_late_says_when_it_happened_and_when_it_was_told(clinic: Clinic) -> None:
    from traceability.store import Call, Source
    from traceability.store.tables import Entry

    occurred = clinic.clock.now - timedelta(days=3)
    announced(clinic, call=Call(occurred_at=occurred, source=Source.LATE))
    with clinic.store.engines.reader.connect() as connection:
        from sqlalchemy import select

        row = connection.execute(select(Entry).where(Entry.act == "lot.announce")).one()
    assert (row.occurred_at, row.recorded_at) == (occurred, clinic.clock.now)
    with clinic.store.read(SYSTEM) as view:
        assert {stay.since for stay in view.all(Stay)} == {occurred}

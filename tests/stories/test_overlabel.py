"""A maker that gives its vials no serial: the hospital numbers them, and what is stuck over the label names them (R3, R12, R13)."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
import zxingcpp
from sqlmodel import col

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.reports import readers
from tests.reports.zebra import Zebra
from tests.stories.test_silent_maker import silent_maker
from traceability.domain import gs1
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.labels import PAPERS
from traceability.domain.people import Meaning
from traceability.domain.tags import OVERLABEL
from traceability.services import (
    consignments,
    courses,
    doses,
    labelling,
    labels,
    lots,
    moves,
    names,
    organisations,
    sensors,
    stocktakes,
    vials,
)
from traceability.services.lots import READABLE
from traceability.services.records import administration
from traceability.services.verdicts import scan
from traceability.store.tables import AdministrationVial, Line, Product, Vial
from traceability.store.tables.lots import Route
from traceability.store.tables.subjects import Laterality
from traceability.store.tables.vials import SerialKind

EXPIRES = date(2026, 9, 30)
BODY = "952123454321"
GLN = BODY + gs1.check_digit(BODY)
DOMAIN = "https://id.gs1.org"


def with_gln(clinic: Clinic) -> str:
    return clinic.do(
        organisations.open_site, clinic.ADMINISTRATOR, clinic.ids["hospital"], "Main pharmacy", "Asia/Jakarta", GLN
    ).id


def announced(clinic: Clinic, number: str = "QM-1", who: Any = None, **told: Any) -> str:
    """A lot of the quiet maker, whose vials carry its lot and expiry and no serial."""
    given: dict[str, Any] = {"count": 3, "overlabelled": True} | told
    return clinic.do(
        lots.announce, who or clinic.QUALITY, clinic.ids["quiet_version"], number, date(2026, 3, 9), EXPIRES,
        clinic.ids["quiet_place"], Route.SERVICE, **given,
    ).id  # fmt: skip


@pytest.fixture
def quiet(clinic: Clinic) -> Clinic:
    """A clinic with a maker that never signs in, and a GLN."""
    silent_maker(clinic)
    with_gln(clinic)
    return clinic


def printed(clinic: Clinic, lot: str, paper: str = "A4", **told: Any) -> list[str]:
    """What a scanner says of every label in the file."""
    with clinic.store.read(clinic.STOREKEEPER) as view:
        file = b"".join(labelling.drawn(view, labelling.Job("lot", lot), "", domain=DOMAIN, paper=paper, **told).parts)
    dpi = int(paper.partition("_")[2] or 300)
    if paper.startswith("zpl"):
        pages = [one.image for one in Zebra().take(file.decode())]
    else:
        pages = readers.rasters(file, dpi)
    found = [
        one
        for page in pages
        for one in zxingcpp.read_barcodes(readers.paper(page, 2), text_mode=zxingcpp.TextMode.Plain)
    ]
    return [one.symbology_identifier + one.text for one in found]


def labelled(clinic: Clinic, lot: str) -> None:
    clinic.do(labels.print_, clinic.STOREKEEPER, OVERLABEL, lot_id=lot)
    for vial in clinic.vials(lot):
        clinic.do(labels.scan_back, clinic.STOREKEEPER, clinic.code(vial))


def arrived(clinic: Clinic, lot: str) -> str:
    body = "09521239999999999"
    chosen = [vial.id for vial in clinic.vials(lot)]
    box = clinic.do(
        consignments.ship, clinic.STOREKEEPER, body + gs1.check_digit(body), clinic.ids["quiet_site"], clinic.ids["site"], chosen
    ).id  # fmt: skip
    return clinic.arrived(box)


def released(clinic: Clinic) -> str:
    """Labelled over, transcribed, received, counted by its over-labels, tested and released."""
    lot = announced(clinic)
    labelled(clinic, lot)
    clinic.certificate(lot)
    with clinic.store.read(clinic.QUALITY) as view:
        paper = lots.attachments(view, lot)[0].id
    both = (clinic.sign("lestari", Meaning.TRANSCRIBED), clinic.sign("putri", Meaning.VERIFIED))
    clinic.do(lots.transcribe, clinic.QUALITY2, lot, date(2026, 4, 1), "Conforms.", paper, signed=both)
    clinic.clock.tick(hours=1)
    box = arrived(clinic, lot)
    clinic.counted(box)
    clinic.put_away(box)
    clinic.logged(box)
    clinic.tested(lot)
    clinic.release(lot)
    return lot


def as_the_makers(clinic: Clinic, vial: Vial) -> str:
    """What would stand in the code if the own number were a serial of the maker."""
    return "]d2" + gs1.element_string(gs1.vial_elements(vial.gtin, "QM-1", EXPIRES, vial.serial))


def refused(act: Any) -> Refused:
    with pytest.raises(Refused) as told:
        act()
    return told.value


# ── announced ──


def test_vials_without_a_serial_are_numbered_by_the_hospital_in_letters_nobody_mistakes(quiet: Clinic) -> None:
    found = quiet.vials(announced(quiet))
    assert [one.serial_kind for one in found] == [SerialKind.INTERNAL] * 3
    assert all(len(one.serial) == 8 and set(one.serial) <= set(READABLE) for one in found)
    with quiet.store.read(quiet.QUALITY) as view:
        over = names.giais(view, [one.id for one in found])
    assert over == {one.id: BODY + one.serial for one in found}


def test_the_maker_itself_does_not_label_over_and_serials_are_not_both_given_and_missing(quiet: Clinic) -> None:
    given = (
        lots.announce, quiet.MAKER_QA, quiet.ids["version"], "UC26-X1", date(2026, 3, 9), EXPIRES, quiet.ids["maker_freezer"],
        Route.SERVICE,
    )  # fmt: skip
    assert refused(lambda: quiet.do(*given, count=2, overlabelled=True)).code == "overlabel_by_maker"
    assert refused(lambda: announced(quiet, serials=("A1",), count=None)).code == "overlabel_with_serials"
    assert refused(lambda: announced(quiet, count=None)).code == "count_impossible"


def test_without_a_gln_of_ones_own_there_is_no_number_for_an_over_label(clinic: Clinic) -> None:
    silent_maker(clinic)
    assert refused(lambda: announced(clinic)).code == "overlabel_without_gln"
    with_gln(clinic)
    announced(clinic)


def test_a_number_is_a_vials_or_a_sensors_and_never_both(quiet: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    vial = quiet.vials(announced(quiet, count=1))[0]
    told = refused(
        lambda: quiet.do(sensors.register, quiet.QUALITY, "LG-7", "Asia/Jakarta", 300, giai=BODY + vial.serial)
    )
    assert (told.code, told.values["noun"]) == ("already_there", "vial")
    quiet.do(sensors.register, quiet.QUALITY, "LG-8", "Asia/Jakarta", 300, giai=BODY + "ABCDEFGH")
    monkeypatch.setattr(lots, "_serials", lambda _count: ["ABCDEFGH"])
    assert refused(lambda: announced(quiet, "QM-2", count=1)).code == "serial_twice"
    with quiet.store.read(quiet.STOREKEEPER) as view:
        found = scan(view, f"(8004){BODY}ABCDEFGH", Purpose.STOCK)
        assert (found.vial_id, found.identity.kind) == (None, "asset")
    told = refused(lambda: by_code(quiet, f"(8004){BODY}ABCDEFGH"))
    assert (told.code, told.values["kind"]) == ("code_not_a_vial", "asset")


def by_code(clinic: Clinic, code: str, who: Any = None) -> Vial:
    with clinic.store.read(who or clinic.STOREKEEPER) as view:
        return vials.by_code(view, code)


# ── printed ──


@pytest.mark.parametrize("paper", PAPERS)
def test_over_labels_are_printed_on_every_paper_read_by_a_scanner_and_scanned_back(quiet: Clinic, paper: str) -> None:
    lot = announced(quiet)
    quiet.do(labels.print_, quiet.STOREKEEPER, OVERLABEL, lot_id=lot)
    said = printed(quiet, lot, paper)
    assert sorted(said) == sorted(quiet.code(vial) for vial in quiet.vials(lot))
    assert all(quiet.vials(lot)[0].gtin not in one for one in said)
    left = [quiet.do(labels.scan_back, quiet.STOREKEEPER, one).answer["left"] for one in said]
    assert left == [2, 1, 0]


def test_every_over_label_is_applied_spoiled_or_left(quiet: Clinic) -> None:
    lot = announced(quiet)
    quiet.do(labels.print_, quiet.STOREKEEPER, OVERLABEL, lot_id=lot)
    one, two, _ = quiet.vials(lot)
    quiet.do(labels.scan_back, quiet.STOREKEEPER, quiet.code(one))
    quiet.do(labels.spoil, quiet.STOREKEEPER, [two.id], reason="torn")
    quiet.do(labels.reprint, quiet.STOREKEEPER, [one.id], OVERLABEL, reason="smudged")
    with quiet.store.read(quiet.STOREKEEPER) as view:
        found = labelling.progress(view, labelling.Job("lot", lot))
    assert (found.labels, found.applied, found.spoiled, found.left) == (5, 1, 1, 3)
    assert quiet.scan(one.serial)[0] == "ask_qa"
    assert printed(quiet, lot, only=one.serial) == [quiet.code(one)]


def test_a_label_with_the_makers_number_is_not_printed_for_them_nor_an_over_label_for_others(quiet: Clinic) -> None:
    lot = announced(quiet)
    told = refused(lambda: quiet.do(labels.print_, quiet.STOREKEEPER, "vial_38x21", lot_id=lot))
    assert (told.code, told.values["needs"]) == ("label_layout_of_others", OVERLABEL)
    theirs = announced(quiet, "QM-2", serials=("QM001", "QM002"), count=None, overlabelled=False)
    told = refused(lambda: quiet.do(labels.print_, quiet.STOREKEEPER, OVERLABEL, lot_id=theirs))
    assert (told.code, told.values["layout"]) == ("label_layout_of_others", OVERLABEL)
    quiet.do(labels.print_, quiet.STOREKEEPER, OVERLABEL, lot_id=lot)
    both = [quiet.vials(lot)[0].id, quiet.vials(theirs)[0].id]
    for layout in (OVERLABEL, "vial_38x21"):
        told = refused(partial(quiet.do, labels.reprint, quiet.STOREKEEPER, both, layout, reason="x"))
        assert told.code == "label_layout_of_others"
    with quiet.store.read(quiet.STOREKEEPER) as view:
        told = refused(lambda: labelling.drawn(view, labelling.Job("lot", lot), "vial_16x30", domain=DOMAIN))
    assert told.code == "label_layout_of_others"


def test_a_box_with_vials_of_both_kinds_is_labelled_in_two_printings(quiet: Clinic) -> None:
    own, theirs = (
        announced(quiet, count=2),
        announced(quiet, "QM-2", serials=("QM001",), count=None, overlabelled=False),
    )
    body, every = "09521239999999998", [vial.id for lot in (own, theirs) for vial in quiet.vials(lot)]
    box = quiet.do(
        consignments.ship, quiet.STOREKEEPER, body + gs1.check_digit(body), quiet.ids["quiet_site"], quiet.ids["site"], every
    ).id  # fmt: skip
    quiet.counted(quiet.arrived(box))
    quiet.put_away(box)
    job = labelling.Job("consignment", box)
    with quiet.store.read(quiet.STOREKEEPER) as view:
        assert OVERLABEL in labelling.sizes(view, job)
        assert "vial_38x21" in labelling.sizes(view, job)
    assert quiet.do(labels.print_, quiet.STOREKEEPER, OVERLABEL, consignment_id=box).answer["labels"] == 2
    with quiet.store.read(quiet.STOREKEEPER) as view:
        assert OVERLABEL not in labelling.sizes(view, job)
    assert quiet.do(labels.print_, quiet.STOREKEEPER, "vial_38x21", consignment_id=box).answer["labels"] == 1


# ── found ──


def test_such_a_vial_is_found_by_its_over_label_alone_from_the_box_to_the_knee(quiet: Clinic) -> None:
    lot = released(quiet)
    with quiet.store.read(quiet.QUALITY) as view:
        quiet.ids["product"] = view.all(Product, col(Product.gtin) == quiet.vials(lot)[0].gtin)[0].id
    one, two, three = quiet.vials(lot)
    assert quiet.scan(one.serial) == ("use", [])

    count = quiet.do(stocktakes.begin, quiet.STOREKEEPER, quiet.ids["quarantine"]).id
    assert [quiet.do(stocktakes.note, quiet.STOREKEEPER, count, quiet.code(v)).answer["seen"] for v in (one, two)] == [
        "here"
    ] * 2
    quiet.do(stocktakes.note, quiet.STOREKEEPER, count, quiet.code(three))
    assert quiet.do(stocktakes.finish, quiet.STOREKEEPER, count).answer["findings"] == []
    told = quiet.do(
        moves.move_all, quiet.STOREKEEPER, quiet.ids["quarantine"], quiet.ids["freezer"], [quiet.code(one), quiet.code(two)],
        reason="defect",
    ).answer  # fmt: skip
    assert (told["moved"], told["sampled"], told["findings"]) == (3, 2, [])

    course = quiet.course()
    dose = quiet.ordered(course, 1)
    quiet.do(courses.reserve, quiet.PHARMACIST, one.id, dose, code=quiet.code(one))
    assert (
        refused(
            lambda: quiet.do(courses.issue, quiet.PHARMACIST, one.id, quiet.ids["bench"], code=quiet.code(two))
        ).code
        == "label_of_another"
    )
    quiet.do(courses.issue, quiet.PHARMACIST, one.id, quiet.ids["bench"], code=quiet.code(one))
    quiet.do(courses.thaw, quiet.PHARMACIST, one.id, quiet.ids["bench"])
    quiet.clock.tick(minutes=10)
    given = quiet.give_dose(course, 1, vial=quiet.vial(one.serial))
    assert given.answer["findings"] == []
    assert quiet.vial(one.serial).state == "given"
    assert quiet.scan(one.serial)[0] == "do_not_use"
    with quiet.store.read(quiet.PHYSICIAN) as view:
        (told,) = administration.build(view, given.id, "AR-1", 1).vials
    assert (told.serial, told.giai) == (one.serial, BODY + one.serial)


def given_to(clinic: Clinic, code: str) -> list[str]:
    """What stands against an injection without any order, of what this code names."""
    signed = (clinic.sign("santosa", Meaning.GIVEN), clinic.sign("rahayu", Meaning.WITNESSED))
    subject = clinic.ids.get("subject") or clinic.subject()
    told = clinic.do(doses.give, clinic.PHYSICIAN, subject, Laterality.RIGHT, [code], 3000, 0, signed=signed)
    found: list[str] = told.answer["findings"]
    return found


def test_under_the_makers_number_it_is_on_no_record(quiet: Clinic) -> None:
    vial = quiet.vials(released(quiet))[0]
    code = as_the_makers(quiet, vial)
    with quiet.store.read(quiet.STOREKEEPER) as view:
        assert [one.code for one in scan(view, code, Purpose.STOCK).findings] == ["serial_unknown"]
    assert refused(lambda: by_code(quiet, code)).code == "serial_unknown"
    assert refused(lambda: by_code(quiet, f"(01){vial.gtin}(17)260930(10)QM-1")).code == "code_without_serial"
    assert given_to(quiet, code)[0] == "serial_unknown"
    assert quiet.vial(vial.serial).state == "in_stock"
    assert "serial_unknown" not in given_to(quiet, quiet.code(vial))
    assert quiet.vial(vial.serial).state == "given"


def test_an_over_label_in_a_box_of_another_house_is_noted_as_not_on_record_once(quiet: Clinic) -> None:
    """Who does not see the vial learns nothing of it, and it lay in the box all the same."""
    there = elsewhere(quiet)
    code = quiet.code(quiet.vials(released(quiet))[0])
    box = there.arrived(there.shipped(there.lot("UC26-J1", 2)))
    answer = there.do(consignments.count, there.STOREKEEPER, box, code).answer
    assert (answer["vial_id"], answer["findings"]) == (None, ["serial_unknown"])
    assert refused(lambda: there.do(consignments.count, there.STOREKEEPER, box, code)).code == "counted_already"
    with there.store.read(there.STOREKEEPER) as view:
        kept = [one.code for one in view.known(Line) if one.code]
        assert [gs1.read(one, date(2026, 4, 1)).giai for one in kept] == [code.removeprefix("]d28004")]
        assert [one.code for one in scan(view, code, Purpose.STOCK).findings][-1] == "other_organisation"


def test_what_was_given_by_the_makers_code_alone_is_of_the_lot_and_of_no_vial(quiet: Clinic) -> None:
    gtin = quiet.vials(announced(quiet, "QM-0", count=1))[0].gtin
    given_to(quiet, f"(01){gtin}(17)260930(10)QM-1")
    lot = announced(quiet)
    with quiet.store.read(quiet.QUALITY) as view:
        (part,) = view.known(AdministrationVial)
    assert (part.lot_id, part.vial_id) == (lot, None)
    assert {one.state for one in quiet.vials(lot)} == {"made"}


def test_a_serial_of_the_maker_that_was_given_is_no_own_number_of_the_hospital(
    quiet: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    gtin = quiet.vials(announced(quiet, "QM-0", count=1))[0].gtin
    given_to(quiet, f"(01){gtin}(17)260930(10)QM-9(21)ABCDEFGH")
    monkeypatch.setattr(lots, "_serials", lambda _count: ["ABCDEFGH"])
    announced(quiet, count=1)
    with quiet.store.read(quiet.QUALITY) as view:
        assert [one.vial_id for one in view.known(AdministrationVial)] == [None]
    assert quiet.scan("ABCDEFGH")[1][0] != "given"

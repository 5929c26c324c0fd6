"""One act over a pile of vials: the place once, each scan an act, refusals with their reasons, a contradiction asked about."""

from __future__ import annotations

import re

import pytest

from tests.clinic import GTIN, Clinic
from tests.web.conftest import hidden
from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.services import courses, stocktakes, vials

HEARD = re.compile(r'<div class="heard ?(\w*)"')


def held(page):
    return " readonly" in page.text.partition('id="code"')[2].partition(">")[0]


def heard(page):
    return HEARD.search(page.text)[1]


def lies(clinic: Clinic, serial: str) -> str:
    with clinic.store.read(clinic.STOREKEEPER) as view:
        return vials.stays(view, clinic.vial(serial).id)[-1][1].code


class Pile:
    """A page of one mode that is worked through: what it carries goes with each scan, as in a browser."""

    def __init__(self, browser, key):
        self.browser, self.address = browser, f"/scan/{key}"
        self.page = browser.get(self.address)
        assert self.page.status_code == 200, self.page.text[-600:]

    def scan(self, code, **told):
        batch = [
            one.replace("&#34;", '"')
            for one in re.findall(
                r'name="batch" value="([^"]*)"', self.page.text.partition('class="scan')[2].partition("</form>")[0]
            )
        ]
        data = (
            {name: value for name, value in hidden(self.page.text).items() if name != "batch"} | {"code": code} | told
        )
        self.page = self.browser.post(self.address, data=data | {"batch": batch})
        return self.page


def test_vials_are_moved_one_by_one_and_the_list_says_how_each_went(clinic: Clinic, signed_in):
    clinic.in_stock()
    pile = Pile(signed_in("handayani"), "move")
    assert held(pile.scan(clinic.code(clinic.vial("H3K001")))), "the place comes first"
    pile.page = pile.browser.get("/scan/move")
    assert heard(pile.scan("F-01")) == "ok"
    assert "Scan each vial, into F-01" in pile.page.text
    for serial in ("H3K001", "H3K002"):
        assert heard(pile.scan(clinic.code(clinic.vial(serial)))) == "ok"
        assert lies(clinic, serial) == "F-01"
    assert heard(pile.scan(clinic.code(clinic.vial("H3K001")))) == "info"
    assert heard(pile.scan(f"]d201{GTIN}10UC26-H3\x1d21NEVER1")) == "stop"
    assert held(pile.page)
    told = re.findall(r"<dt>(\w+|Already so)</dt><dd[^>]*>(?:<svg.*?</svg> )?(\d+)", pile.page.text, re.S)
    assert told == [("Done", "2"), ("Already so", "1"), ("Refused", "1")]
    assert "NEVER1" in pile.page.text
    assert lies(clinic, "H3K003") == "F-01-Q"


def test_a_scanned_place_does_not_overwrite_the_one_that_was_set(clinic: Clinic, signed_in):
    clinic.in_stock()
    pile = Pile(signed_in("handayani"), "move")
    pile.scan("F-01")
    page = pile.scan("B-01")
    assert heard(page) == "ask"
    assert held(page)
    assert "F-01 is set; the code says B-01." in page.text
    assert f'name="place_id" value="{clinic.ids["bench"]}"' in page.text
    assert heard(pile.scan(clinic.code(clinic.vial("H3K001")), place_id=clinic.ids["freezer"])) == "ok"
    assert lies(clinic, "H3K001") == "F-01"


def test_the_same_form_again_is_the_same_act(clinic: Clinic, signed_in):
    clinic.in_stock()
    browser = signed_in("handayani")
    page = browser.get(f"/scan/move?place_id={clinic.ids['freezer']}")
    told = hidden(page.text) | {"code": clinic.code(clinic.vial("H3K001"))}
    assert heard(browser.post("/scan/move", data=told)) == "ok"
    assert heard(browser.post("/scan/move", data=told)) == "info"


def test_what_may_not_be_done_says_every_reason_and_stays_in_the_list(clinic: Clinic, signed_in):
    clinic.in_stock()
    pile = Pile(signed_in("putri"), "take_back")
    pile.scan("F-01-Q")
    page = pile.scan(clinic.code(clinic.vial("H3K001")), reason="did not come")
    assert heard(page) == "stop"
    assert clinic.vial("H3K001").state == "in_stock"
    assert "H3K001" in page.text.partition('id="batch"')[2]


def test_modes_are_those_that_the_role_may_perform(clinic: Clinic, signed_in):
    assert "/scan/reserve" in signed_in("putri").get("/scan").text
    page = signed_in("handayani").get("/scan").text
    assert "/scan/move" in page
    assert "/scan/reserve" not in page
    assert signed_in("handayani").get("/scan/reserve").status_code == 403


def test_a_box_is_led_to_what_it_waits_for(clinic: Clinic, signed_in):
    box = clinic.shipped(clinic.lot(count=2))
    sscc = clinic.consignment(box).sscc
    browser = signed_in("handayani")
    assert browser.fill("/scan/arrive", code=f"]C100{sscc}").location.endswith(f"/consignments/{box}/arrive")
    clinic.arrived(box)
    browser = signed_in("handayani")
    assert browser.fill("/scan/arrive", code=f"(00){sscc}").location.endswith(f"/consignments/{box}/count")
    page = browser.fill("/scan/arrive", code="(00)106141411234567897")
    assert (page.status_code, held(page)) == (409, True)
    page = browser.fill("/scan/arrive", code=clinic.code(clinic.vial("H3K001")))
    assert "not the code of a box" in page.text


def test_a_place_is_counted_and_its_differences_are_named_before_it_is_finished(clinic: Clinic, signed_in):
    clinic.in_stock()
    clinic.clock.tick(minutes=5)
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K005").id, clinic.ids["freezer"])
    browser = signed_in("handayani")
    begun = browser.fill("/scan/count", code="F-01-Q")
    assert begun.status_code == 303
    again = browser.fill("/scan/count", place_id=clinic.ids["quarantine"])
    assert again.location == begun.location, "a count that goes on is gone on with"
    for serial, how in (("H3K001", "ok"), ("H3K001", "info"), ("H3K005", "ask")):
        assert heard(browser.fill(begun.location, code=clinic.code(clinic.vial(serial)))) == how
    page = browser.get(f"{begun.location}/finish")
    assert "3 vials were not scanned and will count as missing." in page.text
    assert "H3K002 H3K003 H3K004" in page.text
    assert browser.send(f"{begun.location}/finish", page).status_code == 303
    page = browser.get(begun.location)
    assert "The count and the record differ." in page.text
    assert page.text.count("Missing") >= 3
    assert 'id="code"' not in page.text


def test_scanner_set_up_says_what_came_and_is_ready_with_both_symbols_only(clinic: Clinic, signed_in):
    from traceability.domain.selftest import DATAMATRIX, QR

    browser = signed_in("handayani")
    page = browser.get("/scan/setup")
    first = browser.send("/scan/setup", page, code="]d2" + DATAMATRIX.text, came="ctrl")
    assert "One is right, now the other" in first.text
    assert "as the keys Ctrl and ]" in first.text
    assert "<b>GS</b><small>001D</small>" in first.text
    lost = browser.send("/scan/setup", first, code="]Q3" + QR.text.replace("\x1d", ""))
    assert "The separator did not arrive" in lost.text
    assert "is ready" not in lost.text
    twice = browser.send("/scan/setup", lost, code="]Q3" + QR.text.replace("\x1d", "\x1d\x1d"))
    assert "<dd><code>GSGS</code></dd>" in twice.text, "what prints nothing is named, also beside the list"
    ready = browser.send("/scan/setup", lost, code="]Q3" + QR.text)
    assert "This scanner is ready" in ready.text
    assert "is ready" not in browser.send("/scan/setup", ready, code="]Q3" + QR.text, enter="no").text


def test_set_up_shows_nothing_of_what_is_not_its_sheet(clinic: Clinic, signed_in):
    page = signed_in("handayani").fill("/scan/setup", code="MRN-0417733")
    assert "This is not the self-test" in page.text
    assert "0417733" not in page.text
    assert "<small>004D</small>" not in page.text


FIRST, SECOND = f"]C101{GTIN}1726093010UC26-H3", "]C121H3K001"
"""A vial with two linear codes: what it is, and which one."""


def test_a_vial_with_two_codes_is_read_when_both_were_scanned(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser = signed_in("handayani")
    address = f"/consignments/{box}/count"
    for one, other in ((FIRST, SECOND), ("]C121H3K002", FIRST)):
        page = browser.fill(address, code=one)
        assert (page.status_code, heard(page), held(page)) == (200, "info", False)
        assert "Scan the other code of this vial." in page.text
        assert heard(browser.send(address, page, code=other)) == "ok"
    assert "2" in re.search(r"<dt>Whole</dt><dd[^>]*>(?:<svg.*?</svg> )?(\d+)", browser.get(address).text, re.S)[1]


def test_two_codes_that_contradict_each_other_are_one_of_two_vials_and_nothing_is_done(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser = signed_in("handayani")
    address = f"/consignments/{box}/count"
    page = browser.fill(address, code=FIRST)
    page = browser.send(address, page, code=f"]d201{GTIN}10UC26-K2\x1d21H3K001")
    assert (page.status_code, heard(page), held(page)) == (422, "stop", True)
    assert "The two codes contradict each other" in page.text
    assert 'name="first"' not in page.text
    assert heard(browser.fill(address, code=clinic.code(clinic.vial("H3K001")))) == "ok"


def test_one_code_of_two_is_kept_on_the_page_that_checks_too(clinic: Clinic, signed_in):
    clinic.released_lot()
    browser = signed_in("putri")
    page = browser.fill("/scan", code=FIRST, mode="issue")
    assert "Scan the other code of this vial." in page.text
    assert "data-answer" not in page.text
    assert 'data-answer="use"' in browser.send("/scan", page, code=SECOND, mode="issue").text


def test_a_part_that_may_be_of_a_person_is_not_kept(clinic: Clinic, signed_in):
    page = signed_in("putri").fill("/scan", code="(8019)0000000042", mode="stock")
    assert page.status_code == 422
    assert "0000000042" not in page.text


def test_two_pieces_are_read_only_together_and_never_a_piece_that_is_a_code(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser, address = signed_in("handayani"), f"/consignments/{box}/count"
    link = f"https://id.gs1.org/01/{GTIN}/10/UC26-H3/21/"
    page = browser.fill(address, code=link)
    assert (heard(page), "data-unread" in page.text) == ("stop", True)
    page = browser.fill(address, code=link + "F-01-Q", piece="F-01-Q")
    assert heard(page) == "stop"
    assert "Two pieces were sent" in page.text
    assert heard(browser.fill(address, code=link + "H3K001", piece="H3K001")) == "ok"


def test_what_was_typed_by_hand_is_done_when_it_was_typed_twice_the_same(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser, address = signed_in("handayani"), f"/consignments/{box}/count"
    typed = f"(01){GTIN}(10)UC26-H3(21)H3K001"
    page = browser.fill(address, code=typed)
    assert (page.status_code, heard(page), held(page)) == (200, "info", False)
    assert "Type it once more from the label" in page.text
    assert "H3K001" not in page.text.partition('id="heard"')[2].partition("<input")[0], "the second reads the label"
    differs = browser.send(address, page, code=typed.replace("H3K001", "H3K002"))
    assert (differs.status_code, heard(differs)) == (422, "stop")
    assert "The two entries differ." in differs.text
    assert heard(browser.send(address, page, code=typed)) == "ok"


def test_one_code_of_two_that_is_typed_by_hand_is_typed_twice_as_well(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser, address = signed_in("handayani"), f"/consignments/{box}/count"
    product, rest = f"(01){GTIN}", "(10)UC26-H3(21)H3K001"
    page = browser.send(address, browser.fill(address, code=product), code=product)
    assert "Scan the other code of this vial." in page.text
    once = browser.send(address, page, code=rest)
    assert "Type it once more from the label" in once.text
    assert "H3K001" not in once.text.partition('id="heard"')[2].partition("<input")[0]
    assert heard(browser.send(address, once, code=rest.replace("H3K001", "H3K002"))) == "stop"
    assert heard(browser.send(address, once, code=rest)) == "ok"


def test_a_scanned_code_and_a_typed_one_are_one_vial_after_the_second_entry(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser, address = signed_in("handayani"), f"/consignments/{box}/count"
    page = browser.fill(address, code=FIRST)
    page = browser.send(address, page, code="(21)H3K001")
    assert "Type it once more from the label" in page.text
    assert heard(browser.send(address, page, code="(21)H3K001")) == "ok"


def test_a_persons_number_typed_where_a_vial_belongs_is_not_kept_for_a_second_entry(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    page = signed_in("handayani").fill(f"/consignments/{box}/count", code="(8018)895212345678901238")
    assert (page.status_code, heard(page)) == (422, "stop")
    assert "895212345678901238" not in page.text


def test_a_second_vial_of_one_name_with_another_label_is_not_the_one_that_was_counted(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser, address = signed_in("handayani"), f"/consignments/{box}/count"
    true = clinic.code(clinic.vial("H3K001"))
    other = true.replace("10UC26-H3", "10UC26-K2")
    page = browser.fill(address, code=true)
    page = browser.send(address, page, code=other)
    assert heard(page) == "ask"
    assert "case K-1 is open" in page.text.partition('id="heard"')[2]
    assert heard(browser.send(address, page, code=other)) == "info", "asked about already"
    assert "held" in clinic.scan("H3K001")[1]


def test_a_count_of_a_place_asks_once_about_a_namesake_with_another_label(clinic: Clinic, signed_in):
    clinic.released_lot()
    count = clinic.do(stocktakes.begin, clinic.STOREKEEPER, clinic.ids["quarantine"]).id
    true = clinic.code(clinic.vial("H3K001"))
    other = true.replace("10UC26-H3", "10UC26-K2")
    clinic.do(stocktakes.note, clinic.STOREKEEPER, count, true)
    assert clinic.do(stocktakes.note, clinic.STOREKEEPER, count, other).answer["findings"] == ["label_contradicts"]
    for _ in range(2):
        with pytest.raises(Refused, match="counted_already"):
            clinic.do(stocktakes.note, clinic.STOREKEEPER, count, other)


def test_a_vial_that_is_there_already_is_not_its_namesake_with_another_label(clinic: Clinic, signed_in):
    clinic.released_lot()
    pile = Pile(signed_in("handayani"), "move")
    vial = clinic.vial("H3K001")
    pile.page = pile.browser.get(f"/scan/move?place_id={clinic.ids['bench']}")
    assert heard(pile.scan(clinic.code(vial), place_id=clinic.ids["bench"])) == "ok"
    again = pile.scan(clinic.code(vial).replace("10UC26-H3", "10UC26-K2"), place_id=clinic.ids["bench"])
    assert (heard(again), held(again)) == ("stop", True)


@pytest.mark.parametrize("where", ["/scan", "/scan/move", "count", "/scan/reserve"])
def test_a_patients_number_beside_a_vials_is_not_shown(clinic: Clinic, signed_in, where: str):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    number = "895212345678901238"[:17]
    gsrn = number + gs1.check_digit(number)
    code = f"{clinic.code(clinic.vial('H3K001'))}\x1d8018{gsrn}"
    address = f"/consignments/{box}/count" if where == "count" else where
    who = "putri" if where == "/scan/reserve" else "handayani"
    for told in (code, code.replace("H3K001", "H3K999")):
        page = signed_in(who).fill(address, code=told, mode="stock", place_id=clinic.ids["quarantine"])
        assert gsrn not in page.text


def test_what_was_typed_once_is_kept_as_a_digest_and_its_order_does_not_matter(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser, address = signed_in("handayani"), f"/consignments/{box}/count"
    page = browser.fill(address, code=f"(01){GTIN}(10)UC26-H3(21)H3K001(91)3372010101700001")
    assert "Type it once more" in page.text
    assert "3372010101700001" not in page.text
    assert heard(browser.send(address, page, code=f"(01){GTIN}(21)H3K001(91)3372010101700001(10)UC26-H3")) == "ok"
    assert "Type it once more" in browser.fill(address, code=f"]d2(01){GTIN}(10)UC26-H3(21)H3K002").text


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_character_that_no_key_types_is_refused_before_anything_is_asked(clinic: Clinic, signed_in, engine: str):
    browser = signed_in("handayani")
    assert browser.fill("/scan", code="F-01\0", mode="stock").status_code == 400
    assert browser.fill("/scan/move", code="F-01\0").status_code == 400


def test_the_count_of_a_box_says_below_what_was_refused_and_why(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=2)))
    browser, address = signed_in("handayani"), f"/consignments/{box}/count"
    page = browser.fill(address, code="banana")
    page = browser.send(address, page, code=clinic.code(clinic.vial("H3K001")))
    assert heard(page) == "ok"
    below = page.text.partition('id="refused"')[2]
    assert "This is no GS1 code." in below
    assert "banana" not in below


def ordered(clinic: Clinic) -> tuple[str, str]:
    """A released lot in stock, and a dose of a course that was ordered and verified."""
    lot = clinic.released_lot()
    return lot, clinic.ordered(clinic.course(), 1)


def test_a_vial_is_kept_for_a_dose_and_the_next_one_asks_for_its_own(clinic: Clinic, signed_in):
    _lot, dose = ordered(clinic)
    pile = Pile(signed_in("putri"), "reserve")
    assert held(pile.scan(clinic.code(clinic.vial("H3K001")))), "the dose comes first"
    pile.page = pile.browser.get("/scan/reserve")
    assert f'value="{dose}"' in pile.page.text
    assert heard(pile.scan(clinic.code(clinic.vial("H3K001")), dose_id=dose)) == "ok"
    assert clinic.vial("H3K001").state == "reserved"
    with clinic.store.read(clinic.PHARMACIST) as view:
        assert courses.reservation(view, clinic.vial("H3K001")).dose_id == dose
    assert heard(pile.scan(clinic.code(clinic.vial("H3K002")))) == "stop"
    assert "Choose the dose first." in pile.page.text
    assert clinic.vial("H3K002").state == "in_stock"


def test_kept_vials_are_issued_to_a_place_and_come_back_from_it_with_a_reason(clinic: Clinic, signed_in):
    _lot, dose = ordered(clinic)
    clinic.do(courses.reserve, clinic.PHARMACIST, clinic.vial("H3K001").id, dose)
    code = clinic.code(clinic.vial("H3K001"))
    issued = Pile(signed_in("putri"), "issue")
    assert heard(issued.scan("B-01")) == "ok"
    assert heard(issued.scan(code)) == "ok"
    assert (clinic.vial("H3K001").state, lies(clinic, "H3K001")) == ("issued", "B-01")
    assert heard(issued.scan(code)) == "info"
    assert heard(issued.scan(clinic.code(clinic.vial("H3K002")))) == "stop", "kept for nobody"

    clinic.clock.tick(minutes=10)
    back = Pile(signed_in("putri"), "take_back")
    back.scan("F-01-Q")
    assert heard(back.scan(code)) == "stop", "why is owed"
    assert clinic.vial("H3K001").state == "issued"
    back.page = back.browser.get(f"/scan/take_back?place_id={clinic.ids['quarantine']}")
    assert heard(back.scan(code, reason="did not come")) == "ok"
    assert (clinic.vial("H3K001").state, lies(clinic, "H3K001")) == ("back_in_pharmacy", "F-01-Q")
    assert "Done</dt><dd" in back.page.text


def test_the_put_away_of_a_box_asks_before_it_goes_on_in_another_place(clinic: Clinic, signed_in):
    box = clinic.arrived(clinic.shipped(clinic.lot(count=3)))
    clinic.counted(box)
    clinic.clock.tick(minutes=5)
    pile = Pile(signed_in("handayani"), "put_away")
    pile.address = f"/consignments/{box}/put_away"
    pile.page = pile.browser.get(pile.address)
    assert heard(pile.scan("F-01-Q")) == "ok"
    assert heard(pile.scan(clinic.code(clinic.vial("H3K001")))) == "ok"
    assert heard(pile.scan("F-01")) == "ask"
    assert held(pile.page)
    assert "F-01-Q is set; the code says F-01." in pile.page.text
    stay = pile.browser.send(pile.address, pile.page, place_id=clinic.ids["quarantine"])
    assert f'name="place_id" value="{clinic.ids["quarantine"]}"' in stay.text, "somebody said which holds"
    pile.page = stay
    assert heard(pile.scan(clinic.code(clinic.vial("H3K002")))) == "ok"
    assert [lies(clinic, serial) for serial in ("H3K001", "H3K002")] == ["F-01-Q", "F-01-Q"]


def test_a_second_piece_that_is_one_code_of_two_is_another_vial_and_is_refused(clinic: Clinic, signed_in):
    clinic.in_stock()
    browser = signed_in("handayani")
    address = f"/scan/move?place_id={clinic.ids['freezer']}"
    cut = f"]d201{GTIN}1726093010"
    for other in ("10UC26-K2\x1d21H3K003", "]d221H3K003"):
        page = browser.fill(address, code=cut + other.removeprefix("]d2"), piece=other)
        assert heard(page) == "stop"
        assert "Two pieces were sent" in page.text
    assert lies(clinic, "H3K003") == "F-01-Q"


def test_lines_of_the_first_and_the_last_year_are_not_shown_and_break_nothing(clinic: Clinic, signed_in):
    clinic.in_stock()
    browser = signed_in("handayani")
    told = hidden(browser.get(f"/scan/move?place_id={clinic.ids['freezer']}").text) | {"code": "banana"}
    for at in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        page = browser.post("/scan/move", data=told | {"batch": f'["ok","odd one","b","{at}"]'})
        assert page.status_code < 500
        assert "odd one" not in page.text

"""The scan page: one answer for one code, everything that stands behind it, and nothing of what is not the asker's."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.clinic import Clinic
from tests.stories.test_recall import recall
from traceability.domain import gs1, own_codes
from traceability.services import scans
from traceability.store.tables.quality import ScopeKind


def scan(browser, code, mode="stock", **headers):
    return browser.post("/scan", data=hidden_of(browser) | {"code": code, "mode": mode}, headers=headers)


def hidden_of(browser):
    from tests.web.conftest import hidden

    return hidden(browser.get("/scan").text)


def held(page):
    return 'id="code" name="code"' in page.text and " readonly" in page.text.partition('id="code"')[2].partition(">")[0]


def test_a_released_vial_may_be_used_and_its_facts_are_shown(clinic: Clinic, signed_in):
    clinic.released_lot()
    page = scan(signed_in("putri"), clinic.code(clinic.vial("H3K001")))
    assert page.status_code == 200
    assert 'data-answer="use"' in page.text
    assert not held(page)
    for fact in (
        "UC-MSC secretome, 3\xa0mL",
        "UC26-H3",
        "H3K001",
        "30 Sep 2026",
        "F-01-Q",
        "In stock",
        "Not thawed",
        "left",
    ):
        assert fact in page.text


def test_a_vial_that_must_not_be_used_holds_the_box_with_every_reason(clinic: Clinic, signed_in):
    clinic.released_lot()
    clinic.clock.tick(days=400)
    page = scan(signed_in("putri"), clinic.code(clinic.vial("H3K001")))
    assert 'data-answer="do_not_use"' in page.text
    assert held(page)
    assert "I put it aside" in page.text
    assert page.text.count("<li><div>") > 0
    assert "expired" in page.text


def test_all_findings_are_told_not_the_first(clinic: Clinic, signed_in):
    clinic.in_stock()
    clinic.clock.tick(days=400)
    page = scan(signed_in("putri"), clinic.code(clinic.vial("H3K001")), mode="bedside")
    answer = page.text.partition("<ol>")[2].partition("</ol>")[0]
    assert answer.count("<li>") == len(clinic.scan("H3K001", "bedside")[1]) > 2


def test_an_unreadable_code_is_told_at_the_box(clinic: Clinic, signed_in):
    page = scan(signed_in("putri"), "0109521234543213", mode="issue")
    assert page.status_code == 200  # a product without a serial is readable
    page = scan(signed_in("putri"), "banana", mode="issue")
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert "banana" not in page.text
    assert 'value="issue" checked' in page.text
    assert held(page), "what was not read stays until somebody has seen it"
    assert "data-unread" in page.text


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize(
    "typed", ["MRN-0417733", "3372010101700001", "0104177330417734", "1104177330417733", "(21)0417733ä", "(8018)0417733", "https://h.example/0417733/1"]
)  # fmt: skip
def test_what_was_typed_where_it_did_not_fit_may_be_a_persons_number(
    clinic: Clinic, signed_in, typed: str, language: str
):
    browser = signed_in("putri")
    page = scan(browser, typed, **{"Accept-Language": language})
    assert page.status_code == 422
    for part in (typed, "0417733", "041773", "0101700001"):
        assert part not in page.text
    assert {"en": "Nothing was judged", "id": "Belum ada yang dinilai"}[language] in page.text
    assert "“–”" not in page.text


def test_a_foreign_vial_asks_qa_and_tells_nothing(clinic: Clinic, signed_in):
    clinic.released_lot()
    page = scan(signed_in("other"), clinic.code(clinic.vial("H3K001")))
    told = page.text.partition("<main")[2]
    assert 'data-answer="ask_qa"' in told
    for secret in ("UC-MSC secretome", "F-01-Q", "In stock", "Moewardi", "/lots/"):
        assert secret not in told


@pytest.mark.parametrize(
    "language, words", [("en", "The vial is recalled. Put it aside."), ("id", "Vial ditarik. Sisihkan.")]
)
def test_a_foreign_vial_that_is_recalled_must_not_be_used_and_that_is_all_that_is_told(
    clinic: Clinic, signed_in, language: str, words: str
):
    recall(clinic, ScopeKind.LOT, clinic.released_lot())
    page = scan(signed_in("other"), clinic.code(clinic.vial("H3K001")), **{"Accept-Language": language})
    told = page.text.partition("<main")[2]
    assert 'data-answer="do_not_use"' in told
    assert held(page)
    assert words in told
    assert "data-aside" in told
    for secret in ("UC-MSC secretome", "F-01-Q", "R-1", "particles", "Moewardi", "/lots/"):
        assert secret not in told


@pytest.mark.parametrize("language, words", [("en", "patient, side"), ("id", "pasien, sisi")])
def test_an_answer_for_the_bedside_says_that_it_is_of_the_vial_alone(
    clinic: Clinic, signed_in, language: str, words: str
):
    clinic.released_lot()
    browser, code = signed_in("putri"), clinic.code(clinic.vial("H3K001"))
    for mode, expected in (("bedside", 1), ("issue", 0)):
        assert scan(browser, code, mode, **{"Accept-Language": language}).text.count(words) == expected
    serial = clinic.ready_vial(clinic.course(), 1).serial
    usable = scan(signed_in("putri"), clinic.code(clinic.vial(serial)), "bedside", **{"Accept-Language": language}).text
    assert 'data-answer="use"' in usable
    assert usable.count(words) == 1
    assert words in scan(signed_in("other"), code, "bedside", **{"Accept-Language": language}).text


def test_an_unknown_serial_asks_qa(clinic: Clinic, signed_in):
    code = "]d2" + gs1.element_string((("01", "09521234543213"), ("17", "260930"), ("10", "UC26-H3"), ("21", "NOBODY")))
    page = scan(signed_in("putri"), code)
    assert page.status_code == 200
    assert 'data-answer="ask_qa"' in page.text


def test_a_boxs_number_leads_to_the_box_and_a_places_code_to_the_place(clinic: Clinic, signed_in):
    box = clinic.shipped(clinic.lot())
    browser = signed_in("handayani")
    sscc = clinic.consignment(box).sscc
    answer = scan(browser, f"]C100{sscc}")
    assert answer.status_code == 303
    assert answer.location.endswith(f"/consignments/{box}")
    assert scan(browser, f"(00){sscc}", **{"HX-Request": "true"}).headers["HX-Redirect"].endswith(box)
    assert scan(browser, "F-01-Q").location.endswith(f"/places/{clinic.ids['quarantine']}")


def test_a_place_without_a_gs1_number_is_found_by_the_code_that_was_printed_for_it(clinic: Clinic, signed_in):
    door = own_codes.written("place", "F-01-Q")
    assert scan(signed_in("putri"), door).location.endswith(f"/places/{clinic.ids['quarantine']}")
    assert scan(signed_in("other"), door).status_code == 200


@pytest.mark.parametrize(
    "code, word",
    [
        ("=G12349865432100", "donation"),
        ("(90)DKL1234567890A1(10)B1(17)270831(21)S1", "BPOM"),
        ("(8003)09521234543213F1", "thing"),
        (own_codes.written("badge", "7KQ2"), "person"),
    ],
)
def test_what_is_no_vial_is_told_as_what_it_is(signed_in, code, word):
    page = scan(signed_in("putri"), code)
    assert page.status_code == 200
    assert word in page.text
    assert 'data-answer="ask_qa"' in page.text


def test_a_badge_is_not_repeated(signed_in):
    assert "7KQ2" not in scan(signed_in("putri"), own_codes.written("badge", "7KQ2")).text


def test_a_box_of_others_is_not_found_by_its_number(clinic: Clinic, signed_in):
    box = clinic.shipped(clinic.lot())
    page = scan(signed_in("other"), f"(00){clinic.consignment(box).sscc}")
    assert page.status_code == 200
    assert box not in page.text
    assert 'data-answer="ask_qa"' in page.text


def test_a_persons_number_is_not_repeated(clinic: Clinic, signed_in):
    body = "95212345678901234"
    code = body + gs1.check_digit(body)
    page = scan(signed_in("putri"), f"(8018){code}")
    assert page.status_code == 200
    assert body not in page.text
    assert "person" in page.text


def test_the_address_of_a_label_asks_for_sign_in_and_then_answers(clinic: Clinic, client, signed_in):
    clinic.released_lot()
    vial = clinic.vial("H3K001")
    path = f"/01/{vial.gtin}/10/UC26-H3/21/{vial.serial}?17=260930"
    answer = client.get(path)
    assert answer.status_code == 303
    assert "/sign-in?next=/01/" in answer.location
    assert "17" in answer.location
    page = signed_in("putri").get(path)
    assert 'data-answer="use"' in page.text
    wrong = signed_in("putri").get(path.replace("260930", "270930"))
    assert 'data-answer="do_not_use"' in wrong.text  # the label contradicts the record
    assert signed_in("putri").get("/01/123").status_code == 422


def test_every_answer_is_logged_beside_the_ledger(clinic: Clinic, signed_in):
    clinic.released_lot()
    scan(signed_in("putri"), clinic.code(clinic.vial("H3K001")), mode="issue")
    scans.flush()
    with clinic.store.engines.reader.connect() as connection:
        rows = connection.execute(text("SELECT vial_id, purpose, verdict FROM scan")).all()
    assert rows == [(clinic.vial("H3K001").id, "issue", "use")]

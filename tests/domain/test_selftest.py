"""What a scanner does to the self-test sheet is named: a lost separator, another keyboard, Caps Lock, dead keys."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain import gs1
from traceability.domain.selftest import DATAMATRIX, GTIN, LOT, QR, SYMBOLS, judge

GS = gs1.GS
DAY = date(2026, 4, 14)
WHOLE = "]d2" + DATAMATRIX.text


def codes(raw: str) -> set[str]:
    return {notice.code for notice in judge(raw).notices}


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: symbol.kind)
def test_the_sheet_carries_codes_that_we_read_and_every_sign_that_is_neither_letter_nor_digit(symbol):
    read = gs1.read(symbol.symbology + symbol.text, DAY)
    assert read.elements == symbol.elements
    assert set(LOT) == {sign for sign in gs1.CSET_82 if not sign.isalnum()}
    assert (read.gtin, len(read.lot or ""), len(read.serial or "")) == (GTIN, 20, 20)
    assert GS in symbol.text


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: symbol.kind)
@pytest.mark.parametrize("end", ["", "\r", "\r\n", "\t"])
def test_what_arrives_as_it_was_printed_is_exact(symbol, end):
    found = judge(symbol.symbology + symbol.text + end)
    assert (found.symbol, found.separator, found.notices, found.exact) == (symbol, GS, (), True)


def test_a_scanner_that_names_no_symbol_is_still_exact_and_is_told_of_it():
    found = judge(QR.text)
    assert found.exact
    assert found.symbol == QR
    assert codes(QR.text) == {"scanner_identifier_missing"}
    assert judge(GS + QR.text).exact, "FNC1 at the start may come as a separator too"


@pytest.mark.parametrize("came, told", [("", "scanner_separator_lost"), ("X", "scanner_separator_turned"), ("^]", "scanner_separator_turned"),
                                        ("{GS}", "scanner_separator_turned"), ("␝", "scanner_separator_turned"), ("029", "scanner_separator_turned"),
                                        ("|", "scanner_separator_turned")])  # fmt: skip
def test_what_became_of_the_separator_is_named(came, told):
    found = judge(WHOLE.replace(GS, came))
    assert [notice.code for notice in found.notices] == [told]
    assert found.separator == came
    assert not found.exact


QWERTZ = str.maketrans("yzYZ", "zyZY")
AZERTY = str.maketrans(dict(zip(
    "0123456789!\"%&'()*+,-./:;<=>?_aAqQzZwWmM", "à&é\"'(-è_ç1%57ù908+;):!Mm.=/§°qQaAwWzZ,?", strict=True
)))  # fmt: skip
UNITED_KINGDOM = str.maketrans({'"': "@"})


@pytest.mark.parametrize("layout", [QWERTZ, UNITED_KINGDOM, AZERTY])
@pytest.mark.parametrize("identified", [True, False])
def test_another_keyboard_is_known_by_its_always_changing_the_same_signs(layout, identified):
    found = judge(("]d2" if identified else "") + DATAMATRIX.text.translate(layout))
    assert found.symbol == DATAMATRIX
    layouts = [notice for notice in found.notices if notice.code == "scanner_layout"]
    assert len(layouts) == 1
    assert not found.exact


def test_the_changed_signs_are_told():
    (notice,) = judge(WHOLE.translate(QWERTZ)).notices
    assert notice.values["changed"] == "y→z Y→Z z→y Z→Y"


@pytest.mark.parametrize("change, told", [(str.swapcase, "scanner_capitals_swapped"), (str.upper, "scanner_only_capitals"), (str.lower, "scanner_only_small")])  # fmt: skip
def test_capitals_that_were_changed_are_told_as_capitals(change, told):
    assert codes(change(WHOLE)) == {told}
    assert codes(change(WHOLE).replace(GS, "")) == {told, "scanner_separator_lost"}


def test_dead_keys_that_swallow_quotes_are_told_by_the_signs_that_are_missing():
    (notice,) = judge(WHOLE.replace('"', "").replace("'", "")).notices
    assert (notice.code, notice.values["lost"]) == ("scanner_lost", "\" '")


def test_a_symbol_that_was_read_as_plain_text_is_no_gs1_symbol():
    assert codes("]d1" + DATAMATRIX.text) == {"scanner_identifier_other"}


@pytest.mark.parametrize("before", ["A", "SCAN:"])
def test_a_prefix_of_the_scanner_is_told(before):
    (notice,) = judge(before + WHOLE).notices
    assert (notice.code, notice.values["added"]) == ("scanner_added", before)


@pytest.mark.parametrize(
    "raw", ["", "MRN-0417733", "]d20109521234543213", "https://id.gs1.org/01/09521234543213", WHOLE[:20], WHOLE * 5]
)
def test_another_code_is_not_taken_for_the_sheet(raw):
    found = judge(raw)
    assert (found.symbol, found.exact) == (None, False)
    assert [notice.code for notice in found.notices] == ["scanner_other_code"]


@given(symbol=st.sampled_from(SYMBOLS), at=st.integers(0, 70), other=st.characters(), identified=st.booleans())
def test_no_single_sign_changes_unnoticed(symbol, at, other, identified):
    printed = (symbol.symbology if identified else "") + symbol.text
    at %= len(printed)
    raw = printed[:at] + other + printed[at + 1 :]
    assert judge(raw).exact == (raw.strip(" \r\n\t") == printed)


@given(st.text(max_size=300))
def test_nothing_that_is_sent_upsets_it(raw):
    assert not judge(raw).exact

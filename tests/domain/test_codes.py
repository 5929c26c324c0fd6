"""Codes beside GS1 and ISBT 128, and two codes on one vial: aliases of the authority, our own badges and places, parts."""

from contextlib import suppress
from datetime import date, datetime
from time import perf_counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from traceability.domain import gs1, own_codes
from traceability.domain.errors import Refused

TODAY = date(2026, 3, 18)
GTIN, OTHER = "09521234543213", "08991234560014"
NIE = "DKL1234567890A1"
AUTHENTIC = f"(90){NIE}(10)UC26-H3(17)270831(21)K7M4Q2"
names = st.text(st.sampled_from(sorted(gs1.CSET_82)), min_size=1, max_size=20)


def refusal(raw: str, read=gs1.read) -> str:
    with pytest.raises(Refused) as refused:
        read(raw, TODAY)
    return refused.value.code


# ---------------------------------------------------------------------------------------------------------------- BPOM


@pytest.mark.parametrize("symbology", ["", "]Q1", "]d1", "]d2"])
def test_a_code_that_authenticates_is_another_name_of_the_vial(symbology):
    found = gs1.read(symbology + AUTHENTIC, TODAY)
    assert (found.kind, found.lot, found.serial, found.expires) == ("alias", "UC26-H3", "K7M4Q2", date(2027, 8, 31))
    assert found.alias == ("otentifikasi", AUTHENTIC)
    assert found.gtin is None


def test_its_parts_come_in_any_order_and_are_the_same_name():
    turned = f"(21)K7M4Q2(17)270831(10)UC26-H3(90){NIE}"
    assert gs1.read(turned, TODAY).alias == gs1.read(AUTHENTIC, TODAY).alias
    scanned = gs1.GS.join([f"]d290{NIE}", "10UC26-H3", "17270831" + "21K7M4Q2"])
    assert gs1.read(scanned, TODAY).alias == gs1.read(AUTHENTIC, TODAY).alias


@pytest.mark.parametrize("number", [NIE, "NA18240104109", "TR123456789"])
def test_a_marketing_number_alone_identifies(number):
    found = gs1.read(f"(90){number}", TODAY)
    assert (found.kind, found.alias) == ("alias", ("identifikasi", f"(90){number}"))


def test_a_code_with_a_gtin_is_a_vial_whatever_the_authority_calls_it():
    found = gs1.read(f"]Q1(01){GTIN}(10)UC26-H3(17)270831(21)K7M4Q2(90){NIE}", TODAY)
    assert (found.kind, found.serial, found.alias) == ("vial", "K7M4Q2", None)


@pytest.mark.parametrize("number", ["dkl1234567890a1", "12345678901", "DKL123", "DKLM1234567890A1", "DKL1234567890A1X"])
def test_what_is_no_marketing_number_is_no_alias(number):
    assert refusal(AUTHENTIC.replace(NIE, number)) == "code_ai_missing"
    assert refusal(f"(90){number}") == "code_ai_missing"


# ----------------------------------------------------------------------------------------------------------- our own


@given(st.sampled_from(["place", "badge", "wristband"]), names, st.sampled_from(["", "]C0", "]Q1", "]d1"]))
def test_every_place_badge_and_wristband_we_print_is_read(noun, told, symbology):
    found = gs1.read(symbology + own_codes.written(noun, told), TODAY)
    assert found.elements == ((noun, told),)
    assert found.kind == ("place" if noun == "place" else "person")
    assert found.badge == (told if noun == "badge" else None)
    assert found.pseudonym == (told if noun == "wristband" else None)


@given(st.sampled_from(["badge", "wristband"]), names, st.integers(4, 30), st.characters())
def test_any_one_damaged_sign_of_a_persons_code_is_refused(noun, told, place, sign):
    whole = own_codes.written(noun, told)
    at = 4 + place % (len(whole) - 4)
    assume(whole[at] != sign)
    assume(not (at == len(whole) - 1 and sign.isspace()))
    with pytest.raises(Refused):
        gs1.read(whole[:at] + sign + whole[at + 1 :], TODAY)


@pytest.mark.parametrize("told", ["", "A" * 21, "F 01", "Ä"])
def test_what_no_label_could_carry_is_not_written(told):
    with pytest.raises(Refused):
        own_codes.written("place", told)


# ------------------------------------------------------------------------------------------- several codes on one vial


def test_a_code_of_lot_and_expiry_alone_is_never_a_vial():
    assert refusal("(10)UC26-H3(17)270831") == "code_ai_missing"
    found = gs1.read_part("(10)UC26-H3(17)270831", TODAY)
    assert (found.kind, found.partial) == ("part", True)
    assert (found.gtin, found.lot, found.expires) == (None, "UC26-H3", date(2027, 8, 31))


@pytest.mark.parametrize("first", [f"(01){GTIN}", f"]C101{GTIN}", f"https://id.gs1.org/01/{GTIN}", "]E0" + GTIN[1:]])
@pytest.mark.parametrize("second", ["(10)UC26-H3(17)270831(21)K7M4Q2", "]C11727083110UC26-H3\x1d21K7M4Q2"])
def test_the_product_in_one_code_and_lot_and_expiry_in_the_other_are_one_vial(first, second):
    one, other = gs1.read_part(first, TODAY), gs1.read_part(second, TODAY)
    assert one.kind == "vial"
    for joined in (gs1.join(one, other), gs1.join(other, one)):
        assert (joined.kind, joined.partial) == ("vial", False)
        assert (joined.gtin, joined.lot, joined.serial, joined.expires) == (
            GTIN,
            "UC26-H3",
            "K7M4Q2",
            date(2027, 8, 31),
        )


def test_three_codes_are_joined_one_after_the_other():
    product, lot, serial = (gs1.read_part(raw, TODAY) for raw in (f"(01){GTIN}", "(10)L1", "(21)S1"))
    assert gs1.join(gs1.join(product, lot), serial).serial == "S1"


def test_a_part_with_its_hour_of_expiry_keeps_it():
    joined = gs1.join(gs1.read_part(f"(01){GTIN}(17)270831", TODAY), gs1.read_part("(7003)2708310930", TODAY))
    assert joined.expires_at == datetime(2027, 8, 31, 9, 30)


@pytest.mark.parametrize(
    "first, second, ai",
    [
        (f"(01){GTIN}", f"(01){OTHER}(10)L1", "01"),
        (f"(01){GTIN}(10)L1", "(10)L2(21)S1", "10"),
        (f"(01){GTIN}(21)S1", "(10)L1(21)S2", "21"),
        (f"(01){GTIN}(17)270831", "(10)L1(17)270930", "17"),
        (f"(01){GTIN}(17)270831", "(7003)2709300930", "7003"),
    ],
)
def test_codes_that_contradict_each_other_are_not_joined(first, second, ai):
    with pytest.raises(Refused, match="code_joined_differs") as refused:
        gs1.join(gs1.read_part(first, TODAY), gs1.read_part(second, TODAY))
    assert refused.value.values == {"ai": ai}


def test_the_last_of_a_month_and_its_day_nought_are_one_day():
    joined = gs1.join(gs1.read_part(f"(01){GTIN}(17)270800", TODAY), gs1.read_part("(17)270831(10)L1", TODAY))
    assert (joined.expires, joined.lot) == (date(2027, 8, 31), "L1")


@pytest.mark.parametrize(
    "second",
    ["(00)106141411234567897", "(414)9521234543213", "(8018)899123400000000015", "=G12349865432100", AUTHENTIC],
)
def test_a_vial_and_something_else_are_not_one_thing(second):
    with pytest.raises(Refused, match="code_joined_apart"):
        gs1.join(gs1.read_part(f"(01){GTIN}", TODAY), gs1.read_part(second, TODAY))


def test_two_parts_without_a_product_are_no_vial():
    with pytest.raises(Refused, match="code_ai_missing"):
        gs1.join(gs1.read_part("(10)L1", TODAY), gs1.read_part("(21)S1", TODAY))
    with pytest.raises(Refused, match="code_ai_missing"):
        gs1.join(gs1.read_part("(400)A", TODAY), gs1.read_part("(91)B", TODAY))


def test_together_they_keep_the_rules_of_one_code():
    with pytest.raises(Refused, match="code_ai_together"):
        gs1.join(gs1.read_part(f"(01){GTIN}(21)S1", TODAY), gs1.read_part("(235)T", TODAY))


@pytest.mark.parametrize("raw, code", [
    ("]E09521234543214", "code_check_digit"), ("]E0952123454321", "code_length"), ("]E496385075", "code_check_digit"),
    (GTIN[1:], "code_bare_number"), ("(10)A(10)B", "code_ai_twice"), ("(10)A B", "code_characters"), ("10AB21CD", "code_ai_missing"),
])  # fmt: skip
def test_a_part_is_looked_at_as_closely_as_a_whole_code(raw, code):
    if code == "code_ai_missing":  # a lost separator can hide a serial in a part, too
        assert refusal(raw) == code
        assert refusal(raw, gs1.read_part) == "code_separator_lost"
    else:
        assert refusal(raw, gs1.read_part) == code


# -------------------------------------------------------------------------------------------------- whatever is scanned

fragments = st.sampled_from(
    ["]d2", "]Q1", "]C1", "]E0", "01" + GTIN, "10", "1", "17", "270831", "21", "7003", "\x1d", "␝", "^]", "|", "(", ")", "(10)", "(01)" + GTIN,
     "https://", "/", "/01/", "?", "%", "%41", "=", "=<", "&", "&,1", "=+", "STP.", ".", "00", "99", "8200", "A", "<GS>", "(90)" + NIE]
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=700),
    st.lists(fragments, max_size=300).map("".join),
    st.binary(max_size=700).map(lambda read: read.decode("latin-1")),
    st.tuples(fragments, st.integers(1, 600)).map(lambda told: told[0] * told[1]),
)


@given(texts)
@settings(max_examples=400)
def test_no_text_whatever_crashes_or_takes_ten_milliseconds(raw):
    def once() -> float:
        began = perf_counter()
        for read in (gs1.read, gs1.read_any, gs1.read_part):
            with suppress(Refused):
                assert read(raw, TODAY).elements
        return perf_counter() - began

    assert any(once() < 0.030 for _ in range(3))  # of three readers; what else the machine does is not ours


@given(texts)
def test_a_refusal_repeats_nothing_of_what_was_scanned_but_identifiers(raw):
    values: dict[str, object] = {}
    try:
        gs1.read(raw, TODAY)
    except Refused as refused:
        values = refused.values
    assert "value" not in values
    told = str(values.get("ai", ""))
    assert len(told) <= 4 or told in ("place", "badge")

"""Codes as scanners send them: what we build we read, and what is damaged is refused, never guessed."""

import re
from contextlib import suppress
from datetime import date, datetime
from time import perf_counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from traceability.domain import gs1
from traceability.domain.errors import Refused

TODAY = date(2026, 3, 18)
GTIN = "09521234543213"
VIAL = gs1.vial_elements(GTIN, "UC26-H3", date(2027, 8, 31), "K7M4Q2")
SCANNED = gs1.element_string(VIAL)

codes = st.text(st.sampled_from(sorted(gs1.CSET_82)), min_size=1, max_size=20)
gtins = st.from_regex(r"[0-9]{13}", fullmatch=True).map(lambda body: body + gs1.check_digit(body))
dates = st.dates(date(2020, 1, 1), date(2060, 1, 1))
vials = st.tuples(gtins, codes, dates, codes)


def refusal(raw: str) -> str:
    with pytest.raises(Refused) as refused:
        gs1.read(raw, TODAY)
    return refused.value.code


@given(vials, st.sampled_from(["", "]d2", "]Q3", "]C1", "]e0"]))
def test_every_vial_we_print_reads_back_as_itself(vial, symbology):
    elements = gs1.vial_elements(*vial)
    found = gs1.read(symbology + gs1.element_string(elements), TODAY)
    assert (found.gtin, found.lot, found.expires, found.serial) == vial
    assert found.symbology == (symbology or None)
    assert found.kind == "vial"


@given(
    vials,
    st.sampled_from(["", "]Q1", "]d1"]),
    st.sampled_from(["id.gs1.org", "https://a.id/x/01", "http://127.0.0.1:8000"]),
)
def test_every_digital_link_we_print_reads_back_as_the_same_vial(vial, symbology, domain):
    link = gs1.digital_link(domain, gs1.vial_elements(*vial))
    found = gs1.read(symbology + link, TODAY)
    assert (found.gtin, found.lot, found.expires, found.serial) == vial


@given(vials)
def test_text_in_brackets_reads_back_or_cannot_be_written(vial):
    elements = gs1.vial_elements(*vial)
    if any(re.search(r"\(\d{2,4}\)", value) for _, value in elements):
        with pytest.raises(Refused, match="code_brackets"):
            gs1.bracketed(elements)
    else:
        assert gs1.read(gs1.bracketed(elements), TODAY).elements == elements


@given(vials, st.integers(0, 13), st.characters())
def test_any_one_damaged_character_of_a_gtin_is_refused(vial, place, char):
    gtin = vial[0]
    assume(char != gtin[place])
    text = gs1.element_string(gs1.vial_elements(*vial))
    with pytest.raises(Refused):
        gs1.read(f"01{gtin[:place]}{char}{gtin[place + 1 :]}{text[16:]}", TODAY)


pieces = st.sampled_from(
    [
        "]d2",
        "]Q1",
        "01",
        GTIN,
        "10",
        "17",
        "270831",
        "21",
        "\x1d",
        "␝",
        "(",
        ")",
        "https://",
        "/",
        "?",
        "%",
        "=",
        "&",
        "7003",
        "00",
    ]
)


@given(
    st.one_of(
        st.text(max_size=600),
        st.lists(pieces, max_size=60).map("".join),
        st.binary(max_size=600).map(lambda b: b.decode("latin-1")),
    )
)
def test_no_text_whatever_does_anything_but_read_or_be_refused(raw):
    with suppress(Refused):
        assert gs1.read(raw, TODAY).kind


@given(vials)
def test_a_vial_whose_separator_was_lost_is_never_read_as_another_vial(vial):
    elements = gs1.vial_elements(*vial)
    assert refusal(gs1.element_string(elements, gs="")) == "code_separator_lost"


@pytest.mark.parametrize("stand_in", gs1.STAND_INS)
def test_a_stand_in_that_no_value_may_hold_is_read_as_the_separator(stand_in):
    assert gs1.read("]d2" + SCANNED.replace(gs1.GS, stand_in), TODAY).elements == VIAL
    assert gs1.read(SCANNED.replace(gs1.GS, stand_in.lower()), TODAY).elements == VIAL


@pytest.mark.parametrize("stand_in", gs1.STAND_INS)
def test_every_stand_in_holds_a_sign_that_no_value_may_hold_and_cannot_be_read_in_two_ways(stand_in):
    assert set(stand_in) - gs1.CSET_82
    longer = [one for one in gs1.STAND_INS if one.startswith(stand_in) and one != stand_in]
    assert not [one for one in longer if one[len(stand_in)].isdigit()]


@pytest.mark.parametrize("stand_in", ["<GS>", "<FNC1>", "GS", " ", "#", "\t", "\x1e", "~", "~1", "029", "{", "§"])
def test_a_stand_in_that_is_not_certain_is_not_guessed_at(stand_in):
    assert refusal(SCANNED.replace(gs1.GS, stand_in)) == "code_separator_lost"


def test_two_kinds_of_stand_ins_in_one_code_are_one_too_many():
    told = gs1.element_string((("01", GTIN), ("240", "A"), ("10", "B"), ("21", "C")))
    first, second, *rest = told.split(gs1.GS)
    assert refusal(gs1.GS.join([f"{first}|{second}", *rest])) == "code_separator_lost"
    assert refusal("^]".join([f"{first}|{second}", *rest])) == "code_separator_lost"


@pytest.mark.parametrize(
    "raw",
    [
        SCANNED,
        "]d2" + SCANNED + "\r\n",
        "  " + SCANNED.replace("\x1d", "␝"),
        "\x1d" + SCANNED,
        SCANNED + "\x1d",
    ],
)
def test_the_separator_is_read_however_the_scanner_frames_the_code(raw):
    assert gs1.read(raw, TODAY).elements == VIAL


@pytest.mark.parametrize(
    "raw, code",
    [
        ("", "code_empty"),
        (" \r\n\t", "code_empty"),
        ("x" * 513, "code_too_long"),
        ("hello", "code_unreadable"),
        ("9521234543213", "code_bare_number"),
        ("4006381333931", "code_bare_number"),
        ("96385074", "code_bare_number"),
        ("952123454321", "code_ai_missing"),
        ("]E0" + GTIN, "code_symbology"),
        ("]Q1" + SCANNED, "code_unreadable"),
        ("]d2https://id.gs1.org/01/" + GTIN, "code_unreadable"),
        ("01" + GTIN[:-1] + "4", "code_check_digit"),
        ("01" + GTIN[:-2], "code_length"),
        ("01" + GTIN[:-1] + "٣", "code_characters"),
        (f"01{GTIN}17271331", "code_date"),
        (f"01{GTIN}17270229", "code_date"),
        (f"01{GTIN}70032708000930", "code_date"),
        (f"01{GTIN}01{GTIN}", "code_ai_twice"),
        (f"01{GTIN}10A\x1d10B", "code_ai_twice"),
        (f"(01){GTIN}(719)123", "code_ai_unknown"),
        ("10ABC", "code_ai_missing"),
        ("400ORDER", "code_ai_missing"),
        (f"02{GTIN}10ABC", "code_ai_missing"),
        ("8019123", "code_ai_missing"),
        (f"01{GTIN}3712", "code_ai_together"),
        (f"01{GTIN}21A\x1d235B", "code_ai_together"),
        (f"01{GTIN}10{'A' * 21}", "code_separator_lost"),
        (f"01{GTIN}10AB17270831", "code_separator_lost"),
        (f"01{GTIN}10AB2107", "code_separator_lost"),
        (f"01{GTIN}1727083110UC26-H321K7M4Q2", "code_separator_lost"),
        (f"01{GTIN}10A\x1d\x1d21B", "code_separator_lost"),
        (f"(01){GTIN}(10)", "code_length"),
        (f"(01){GTIN}(10)A B", "code_characters"),
        (f"x(01){GTIN}", "code_unreadable"),
    ],
)
def test_a_code_that_is_not_whole_is_refused_with_its_reason(raw, code):
    assert refusal(raw) == code


@pytest.mark.parametrize(
    "path, code",
    [
        (f"01/{GTIN}/21/S/10/L", "code_qualifier"),
        (f"01/{GTIN}/235/T/21/S", "code_qualifier"),
        (f"01/{GTIN}/10/L?21=S", "code_qualifier"),
        (f"01/{GTIN}/10/L/10/L", "code_ai_twice"),
        (f"01/{GTIN}?17=270831&17=270831", "code_ai_twice"),
        (f"01/{GTIN}?89=1", "code_ai_unknown"),
        (f"01/{GTIN}?8011=1", "code_qualifier"),
        (f"01/{GTIN}/235/T?21=S", "code_qualifier"),
        (f"01/{GTIN}?10=L", "code_qualifier"),
        (f"01/{GTIN}?240=A+B", "code_characters"),
        (f"01/{GTIN}?17=", "code_length"),
        (f"01/{GTIN[1:]}", "code_length"),
        (f"01//{GTIN}", "code_unreadable"),
        (f"gtin/{GTIN}", "code_unreadable"),
        (f"01/{GTIN}/99/A", "code_qualifier"),
        (f"01/{GTIN}/10/a b", "code_unreadable"),
        (f"01/{GTIN}/10/a%00", "code_characters"),
        ("8004/9521234F01/7040/1AB", "code_length"),
        (f"01/{GTIN}?01={GTIN}", "code_qualifier"),
        (f"01/{GTIN}/10/%ZZ", "code_unreadable"),
        (f"01/{GTIN}/10/%FF", "code_unreadable"),
        (f"01/{GTIN}/10/a%20b", "code_characters"),
        (f"01/{GTIN}/", "code_ai_unknown"),
        ("about", "code_unreadable"),
        ("", "code_unreadable"),
    ],
)
def test_a_digital_link_out_of_order_is_refused(path, code):
    assert refusal("https://id.gs1.org/" + path) == code


def test_a_digital_link_is_read_with_prefix_escapes_and_foreign_keys():
    found = gs1.read(
        f"HTTPS://maker.example/p/01/x/01/{GTIN}/22/2A/10/A%2F1/21/01?17=270800&linkType=all&s=1#top", TODAY
    )
    assert found.elements == (("01", GTIN), ("22", "2A"), ("10", "A/1"), ("21", "01"), ("17", "270800"))
    assert found.expires == date(2027, 8, 31)


@pytest.mark.parametrize(
    "raw, kind, name, value",
    [
        ("00106141411234567897", "shipper", "sscc", "106141411234567897"),
        (f"0010614141123456789702{GTIN}3760\x1d10UC26-H3", "shipper", "lot", "UC26-H3"),
        ("4149521234543213254F-01", "place", "gln", "9521234543213"),
        ("80049521234F01", "asset", "giai", "9521234F01"),
        ("8018899123400000000015\x1d801903", "person", "gsrn", "899123400000000015"),
        ("https://id.gs1.org/8018/899123400000000015/8019/03", "person", "gsrn", "899123400000000015"),
        ("https://id.gs1.org/414/9521234543213/254/F-01", "place", "gln", "9521234543213"),
        ("800309521234543213F-1", "asset", "grai", "09521234543213F-1"),
        ("]C18017899123400000000015\x1d801903", "person", "badge", "89912340000000001503"),
    ],
)
def test_shippers_places_loggers_and_wristbands_are_told_apart(raw, kind, name, value):
    found = gs1.read(raw, TODAY)
    assert (found.kind, getattr(found, name)) == (kind, value)


@pytest.mark.parametrize(
    "yymmdd, expires",
    [
        ("270200", date(2027, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("991231", date(1999, 12, 31)),
    ],
)
def test_two_digit_years_and_day_nought_are_read_as_gs1_has_them(yymmdd, expires):
    assert gs1.read(f"01{GTIN}17{yymmdd}", TODAY).expires == expires


def test_a_year_early_in_the_next_century_is_seen_from_late_in_this_one():
    assert gs1.read(f"01{GTIN}17010101", date(2060, 1, 1)).expires == date(2101, 1, 1)


def test_an_hour_of_expiry_is_read():
    assert gs1.read(f"01{GTIN}70032708310930", TODAY).expires_at == datetime(2027, 8, 31, 9, 30)


@pytest.mark.parametrize("whole", ["08991234560014", GTIN, "106141411234567897", "899123400000000015"])
def test_the_check_digit_agrees_with_the_published_numbers(whole):
    assert gs1.check_digit(whole[:-1]) == whole[-1]


@pytest.mark.parametrize(
    "raw",
    [
        "(10)" * 128,
        "https://a/" + "01/" * 160,
        f"01{GTIN}240A1127010117270101217003270101",
        f"01{GTIN}10" + "10" * 240,
        "%" * 512,
        "00" * 256,
    ],
)
def test_the_worst_text_is_answered_in_ten_milliseconds(raw):
    def once() -> float:
        began = perf_counter()
        with suppress(Refused):
            gs1.read(raw, TODAY)
        return perf_counter() - began

    assert min(once() for _ in range(3)) < 0.010


@pytest.mark.parametrize(
    "raw",
    [
        f"]d201{GTIN}1726093010UC26-H321H3K001\x1d",
        f"01{GTIN}1726093010UC26-H321H3K001@",
        f"01{GTIN}21H3K00110UC26-H3\x1d240A",
        f"01{GTIN}10UC26-H317260930\x1d21H3K001",
    ],
)
def test_a_separator_at_the_end_or_elsewhere_does_not_stand_for_the_one_that_was_lost(raw):
    with pytest.raises(Refused, match="code_separator_lost"):
        gs1.read(raw, date(2026, 4, 1))


@pytest.mark.parametrize("lot", ["L(10)1", "(21)", "A(7003)B", "L1"])
@pytest.mark.parametrize("serial", ["X1", "X(10)1", None])
def test_what_is_kept_of_a_vial_reads_back_whatever_brackets_its_numbers_have(lot, serial):
    elements = (("01", "09521234543213"), ("10", lot), *((("21", serial),) if serial else ()))
    kept = gs1.unambiguous(elements)
    assert gs1.GS not in kept
    assert gs1.read(kept, TODAY).elements == elements

"""ISBT 128: donations, products, dates and lots, one by one and together; a number typed by hand has its check character."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from traceability.domain import gs1, isbt128
from traceability.domain.errors import Refused

TODAY = date(2026, 3, 18)
DIN = "G123498654321"
MESSAGE = "=/A9999XYZ100T0476=,000025=A99972312345600=>025032=}023032&,1000000000000XYZ123"
dins = st.from_regex("[A-NP-Z1-9][A-NP-Z0-9]{4}[0-9]{8}", fullmatch=True)


def refusal(raw: str) -> str:
    with pytest.raises(Refused) as refused:
        gs1.read(raw, TODAY)
    return refused.value.code


@pytest.mark.parametrize("din, sign", [("G123498654321", "H"), ("G123417654321", "A")])
def test_the_check_character_is_the_published_one(din, sign):
    assert isbt128.check_character(din) == sign


@given(dins, st.integers(0, 59), st.sampled_from([None, "]C0", "]C4", "]d1"]))
def test_every_donation_we_print_is_read(din, flags, symbology):
    found = gs1.read((symbology or "") + isbt128.donation(din, f"{flags:02}"), TODAY)
    assert (found.din, found.kind, found.symbology) == (din, "donation", symbology)


@given(dins.filter(lambda din: din[0].isalpha()))
def test_a_number_typed_with_its_check_character_is_the_scanned_one(din):
    typed = f"{din[:5]} {din[5:7]} {din[7:]} {isbt128.check_character(din)}"
    assert gs1.read(typed, TODAY).din == din
    assert gs1.read("=" + typed.replace(" ", ""), TODAY).din == din


@given(dins.filter(lambda din: din[0].isalpha()), st.integers(0, 13), st.characters())
def test_any_one_damaged_sign_of_a_typed_number_is_refused(din, place, sign):
    whole = din + isbt128.check_character(din)
    assume(whole[place] != sign)
    with pytest.raises(Refused):
        gs1.read(whole[:place] + sign + whole[place + 1 :], TODAY)


@given(dins, st.integers(0, 12), st.sampled_from("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"))
def test_any_one_damaged_sign_before_flags_that_check_it_is_refused(din, place, sign):
    assume(din[place] != sign)
    flags = 60 + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*".index(isbt128.check_character(din))
    assert gs1.read(f"={din}{flags}", TODAY).din == din
    with pytest.raises(Refused):
        gs1.read(f"={din[:place]}{sign}{din[place + 1 :]}{flags}", TODAY)


def test_a_typed_number_without_its_check_character_is_sent_back_for_it():
    assert refusal(DIN) == "code_check_missing"
    assert refusal(DIN + "A") == "code_check_digit"


@pytest.mark.parametrize("raw", [MESSAGE, "=+06000" + MESSAGE, "]d1=+06035" + MESSAGE])
def test_a_compound_message_says_everything_in_one_scan(raw):
    found = gs1.read(raw, TODAY)
    assert found.din == "A999723123456"
    assert found.value("=/") == "A9999XYZ100T0476"
    assert found.value("&,1") == "000000000000XYZ123"
    assert (found.expires, found.expires_at) == (date(2025, 2, 1), None)
    assert found.kind == "donation"


@pytest.mark.parametrize("count", ["05", "07", "00", "99"])
def test_a_compound_message_of_which_a_part_was_lost_is_refused(count):
    assert refusal(f"=+{count}000{MESSAGE}") == "code_count"


@given(st.dates(date(1950, 1, 1), date(2199, 12, 31)))
def test_every_day_of_expiry_is_read_back(day):
    found = gs1.read(isbt128.donation(DIN) + isbt128.day("=>", day), TODAY)
    assert found.expires == day


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))
def test_every_minute_of_expiry_is_read_back(at):
    at = at.replace(second=0, microsecond=0)
    found = gs1.read(f"={DIN}00&>0{at:%y%j%H%M}", TODAY)
    assert (found.expires_at, found.expires) == (at, at.date())


def test_the_last_day_of_a_leap_year_is_one_and_of_another_year_is_none():
    assert gs1.read(f"={DIN}00=>028366", TODAY).expires == date(2028, 12, 31)
    assert refusal(f"={DIN}00=>027366") == "code_date"
    assert date(2027, 1, 1) + timedelta(days=364) == date(2027, 12, 31)


def test_a_day_alone_names_nothing():
    assert refusal("=>026001") == "code_ai_missing"
    assert gs1.read_any("=>026001", TODAY).kind == "other"


def test_a_structure_that_is_not_known_is_refused_for_its_length_is_not_known():
    assert refusal(f"={DIN}00=!1234") == "code_structure_unknown"
    assert refusal(f"={DIN}00=") == "code_structure_unknown"
    assert refusal(f"={DIN}00&,9") == "code_structure_unknown"


@given(st.text(st.sampled_from("=&<>%,/+*}1209AGHXz"), max_size=60).map(lambda text: "=" + text))
def test_no_text_that_looks_like_it_does_anything_but_read_or_be_refused(raw):
    try:
        assert gs1.read(raw, TODAY).kind in ("donation", "other")
    except Refused:
        pass

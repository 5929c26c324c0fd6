"""Logger files: the real one against its maker's figures, the plain dialect, and hostile bytes."""

from __future__ import annotations

import os
import random
import struct
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability import loggers
from traceability.domain.coldchain import Limits, judge
from traceability.domain.errors import Refused
from traceability.loggers import LoggerFile, Told, elitech, xls
from traceability.loggers.elitech_report import Report

CORPORA = Path(os.environ.get("CORPORA") or Path(__file__).parents[2] / ".." / "shared" / "corpora")
LOGGERS = CORPORA / "loggers"
ELITECH = LOGGERS / "elitech-rc5-ext-temp.xls"
JAKARTA, BERLIN = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Berlin")

needs_corpus = pytest.mark.skipif(not ELITECH.exists(), reason=f"the corpus is not here: {LOGGERS}")


def read(name: str, data: bytes, zone: ZoneInfo = JAKARTA) -> LoggerFile:
    return loggers.read(name, data, Told(zone=zone))


def refusal(data: bytes, zone: ZoneInfo = JAKARTA) -> Refused:
    with pytest.raises(Refused) as caught:
        read("file", data, zone)
    return caught.value


def codes(file) -> list[str]:
    return [notice.code for notice in file.warnings]


# ── the real Elitech file ──


@pytest.fixture(scope="module")
def real() -> bytes:
    return ELITECH.read_bytes()


@pytest.fixture(scope="module")
def cells(real) -> xls.Sheets:
    return xls.sheets(real)


@needs_corpus
def test_the_real_elitech_file_reads_as_its_maker_read_it(real):
    file = read("trip.xls", real, BERLIN)
    assert (file.format, file.serial, file.zone, file.interval_s) == (
        "elitech",
        "EFI234105840",
        "UTC+02:00",
        10,
    )
    assert len(file.times) == len(file.values) == 16_063
    assert file.first == datetime(2023, 10, 4, 13, 20, 18, tzinfo=UTC)
    assert file.last == datetime(2023, 10, 6, 9, 57, 18, tzinfo=UTC)
    maker = file.maker
    assert (maker.min_mc, maker.max_mc, maker.mean_mc, maker.mkt_mc) == (23_700, 26_700, 24_000, 24_000)
    judged = judge(file.times, file.values, Limits(2_000, 26_000), file.interval_s)
    assert (judged.min_mc, judged.max_mc) == (23_700, 26_700)
    assert abs(judged.mean_mc - 24_000) <= 100
    assert abs(judged.mkt_mc - 24_000) <= 100
    assert judged.gaps == ()
    assert [one.since for one in judged.excursions] == [file.first]
    assert judged.seconds_above == 10 * sum(value > 26_000 for value in file.values)
    assert file.warnings == ()


@needs_corpus
def test_a_logger_set_to_another_zone_than_the_mission_is_pointed_out(real):
    file = read("trip.xls", real, JAKARTA)
    assert codes(file) == ["zone_differs"]
    assert file.first == datetime(2023, 10, 4, 13, 20, 18, tzinfo=UTC)


@needs_corpus
def test_the_file_name_does_not_choose_the_reader(real):
    assert read("temperatures.csv", real, BERLIN).format == "elitech"


@needs_corpus
def test_an_elitech_file_cut_short_anywhere_is_refused_as_truncated(real):
    for keep in (9, 511, 512, 4_096, 100_000, 800_000, len(real) - 512, len(real) - 1):
        assert refusal(real[:keep]).code == "logger_truncated"


def mutated(original: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    data = bytearray(original)
    kind = chance.randrange(5)
    at = chance.randrange(len(data))
    if kind == 0:
        data[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[at] = chance.randrange(256)
    elif kind == 2:
        data[at : at + 64] = chance.randbytes(len(data[at : at + 64]))
    elif kind == 3:
        data[at : at + 512] = bytes(len(data[at : at + 512]))
    else:
        at = chance.choice([chance.randrange(4_096), chance.randrange(len(data) - 20_000, len(data))])
        data[at] = chance.randrange(256)
    return bytes(data)


def never_other_readings(original: bytes, right: list[tuple[int, int]], seeds: range) -> None:
    outcomes = {"same": 0, "refused": 0}
    for seed in seeds:
        try:
            file = elitech.interpret(xls._cells(mutated(original, seed)), BERLIN)
        except Refused:
            outcomes["refused"] += 1
        except Exception:  # in the bounded process: refused as damaged
            outcomes["refused"] += 1
        else:
            assert list(zip(file.times, file.values, strict=True)) == right, f"other readings at seed {seed}"
            outcomes["same"] += 1
    assert all(outcomes.values()), outcomes


@needs_corpus
def test_a_damaged_elitech_file_gives_the_same_readings_or_a_refusal(real, cells):
    """MUTATIONS=700 was run; a few stand here for every day."""
    file = elitech.interpret(cells, BERLIN)
    seeds = range(int(os.environ.get("MUTATIONS", "30")))
    never_other_readings(real, list(zip(file.times, file.values, strict=True)), seeds)


@needs_corpus
def test_hostile_workbooks_are_refused_and_do_not_hang(real):
    assert refusal(real[:512] + b"\xff" * 4_096).code in ("logger_truncated", "logger_damaged")
    assert refusal(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504).code in (
        "logger_truncated",
        "logger_damaged",
    )
    broken = bytearray(real)
    broken[512:1024] = random.Random(1).randbytes(512)
    assert refusal(bytes(broken)).code in ("logger_truncated", "logger_damaged", "logger_unknown_format")


def test_a_parser_that_does_not_come_back_is_stopped(monkeypatch):
    monkeypatch.setattr(xls, "SECONDS", 0.05)
    monkeypatch.setattr(xls, "cut_short", lambda data: False)
    with pytest.raises(xls.Unreadable, match="damaged"):
        xls.sheets(bytes(1_000_000))


# ── the kind of file, in cells ──


def sheet(
    times=("2026-03-01 08:00:00", "2026-03-01 08:05:00", "2026-03-01 08:10:00"),
    values=(4.9, 5.0, 5.1),
    heading="Temperature°C",
    title=None,
    **said: str,
) -> xls.Sheets:
    fields = {
        "Device Model": "RC-5+",
        "Serial Number": "EF1",
        "Logging Interval": "0:5:0",
        "Current Readings": str(len(values)),
        "Maximum": "5,1°C",
    } | {key.replace("_", " ").title(): value for key, value in said.items()}
    rows = [[label, value, "", None, None] for label, value in fields.items() if value]
    data = [[str(n), time, value] for n, (time, value) in enumerate(zip(times, values, strict=True), 1)]
    return [
        ("List", [["Data Report"], *rows, [], ["No.", "Time", heading, *([title] if title else [])], *data]),
        ("Graph", []),
    ]


def understood(sheets: xls.Sheets, zone: ZoneInfo = JAKARTA):
    return elitech.interpret(sheets, zone)


def refused(sheets: xls.Sheets) -> str:
    with pytest.raises(Refused) as caught:
        understood(sheets)
    return caught.value.code


def test_a_report_without_a_zone_is_in_the_zone_of_the_mission():
    file = understood(sheet())
    assert (file.zone, file.first) == ("Asia/Jakarta", datetime(2026, 3, 1, 1, 0, tzinfo=UTC))
    assert list(file.values) == [4_900, 5_000, 5_100]


def test_readings_in_fahrenheit_are_kept_in_celsius():
    file = understood(sheet(values=(41.0, "41,9", 42.8), heading="Temperature°F", maximum="42,8°F"))
    assert list(file.values) == [5_000, 5_500, 6_000]
    assert file.maker.max_mc == 6_000


def test_readings_go_on_over_several_sheets_with_and_without_a_header():
    (_, rows), graph = sheet(current_readings="5")
    more = [["4", "2026-03-01 08:15:00", 5.0], ["5", "2026-03-01 08:20:00", 5.0]]
    header = ["No.", "Time", "Temperature°C"]
    assert list(understood([("List", rows), ("List(2)", more), graph]).values)[3:] == [5_000, 5_000]
    assert len(understood([("List", rows), ("List(2)", [header, *more]), graph]).times) == 5
    assert refused([("List", rows), graph]) == "logger_truncated"
    assert refused([("List", rows), ("List(2)", more[1:]), graph]) == "logger_truncated"


def test_the_humidity_of_a_logger_is_left_aside_and_said_so():
    file = understood(sheet(title="Humidity%RH", maximum="5,1°C / 60,0%RH"))
    assert codes(file) == ["channel_ignored"]


def test_two_temperature_channels_are_refused():
    assert refused(sheet(title="Temperature 2 °C")) == "logger_several_channels"


@pytest.mark.parametrize("value", ["N/A", "---", "", None, "#7"])
def test_a_reading_without_a_value_is_refused(value):
    assert refused(sheet(values=(4.9, value, 5.1))) == "logger_value_missing"


@pytest.mark.parametrize(
    "wrong, code",
    [
        ({"current_readings": "4"}, "logger_truncated"),
        ({"current_readings": "2"}, "logger_contradicts_itself"),
        ({"first_reading": "2026-03-01 08:05:00"}, "logger_contradicts_itself"),
        ({"last_reading": "2026-03-01 08:15:00(Stop by button)"}, "logger_contradicts_itself"),
        ({"logging_interval": "0:10:0"}, "logger_contradicts_itself"),
        ({"logging_duration": "1D 0H 0M 0S"}, "logger_contradicts_itself"),
        ({"maximum": "4,9°C"}, "logger_contradicts_itself"),
        ({"maximum": "5,1°F"}, "logger_contradicts_itself"),
        ({"time_zone": "UTC +27:00"}, "logger_contradicts_itself"),
        ({"time_zone": "Mars"}, "logger_contradicts_itself"),
        ({"heading": "Temperature", "maximum": "5,1"}, "logger_unit_unknown"),
        ({"values": (4.9, 5.0000001, 5.1)}, "logger_value_impossible"),
        ({"times": ("2026-03-01 08:00:00", "2026-03-01 08:06:00", "2026-03-01 08:10:00")}, "logger_contradicts_itself"),
        ({"times": ("2026-03-01 08:00:00", "2026-03-01 08:20:00", "2026-03-01 08:10:00")}, "logger_not_in_order"),
        ({"times": ("2026-03-01 08:00:00", "2026-02-30 08:05:00", "2026-03-01 08:10:00")}, "logger_time_unreadable"),
        ({"times": (), "values": ()}, "logger_no_readings"),
    ],
)  # fmt: skip
def test_a_report_that_contradicts_itself_is_refused(wrong, code):
    assert refused(sheet(**wrong)) == code


def test_where_the_makers_figures_differ_a_person_looks():
    file = understood(sheet(maximum="5,6°C", average="5,05°C", **{"Mean Kinetic Temperature (MKT)": "6,0°C"}))
    (notice,) = file.warnings
    assert notice.code == "maker_differs"
    assert set(notice.values) == {"max", "mkt"}


def test_a_lone_jump_is_pointed_out_where_a_door_could_have_done_it():
    assert codes(understood(sheet(values=(5.0, 7.0, 5.1), maximum="7,0°C"))) == ["lone_jump"]


@pytest.mark.parametrize(
    "times, first",
    [
        (("01/03/2026 23:55", "02/03/2026 00:00", "02/03/2026 00:05"), (3, 1)),  # not one month apart
        (("13/03/2026 08:00:00", "13/03/2026 08:05:00", "13/03/2026 08:10:00"), (3, 13)),
        (("03-13-2026 11:55:00 AM", "03-13-2026 12:00:00 PM", "03-13-2026 12:05:00 PM"), (3, 13)),
    ],
)
def test_the_order_of_day_and_month_is_taken_from_the_evidence(times, first):
    file = understood(sheet(times=times, logging_duration="0D 0H 10M 0S"))
    assert (file.first.astimezone(JAKARTA).month, file.first.astimezone(JAKARTA).day) == first


def test_a_date_that_reads_both_ways_is_refused_naming_both():
    with pytest.raises(Refused, match="logger_ambiguous_date") as caught:
        understood(sheet(times=("01/03/2026 08:00", "01/03/2026 08:05", "01/03/2026 08:10")))
    assert caught.value.values["dates"] == {"dmy": "2026-03-01", "mdy": "2026-01-03"}


def test_a_spreadsheet_of_something_else_is_not_a_logger_file():
    assert (
        refused([("Sheet1", [["No.", "Time", "Temperature°C"], ["1", "2026-03-01 08:00:00", 5.0]])])
        == "logger_unknown_format"
    )
    assert refused([("Sheet1", [])]) == "logger_unknown_format"
    assert Report().get("serial number") is None


@pytest.mark.parametrize("bit", range(64))
def test_a_reading_turned_by_one_bit_is_refused(bit):
    """A whole degree up, half a degree, the sign, the exponent, the last digit: not one passes at ten seconds."""
    (turned,) = struct.unpack("<d", (int.from_bytes(struct.pack("<d", 5.1), "little") ^ 1 << bit).to_bytes(8, "little"))
    times = [f"2026-03-01 08:00:{second:02}" for second in range(0, 60, 10)]
    said = {"times": times, "logging_interval": "0:0:10", "maximum": "5,2°C", "minimum": "5,0°C"}
    assert len(understood(sheet(values=(5.0, 5.1, 5.1, 5.1, 5.2, 5.2), **said)).values) == 6
    assert refused(sheet(values=(5.0, 5.1, turned, 5.1, 5.2, 5.2), **said)) in (
        "logger_value_impossible",
        "logger_contradicts_itself",
    )


# ── the plain dialect ──

PLAIN = (
    b"# serial: ABC-1\n# zone: Asia/Makassar\ntime,temperature_c\n2026-03-01T08:00:00,4.95\n2026-03-01T08:05:00,-0.5\n"
)


def test_the_plain_dialect_reads_serial_zone_and_thousandths():
    file = read("x", PLAIN, JAKARTA)
    assert (file.serial, file.zone, file.interval_s) == ("ABC-1", "Asia/Makassar", 300)
    assert file.first == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    assert list(file.values) == [4_950, -500]
    assert list(read("x", b"\xef\xbb\xbf" + PLAIN.replace(b"\n", b"\r\n"), JAKARTA).values) == [4_950, -500]


def test_an_offset_in_the_time_goes_before_any_zone():
    file = read("x", b"time,temperature_c\n2026-03-01T08:00:00Z,5\n2026-03-01T15:05:00+07:00,5\n", BERLIN)
    assert file.times[1] - file.times[0] == 300


def rows(*lines: str, head: str = "", end: str = "\n") -> bytes:
    return (head + "time,temperature_c\n" + "\n".join(lines) + end).encode()


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", "logger_empty"),
        (b" \r\n\t", "logger_empty"),
        (b"\xff\xfe\x00", "logger_truncated"),
        (b"PK\x03\x04 zip", "logger_is_archive"),
        (b"%PDF-1.7", "logger_is_pdf"),
        (b"\0" * 4_096, "logger_empty"),
        (b"\0\1\2" * 1000, "logger_unknown_format"),
        (b"time;temperature_c\n2026-03-01T08:00:00;5,0\n", "logger_interval_unknown"),
        (b"time,temperature_f\n2026-03-01T08:00:00,41.0\n", "logger_interval_unknown"),
        (b"x,time,temperature_c\n", "logger_unknown_format"),
        (b"time,temperature_c\n", "logger_no_readings"),
        (b"time,temperature_c", "logger_no_readings"),
        (rows("2026-03-01T08:00:00,5.0"), "logger_interval_unknown"),
        (rows("2026-03-01T08:00:00,5.0", "2026-03-01T08:00:00,5.0"), "logger_not_in_order"),
        (rows("2026-03-01T08:05:00,5.0", "2026-03-01T08:00:00,5.0"), "logger_not_in_order"),
        (rows("2026-03-01T08:00:00,NA", "2026-03-01T08:05:00,5.0"), "logger_value_missing"),
        (rows("2026-03-01T08:00:00,", "2026-03-01T08:05:00,5.0"), "logger_value_missing"),
        (rows("2026-03-01T08:00:00,5,0", "2026-03-01T08:05:00,5.0"), "logger_row_unreadable"),
        (rows("01/03/2026 08:00,5.0", "2026-03-01T08:05:00,5.0"), "logger_row_unreadable"),
        (rows("2026-03-01T08:00:00,٥.٠", "2026-03-01T08:05:00,5.0"), "logger_row_unreadable"),
        (rows("2026-02-30T08:00:00,5.0", "2026-03-01T08:05:00,5.0"), "logger_time_unreadable"),
        (rows("2026-03-01T08:00:00,-200", "2026-03-01T08:05:00,5.0"), "logger_value_impossible"),
        (rows("2026-03-01T08:00:00,850", "2026-03-01T08:05:00,5.0"), "logger_value_impossible"),
        (rows("2026-03-01T08:00:00,1000", "2026-03-01T08:05:00,5.0"), "logger_value_impossible"),
        (rows("2026-03-01T08:00:00,-127.0", "2026-03-01T08:05:00,5.0"), "logger_value_impossible"),
        (rows("2026-03-01T08:00:00,5.0", "2026-03-01T08:05:00,5.0", head="# readings: 3\n"), "logger_truncated"),
        (rows("2026-03-01T08:00:00,5.0", "2026-03-01T08:05:00,5.0", head="# readings: 1\n"), "logger_contradicts_itself"),
        (rows("2026-03-01T08:00:00,5.0", "2026-03-01T08:05:00,5.0", head="# interval_s: 60\n"), "logger_contradicts_itself"),
        (rows("2026-03-01T08:00:00,5.0", head="# zone: Mars/Base\n"), "logger_zone_unknown"),
        (rows("2026-03-01T08:00:00,5.0", head="# zone: ../../etc/passwd\n"), "logger_zone_unknown"),
        (rows("2026-03-01T08:00:00,5.0", head="# serial: a\n# serial: b\n"), "logger_header_unreadable"),
    ],
)  # fmt: skip
def test_what_is_not_the_plain_dialect_is_refused_with_its_reason(data, code):
    assert refusal(data).code == code


def test_a_refused_row_is_named_as_an_editor_numbers_it():
    found = refusal(PLAIN.replace(b"-0.5", b"NA"))
    assert (found.code, found.values["row"]) == ("logger_value_missing", 5)


def test_a_time_that_the_clock_showed_twice_is_refused():
    data = rows("2026-10-25T02:30:00,5.0", "2026-10-25T03:30:00,5.0")
    assert refusal(data, BERLIN).code == "logger_ambiguous_time"
    assert len(read("x", data, JAKARTA).times) == 2


def test_a_plain_file_cut_inside_a_line_never_gives_other_readings():
    whole = rows("2026-03-01T08:00:00,4.95", "2026-03-01T08:05:00,12.10", "2026-03-01T08:10:00,5.05", end="")
    right = list(read("x", whole, JAKARTA).values)
    for keep in range(len(whole)):
        try:
            got = list(read("x", whole[:keep], JAKARTA).values)
        except Refused:
            continue
        assert got == right[: len(got)]


def test_too_many_bytes_are_refused_before_anything_is_read():
    assert refusal(b"x" * 50_000_001).code == "logger_too_large"


@settings(max_examples=200)
@given(
    st.one_of(
        st.binary(max_size=600),
        st.text(max_size=300).map(lambda text: b"time,temperature_c\n" + text.encode("utf-8", "surrogatepass")),
    )
)
def test_no_bytes_ever_cause_anything_but_a_refusal(data):
    with suppress(Refused):
        read("x", data, JAKARTA)


@given(st.lists(st.integers(-190_000, 110_000), min_size=2, max_size=40), st.integers(1, 3_600))
def test_what_is_written_in_the_plain_dialect_is_read_back(values, step):
    values = [value for value in values if value != -127_000] + [5_000, 5_000]
    start = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    lines = [
        f"{datetime.fromtimestamp(start + step * i, UTC).isoformat()},{'-' * (value < 0)}{abs(value) // 1000}.{abs(value) % 1000:03}"
        for i, value in enumerate(values)
    ]
    file = read("x", rows(*lines), JAKARTA)
    assert list(file.values) == values
    assert file.interval_s == step

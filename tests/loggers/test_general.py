"""Exports as loggers of other makers write them, by hand after what is found of them: read right, or asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from traceability import loggers
from traceability.domain.errors import Refused
from traceability.loggers import Told

JAKARTA = ZoneInfo("Asia/Jakarta")
TIMES = [datetime(2026, 3, 13, 11, 30) + timedelta(minutes=10 * i) for i in range(8)]
EARLY = [one.replace(day=4) for one in TIMES]
VALUES = [4.9, 5.0, 5.1, -0.5, 0.0, 12.3, 12.2, 5.0]


def rows(line: str, times: list[datetime] = TIMES, comma: bool = False, end: str = "\n") -> str:
    made = []
    for i, (t, v) in enumerate(zip(times, VALUES, strict=True), 1):
        text = f"{v:.1f}"
        half, h = ("am", "pm")[t.hour >= 12], t.hour % 12 or 12
        told = {"v": text.replace(".", ",") if comma else text, "f": f"{v * 1.8 + 32:.2f}", "round": f"({-v:.1f})" if v < 0 else text,
                "behind": f"{-v:.1f}-" if v < 0 else text, "whole": text.split(".")[0], "part": text.split(".")[1], "h": h,
                "cn": "上午" if half == "am" else "下午", "jp": "午前" if half == "am" else "午後", "es": half[0] + ".\u00a0m."}  # fmt: skip
        made.append(line.format(i=i, t=t, half=half, **told) + end)
    return "".join(made)


READ: dict[str, tuple[str | bytes, dict[str, str]]] = {
    "HOBO": ('"Plot Title: Fridge"\n"#","Date Time, GMT+07:00","Temp, °C (LGR S/N: 20123456, SEN S/N: 1, LBL: T)","Host Connected (LGR S/N: 20123456)"\n'
             + rows("{i},{t:%m/%d/%y %I:%M:%S %p},{v},") + "9,03/13/26 12:43:22 PM,,Logged\n", {}),
    "EasyLog": ("EasyLog USB,Time,Celsius(°C),High Alarm,Low Alarm,Serial Number\n" + rows("{i},{t:%d/%m/%Y %H:%M:%S},{v},8.0,2.0").replace("2.0\n", "2.0,010006241\n", 1), {}),
    "EasyLog RH in cp1252": (("EL-USB-2,Time,Celsius(°C),Humidity(%rh),dew point(°C)\r\n" + rows("{i},{t:%d/%m/%Y %H:%M:%S},{v},45.0,1.1", end="\r\n")).encode("cp1252"), {}),
    "Testo": ("Gerät;testo 174T\nSeriennummer;39712345\n\nDatum / Uhrzeit;Temperatur [°C]\n" + rows("{t:%d.%m.%Y %H:%M:%S};{v}", comma=True), {}),
    "UTF-16": (("\ufeffDatum;Uhrzeit;Temperatur [°C]\r\n" + rows("{t:%d.%m.%Y};{t:%H:%M};{v}", comma=True, end="\r\n")).encode("utf-16-le"), {}),
    "LogTag": ('"LogTag ID: 9900123456"\n"Date","Time","Elapsed Time","Reading °C"\n' + rows('"{t:%d/%m/%Y}","{t:%H:%M:%S}","00:00:00","{v}"'), {}),
    "tabs and °F": ("Date\tTime\tTemp (F)\n" + rows("{t:%m/%d/%Y}\t{t:%I:%M:%S %p}\t{f}"), {}),
    "AM and PM apart": ("Date,Time,AM/PM,Temp °C\n" + rows("{t:%m/%d/%Y},{t:%I:%M:%S},{half},{v}"), {}),
    "(1.5)": ("Time,Temperature (°C)\n" + rows("{t:%Y-%m-%d %H:%M},{round}"), {}),
    "1.5-": ("Time,Temperature (°C)\n" + rows("{t:%Y-%m-%d %H:%M},{behind}"), {}),
    "decimals apart": ("Date,Time,Temperature °C,Humidity %\n" + rows("{t:%Y-%m-%d},{t:%H:%M},{whole},{part},45,1"), {}),
    "decimals apart, told": (rows("{t:%Y-%m-%d},{t:%H:%M},{whole},{part}"), {"decimal": ","}),
    "one of two, told": ("Time,Probe 1 (°C),Probe 2 (°C)\n" + rows("{t:%Y-%m-%d %H:%M},9.9,{v}"), {"channel": "Probe 2 (°C)"}),
    "title and end": ("Serial Number:,ABC12345\nStart Time:,2026-03-13 11:30:00\nNumber of Readings:,8\nMinimum Temperature (°C):,-0.5\nMaximum Temperature (°C):,12.3\n\n"
                      "Reading,Date/Time,Temperature (°C)\n" + rows("{i},{t:%Y-%m-%d %H:%M:%S},{v}") + "\nEnd of report\n", {}),
    "Japanese": ("日時,温度(℃)\n" + rows("{t:%Y/%m/%d} {jp} {h}:{t:%M:%S},{v}"), {}),
    "Chinese": ("时间,温度(℃)\n" + rows("{t:%Y/%m/%d} {cn}{h}:{t:%M:%S},{v}"), {}),
    "Spanish": ("Fecha;Hora;Temperatura °C\n" + rows("{t:%d/%m/%Y};{h}:{t:%M:%S} {es};{v}", comma=True), {}),
    "Indonesian": ("Tanggal;Waktu;Suhu (°C)\n" + rows("{t:%d/%m/%Y};{t:%H.%M.%S};{v}", comma=True), {}),
    "Indonesian, short": ("Tanggal;Waktu;Suhu (°C)\n" + rows("{t:%d/%m/%Y};{t:%H.%M};{v}", comma=True), {}),
    "Indonesian months": ("Waktu;Suhu (°C)\n" + rows("{t.day} Maret {t.year} {t:%H.%M};{v}"), {}),
    "month by name": ("Timestamp,Temp 1 (°C)\n" + rows("{t:%d-%b-%y %I:%M:%S %p},{v}"), {}),
    "weekday": ("Time,Temp (°C)\n" + rows("{t:%a %d/%m/%Y %H:%M:%S},{v}"), {}),
    "offset": ("timestamp,temp_c\n" + rows("{t:%Y-%m-%dT%H:%M:%S}.000+07:00,{v}"), {}),
    "units in cells": ("Time;Temp\n" + rows("{t:%Y-%m-%d %H:%M};{v} °C"), {}),
    "Meaco": ("RECEIVER,TRANSMITTER,DATE,TEMPERATURE,HUMIDITY\n" + rows('"Library","Archive 1","{t:%Y-%m-%d %H:%M}",{v},54.9'), {}),
    "ELPRO": ("ELPRO LIBERO;;\nDevice ID;1234567;\nTime zone;UTC+07:00;\nLog interval;10 min;\n\n#;Date Time;Ch1 Temperature [°C];Event\n" + rows("{i};{t:%d.%m.%Y %H:%M:%S};{v};"), {}),
    "Vaisala": ("viewLinc Report,,\nTime (UTC+07:00),Fridge 12 Temperature (°C),Fridge 12 RH (%RH)\n" + rows("{t:%d/%m/%Y %H:%M:%S},{v},45.1"), {}),
    "Dickson": ("Dickson DSB,Serial Number: 12345678\nTimestamp,Temperature (Fahrenheit)\n" + rows("{t:%m/%d/%Y %H:%M:%S},{f}"), {}),
    "bars": ("|Time|Temp C|\n" + rows("|{t:%Y-%m-%d %H:%M}|{v}|"), {}),
    "commas in quotes": ('"Zeit","Temperatur °C"\n' + rows('"{t:%d.%m.%Y %H:%M}","{v}"', comma=True), {}),
    "order told": ("Time,Temp °C\n" + rows("{t:%d/%m/%Y %H:%M},{v}", EARLY), {"date_order": "dmy"}),
}  # fmt: skip


def attempt(data: str | bytes, **told: str) -> loggers.LoggerFile:
    raw = data if isinstance(data, bytes) else data.encode()
    return loggers.read("x", raw, Told(zone=JAKARTA, **told))


@pytest.mark.parametrize("name", sorted(READ))
def test_an_export_of_another_maker_reads_right(name):
    data, told = READ[name]
    file = attempt(data, **told)
    times = EARLY if name == "order told" else TIMES
    assert [datetime.fromtimestamp(at, JAKARTA).replace(tzinfo=None) for at in file.times] == times
    assert list(file.values) == pytest.approx([round(1000 * value) for value in VALUES], abs=3)
    assert file.confirm
    assert file.interval_s == 600


def test_what_the_file_says_of_itself_is_shown():
    file = attempt(READ["HOBO"][0])
    assert (file.serial, file.zone, file.channel) == (
        "20123456",
        "UTC+07:00",
        "Temp, °C (LGR S/N: 20123456, SEN S/N: 1, LBL: T)",
    )
    assert [one.code for one in file.warnings] == ["readings_missing"]
    assert file.understanding["zone_from"] == "file"
    assert [attempt(READ[name][0]).serial for name in ("EasyLog", "Testo", "LogTag", "ELPRO")] == [
        "010006241",
        "39712345",
        "9900123456",
        "1234567",
    ]


ASKED: dict[str, tuple[str | bytes, str, str | None]] = {
    "two orders": ("Time,Temp °C\n" + rows("{t:%d/%m/%Y %H:%M},{v}", EARLY), "logger_ambiguous_date", "date_order"),
    "three orders": ("Time;Temp °C\n" + rows("{t:%d.%m.%y %H:%M};{v}", EARLY), "logger_ambiguous_date", "date_order"),
    "decimals or channels": (rows("{t:%Y-%m-%d},{t:%H:%M},{whole},{part}"), "logger_ambiguous_decimal", "decimal"),
    "two probes": ("Time,Probe 1 (°C),Probe 2 (°C)\n" + rows("{t:%Y-%m-%d %H:%M},{v},9.9"), "logger_several_channels", "channel"),
    "extremes alone": ("Time,Min °C,Max °C,Avg °C\n" + rows("{t:%Y-%m-%d %H:%M},{v},{v},{v}"), "logger_several_channels", "channel"),
    "both units": ("Time,Temp (°C/°F)\n" + rows("{t:%Y-%m-%d %H:%M},{v}"), "logger_unit_unknown", "unit"),
    "humidity alone": ("Time,Humidity (%)\n" + rows("{t:%Y-%m-%d %H:%M},{v}"), "logger_no_temperature", None),
    "newest first": ("Time,Temp °C\n" + "".join(reversed(rows("{t:%Y-%m-%d %H:%M},{v}").splitlines(True))), "logger_not_in_order", None),
    "a count above the rows": ("Number of readings: 9\nTime,Temp °C\n" + rows("{t:%Y-%m-%d %H:%M},{v}"), "logger_truncated", None),
    "a count below the rows": ("Number of readings: 7\nTime,Temp °C\n" + rows("{t:%Y-%m-%d %H:%M},{v}"), "logger_contradicts_itself", None),
    "an end after the rows": ("Last reading;2026-03-13 18:00\n\nTime;Temp °C\n" + rows("{t:%Y-%m-%d %H:%M};{v}"), "logger_truncated", None),
    "one reading off the beat": ("Time,Temp °C\n" + rows("{t:%Y-%m-%d %H:%M},{v}").replace("12:00", "12:03"), "logger_off_beat", None),
    "web page": (b"<html><table><tr><td>2026-03-13 08:00</td></tr></table>", "logger_is_markup", None),
    "entity bomb": (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>", "logger_is_markup", None),
    "archive": (b"PK\x03\x04" + bytes(2_000), "logger_is_archive", None),
    "packed": (b"\x1f\x8b\x08" + bytes(2_000), "logger_is_archive", None),
    "JSON": (b'[{"time":"2026-03-13 08:00","temp":5.0}]', "logger_unknown_format", None),
    "macros": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "_VBA_PROJECT_CUR".encode("utf-16-le") + bytes(480), "logger_has_macros", None),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ASKED))
def test_what_two_readings_fit_is_asked_and_what_is_no_table_is_named(name):
    data, code, asked = ASKED[name]
    with pytest.raises(Refused) as caught:
        attempt(data)
    assert caught.value.code == code
    choices = caught.value.values.get("choices")
    assert (caught.value.values["field"], len(choices) > 1) == (asked, True) if asked else choices is None


def test_both_readings_of_a_date_are_named():
    with pytest.raises(Refused) as caught:
        attempt(ASKED["two orders"][0])
    assert caught.value.values["dates"] == {"dmy": "2026-03-04", "mdy": "2026-04-03"}


def test_a_file_that_goes_on_past_midnight_shows_its_order_itself():
    late = [datetime(2026, 3, 4, 23, 0) + timedelta(minutes=10 * i) for i in range(8)]
    file = attempt("Time,Temp °C\n" + rows("{t:%d/%m/%Y %H:%M},{v}", late))
    assert datetime.fromtimestamp(file.times[-1], JAKARTA).replace(tzinfo=None) == late[-1]


def test_a_silent_file_without_a_mission_is_asked_for_its_zone():
    with pytest.raises(Refused) as caught:
        loggers.read("x", b"time,temperature_c\n2026-03-01T08:00:00,4.9\n2026-03-01T08:05:00,5.0\n", Told())
    assert (caught.value.code, caught.value.values["field"]) == ("logger_zone_missing", "zone")
    assert caught.value.values["choices"] == ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]


@pytest.mark.parametrize(
    "word", ["NA", "---", "", "ERR", "open circuit", "no sensor", "-127.0", "850", "-999", "#N/A", "--.-"]
)
def test_a_missing_reading_is_left_out_and_told(word):
    file = attempt("Time,Temp (°C)\n" + rows("{t:%Y-%m-%d %H:%M},{v}").replace(",12.3", f",{word}"))
    assert list(file.values) == [round(1000 * value) for value in VALUES if value != 12.3]
    assert "readings_missing" in [one.code for one in file.warnings]


def test_the_makers_figures_are_held_against_ours():
    def notices(high: str) -> list[str]:
        found = attempt("Time,Temp °C\n" + rows("{t:%Y-%m-%d %H:%M},{v}") + f"\nMin,-0.5\nMax,{high}\n").warnings
        return [one.code for one in found]

    assert "maker_differs" not in notices("12.3")
    assert "maker_differs" in notices("13.3")


def test_clocks_that_were_set_are_placed_or_refused():
    def lines(hours: str) -> bytes:
        return (
            "Time,Temp °C\n" + "".join(f"2026-10-25 {hour},5.{i}\n" for i, hour in enumerate(hours.split()))
        ).encode()

    berlin = Told(zone=ZoneInfo("Europe/Berlin"))
    file = loggers.read("x", lines("00:30 01:30 03:30 04:30"), berlin)
    assert [b - a for a, b in zip(file.times, file.times[1:], strict=False)] == [3_600, 10_800, 3_600]
    with pytest.raises(Refused, match="logger_ambiguous_time"):
        loggers.read("x", lines("00:30 01:30 02:30 03:30"), berlin)

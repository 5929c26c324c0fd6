"""What titles and footers say is heard in many words, every time it is said; and a person looks where it differs from ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.loggers.golden import JAKARTA
from traceability import loggers
from traceability.domain.errors import Refused
from traceability.loggers import LoggerFile, Told

ROWS = [f"2026-03-01 08:{n:02}:00,{4 + n // 10 / 10:.1f}" for n in range(0, 60, 2)]
"""4.0 to 4.5 °C, 4.25 in the mean."""


def read(above: str, below: str = "") -> LoggerFile:
    data = above + "date,temp (°C)\n" + "\n".join(ROWS) + "\n" + below
    return loggers.read("x.csv", data.encode(), Told(JAKARTA))


def plain(*titles: str) -> LoggerFile:
    rows = [row.replace(" ", "T") for row in ROWS]
    return loggers.read("x.csv", "\n".join([*titles, "time,temperature_c", *rows, ""]).encode(), Told(JAKARTA))


def codes(file: LoggerFile) -> list[str]:
    return [one.code for one in file.warnings]


# ── the maker's own figures ──


@pytest.mark.parametrize(
    ("label", "name"),
    [
        *((label, "max") for label in (
            "Maximum", "Max", "Max.", "max_c", "MAX TEMP", "Max reading", "Maximum temperature", "Temperature (max)", "Temp. max", "T max",
            "T-max", "Tmax", "TMax (°C)", "MaxTemp", "temp_max_c", "Highest reading", "Peak", "Peak temperature", "Recorded maximum",
            "Suhu maksimum", "Suhu tertinggi", "Nilai maksimum", "Maks", "Höchste Temperatur", "Höchstwert", "Maximalwert",
            "Temperatur Maximum", "Température maximale", "Temp. maxi", "Température la plus haute", "Temperatura máxima", "Máximo",
            "Valor máximo",
        )),
        *((label, "min") for label in (
            "Minimum", "Min", "Tmin", "T min", "min_c", "MinTemp", "Temperature (min)", "Lowest reading", "Suhu minimum", "Suhu minimal",
            "Suhu terendah", "Tiefste Temperatur", "Minimalwert", "Température minimale", "Mini", "Temperatura mínima", "Mínimo",
        )),
        *((label, "mean") for label in (
            "Mean", "Average", "Avg", "Avg. temp", "Temperature (average)", "Tavg", "Tmean", "Suhu rata-rata", "Rata-rata", "Rerata",
            "Mittelwert", "Durchschnitt", "Durchschnittstemperatur", "Température moyenne", "Moyenne", "Temperatura media", "Promedio",
        )),
        *((label, "mkt") for label in ("MKT", "MKT (°C)", "Mean kinetic temperature", "Suhu kinetik rata-rata")),
    ],
)  # fmt: skip
def test_the_makers_figure_is_compared_whatever_it_is_called(label, name):
    (notice,) = [one for one in read(f"{label}: 14.0 °C\n").warnings if one.code == "maker_differs"]
    assert list(notice.values) == [name]
    assert notice.values[name]["maker_mc"] == 14_000
    assert "maker_differs" not in codes(read(f"{label}: {dict(min=4.0, max=4.5).get(name, 4.3)} °C\n"))


@pytest.mark.parametrize(
    "title",
    [
        "Maximum humidity: 60 %", "Max. alarm: 14", "Alarm limit max: 14 °C", "Kelembaban maksimum: 60", "Max. Feuchte: 60", "Set max: 14",
        "Minutes above 8: 0", "Max time: 14", "Max dew point: 14 °C", "Min battery: 3.1 V", "Max 60 %RH: 60 %", "Median: 14",
        "Batas maksimum: 8", "Maximum duration: 2 h", "Operator Max: 14", "Time of maximum: 08:50",
    ],
)  # fmt: skip
def test_what_is_no_figure_of_the_temperature_is_compared_with_nothing(title):
    assert "maker_differs" not in codes(read(title + "\n"))


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("Maximum: 14.0 °C\n", "Maximum: 14.0 °C\n"),
        ("Maximum: 14.0 °C\n", "Max: 4.5\n"),
        ("Maximum: 4.5 °C\n", "Peak: 14.0\n"),
        ("Maximum: 4.4 °C\n", "Maximum: 4.6 °C\n"),  # each a rounding of ours, and not of each other
        ("Min/Max: 4.0 / 14.0 °C\n", ""),
        ("Min/Max,4.0,14.0\n", ""),
        ("Maximum: 14.0 °C at 08:50\n", ""),
        ("Maximum: 2026-03-01 08:50 14.0 °C\n", ""),
        ("Maximum: 14.0 °C / 60 %RH\n", ""),
    ],
)
def test_a_figure_that_is_told_twice_or_beside_others_is_compared_each_time(above, below):
    (notice,) = [one for one in read(above, below).warnings if one.code == "maker_differs"]
    assert list(notice.values) == ["max"]


def test_figures_that_agree_each_time_are_no_difference():
    file = read("Maximum: 4.5 °C\nMinimum: 4.0\n", "Max: 4.5\nMin/Max/Mean: 4.0/4.5/4.3\n")
    assert "maker_differs" not in codes(file)
    assert (file.maker.min_mc, file.maker.max_mc, file.maker.mean_mc) == (4_000, 4_500, 4_300)


# ── the plain dialect, in other words than its own ──


def test_a_plain_file_with_its_own_titles_alone_asks_nobody():
    file = plain("# serial: A-1", "# zone: Asia/Jakarta", "# interval_s: 120", "# readings: 30", "#", "# ----")
    assert (file.confirm, file.serial, file.warnings) == (False, "A-1", ())


@pytest.mark.parametrize("title", ["# Zone: UTC", "# timezone: UTC", "#Time zone: UTC+00:00", "# Zona waktu: GMT"])
def test_a_zone_in_other_words_is_heard_and_a_person_asked(title):
    file = plain("# serial: A-1", title)
    assert file.first == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert file.confirm
    assert codes(file) == ["title_unheard", "zone_differs"]


@pytest.mark.parametrize("title", ["# Serial: X-9", "# S/N: X-9", "# Logger ID: X-9", "# Nomor seri: X-9"])
def test_a_serial_in_other_words_is_heard_and_a_person_asked(title):
    file = plain(title)
    assert (file.serial, file.confirm) == ("X-9", True)
    with pytest.raises(Refused, match="logger_contradicts_itself"):
        plain("# serial: A-1", title)


@pytest.mark.parametrize("title", ["# unit: F", "# Temperature unit: °F", "# Satuan: Fahrenheit"])
def test_another_unit_in_a_title_contradicts_the_column(title):
    with pytest.raises(Refused, match="logger_contradicts_itself"):
        plain(title)


@pytest.mark.parametrize("title", ["# Max: 14.0", "# max_c: 14.0", "# Suhu tertinggi: 14.0"])
def test_a_makers_figure_in_a_plain_file_is_compared(title):
    file = plain(title)
    assert (file.confirm, file.maker.max_mc) == (True, 14_000)
    assert "maker_differs" in codes(file)


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("# Number of readings: 31", "logger_truncated"),
        ("# Number of readings: 29", "logger_contradicts_itself"),
        ("# Last reading: 2026-03-01 09:40:00", "logger_truncated"),
        ("# Unit: 0.1 °C", "logger_scale_unknown"),
    ],
)
def test_what_a_plain_files_titles_say_of_its_rows_has_to_be_so(title, code):
    with pytest.raises(Refused, match=code):
        plain(title)


@pytest.mark.parametrize("title", ["# times are UTC", "# channel 2 of 3", "# Suhu dalam Fahrenheit", "# sensor: door"])
def test_a_title_that_nobody_understands_is_shown_to_a_person(title):
    """By its row: what it says may be anybody's name, and is not kept."""
    file = plain("# serial: A-1", title)
    assert file.confirm
    assert (file.warnings[0].code, file.warnings[0].values) == ("title_unheard", {"row": 2, "count": 1})


def test_two_zones_in_one_plain_file_are_refused():
    with pytest.raises(Refused, match="logger_contradicts_itself"):
        plain("# zone: Asia/Jakarta", "# Time zone: UTC+09:00")


# ── the zone of the file and that of its mission ──


@pytest.mark.parametrize(
    ("offset", "confirm"), [("+07:00", False), ("Z", False), ("+00:00", False), ("+08:00", True), ("-05:00", True)]
)
def test_times_by_another_clock_than_the_missions_are_confirmed_by_a_person(offset, confirm):
    """UTC is how programs write any time; an offset that is neither is how a logger left the factory."""
    data = f"time,temperature_c\n2026-03-01T08:00:00{offset},4.0\n2026-03-01T08:05:00{offset},4.1\n"
    file = loggers.read("x.csv", data.encode(), Told(JAKARTA))
    assert (file.confirm, codes(file)) == (confirm, ["zone_differs"] * confirm)


def test_a_zone_that_a_plain_file_names_and_its_mission_does_not_have_is_confirmed():
    assert plain("# zone: Asia/Makassar").confirm
    assert not plain("# zone: Asia/Jakarta").confirm

"""What a table says of its unit, its scale, its clocks and its range is obeyed, or asked about, or refused; never overheard."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.loggers.test_general import JAKARTA, TIMES, VALUES, attempt, rows
from traceability import loggers
from traceability.domain.errors import Refused
from traceability.loggers import Told
from traceability.loggers.wholesale import Wholesale
from traceability.services import sensors

LONG = [TIMES[0] + timedelta(minutes=10 * i) for i in range(40)]

# ── what a file says of its unit, its scale and its clocks ──


IN_F = rows("{t:%Y-%m-%d %H:%M},{f}")
UNIT_ELSEWHERE = {
    "a row of its own under the names": "Time,Temperature\n,°F\n" + IN_F,
    "before the table": "Unit: Fahrenheit\nTime,Temperature\n" + IN_F,
    "before the table, in words": "Units,degrees F\n\nTime,Temperature\n" + IN_F,
    "a scale by name": "Temperature scale,°F\nTime,Temperature\n" + IN_F,
    "alone in its line": "(°F)\nTime,Temperature\n" + IN_F,
    "at the end": "Time,Temperature\n" + IN_F + "Unit: °F\n",
}


@pytest.mark.parametrize("where", sorted(UNIT_ELSEWHERE))
def test_fahrenheit_is_obeyed_wherever_the_file_says_it(where):
    file = attempt(UNIT_ELSEWHERE[where])
    assert file.unit == "F"
    assert list(file.values) == pytest.approx([round(1000 * value) for value in VALUES], abs=3)
    assert "unit_assumed" not in [one.code for one in file.warnings]


def test_two_units_in_one_file_are_both_named():
    with pytest.raises(Refused, match="logger_contradicts_itself") as caught:
        attempt("Unit: °F\nTime,Temperature (°C)\n" + IN_F)
    assert (caught.value.values["said"], caught.value.values["found"]) == ("F", "C")
    for twice in ("Unit: °C/°F\nTime,Temperature\n", "Unit: C\nTemperature unit: F\nTime,Temperature\n"):
        with pytest.raises(Refused, match="logger_unit_unknown") as caught:
            attempt(twice + IN_F)
        assert (caught.value.values["field"], caught.value.values["choices"]) == ("unit", ["C", "F"])
        assert attempt(twice + IN_F, unit="F").unit == "F"


def test_a_line_that_speaks_of_fahrenheit_beside_readings_without_a_unit_makes_it_a_question():
    with pytest.raises(Refused, match="logger_unit_unknown") as caught:
        attempt("Alarm above 46 °F\nTime,Temperature\n" + IN_F)
    assert caught.value.values["choices"] == ["C", "F"]


def test_a_file_without_a_unit_is_shown_in_celsius_and_asked_about_before_it_is_kept():
    bare = "Time,Temperature\n" + rows("{t:%Y-%m-%d %H:%M},{v}")
    file = attempt(bare)
    asked = loggers.unit_asked(file)
    assert asked is not None
    assert (asked.code, asked.values["field"], asked.values["choices"]) == ("logger_unit_unknown", "unit", ["C", "F"])
    assert asked.values["ways"] == ["-0.5 … 12.3 °C", "-18.1 … -10.9 °C"]
    with pytest.raises(Refused, match="logger_unit_unknown"):
        sensors.read_log("x.csv", bare.encode(), JAKARTA)
    assert sensors.read_log("x.csv", bare.encode(), JAKARTA, Told(unit="C")).file.values == file.values
    assert loggers.unit_asked(attempt("Time,Temp °C\n" + rows("{t:%Y-%m-%d %H:%M},{v}"))) is None


@pytest.mark.parametrize(
    "head",
    ["Time,Temperature (0.1 °C)", "Time,Temp x10 °C", "Time,Temp (m°C)", "Time,Temp °C/10", "Time,Temp (1/10 °C)", "Time,Temperature (K)",
     "Time,Temperature [tenths of °C]", "Unit: 0.1 °C\nTime,Temperature", "Scale: 10\nTime,Temp °C", "Temperature unit: K\nTime,Temp"],
)  # fmt: skip
def test_a_scale_that_is_not_whole_degrees_is_refused(head):
    with pytest.raises(Refused, match="logger_scale_unknown"):
        attempt(head + "\n" + rows("{t:%Y-%m-%d %H:%M},{v}"))


@pytest.mark.parametrize(
    "name", ["Pt-100 °C", "Sensor C °C", "Milli-Q cold room °C", "Thermocouple (K) °C", "Channel 10 °C", "Box x1 (°C)"]
)
def test_what_a_sensor_is_called_is_no_scale(name):
    assert list(attempt(f"Time,{name}\n" + rows("{t:%Y-%m-%d %H:%M},{v}")).values) == [round(1000 * v) for v in VALUES]


def test_many_different_numbers_that_cannot_be_are_another_scale_and_not_missing():
    """Tenths of a degree, and nobody says so: 204 is 20.4 °C and no lost reading; the word of a lost probe is one number."""
    tenths = [f"{t:%Y-%m-%d %H:%M},{(-200 - i % 7, -80)[i in (3, 4)]}" for i, t in enumerate(LONG)]
    with pytest.raises(Refused, match="logger_scale_unknown") as caught:
        attempt("Time,Temp °C\n" + "\n".join(tenths) + "\n")
    assert caught.value.values["value"] == "-202"
    assert caught.value.values["row"] == 4


@pytest.mark.parametrize(
    "name",
    [
        "Temperature change (°C)",
        "Temp difference °C",
        "ΔT °C",
        "Delta T (°C)",
        "Dew point °C",
        "Limit °C",
        "Selisih suhu °C",
    ],
)
def test_a_change_a_dew_point_and_a_limit_are_no_temperature(name):
    table = f"Time,{name},Temperature (°C)\n" + rows("{t:%Y-%m-%d %H:%M},0.1,{v}")
    assert attempt(table).channel == "Temperature (°C)"
    with pytest.raises(Refused, match="logger_no_temperature"):
        attempt(f"Time,{name}\n" + rows("{t:%Y-%m-%d %H:%M},{v}"))
    with pytest.raises(Refused, match="logger_several_channels") as caught:  # no name says that it is one
        attempt(f"Time,{name},Sensor A\n" + rows("{t:%Y-%m-%d %H:%M},0.1,{v}"))
    assert caught.value.values["choices"] == ["Sensor A"]


@pytest.mark.parametrize("name", ["Average Temperature (°C)", "Max °C", "Suhu terendah (°C)", "Mean"])
def test_a_mean_or_an_extreme_is_taken_only_where_a_person_says_so(name):
    table = f"Time,{name}\n" + rows("{t:%Y-%m-%d %H:%M},{v}")
    with pytest.raises(Refused, match="logger_statistic_alone") as caught:
        attempt(table)
    assert (caught.value.values["field"], caught.value.values["choices"]) == ("channel", [name])
    assert attempt(table, channel=name).channel == name
    with pytest.raises(Refused, match="logger_several_channels") as caught:
        attempt(f"Time,{name},Sensor A\n" + rows("{t:%Y-%m-%d %H:%M},{v},5.0"))
    assert caught.value.values["choices"] == [name, "Sensor A"]


LATER = {
    "in one cell": "Server time,Device time,Temperature (°C)\n{}",
    "apart": "Upload date,Upload time,Date,Time,Temperature (°C)\n{}",
}
CLOCKS = {"in one cell": ["Server time", "Device time"], "apart": ["Upload date Upload time", "Date Time"]}


def two_clocks(name: str, late: timedelta = timedelta(hours=3)) -> str:
    sign = " " if name == "in one cell" else ","
    lines = [f"{t + late:%Y-%m-%d{sign}%H:%M},{t:%Y-%m-%d{sign}%H:%M},{v}" for t, v in zip(TIMES, VALUES, strict=True)]
    return LATER[name].format("\n".join(lines) + "\n")


@pytest.mark.parametrize("name", sorted(LATER))
def test_of_two_columns_of_times_a_person_says_which_are_those_of_the_readings(name):
    with pytest.raises(Refused, match="logger_several_clocks") as caught:
        attempt(two_clocks(name))
    assert (caught.value.values["field"], caught.value.values["choices"]) == ("clock", CLOCKS[name])
    for clock, late in zip(CLOCKS[name], (timedelta(hours=3), timedelta(0)), strict=True):
        file = attempt(two_clocks(name), clock=clock)
        assert [datetime.fromtimestamp(at, JAKARTA).replace(tzinfo=None) for at in file.times] == [
            t + late for t in TIMES
        ]
        assert list(file.values) == [round(1000 * value) for value in VALUES]
    with pytest.raises(Refused, match="logger_clock_unknown"):
        attempt(two_clocks(name), clock="Wall clock")


def test_the_same_times_twice_the_time_of_reading_out_and_time_since_the_start_are_no_second_clock():
    assert attempt(two_clocks("in one cell", timedelta(0))).times == attempt(two_clocks("apart", timedelta(0))).times
    out = "Read out at,Time,Temperature (°C)\n" + rows("2026-03-15 09:00:00,{t:%Y-%m-%d %H:%M},{v}")
    since = "Elapsed,Date,Since start,Time,Temperature (°C)\n" + rows(
        "0{i}:00:00,{t:%Y-%m-%d},0{i}:30:00,{t:%H:%M},{v}"
    )
    for data in (out, since):
        file = attempt(data)
        assert [datetime.fromtimestamp(at, JAKARTA).replace(tzinfo=None) for at in file.times] == TIMES


# ── what is beyond what the logger can measure ──

TOO_FAR = [
    "HI",
    "Hi",
    "High",
    "LO",
    "Low",
    "OL",
    "O.L.",
    "-OL",
    "OVER",
    "OVR",
    "UND",
    "under",
    "INF",
    "-inf",
    "+++",
    ">60",
    "> 60.0 °C",
    "<-40",
    "60+",
    "out of range",
]


@pytest.mark.parametrize("word", TOO_FAR)
@pytest.mark.parametrize("many_at_once", [True, False])
def test_warmer_or_colder_than_can_be_measured_is_no_missing_reading(word, many_at_once, monkeypatch):
    if not many_at_once:
        monkeypatch.setattr(Wholesale, "take", lambda self, lines, number: None)
    lines = [f"{t:%Y-%m-%d %H:%M},{word if i in (20, 22) else f'-20.{i % 5}'}" for i, t in enumerate(LONG)]
    with pytest.raises(Refused) as caught:
        attempt("Time,Temp (°C)\n" + "\n".join(lines) + "\n")
    assert (caught.value.code, caught.value.values["row"], caught.value.values["value"]) == (
        "logger_value_beyond",
        22,
        word,
    )


def test_a_sensor_that_was_never_attached_is_left_aside_and_one_that_comes_back_is_not():
    def table(last: str) -> str:
        lines = [f"{t:%Y-%m-%d %H:%M},{last if i == 39 else 'HI'},5.{i % 5}" for i, t in enumerate(LONG)]
        return "Time,Probe 1 (°C),Probe 2 (°C)\n" + "\n".join(lines) + "\n"

    assert attempt(table("HI")).channel == "Probe 2 (°C)"
    with pytest.raises(Refused, match="logger_several_channels") as caught:
        attempt(table("-20.0"))
    assert caught.value.values["choices"] == ["Probe 1 (°C)", "Probe 2 (°C)"]
    with pytest.raises(Refused, match="logger_value_beyond") as caught:
        attempt(table("-20.0"), channel="Probe 1 (°C)")
    assert caught.value.values["row"] == 2


def test_the_strict_dialect_says_so_too():
    with pytest.raises(Refused) as caught:
        attempt("time,temperature_c\n2026-03-01T08:00:00,4.9\n2026-03-01T08:05:00,HI\n")
    assert (caught.value.code, caught.value.values["row"]) == ("logger_value_beyond", 3)


def test_a_unit_that_is_a_fridge_is_no_unit_of_temperature():
    file = attempt("Unit: Fridge 2-8 °C\nTime,Temperature (°F)\n" + IN_F)
    assert file.unit == "F"
    assert loggers.unit_asked(attempt("Unit: Fridge 2-8 °C\nTime,Temperature\n" + rows("{t:%Y-%m-%d %H:%M},{v}")))

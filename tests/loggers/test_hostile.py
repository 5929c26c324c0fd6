"""Files made to be slow: a long run of one sign, wherever it stands, costs no more than to read it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType

import pytest

from tests.loggers.golden import JAKARTA
from traceability import loggers
from traceability.domain.errors import Refused
from traceability.loggers import Told, elitech, elitech_report

LONG = 20_000
ROWS = [f"{datetime(2026, 3, 1, 8) + timedelta(minutes=n):%Y-%m-%d %H:%M:%S},4.{n % 10}" for n in range(40)]
RUNS = {
    "spaces": "4" + " " * LONG + "x",
    "spaces behind a sign": "(" + " " * LONG + "x",
    "dashes": "-" * LONG + "x",
    "dots and dashes": ".-" * (LONG // 2) + "x",
    "beyond": ">" + " " * LONG + "x",
    "beyond and digits": ">" + "1." * (LONG // 2) + "x",
    "digits": "1" * LONG + "x",
    "letters": "a" * LONG,
    "letters and spaces": "a" + " " * LONG + "x",
    "clock": "08:00 a" + " " * LONG + "x",
    "months": "1 de " * (LONG // 5) + "x",
    "words": "1 1 2 " * (LONG // 6),
    "a length": "1d" + " " * LONG + "x",
    "a length of digits": "1d" + "1" * LONG + "x",
    "temperatures": "temp" * (LONG // 4),
    "numbers": "no " * (LONG // 3),
    "scales": "x10 1/10 " * (LONG // 9),
    "zones": "UTC " * (LONG // 4) + " " * LONG + "x",
    "serials": "SN " * (LONG // 3) + "-",
    "samples": "sampl" * (LONG // 5),
    "quotes": '"' * LONG,
}
PLACES = {
    "as a temperature": "time,temp (°C)\n" + "\n".join([*ROWS[:30], ROWS[30].split(",")[0] + ",{}", *ROWS[31:]]) + "\n",
    "as the first temperature": "time,temp (°C)\n" + "\n".join([ROWS[0].split(",")[0] + ",{}", *ROWS[1:]]) + "\n",
    "as a time": "time,temp (°C)\n" + "\n".join([*ROWS[:30], "{},4.0", *ROWS[31:]]) + "\n",
    "as a time of day": "date,time,temp (°C)\n"
    + "\n".join([row.replace(" ", ",") if n != 30 else "2026-03-01,{},4.0" for n, row in enumerate(ROWS)])
    + "\n",
    "as a title": "{}\ntime,temp (°C)\n" + "\n".join(ROWS) + "\n",
    "as what a title names": "{}: 5\ntime,temp (°C)\n" + "\n".join(ROWS) + "\n",
    "as an interval": "Logging interval: {}\ntime,temp (°C)\n" + "\n".join(ROWS) + "\n",
    "as a maximum": "Maximum: {}\ntime,temp (°C)\n" + "\n".join(ROWS) + "\n",
    "as a unit": "Unit: {}\ntime,temp (°C)\n" + "\n".join(ROWS) + "\n",
    "as a beginning": "First reading: {}\nTime zone: {}\ntime,temp (°C)\n" + "\n".join(ROWS) + "\n",
    "as the name of a column": "time,{}\n" + "\n".join(ROWS) + "\n",
    "below the table": "time,temp (°C)\n" + "\n".join(ROWS) + "\n\n{}: 5\n",
    "in the plain dialect": "# {}\n# {}: 4\ntime,temperature_c\n" + "\n".join(row.replace(" ", "T") for row in ROWS) + "\n",
    "as a plain temperature": "time,temperature_c\n2026-03-01T08:00:00,{}\n2026-03-01T08:05:00,4.0\n",
    "in a tag's file": "Device: Q-tag CLm\n{}\n t AccST: {}\nHist:\n 1:\n Date: 2026-03-01\n t AccST: {}\n",
}  # fmt: skip


class TooSlow(BaseException):
    """No reader catches it."""


@contextmanager
def within(cpu_seconds: float) -> Iterator[None]:
    """A net and no measurement: it counts this process's own work, a hundred times what is needed."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("place", PLACES)
def test_a_long_run_of_one_sign_is_read_or_refused_and_takes_no_longer_than_its_length(place):
    for run in RUNS.values():
        with within(20):
            try:
                file = loggers.read("slow.csv", PLACES[place].replace("{}", run).encode(), Told(JAKARTA))
            except Refused:
                continue
        assert set(file.values) == set(range(4_000, 5_000, 100))


@pytest.mark.parametrize(
    "cell",
    [
        "1 1 2 2 3 3 1:0 4 4 5 5 6 6 7 7 8 8 9 9 1 1 2 2 3",
        "1 1 2 2 3 3 1:0 4 4 5 5 6 6 7 7",
        "1 de mar de 26 a 1:0 a a",
    ],
)
def test_a_page_of_cells_that_are_nearly_times_is_refused_in_time_too(cell):
    """The lines in which titles are looked for, full of cells that could be dates."""
    data = ("\n".join(";".join([cell] * 40) for _ in range(400)) + "\n").encode()
    with within(20), pytest.raises(Refused):
        loggers.read("slow.csv", data, Told(JAKARTA))


@pytest.mark.parametrize("run", RUNS)
def test_a_cell_of_a_workbook_costs_no_more_than_to_read_it(run):
    text = RUNS[run]
    with within(20):
        for pattern in (elitech.NUMBER, elitech.MOMENT, elitech.LENGTH, elitech.CLOCK, elitech_report.ZONE):
            for cell in (text, f"4{text}", f"UTC{text}", f"01-02-2026 08:00{text}", f"01-02-2026{text}"):
                pattern.fullmatch(cell)
        for pattern in (elitech.FIGURE, elitech_report.UNIT):
            pattern.search(f"{text}4{text}°{text}")

"""Rows read many at once say what they say cell by cell: the same readings, notices and refusals, wherever a file is damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loggers.golden import JAKARTA, Dialect, dialects, golden
from tests.loggers.test_damage import ROUNDS
from traceability import loggers
from traceability.domain.errors import Refused
from traceability.loggers import Told, dialect
from traceability.loggers.wholesale import Known, Wholesale, in_runs

ALL = dialects()
seeds = st.integers(0, 2**32)


def outcome(data: bytes) -> object:
    """All that a file comes to: the digest covers what was understood of it, with every notice."""
    try:
        file = loggers.read("x.csv", data, Told(zone=JAKARTA))
    except Refused as refused:
        return refused.code, refused.values
    return list(file.times), list(file.values), file.steps, file.warnings, file.digest


def cell_by_cell(data: bytes) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Wholesale, "take", lambda self, lines, number: None)
        return outcome(data)


def strict(made_of: list[tuple[int, int]]) -> bytes:
    rows = [f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}Z,{mc / 1000:.1f}" for at, mc in made_of]
    return ("\n".join(["# serial: AB-1", "time,temperature_c", *rows]) + "\n").encode()


def damaged(chance: Random, data: bytes) -> bytes:
    """One to three places changed, so that some rows stay alike and some do not."""
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(data))
        put = chance.choice(
            [
                b"",
                b"0",
                b"7",
                b",",
                b";",
                b"\n",
                b'"',
                b"-",
                b".",
                b" ",
                b"NA",
                b"HI",
                b">6",
                b"\t",
                b"A",
                b":",
                b"\xc2\xb0",
                b"T",
            ]
        )
        data = data[:at] + put + data[at + chance.randrange(3) :]
    return data


@settings(max_examples=ROUNDS)
@given(seeds)
def test_a_damaged_file_comes_to_the_same_read_many_rows_at_once_and_cell_by_cell(seed):
    chance = Random(seed)
    made = golden(chance.choice(ALL), seed)
    data = strict(list(made.right)) if chance.random() < 0.2 else made.data()
    if chance.random() < 0.9:
        data = damaged(chance, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            dialect, "CHUNK", chance.choice([80, 300, 700, 1 << 18])
        )  # so that rows alike and others take turns
        assert outcome(data) == cell_by_cell(data), data


def test_the_usual_ways_of_writing_are_read_many_rows_at_once(monkeypatch):
    taken: list[bool] = []
    take = Wholesale.take

    def watched(self, lines, number):
        made = take(self, lines, number)
        taken.append(made is not None)
        return made

    monkeypatch.setattr(Wholesale, "take", watched)
    for one in ALL:
        outcome(golden(one).data())
    outcome(strict(list(golden(Dialect()).right)))
    assert taken[-1]
    assert sum(taken) >= 0.7 * len(taken), (sum(taken), len(taken))


@pytest.mark.parametrize("apart", [False, True])
def test_lines_joined_and_torn_so_that_the_cells_add_up_are_refused(apart):
    made = golden(Dialect(delimiter=";", apart=apart))
    lines, row = list(made.lines), made.rows[20]
    date, *rest = lines[row + 2].split(";")
    lines[row : row + 3] = [f"{lines[row]};{lines[row + 1]}", date, ";".join(rest)]
    assert outcome(made.data(lines)) == ("logger_row_unreadable", {"row": row + 1, "name": "x.csv"})


@pytest.mark.parametrize("said", ["1:", "21", "2O", "+20", "020", ""])
def test_a_row_that_numbers_itself_otherwise_is_looked_at_by_itself(said):
    made = golden(Dialect(number=True))
    lines, row = list(made.lines), made.rows[19]
    lines[row] = said + lines[row].removeprefix("20")
    found = outcome(made.data(lines))
    assert found == cell_by_cell(made.data(lines))
    refused = isinstance(found, tuple) and found[0] == "logger_damaged"
    assert refused is (said not in ("+20", "020"))
    assert not refused or found[1]["row"] == row + 1


alike = st.sampled_from(["2026-03-", "2026-03", "12:00:00", "12:00", ""])
texts = st.builds(lambda one, two: (one + two)[:16], alike, st.text("01Z", max_size=3))


@settings(max_examples=200)
@given(st.lists(st.lists(texts, min_size=1, max_size=40), min_size=1, max_size=4), st.integers(1, 4))
def test_a_text_is_never_taken_for_another_however_few_slots_there_are(chunks, bits):
    numbers: dict[str, int] = {}

    def reader(one: str, two: str) -> int:
        return numbers.setdefault(one + two, len(numbers))

    known = Known(reader, bits)
    for chunk in chunks:
        ones = np.array([int.from_bytes(text[:8].encode(), "little") for text in chunk], dtype=np.uint64)
        twos = np.array([int.from_bytes(text[8:].encode(), "little") for text in chunk], dtype=np.uint64)
        short = max(map(len, chunk)) <= 8
        wanted = [reader(text, "") for text in chunk]
        assert known.of(ones, None if short else twos).tolist() == wanted
        assert in_runs(reader, ones, None if short else twos).tolist() == wanted


def test_days_numbered_in_turn_get_their_dates_where_the_clock_is_ahead_of_utc():
    """09/03, 10/03, 05/04 is one order of two; at 03:00+07:00 the UTC day is the one before."""
    days = [("09/03/2026", 3), ("10/03/2026", 3), ("05/04/2026", 3), ("06/04/2026", 3)]
    rows = [
        f"{day} 0{hour}:{minute:02}:00+07:00,{4 + minute / 100:.1f}"
        for day, hour in days
        for minute in range(0, 60, 10)
    ]
    data = "\n".join(["Time,Temperature °C", *rows]) + "\n"
    file = loggers.read("x.csv", data.encode(), Told(zone=JAKARTA))
    found = {datetime.fromtimestamp(at, JAKARTA).strftime("%d/%m/%Y %H") for at in file.times}
    assert found == {f"{day} 0{hour}" for day, hour in days}

"""Golden files in every dialect read right; damaged, they give the right readings or a clear refusal.

What leaves no trace cannot be found, and the oracle says so: in a file without counts, lines lost at its end or its
beginning; a line lost in the middle is told as an uneven step; one digit of one temperature, or its sign, that became
another, where neither the beat nor the number of decimals nor the maker's figures show it; at either end also its decimal
sign, for there one neighbour alone tells a jump."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loggers.golden import JAKARTA, Golden, dialects, golden
from tests.loggers.test_loggers import LOGGERS, needs_corpus
from traceability import loggers
from traceability.domain.errors import Refused
from traceability.loggers import LoggerFile, Told

ALL = dialects()
ROUNDS = int(os.environ.get("MUTATIONS", "400"))
seeds = st.integers(0, 2**32)


def attempt(data: bytes) -> LoggerFile | Refused:
    try:
        return loggers.read("x.csv", data, Told(zone=JAKARTA))
    except Refused as refused:
        if "reason" in refused.values:  # a reader met what its author did not think of
            raise
        return refused


def readings(file: LoggerFile) -> list[tuple[int, int]]:
    return list(zip(file.times, file.values, strict=True))


def codes(file: LoggerFile) -> set[str]:
    return {one.code for one in file.warnings}


@pytest.mark.parametrize("dialect", ALL, ids=str)
def test_a_golden_file_reads_right_in_every_dialect(dialect):
    made = golden(dialect)
    file = attempt(made.data())
    assert isinstance(file, LoggerFile), file
    assert readings(file) == list(made.right)
    assert file.confirm
    assert file.unit == dialect.unit
    assert codes(file) <= {"count_not_given", "channel_ignored"}


def any_golden(seed: int) -> tuple[Random, Golden]:
    chance = Random(seed)
    return chance, golden(chance.choice(ALL), seed)


@settings(max_examples=ROUNDS)
@given(seeds)
def test_a_file_cut_anywhere_gives_what_stands_before_the_cut_or_nothing(seed):
    chance, made = any_golden(seed)
    data = made.data()
    file = attempt(data[: chance.randrange(1, len(data))])
    if isinstance(file, LoggerFile):
        got = readings(file)
        assert got == list(made.right)[: len(got)]
        assert not made.dialect.count or len(got) == len(made.right)


@settings(max_examples=ROUNDS)
@given(seeds)
def test_lines_lost_doubled_and_swapped_are_seen(seed):
    chance, made = any_golden(seed)
    lines, row = list(made.lines), chance.choice(made.rows[1:-1])
    kind = chance.randrange(4)
    if kind == 0:
        del lines[row]
    elif kind == 1:
        lines.insert(row, lines[row])
    elif kind == 2:
        lines[row], lines[row + 1] = lines[row + 1], lines[row]
    else:
        lines[row] = lines[row] + lines.pop(row + 1)
    file = attempt(made.data(lines))
    if isinstance(file, LoggerFile):
        assert kind == 0, (kind, made.dialect)
        assert not made.dialect.count
        assert not made.dialect.number
        right = list(made.right)
        del right[row - made.first]
        assert readings(file) == right
        assert "steps_uneven" in codes(file)


@settings(max_examples=ROUNDS)
@given(seeds)
def test_a_cell_dropped_or_a_dialect_changed_in_one_row_is_refused(seed):
    chance, made = any_golden(seed)
    lines, row = list(made.lines), chance.choice(made.rows)
    cells = lines[row].split(made.dialect.delimiter)
    kind = chance.randrange(3)
    if kind == 0:
        del cells[chance.randrange(len(cells))]
        lines[row] = made.dialect.delimiter.join(cells)
    elif kind == 1:
        other = ",."[made.dialect.point == ","]
        at = 1 + made.dialect.number + made.dialect.apart if not made.dialect.quoted else None
        if at is None:
            lines[row] = lines[row][::-1].replace(made.dialect.point, other, 1)[::-1]
        else:
            cells[at] = cells[at].replace(made.dialect.point, other)
            lines[row] = made.dialect.delimiter.join(cells)
    else:
        lines[row] = lines[row].replace(made.dialect.delimiter, "\t;,"[made.dialect.delimiter == "\t"])
    assert isinstance(attempt(made.data(lines)), Refused), (kind, made.dialect, lines[row])


@settings(max_examples=ROUNDS)
@given(seeds)
def test_a_byte_replaced_among_the_readings_never_gives_other_readings_unseen(seed):
    chance, made = any_golden(seed)
    lines, row = list(made.lines), chance.choice(made.rows)
    at = chance.randrange(len(lines[row]))
    old, new = lines[row][at], chance.choice('0123456789.,;:-/ "()AMPx\t°')
    lines[row] = lines[row][:at] + new + lines[row][at + 1 :]
    file = attempt(made.data(lines))
    if not isinstance(file, LoggerFile):
        return
    right, got, i = list(made.right), readings(file), row - made.first
    if got == right:
        return
    if len(got) < len(right):  # the temperature is no number any more, or an impossible one: missing, and told so
        assert got == right[:i] + right[i + 1 :]
        assert "readings_missing" in codes(file)
        return
    assert [one for n, one in enumerate(got) if n != i] == [one for n, one in enumerate(right) if n != i]
    if got[i][0] != right[i][0]:  # only the first and the last have no neighbour on both sides
        assert got[i][1] == right[i][1]
        assert i in (0, len(right) - 1) or "steps_uneven" in codes(file)
        assert "steps_uneven" in codes(file)
    else:
        seen = "lone_jump" in codes(file) or i in (0, len(right) - 1)
        assert seen or old in "0123456789-()", lines[row]
        assert seen or new in "0123456789-() ", lines[row]


@settings(max_examples=ROUNDS // 4)
@given(seeds)
def test_two_dialects_in_one_file_are_refused_or_read_right(seed):
    chance, made = any_golden(seed)
    mine = made.dialect  # one unit: nothing in a bare number tells °C from °F
    other = golden(chance.choice([one for one in ALL if (one.encoding, one.unit) == (mine.encoding, mine.unit)]), seed)
    half = len(made.right) // 2
    lines = [*made.lines[: made.first + half], *other.lines[other.first + half :]]
    file = attempt(made.data(lines))
    if isinstance(file, LoggerFile):
        assert readings(file) in (list(made.right), list(made.right)[:half] + list(other.right)[half:])


@needs_corpus
@pytest.mark.parametrize("name", ["hanwell", "rotronic", "tandd", "tinytag"])
def test_a_damaged_export_of_a_maker_gives_its_readings_or_a_refusal(name):
    data = (LOGGERS / f"{name}.csv").read_bytes()
    whole = attempt(data)
    assert isinstance(whole, LoggerFile)
    right, outcomes = readings(whole), {"same": 0, "refused": 0}
    for seed in range(ROUNDS):
        chance = Random(seed)
        kind, at = chance.randrange(3), chance.randrange(len(data))
        put = (bytes([chance.randrange(256)]), b"", chance.choice([b"", b"0", b",", b"\n", b'"', b"-", b"."]))[kind]
        file = attempt(data[:at] + put + (b"" if kind == 1 else data[at + (kind == 0 or chance.randrange(2)) :]))
        if not isinstance(file, LoggerFile):
            outcomes["refused"] += 1
            continue
        got = readings(file)
        lost, new = [one for one in right if one not in got], [one for one in got if one not in right]
        outcomes["same"] += not lost and not new
        if got != right[: len(got)]:  # one digit of one reading at most
            assert len(lost) == 1, (seed, lost, new)
            assert len(new) <= 1, (seed, lost, new)
            assert new or {"readings_missing", "steps_uneven"} & codes(file), seed
    assert all(outcomes.values()), outcomes

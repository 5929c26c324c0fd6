"""Rows all alike, thousands at once: every different cell is read once, by the reader of its column, and the others take
its answer. What is not all alike is left to `body`, which reads cell by cell and alone says what is wrong: here nothing is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from traceability.loggers import clocks, dialect
from traceability.loggers.clocks import Unreadable
from traceability.loggers.degrees import FRACTION, LOST
from traceability.loggers.plan import Plan

Whole = NDArray[np.int64]
Key = NDArray[np.uint64]
Reader = Callable[[str, str], int]

LONG = 8  # letters in one key; a cell is at most two keys long
INSIDE = np.array([(1 << 8 * n) - 1 for n in range(LONG + 1)], dtype=np.uint64)
REST = np.uint64(0)  # of a text that one key holds
NO_TEXT = np.uint64(0x0100)  # no letter is zero, so different texts have different keys, and this is none's
BITS = 16  # of a hash
SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)  # odd, and without pattern


class Rows(NamedTuple):
    """How many there are; of those that have a reading its time and its thousandths of °C; the number that comes next."""

    rows: int
    times: Whole
    values: NDArray[np.int32]
    number: int | None


class Known:
    """Texts that were read before, each in the slot of its hash: one that another has taken is read again."""

    def __init__(self, reader: Reader, bits: int = BITS) -> None:
        self.reader, self.shift = reader, np.uint64(64 - bits)
        self.keys = np.array([[NO_TEXT], [REST]], dtype=np.uint64).repeat(1 << bits, axis=1)
        self.read = np.zeros(1 << bits, dtype=np.int64)

    def of(self, one: Key, two: Key | None) -> Whole:
        """What each text says. Raises Unreadable."""
        slot = one * SPREAD[0]
        slot ^= slot >> np.uint64(29)
        if two is not None:
            slot ^= two * SPREAD[1]
        slot = ((slot * SPREAD[0]) >> self.shift).astype(np.int64)
        made: Whole = self.read[slot]
        new = self.keys[0][slot] != one
        new |= self.keys[1][slot] != (REST if two is None else two)
        if new.any():
            at = np.flatnonzero(new)
            beside = [0] * len(at) if two is None else two[at].tolist()
            pairs = list(zip(one[at].tolist(), beside, strict=True))
            told = {pair: self.reader(_text(pair[0]), _text(pair[1])) for pair in dict.fromkeys(pairs)}
            made[at] = [told[pair] for pair in pairs]
            slots = slot[at]  # of two in one slot the last one stays, with its own answer
            last = dict(zip(slots.tolist(), zip(pairs, made[at].tolist(), strict=True), strict=True))
            taken = list(last)
            self.keys[0][taken] = [pair[0] for pair, _ in last.values()]
            self.keys[1][taken] = [pair[1] for pair, _ in last.values()]
            self.read[taken] = [answer for _, answer in last.values()]
        return made


def in_runs(reader: Reader, one: Key, two: Key | None) -> Whole:
    """The same of texts that come in runs, as dates do: each run is read once. Raises Unreadable."""
    other = one[1:] != one[:-1]
    if two is not None:
        other |= two[1:] != two[:-1]
    firsts = np.flatnonzero(np.concatenate(([True], other)))
    beside = [0] * len(firsts) if two is None else two[firsts].tolist()
    told = [reader(_text(a), _text(b)) for a, b in zip(one[firsts].tolist(), beside, strict=True)]
    return np.repeat(np.array(told, dtype=np.int64), np.diff(firsts, append=len(one)))


class Wholesale:
    """Reads rows of one table by its plan, and remembers what its cells say."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        split = plan.split
        self.words = split.words if split else 1
        self.whole_clocks = Known(lambda one, two: plan.clocks[one + two])
        self.half_clocks = Known(lambda one, two: plan.noons[two] + plan.halves[one])
        first = "\n" if plan.value == 0 else ""  # as `dialect.columns` hands it on
        self.degrees = Known(
            self._joined if plan.fraction is not None else lambda one, two: plan.degrees[first + one + two]
        )
        apart = split is None or (len(split.sep) == 1 and split.sep != plan.delimiter)
        self.able = apart and plan.serial_days is None

    def take(self, lines: str, number: int | None) -> Rows | None:
        """What these rows say, of which the first gives itself this number; None where one of them is not like the
        others, or cannot be read."""
        plan, split = self.plan, self.plan.split
        if not self.able or not lines.isascii():
            return None
        told = dialect.bare(lines, plan.delimiter, plan.width, split.sep if split else "", self.words)
        cells = told and _Cells.of(*told, plan.delimiter)
        if not cells:
            return None
        try:
            times, values = self._times(cells), self._values(cells)
            number = self._counted(cells, number)
        except (Unreadable, _NotAlike):
            return None
        there = values != LOST
        if not there.all():
            times, values = times[there], values[there]
        return Rows(len(there), times, values.astype(np.int32), number)

    def _column(self, number: int) -> int:
        """Where a column of the table stands now that a date and its time of day came apart."""
        return number if number <= self.plan.date else number + self.words - 1

    def _times(self, cells: _Cells) -> Whole:
        plan, split = self.plan, self.plan.split
        if split is None:
            assert plan.clock is not None
            day, at = plan.date, [plan.clock]
        else:
            words = list(range(plan.date, plan.date + split.words))
            one, two = words[: split.first], words[split.first :]
            days, at = (two, one) if split.clock_first else (one, two)
            if len(days) > 1:
                raise _NotAlike
            day = days[0]
        if plan.noon is not None:
            at = [*at, self._column(plan.noon)]
        midnights = in_runs(lambda one, two: plan.days[one + two], *cells.keys(day, 2))
        if len(at) == 1:
            return midnights + self.whole_clocks.of(*cells.keys(at[0], 2))
        if len(at) > 2 or clocks.bare(cells.text(at[1])) not in clocks.BEFORE_NOON | clocks.AFTER_NOON:
            raise _NotAlike
        return midnights + self.half_clocks.of(cells.keys(at[0], 1)[0], cells.keys(at[1], 1)[0])

    def _values(self, cells: _Cells) -> Whole:
        plan = self.plan
        if plan.fraction is None:
            return self.degrees.of(*cells.keys(self._column(plan.value), 2))
        return self.degrees.of(*(cells.keys(self._column(one), 1)[0] for one in (plan.value, plan.fraction)))

    def _joined(self, whole: str, part: str) -> int:
        if not FRACTION.fullmatch(part.strip()):
            raise _NotAlike
        return self.plan.degrees[f"{whole.strip()}{self.plan.degrees.point}{part.strip()}"]

    def _counted(self, cells: _Cells, number: int | None) -> int | None:
        if self.plan.counter is None:
            return number
        numbers = cells.numbers(self._column(self.plan.counter))
        start = int(numbers[0]) if number is None else number
        if not np.array_equal(numbers, np.arange(start, start + len(numbers))):
            raise _NotAlike
        return start + len(numbers)


class _NotAlike(Exception):
    """Something that has to be looked at cell by cell."""


class _Cells:
    """The cells of some lines, each by where it begins and how long it is."""

    def __init__(self, letters: NDArray[np.uint8], starts: Whole, lengths: Whole) -> None:
        self.letters, self.starts, self.lengths = letters, starts, lengths
        # the same letters eight at a time, beginning at each of them
        self.eights: Key = np.ndarray((len(letters) - LONG + 1,), dtype="<u8", buffer=letters, strides=(1,))

    @classmethod
    def of(cls, lines: str, width: int, delimiter: str) -> _Cells | None:
        """None where a line has more or fewer cells than the table has columns."""
        letters = np.frombuffer(f"{lines}\n{' ' * 2 * LONG}".encode("ascii"), dtype=np.uint8)
        line_ends = letters == ord("\n")
        ends = np.flatnonzero(line_ends | (letters == ord(delimiter)))
        if len(ends) % width:
            return None
        table = ends.reshape(-1, width)
        lasts = np.flatnonzero(line_ends)
        if len(lasts) != len(table) or not np.array_equal(lasts, table[:, -1]):
            return None
        starts = np.empty_like(ends)
        starts[0], starts[1:] = 0, ends[:-1] + 1
        starts = starts.reshape(-1, width)
        return cls(letters, starts.T, (table - starts).T)

    def text(self, column: int) -> str:
        """Of the first line."""
        begin = int(self.starts[column][0])
        return self.letters[begin : begin + int(self.lengths[column][0])].tobytes().decode()

    def keys(self, column: int, most: int) -> tuple[Key, Key | None]:
        """Every text of a column as one number, or two; equal where the texts are."""
        starts, lengths = self.starts[column], self.lengths[column]
        longest = int(lengths.max())
        if longest > LONG * most:
            raise _NotAlike
        if longest == int(lengths.min()):  # all as long
            one = self.eights[starts] & INSIDE[min(longest, LONG)]
            return one, self.eights[starts + LONG] & INSIDE[longest - LONG] if longest > LONG else None
        one = self.eights[starts] & INSIDE[np.minimum(lengths, LONG)]
        if longest <= LONG:
            return one, None
        return one, self.eights[starts + LONG] & INSIDE[np.maximum(lengths - LONG, 0)]

    def numbers(self, column: int) -> Whole:
        """A column of whole numbers of digits alone."""
        starts, lengths = self.starts[column], self.lengths[column]
        longest = int(lengths.max())
        if longest > LONG or not lengths.min():
            raise _NotAlike
        made = np.zeros(len(starts), dtype=np.int64)
        for place in range(longest):
            digits = self.letters[starts + place] - np.uint8(ord("0"))  # below "0" it turns round
            inside = place < lengths
            if (inside & (digits > 9)).any():
                raise _NotAlike
            made = np.where(inside, made * 10 + digits, made)
        return made


def _text(key: int) -> str:
    return key.to_bytes(LONG, "little").rstrip(b"\0").decode()

"""Where the table of readings begins in a file, and which of its columns holds what."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from traceability.loggers import clocks, degrees, dialect

ENOUGH = 12  # rows alike that make a table
TEMPERATURE = re.compile(
    r"temp|[°º\ufffd?]\s?[cf]\b|℃|℉|celsius|fahrenheit|suhu|温度|온도|темп|\bdeg(rees?)?\.?\s?[cf]\b|[(\[][cf][)\]]|_[cf]$|thermi|thermo|lämpötila|hőm|ısı|sıcaklık|nhiệt|θερμ",
    re.IGNORECASE,
)
SOMETHING_ELSE = re.compile(
    r"humid|hygro|feucht|humed|umid|kelemb|vocht|湿|습도|влаж|\brh\b|%|dew|taup|roc[ií]o|ros[ée]e|rugiada|orvalho|embun|露|\bmkt\b|kinetic"
    r"|alarm|l[ií]mit|batas|thresh|set\b|set.?point|soll|batt|volt|\blux\b|lx|light|illumin|\buv\b|press"
    r"|co2|serial|heat.?index|wet.?bulb|status|count|event|elapsed|offset|delta|[Δ∆]|\bd(?:t|/dt)\b|diff|selisih|\bchanges?\b|perubahan|änderung|\brate\b|gradient|trend|drift|std|deviat|\brssi\b|signal|\bppm\b|hpa|mbar|flag|index",
    re.IGNORECASE,
)
STATISTIC = re.compile(
    r"\bmin\b|\bmax\b|minim|maxim|m[íá]nim|m[áa]xim|lowest|highest|terendah|tertinggi|average|\bavg\b|\bmean\b|median|mittel|durchschn|moyen|promed|\brata|rerata",
    re.IGNORECASE,
)
SCALE = re.compile(
    r"(?<!\w)[x×*]\s?10+\b|\b10+\s?[x×*](?!\w)|\b(?:0[.,]0*1|1/10+)\s?(?:[°º\ufffd]|deg|o?[CF]\b)|[CF]\s?[/x×*]\s?10+\b"
    r"|(?<![^\W\d_])[mµμdc][°º\ufffd]\s?[CFK]\b|\b(?:milli|centi|deci)[ -]?(?:deg|kelvin|celsius|°)|\btenths?\b|\bhundredths?\b"
    r"|10\s?\^\s?-?\d|10[⁻¹²³]|\badc\b|rankine",
    re.IGNORECASE,
)
KELVIN = re.compile(r"kelvin|[(\[]\s?m?K\s?[)\]]|°\s?K\b", re.IGNORECASE)
CELSIUS = re.compile(
    r"(?:[°º\ufffd?]|\bo|deg(?:rees?)?\.?)\s?C\b|℃|celsius|[(\[]C[)\]]|temp\w{0,30}[ _,]\s?C$|_c$", re.IGNORECASE
)
FAHRENHEIT = re.compile(
    r"(?:[°º\ufffd?]|\bo|deg(?:rees?)?\.?)\s?F\b|℉|fahrenheit|[(\[]F[)\]]|temp\w{0,30}[ _,]\s?F$|_f$", re.IGNORECASE
)
TIME_WORD = re.compile(
    r"time|date|zeit|datum|uhr|waktu|jam|tanggal|tgl|hora|fecha|heure|data|orario|\bora\b|tijd|tid|dato|czas|čas|日|時|时|시간|время|дата",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Table:
    """A table in the making: rows alike from line `first`; columns by number; `names` by column, "" where none."""

    delimiter: str
    width: int
    first: int
    rows: list[list[str]]
    date: int
    clock: int | None
    split: clocks.Split | None
    header: list[list[str]] = field(default_factory=list)
    header_at: int | None = None
    lead: list[str] | None = None  # a first row that has more cells than the others
    noon: int | None = None
    dotted: bool = False
    skip: frozenset[int] = frozenset()  # columns of times that are not meant

    def headed(self) -> bool:
        """Whether the nearest names are as many as there are columns: else they stand over the wrong ones."""
        if not self.header:
            return True
        empty = next((n for n in range(self.width) if any(self.sample(self.width - 1 - n))), self.width)
        names = len(self.header[-1])
        while names and not self.header[-1][names - 1]:
            names -= 1
        wide = self.lead is not None and len(self.header[-1]) == len(self.lead)
        return wide or len(self.header[-1]) == self.width or names == self.width - empty

    @property
    def timed(self) -> set[int]:
        return {column for column in (self.date, self.clock, self.noon) if column is not None}

    def sample(self, column: int) -> list[str]:
        return [row[column] for row in self.rows]

    def names(self) -> list[str]:
        """What the rows above say of each column; a row that says the same of all columns names none."""
        data = [
            i
            for i in range(self.width)
            if i not in self.timed and numeric(self.sample(i)) and not counted(self.sample(i))
        ]
        telling = []
        for row in self.header:
            said = [row[i] for i in data if i < len(row) and row[i]]
            if len(self.header) == 1 or len(said) < 2 or len(set(said)) > 1:
                telling.append(row)
        return [
            " ".join(filter(None, (row[i].strip() if i < len(row) else "" for row in telling)))
            for i in range(self.width)
        ]


def table(lines: Sequence[str], dotted: bool = False, skip: frozenset[int] = frozenset()) -> Table | None:
    """The longest run of rows alike that hold a time; of equals the one with more columns. Where there is none, times of
    day with a dot are tried (08.00), which look like numbers: the names of the columns have to bear that out."""
    best: Table | None = None
    for delimiter in dialect.DELIMITERS:
        made = _run(lines, delimiter, dotted, skip)
        if made and (best is None or (len(made.rows), made.width) > (len(best.rows), best.width)):
            best = made
    if best:
        _noon(best)
        _lead(best, lines)
        _header(best, lines)
        if best.lead and not (best.header and len(best.header[-1]) == len(best.lead) and all(best.header[-1])):
            best.lead, best.first = None, best.first + 1  # no name says what its last cells are: a row out of shape
    if best is None and not dotted:
        best = table(lines, dotted=True, skip=skip)
        return best if best and best.clock is not None and TIME_WORD.search(best.names()[best.clock]) else None
    return best


def row_of(line: str, delimiter: str) -> list[str] | None:
    try:
        return [cell.strip() for cell in dialect.cells(line, delimiter)]
    except csv.Error:
        return None


def timed(
    row: Sequence[str], dotted: bool = False, skip: frozenset[int] = frozenset()
) -> tuple[int, int | None, clocks.Split | None] | None:
    """The columns of date and time of day, in one cell or two."""
    dates, times = [], []
    for i, cell in enumerate(row):
        if i in skip or sum(sign.isdigit() for sign in cell[:40]) < 3 or len(cell) > 60:
            continue
        if split := clocks.split(cell):
            return i, None, split
        if dates and dotted and re.fullmatch(r"\d{1,2}\.\d\d(\.\d\d)?", cell, re.ASCII) and clocks.clock(cell):
            times.append(i)
        elif clocks.orders(cell):
            dates.append(i)
        elif (":" in cell or re.search("[h時时시]", cell)) and clocks.clock(cell):
            times.append(i)
    if not dates or not times:
        return None
    return dates[0], min(times, key=lambda i: (abs(i - dates[0]), -i)), None


def _run(lines: Sequence[str], delimiter: str, dotted: bool, skip: frozenset[int]) -> Table | None:
    best: Table | None = None
    now: Table | None = None
    for number, line in enumerate(lines):
        found = row = None
        if delimiter in line and len(line) < dialect.LONGEST_LINE and (row := row_of(line, delimiter)):
            found = timed(row, dotted, skip)
        if row is None or found is None:
            now = now if not line.strip() else None
            continue
        date, clock, split = found
        if now and (now.width, now.date, now.clock) == (len(row), date, clock) and _alike(now.split, split):
            now.rows.append(row)
        else:
            now = Table(delimiter, len(row), number, [row], date, clock, split, dotted=dotted, skip=skip)
        if best is None or len(now.rows) > len(best.rows):
            best = now
        if len(now.rows) >= ENOUGH:
            break
    return best


def _alike(one: clocks.Split | None, other: clocks.Split | None) -> bool:
    return (one and (one.sep, one.clock_first)) == (other and (other.sep, other.clock_first))


def _noon(table: Table) -> None:
    beside = (table.date if table.clock is None else table.clock) + 1
    words = {clocks.bare(cell) for cell in table.sample(beside)} if beside < table.width else set()
    if words and words <= clocks.BEFORE_NOON | clocks.AFTER_NOON:
        table.noon = beside


def _lead(table: Table, lines: Sequence[str]) -> None:
    """Some loggers put their serial number behind the first reading alone."""
    above = row_of(lines[table.first - 1], table.delimiter) if table.first else None
    if (
        above
        and len(above) > table.width
        and (found := timed(above, skip=table.skip))
        and found[:2] == (table.date, table.clock)
    ):
        table.lead, table.first = above, table.first - 1


def _header(table: Table, lines: Sequence[str]) -> None:
    """The rows just above that name columns: as wide as the table, or nearly so, with two names or more."""
    for number in range(table.first - 1, max(-1, table.first - 12), -1):
        row = row_of(lines[number], table.delimiter)
        if row is None:
            table.header, table.header_at = table.header or [[]], table.header_at if table.header else number
            break
        said = [cell for cell in row if cell]
        if len(said) < 2 and not (table.header and said and len(row) == table.width):
            if table.header or (not said and number < table.first - 4):
                break
            if said and len(row) != table.width:
                break
            continue
        told = [row[i] if i < len(row) else "" for i in table.timed]
        named = not table.header or any(TIME_WORD.search(cell) for cell in told) or not any(told)
        if timed(row) or (table.header and (len(row) != len(table.header[0]) or not named)):
            break
        table.header.insert(0, row)
        table.header_at = number


def numeric(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers, let one or the other be missing or damaged."""
    good = sum(degrees.points(cell) is not None for cell in cells)
    return good > 0 and 2 * (good + sum(degrees.missing(cell) or degrees.beyond(cell) for cell in cells)) > len(cells)


def beyond(cells: Sequence[str]) -> bool:
    """Whether a column holds no number and says so far that nothing could be measured, or not any more."""
    silent = all(degrees.missing(cell) or degrees.beyond(cell) for cell in cells)
    return silent and any(map(degrees.beyond, cells))


def units_of(name: str) -> set[str]:
    """C and F as far as a name says them."""
    return {unit for unit, pattern in (("C", CELSIUS), ("F", FAHRENHEIT)) if pattern.search(name)}


def unit_of(name: str) -> str | None:
    """C or F where a name says one of them."""
    found = units_of(name)
    return found.pop() if len(found) == 1 else None


def scaled(name: str) -> bool:
    """Whether a name speaks of something else than whole degrees of °C or °F; (K) beside a unit is a thermocouple."""
    return bool(SCALE.search(name)) or (bool(KELVIN.search(name)) and not units_of(name))


def without_percent(name: str) -> str:
    """The name without the signs of humidity, where it says a unit of temperature: its own words tell more."""
    return re.sub(r"%|\bRH\b", "", name) if units_of(name) else name


def counted(cells: Sequence[str]) -> bool:
    """Whether a column counts its rows: one more each time, save where a row is damaged."""
    whole = [int(cell) if re.fullmatch(r"\d{1,9}", cell, re.ASCII) else None for cell in cells]
    steps = sum(a is not None and b is not None and b == a + 1 for a, b in pairwise(whole))
    return len(cells) > 2 and steps >= (len(cells) - 1) * 0.6


def serial_days(cells: Sequence[str]) -> bool:
    """Whether a column tells the time once more, in days as spreadsheets count them."""
    return all(re.fullmatch(r"[345]\d{4}\.\d{3,}", cell, re.ASCII) for cell in cells)

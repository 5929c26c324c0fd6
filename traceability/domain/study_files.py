"""A study's table of scores (CSV, long or wide): bytes in, values as told out, each with its line. Whose they are is not asked here.

Long: a line a value. Wide: a line a person and knee, a column an instrument at a time. What nobody mapped is not read.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256

from traceability.domain.errors import Refused
from traceability.domain.instruments import INSTRUMENTS
from traceability.domain.plain import digest
from traceability.domain.result_files import MOST_BYTES, MOST_CELL, MOST_COLUMNS, UNREADABLE, csv_lines, even
from traceability.domain.scoring import PARTS, part_of

MOST_ROWS, MOST_VALUES = 1000, 2000
ENCODINGS = ("utf-8", "utf-16", "cp1252")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
DATE_ORDERS = ("iso", "dmy", "mdy")
DECIMALS = {"point": ".", "comma": ","}
"""What stands before decimals; the other one then stands between thousands."""


class StudyColumn(StrEnum):
    PSEUDONYM = "pseudonym"
    LATERALITY = "laterality"
    INSTRUMENT = "instrument"
    INSTRUMENT_VERSION = "instrument_version"
    SUBSCALE = "subscale"
    TIME_POINT = "time_point"
    OBSERVED_ON = "observed_on"
    VALUE = "value"
    UNIT = "unit"
    LOW = "low"
    HIGH = "high"
    SOURCE = "source"
    READER = "reader"


C = StudyColumn
HEADINGS: Mapping[str, StudyColumn] = {
    # as tables write them, in English and Indonesian; compared without case, blanks and signs
    **{str(one).replace("_", ""): one for one in C},
    **dict.fromkeys(("subject", "subjectid", "usubjid", "patient", "pasien", "subjek", "id", "pseudonim"), C.PSEUDONYM),
    **dict.fromkeys(("knee", "side", "lutut", "sisi", "qslat"), C.LATERALITY),
    **dict.fromkeys(("scale", "test", "qscat", "instrumen", "skala"), C.INSTRUMENT),
    **dict.fromkeys(("version", "versi"), C.INSTRUMENT_VERSION), **dict.fromkeys(("subskala", "domain"), C.SUBSCALE),
    **dict.fromkeys(("visit", "time", "timepoint", "kunjungan", "waktu"), C.TIME_POINT),
    **dict.fromkeys(("date", "day", "visitdate", "tanggal", "qsdtc"), C.OBSERVED_ON),
    **dict.fromkeys(("score", "raw", "result", "nilai", "skor", "hasil", "qsorres"), C.VALUE),
    **dict.fromkeys(("min", "rangelow", "minimum"), C.LOW), **dict.fromkeys(("max", "rangehigh", "maximum"), C.HIGH),
    **dict.fromkeys(("satuan", "units", "uom", "qsorresu"), C.UNIT), **dict.fromkeys(("sumber",), C.SOURCE),
    **dict.fromkeys(("rater", "assessor", "pembaca"), C.READER),
}  # fmt: skip
SIDES = {
    **dict.fromkeys(("right", "r", "rt", "kanan", "ka", "dextra", "dex"), "right"),
    **dict.fromkeys(("left", "l", "lt", "kiri", "ki", "sinistra", "sin"), "left"),
}
TIMES = {
    **dict.fromkeys(("baseline", "pre", "before", "bl", "awal", "sebelum", "pretest", "0", "m0", "month0"), "baseline"),
    **dict.fromkeys(("afterseries", "post", "after", "posttest", "sesudah", "setelah", "endofseries"), "after_series"),
    **{
        name: f"month_{n}"
        for n in (2, 4, 6)
        for name in (f"month{n}", f"m{n}", f"{n}m", f"{n}months", f"{n}month", f"bulan{n}", f"{n}bulan", f"{n}mo")
    },
    **dict.fromkeys(("followup", "fu", "lastfollowup", "kunjunganlanjutan", "kontrol"), "follow_up"),
}  # fmt: skip
SUBSCALES = {name: sorted(PARTS.get(name, ())) for name in INSTRUMENTS}
LONGEST = {C.VALUE: 16, C.UNIT: 12, C.LOW: 16, C.HIGH: 16, C.INSTRUMENT_VERSION: 40, C.SUBSCALE: 24, C.READER: 80}
"""Letters that the record takes, of what is shorter than a cell."""
NOTHING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "–", ".", "?"})
"""How tables write that there is no value: it is not reported, and never taken for one."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read: how, its headings, its lines."""

    sha256: str
    encoding: str
    separator: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person says of a file. `columns`: by heading, the name of a `StudyColumn`, or `VAS||baseline` for a value of a wide
    table, or nothing: not read. `constants`: what holds of every line that does not say it. `ranges`: of instruments whose file
    gives none. `decimal`: one of `DECIMALS`, or nothing: then a number is read where it can be read in one way only.
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    date_order: str = "iso"
    decimal: str = ""

    @property
    def digest(self) -> str:
        told = [
            sorted(self.columns.items()),
            sorted(self.constants.items()),
            sorted(self.ranges.items()),
            self.date_order,
            self.decimal,
        ]
        return digest(told)


@dataclass(frozen=True, slots=True)
class Told:
    """A value as the file tells it: its line, the heading it stands under, and everything said with it."""

    line: int
    heading: str
    fields: Mapping[StudyColumn, str]


def read(data: bytes, encoding: str = "", separator: str = "") -> Table:
    """`encoding`, `separator`: as a person says; else as they are found. Raises Refused: `results_…`, `study_…`, `text_unreadable`."""
    if not data.strip():
        raise Refused("results_empty")
    if len(data) > MOST_BYTES:
        raise Refused("body_too_large", most=MOST_BYTES)
    used = encoding or _encoding(data)
    if used not in ENCODINGS:
        raise Refused("study_encoding", encoding=used)
    try:
        text = data.decode({"utf-8": "utf-8-sig"}.get(used, used))
    except UnicodeDecodeError:
        raise Refused("study_encoding", encoding=used) from None
    if UNREADABLE.search(text):
        raise Refused("text_unreadable")
    by = separator or _separator(text)
    if by not in SEPARATORS:
        raise Refused("results_unreadable", format="CSV")
    table = csv_lines(text, SEPARATORS[by])
    headings = table[0][1]
    if len(headings) > MOST_COLUMNS or len(table) > MOST_ROWS + 1:
        raise Refused("study_too_many", most=MOST_ROWS, columns=MOST_COLUMNS)
    if len(table) < 2:
        raise Refused("results_empty")
    if twice := next((one for one in headings if headings.count(one) > 1), None):
        raise Refused("results_heading_twice", heading=twice)
    even(table)
    for line, row in table[1:]:
        if any(len(cell) > MOST_CELL for cell in row):
            raise Refused("results_cell_too_long", line=line, most=MOST_CELL)
    return Table(sha256(data).hexdigest(), used, by, headings, tuple(table[1:]))


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _separator(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=lambda name: first.count(SEPARATORS[name]))


def guessed(table: Table) -> Reading:
    """What each heading most likely is: for a person to look at. A column that is told twice is left open."""
    columns: dict[str, str] = {}
    for heading in table.headings:
        known = HEADINGS.get(_plain(heading))
        told = str(known) if known else _wide(heading)
        columns[heading] = "" if told in columns.values() else told
    return Reading(columns)


def _wide(heading: str) -> str:
    """VAS_baseline, womac pain 6 months: an instrument, perhaps a subscale, and a time; anything else is nothing."""
    words = [word for word in re.split(r"[^0-9A-Za-z]+", heading.casefold()) if word]
    name = next((one for one in INSTRUMENTS if words and words[0] == one.casefold()), None)
    if name is None:
        return ""
    rest = words[1:]
    subscale = next((one for one in SUBSCALES[name] if rest and rest[0] == one.casefold()), "")
    rest = rest[1:] if subscale or (rest and rest[0] == "total") else rest
    time = TIMES.get("".join(rest))
    return f"{name}|{subscale}|{time}" if time else ""


def targets() -> Iterator[str]:
    """Everything that a column can be said to be."""
    yield from map(str, C)
    for name in INSTRUMENTS:
        for subscale in ("", *SUBSCALES[name]):
            for point in dict.fromkeys(TIMES.values()):
                yield f"{name}|{subscale}|{point}"


def told(table: Table, reading: Reading) -> list[Told]:
    """The values of a table as it is to be read, in the order of its lines; those that are not reported are left out."""
    columns = {heading: reading.columns.get(heading, "") for heading in table.headings}
    if unknown := sorted({one for one in columns.values() if one and one not in _TARGETS}):
        raise Refused("study_column_unknown", column=unknown[0])
    used = [one for one in columns.values() if one]
    if twice := next((one for one in used if used.count(one) > 1), None):
        raise Refused("results_heading_twice", heading=twice)
    wide = {heading: one for heading, one in columns.items() if "|" in one}
    if (C.VALUE in used) == bool(wide):
        raise Refused("study_long_or_wide")
    owed = [C.PSEUDONYM, C.SOURCE, *([] if wide else [C.INSTRUMENT, C.TIME_POINT])]
    if missing := [one for one in owed if one not in used and not reading.constants.get(one, "").strip()]:
        raise Refused("results_heading_missing", headings=missing)
    made = []
    for line, row in table.rows:
        cells = {heading: safe(cell) for heading, cell in zip(table.headings, row, strict=True)}
        shared = {C(name): value.strip() for name, value in reading.constants.items() if value.strip()}
        shared |= {
            C(one): cells[heading] for heading, one in columns.items() if one and "|" not in one and cells[heading]
        }
        if not wide:
            heading = next(heading for heading, one in columns.items() if one == C.VALUE)
            made.append(Told(line, heading, shared))
        for heading, one in wide.items():
            name, subscale, point = one.split("|")
            made.append(
                Told(
                    line,
                    heading,
                    shared | {C.INSTRUMENT: name, C.SUBSCALE: subscale, C.TIME_POINT: point, C.VALUE: cells[heading]},
                )
            )
    kept = [one for one in made if one.fields.get(C.VALUE, "").casefold() not in NOTHING]
    if len(kept) > MOST_VALUES:
        raise Refused("study_too_many", most=MOST_VALUES, columns=MOST_COLUMNS)
    return kept


_TARGETS = frozenset(targets())


def safe(cell: str) -> str:
    """An apostrophe before what a spreadsheet would run was put there by an export: it is not part of the text."""
    return cell[1:] if cell[:1] == "'" and cell[1:].lstrip(" ")[:1] in ("=", "+", "-", "@") else cell


def side(value: str) -> str | None:
    """None: not reported. Refuses what is no side of a body."""
    if value.casefold() in NOTHING:
        return None
    if (known := SIDES.get(_plain(value))) is None:
        raise Refused("study_side_unknown", value=value)
    return known


def time_point(value: str) -> str:
    known = TIMES.get(_plain(value))
    if known is None:
        raise Refused("study_time_unknown", value=value)
    return known


def instrument(value: str) -> str:
    known = next((one for one in INSTRUMENTS if one.casefold() == value.casefold()), None)
    if known is None:
        raise Refused("instrument_unknown", instrument=value)
    return known


def figure(value: str, decimal: str) -> str:
    """A number of a file, written with a point. 1.850 and 1,850 are 1.85 or 1850: which, a person says, and nobody guesses."""
    told = value.strip()
    if decimal not in DECIMALS:
        if re.fullmatch(r"[+-]?(?!0)\d{1,3}[.,]\d{3}", told) or len(re.findall("[.,]", told)) > 1:
            raise Refused("study_number_mark", value=value)
        return told.replace(",", ".")
    mark = DECIMALS[decimal]
    (group,) = {*DECIMALS.values()} - {mark}
    whole, _mark, decimals = told.partition(mark)
    grouped = re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}(?:\{group}\d{{3}})+", whole, re.ASCII)
    if group in decimals or mark in decimals or (group in whole and not grouped):
        raise Refused("study_number_otherwise", value=value, mark=mark)
    return whole.replace(group, "") + (f".{decimals}" if decimals else "")


def part(instrument: str, value: str, kept: Container[tuple[str, str | None]] = ()) -> str | None:
    """The subscale that is meant; None: the total. Refuses one by which nothing would be evaluated, where none such is `kept`."""
    name = part_of(instrument, value)
    if name is not None and name not in PARTS.get(instrument, ()) and (instrument, name) not in kept:
        raise Refused(
            "study_subscale_unknown", value=value, instrument=instrument, known=", ".join(SUBSCALES[instrument]) or "–"
        )
    return name


def day(value: str, order: str) -> date | None:
    """2026-04-01 always, also with its time; 1/4/2026 only where a person said what comes first; no week, no digits run together."""
    if value.casefold() in NOTHING:
        return None
    if iso := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(T.*)?", value, re.ASCII):
        year, month, of_month = iso.group(1, 2, 3)
    elif order in ("dmy", "mdy") and (parts := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", value, re.ASCII)):
        first, second, year = parts.groups()
        month, of_month = (second, first) if order == "dmy" else (first, second)
    else:
        raise Refused("field_not_a_date", value=value)
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        raise Refused("field_not_a_date", value=value) from None


def _plain(value: str) -> str:
    return re.sub(r"[\s_.,:/()\-]", "", value).casefold()

"""Which column is the temperature, in which unit, and whether its decimals stand in a column of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from traceability.domain.errors import Refused
from traceability.loggers import columns, degrees, preamble
from traceability.loggers.columns import Table
from traceability.loggers.file import Notice, Told
from traceability.loggers.preamble import Around


def column(i: int) -> str:
    return f"#{i + 1}"


def others(table: Table, value: int, fraction: int | None, counter: int | None) -> list[int]:
    """Columns of numbers that were left aside."""
    used = {*table.timed, value, fraction, counter}
    return [
        i for i in range(table.width)
        if i not in used and columns.numeric(table.sample(i)) and not columns.serial_days(table.sample(i))
    ]  # fmt: skip


def channel(
    table: Table, names: Sequence[str], beside: set[int | None], late: set[int], told: Told
) -> tuple[int, int | None]:
    """The column of the temperature, and that of its decimals where they stand apart. `late`: columns whose numbers
    begin only after words for what could not be measured."""
    fraction = _apart(table, told)
    if not table.headed():
        raise Refused("logger_header_unreadable", row=(table.header_at or 0) + len(table.header))
    numbers = [
        i
        for i in range(table.width)
        if i not in table.timed | beside and i - 1 not in fraction and (i in late or columns.numeric(table.sample(i)))
    ]
    if not numbers:
        raise Refused("logger_no_temperature")
    other = [i for i in numbers if not columns.SOMETHING_ELSE.search(columns.without_percent(names[i]))]
    named = [i for i in other if columns.TEMPERATURE.search(names[i]) or columns.unit_of(names[i])]
    now = [i for i in named if not columns.STATISTIC.search(names[i])]
    warm = now or other  # a mean or an extreme is chosen by a person, and for nothing else that is there
    if not warm:
        raise Refused("logger_no_temperature")
    unnamed = not named and len(numbers) > 1  # one of several, and no name says that it is a temperature
    called = {names[i] or column(i): i for i in (numbers if told.channel else warm)}
    if len(called) < len(warm):
        called = {f"{names[i]} {column(i)}".strip(): i for i in warm}
    if told.channel is not None:
        chosen = [i for name, i in called.items() if name.casefold() == told.channel.strip().casefold()]
        if not chosen:
            raise Refused("logger_channel_unknown", channel=told.channel, field="channel", choices=list(called))
        return chosen[0], chosen[0] + 1 if chosen[0] in fraction else None
    if len(warm) == 1 and columns.STATISTIC.search(names[warm[0]]):
        raise Refused("logger_statistic_alone", channel=next(iter(called)), field="channel", choices=list(called))
    if len(warm) > 1 or unnamed:
        raise Refused("logger_several_channels", channels=list(called), field="channel", choices=list(called))
    return warm[0], warm[0] + 1 if warm[0] in fraction else None


def _apart(table: Table, told: Told) -> set[int]:
    """Columns whose decimals follow in a column of their own: 5,0 between commas. Names prove it; without names it is
    asked, where it could be."""
    last = max(table.timed)
    after = list(range(last + 1, table.width))
    split = [
        i for i in after[:-1]
        if all(re.fullmatch(r"[+-]?\d{1,3}|\(\d{1,3}", cell) for cell in table.sample(i))
        and all(degrees.FRACTION.fullmatch(cell) for cell in table.sample(i + 1))
    ]  # fmt: skip
    if table.delimiter != "," or not split:
        return set()
    named = list((table.header[-1] if table.header else [])[last + 1 :])
    while named and not named[-1]:
        named.pop()
    pairs = set(after[::2]) if len(after) % 2 == 0 and set(after[::2]) <= set(split) else set()
    if table.header:
        if len(named) == len(after):
            return set()
        if len(named) * 2 == len(after) and pairs:
            _spread(table, last, len(named))
            return pairs
        return set()
    if pairs == {after[0]} and len(after) == 2 and told.decimal is None:
        whole, part = table.rows[0][after[0]], table.rows[0][after[1]]
        ways = {",": f"{whole},{part}", ".": f"{whole} | {part}"}
        raise Refused(
            "logger_ambiguous_decimal",
            text=f"{whole},{part}",
            ways=list(ways.values()),
            field="decimal",
            choices=[",", "."],
        )
    return pairs if told.decimal == "," else set()


def _spread(table: Table, last: int, named: int) -> None:
    """Move the names over the columns that they name."""
    table.header = [
        [*row[: last + 1], *(cell for name in (row[last + 1 :] + [""] * named)[:named] for cell in (name, ""))]
        for row in table.header
    ]


def whole_degrees(table: Table, name: str, value: int, said: Around) -> None:
    """Raises Refused: logger_scale_unknown, where what is said of the column speaks of tenths, Kelvin or the like."""
    above = [row[value] for row in table.header if value < len(row)]
    if wrong := next(filter(columns.scaled, (name, *above, *said.scales)), next(iter(said.factors), None)):
        raise Refused("logger_scale_unknown", value=wrong.strip()[:60])


def unit(table: Table, name: str, value: int, said: Around, told: Told, notices: list[Notice]) -> str:
    names = [row[value] for row in table.header if value < len(row)]
    found = set().union(*(columns.units_of(text) for text in (name, *names, *table.sample(value)[:3])))
    around = said.units
    if len(found) > 1 or (not found and len(around) > 1):
        if told.unit:
            return told.unit
        raise Refused("logger_unit_unknown", field="unit", choices=["C", "F"])
    if found and around and found != around:
        raise Refused("logger_contradicts_itself", field="unit", said=min(around - found), found=min(found))
    known = found or around
    if known:
        unit = known.pop()
        if told.unit not in (None, unit):
            raise Refused("logger_contradicts_itself", field="unit", said=unit, found=told.unit)
        return unit
    if told.unit is None and "F" in said.hints:
        raise Refused("logger_unit_unknown", field="unit", choices=["C", "F"])
    if told.unit is None:
        notices.append(Notice("unit_assumed"))
    return told.unit or "C"


def point(table: Table, value: int, fraction: int | None, told: Told) -> str:
    if fraction is not None:
        return told.decimal or ","
    signs = Counter(point for cell in table.sample(value) if (point := degrees.points(cell)))
    return told.decimal or (signs.most_common(1)[0][0] if signs else "")


def serial(table: Table, names: Sequence[str], above: Sequence[str]) -> str | None:
    for i, name in enumerate(names):
        if preamble.SERIAL.search(name) and i not in table.timed:
            return (table.lead[i] if table.lead and i < len(table.lead) else table.rows[0][i]) or None
    if table.lead and len(table.lead) > table.width and table.lead[-1]:
        return table.lead[-1]
    for row in table.header:
        if row[0] and preamble.SERIAL.search(row[0]):
            return next((cell for cell in row[1:] if cell), None)
    found = {match[1] for text in (*names, *above) for match in preamble.SERIAL_WITHIN.finditer(text)}
    return found.pop() if len(found) == 1 else None

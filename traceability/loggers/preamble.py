"""What the lines above and below the table say of it: serial number, zone, how many readings, from when to when, and
the maker's own figures. All of it is evidence to hold the readings against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

from traceability.loggers import clocks, columns, figures

SERIAL = re.compile(
    r"\b(?:s/?n|serial(?:[ _-]?(?:no|number|nr|num|id))?|seriennummer|sn|nomor seri|número de serie|numéro de série"
    r"|(?:device|logger|logtag|tag|recorder|instrument|unit)[ _-]?(?:id|no|number|sn|s/n))\b\.?$",
    re.IGNORECASE,
)
SERIAL_WITHIN = re.compile(r"(?:LGR )?S/?N[:.]?\s*([A-Z0-9][\w-]{3,})", re.IGNORECASE)
COUNT = re.compile(
    r"(?:no\.?|number|count|total|anzahl|jumlah|qty)\b.*\b(?:readings?|samples?|records?|points?|rows?|logs?|data|messwerte|pembacaan)"
    r"|^(?:readings?|samples?|records?|points?|(?:data|sample|reading|record|log) ?counts?|current readings|data points|logged readings"
    r"|anzahl)$",
    re.IGNORECASE,
)
INTERVAL = re.compile(
    r"interval|sampl\w* (?:rate|period|time)|log(?:ging)? (?:rate|period|cycle)|record(?:ing)? (?:rate|cycle)|messtakt|takt|selang",
    re.IGNORECASE,
)
FIRST = re.compile(r"first (?:reading|record|sample|log)|data starts?|(?:erster|first) mess", re.IGNORECASE)
LAST = re.compile(r"last (?:reading|record|sample|log)|data ends?|letzter mess", re.IGNORECASE)
BEGAN = re.compile(r"^(?:start|begin|started|from|beginn?|mulai|von|date de début|inicio)\b", re.IGNORECASE)
ENDED = re.compile(r"^(?:stop|end|stopped|finish|to|ende|berakhir|selesai|bis|fin)\b", re.IGNORECASE)
OFFSET = re.compile(r"(?:UTC|GMT)\s*(?:([+-])\s*(\d{1,2})(?::?([0-5]\d))?)?(?![\w:])", re.IGNORECASE)
PLACE = re.compile(
    r"\b((?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific|Antarctica|Arctic)/[A-Z]\w+(?:/\w+)?)\b"
)
INDONESIAN = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
LENGTH = re.compile(
    r"(?:(\d{1,9})\s*+d[^\W\d]*+)?\s*+(?:(\d{1,9})\s*+h[^\W\d]*+)?\s*+(?:(\d{1,9})\s*+m(?:in[^\W\d]*+|enit|n)?\.?)?"
    r"\s*+(?:(\d{1,9})\s*+(?:s|sec|sek|detik)[^\W\d]*+\.?)?",
    re.IGNORECASE,
)
ZONED = re.compile(r"zon[ea]|utc.?offset|gmt.?offset", re.IGNORECASE)
LONGEST_LABEL = 200
"""What is longer is no label of a value: a remark."""


@dataclass(slots=True)
class Around:
    """What title and footer lines say; lists where they could say it twice."""

    serial: str | None = None
    counts: list[int] = field(default_factory=list)
    interval_s: int | None = None
    first: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    began: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    units: set[str] = field(default_factory=set)
    hints: set[str] = field(default_factory=set)
    """Units in any line, whatever it speaks of."""
    scales: list[str] = field(default_factory=list)
    """What was said of the unit, word for word."""
    factors: list[str] = field(default_factory=list)
    figures: dict[str, list[str]] = field(default_factory=dict)


def around(lines: Iterable[str], delimiter: str, column: int) -> Around:
    """Read lines of the kind `label: value`, `label = value` or `label;value`; `column` is that of the temperature."""
    made = Around()
    for line in lines:
        row = [cell.strip().strip('"').strip() for cell in line.lstrip("#").split(delimiter)]
        said = [cell for cell in row if cell]
        if not said:
            continue
        made.hints |= columns.units_of(line)
        if column < len(row) and TEMPERATURE_UNIT.fullmatch(row[column]) and all(map(UNITS_ROW.fullmatch, row)):
            made.units |= _units(row[column])  # a row of units, under the names
            continue
        if len(said) == 1 and TEMPERATURE_UNIT.fullmatch(said[0]) and len(said[0]) > 1:
            made.units |= _units(said[0])
            continue
        label, values = said[0], said[1:]
        if not values:
            label, _, value = next(
                (label.partition(sep) for sep in ("=", ": ", ":", "\t") if sep in label), (label, "", "")
            )
            values = [value.strip()] if value.strip() else []
        label = label.strip().rstrip(":=").strip()
        if values and len(label) <= LONGEST_LABEL:
            _take(made, label, values, row[column] if column < len(row) else "")
    return made


def _take(made: Around, label: str, values: list[str], aligned: str) -> None:
    value = values[0]
    if SERIAL.search(label) and re.search(r"\d", value):
        made.serial = made.serial or value
    elif INTERVAL.search(label):
        made.interval_s = made.interval_s or length(" ".join(values[:2]))
    elif COUNT.search(label) and re.fullmatch(r"\d{1,9}", value, re.ASCII):
        made.counts.append(int(value))
    elif UNIT.search(label) and _tells(value) and (units := _units(value) or _units(aligned)):
        made.units |= units
        made.scales.append(value)
    elif (UNIT.search(label) and columns.scaled(f"({value})")) or (FACTOR.search(label) and _factor(value)):
        made.factors.append(f"{label}: {value}")
    elif TEMPERATURE_UNIT.fullmatch(value) and columns.TEMPERATURE.search(label):
        made.units |= _units(value)
    else:
        for name, pattern in (("first", FIRST), ("last", LAST), ("began", BEGAN), ("ended", ENDED)):
            if pattern.search(label):
                getattr(made, name).append(" ".join(values[:2]))
                return
        for name, figure in figures.told(label, values, aligned):
            made.figures.setdefault(name, []).append(figure)


TEMPERATURE_UNIT = re.compile(
    r"[(\[]?(?:[°º\ufffd?]?\s?[CF]|[℃℉]|(?:deg(?:rees?)?\.?\s?)?(?:[CF]|celsius|fahrenheit))[)\]]?", re.IGNORECASE
)
UNITS_ROW = re.compile(r"\D{0,10}\d?\D{0,3}")
UNIT = re.compile(r"\bunits?\b|\bscale\b|temperature[ _-]?unit|\bsatuan|einheit|unité|unidad|単位|单位", re.IGNORECASE)
FACTOR = re.compile(r"(?<!full )\b(?:scale|scaling|multipl\w+|divisor|divider|resolution factor)\b", re.IGNORECASE)


def _units(text: str) -> set[str]:
    return columns.units_of(text) or columns.units_of(f"({text.strip()})")


def _tells(text: str) -> bool:
    """A unit, and no device ("Unit: Fridge 2-8 °C")."""
    return columns.scaled(text) or not re.search(r"\d", text)


def _factor(text: str) -> bool:
    """A number by which the readings are to be multiplied or divided."""
    match = re.fullmatch(r"[x×*/]?\s?(\d+(?:[.,]\d+)?)", text, re.ASCII)
    return match is not None and float(match[1].replace(",", ".")) != 1


def length(text: str) -> int | None:
    """Seconds of `00:30:00` (hours first), `10 min`, `1h 30m`, `300 s`; None where it says something else."""
    text = text.strip()
    if match := re.fullmatch(r"(\d{1,3}):(\d\d)(?::(\d\d))?", text, re.ASCII):
        return 3600 * int(match[1]) + 60 * int(match[2]) + int(match[3] or 0) or None
    match = LENGTH.fullmatch(text)
    if not match or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 86_400 * days + 3600 * hours + 60 * minutes + seconds or None


def zoned(lines: Iterable[str]) -> list[str]:
    """Those that speak of a zone."""
    return [line for line in lines if ZONED.search(line)]


def zone(texts: Sequence[str]) -> timezone | ZoneInfo | None:
    """The zone that these texts name, where they name one and no other."""
    found: dict[str, timezone | ZoneInfo] = {}
    for text in texts:
        for match in OFFSET.finditer(text):
            east = timedelta(hours=int(match[2] or 0), minutes=int(match[3] or 0))
            if east <= timedelta(hours=14):
                made = timezone(-east if match[1] == "-" else east)
                found[str(made)] = made
        if (match := PLACE.search(text)) and match[1] in available_timezones():
            found[match[1]] = ZoneInfo(match[1])
        for word in re.findall(r"\b(WIB|WITA|WIT)\b", text):
            found[word] = ZoneInfo(INDONESIAN[word])
    return next(iter(found.values())) if len(found) == 1 else None


def moments(texts: Sequence[str], order: str) -> list[tuple[str, int, int]]:
    """(text, seconds of the day, day as a number) of each text that is a date and a time of day in this order."""
    parts = [(text, found) for text in texts if (found := clocks.moment(text.strip()))]
    return [
        (text, at.second, day.toordinal() - clocks.EPOCH)
        for text, (one, two) in parts
        if (day := clocks.day(one, order)) and (at := clocks.clock(two))
    ]

"""The one dialect that needs no confirmation, for nothing in it can be understood in two ways. UTF-8, BOM allowed:

    # serial: ABC-123            optional, before the header, as are
    # zone: Asia/Jakarta         the zone of times without offset (else that of the mission)
    # interval_s: 300            else the commonest step
    # readings: 2                the count; the only way to find a file cut off between two lines
    time,temperature_c
    2026-03-01T08:00:00,4.9
    2026-03-01T08:05:00,5.0

Times are ISO 8601, rising, all with an offset or none; every row has a reading. Titles in other words are heard as those of
any other file are, and a person confirms what was understood of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from traceability.domain.errors import Refused
from traceability.loggers import body as bodies
from traceability.loggers import clocks, columns, preamble, sound, witness
from traceability.loggers.degrees import Thousandths, beyond
from traceability.loggers.file import ZONES, LoggerFile, Notice, Told
from traceability.loggers.plan import Clocks, Days, Plan
from traceability.loggers.preamble import Around

HEADER = "time,temperature_c"
NOTE = re.compile(r"#\s*+(serial|zone|interval_s|readings):\s*+(\S.{0,99})")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d(?::\d\d(?:\.0+)?)?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
NUMBER = re.compile(r"[+-]?\d{1,4}(?:\.(\d{1,3}))?", re.ASCII)


def is_plain(text: str) -> bool:
    """Whether the header is this dialect's, and only notes and comments stand above it."""
    for line in text[:20_000].split("\n"):
        if line == HEADER:
            return True
        if line.strip() and not line.startswith("#"):
            return False
    return False


def read(text: str, told: Told) -> LoggerFile:
    """Read the plain dialect. Raises Refused: logger_truncated, logger_header_unreadable, logger_zone_unknown,
    logger_zone_missing, logger_contradicts_itself, logger_scale_unknown, logger_no_readings, and with their row: logger_row_unreadable,
    logger_value_missing, logger_value_beyond, logger_value_impossible, logger_time_unreadable, logger_ambiguous_time."""
    head, _, rest = text.partition(HEADER)
    notes, others = _notes(head)
    said = preamble.around(others.values(), ",", 1)
    serial = _agreed(said, notes)
    begin = len(head) + len(HEADER) + 1
    row = head.count("\n") + 2
    first = rest[1:201].split("\n")[0]
    if not first:
        raise Refused("logger_no_readings")
    end = len(text) - text.endswith("\n")
    match = MOMENT.fullmatch(first.partition(",")[0])
    aware = bool(match and match[2])
    zone, zone_from = _zone(notes, others.values(), told, aware)
    split = clocks.Split(match[1] if match else "T", 2, 1)
    degrees = Exact(".", "C")
    plan = Plan(
        ",",
        2,
        0,
        None,
        None,
        split,
        1,
        None,
        None,
        None,
        Days("ymd", UTC if aware else zone),
        Wall(aware, False),
        degrees,
    )
    if end == len(text):
        _whole(text[text.rfind("\n", 0, end) + 1 :], text[begin:end], row + text.count("\n", begin, end))
    try:
        body = bodies.read(plan, text, begin, end, row)
    except Refused as refused:
        raise _why(refused, text[begin:end], row) from None
    bodies.settle(plan.days, body, row)
    _count(notes, body.rows)
    step = sound.usual(body.steps)
    interval_s = _number(notes, "interval_s") or step or said.interval_s or 0
    if step not in (0, interval_s):
        raise Refused("logger_contradicts_itself", field="interval_s", said=interval_s, found=step)
    notices = [Notice("title_unheard", {"row": min(others), "count": len(others)})] if others else []
    notices += witness.counted(said, body) if said.counts else []
    if said.interval_s and said.interval_s != interval_s:
        notices.append(Notice("interval_differs", {"said_s": said.interval_s, "found_s": interval_s}))
    notices += witness.spans(said, "ymd", body, zone, interval_s)
    if body.times and zone_from == "file":
        written = first.partition(",")[0]
        notices += _elsewhere(match[2] if match else None, written, zone, told, body.times[0])
    maker, *again = witness.makers(said, "C")
    notices += sound.maker_differs(maker, body.values, again=again)
    notices += sound.lone_jump(body.values)
    return LoggerFile(
        "plain", serial, body.times, body.values, str(zone), interval_s, maker, tuple(notices), zone_from=zone_from,
        steps=body.steps,
    )  # fmt: skip


class Exact(Thousandths):
    """Numbers of this dialect alone: a missing one is no reading of it."""

    def _read(self, text: str) -> int:
        if not (match := NUMBER.fullmatch(text)):
            raise clocks.Unreadable(text)
        made = int(text.replace(".", "") + "0" * (3 - len(match[1] or "")))
        self.places[len(match[1] or "")] += 1
        return made


class Wall(Clocks):
    """Times of day of this dialect alone."""

    def __missing__(self, text: str) -> int:
        if not MOMENT.fullmatch("2000-01-01T" + text):
            raise clocks.Unreadable(text)
        return super().__missing__(text)


def _whole(line: str, lines: str, row: int) -> None:
    """A last line without an end: 4.9 cut from 4.95 looks just like a reading."""
    time, _, value = line.partition(",")
    match = NUMBER.fullmatch(value)
    most = max((len(one) - 1 for one in re.findall(r"\.\d+(?=\n)", lines)), default=0)
    if not match or not MOMENT.fullmatch(time) or not 0 < most <= len(match[1] or ""):
        raise Refused("logger_truncated", row=row)


def _why(refused: Refused, lines: str, row: int) -> Refused:
    """A row with a time and no number has lost its value; anything else is not a row of this dialect."""
    at = refused.values.get("row")
    if not isinstance(at, int) or refused.code == "logger_ambiguous_time":
        return refused
    line = lines.split("\n")[at - row]
    time, comma, value = line.partition(",")
    if MOMENT.fullmatch(time) and comma and beyond(value):
        return Refused("logger_value_beyond", row=at, value=value.strip()[:40])
    if MOMENT.fullmatch(time) and comma and not re.search(r"\d", value):
        return Refused("logger_value_missing", row=at)
    if MOMENT.fullmatch(time) and refused.code == "logger_time_unreadable":
        return refused
    return Refused("logger_row_unreadable", row=at)


def _notes(head: str) -> tuple[dict[str, str], dict[int, str]]:
    """What the titles of this dialect say, and the lines that are none of it but say something, by their numbers."""
    notes: dict[str, str] = {}
    others: dict[int, str] = {}
    for row, line in enumerate(head.split("\n"), 1):
        if match := NOTE.fullmatch(line.rstrip()):
            if match[1] in notes:
                raise Refused("logger_header_unreadable", row=row)
            notes[match[1]] = match[2]
        elif any(map(str.isalnum, line)):
            others[row] = line
    return notes, others


def _agreed(said: Around, notes: dict[str, str]) -> str | None:
    """The serial, where titles in any words agree on it, and that none of them speaks of anything but °C."""
    serial = notes.get("serial", said.serial)
    if said.serial not in (None, serial):
        raise Refused("logger_contradicts_itself", field="serial", said=said.serial, found=serial)
    if said.units - {"C"}:
        raise Refused("logger_contradicts_itself", field="unit", said=min(said.units - {"C"}), found="C")
    if wrong := next(filter(columns.scaled, said.scales), next(iter(said.factors), None)):
        raise Refused("logger_scale_unknown", value=wrong.strip()[:60])
    return serial


def _zone(notes: dict[str, str], others: Iterable[str], told: Told, aware: bool) -> tuple[tzinfo, str]:
    heard = preamble.zone(preamble.zoned(others))
    if "zone" in notes:
        try:
            made = ZoneInfo(notes["zone"])
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Refused("logger_zone_unknown", zone=notes["zone"]) from error
        if heard is not None and str(heard) != str(made):
            raise Refused("logger_contradicts_itself", field="zone", said=str(heard), found=str(made))
        return made, "file"
    if heard is not None:
        return heard, "file"
    if told.zone is not None:
        return told.zone, "file" if aware else "told"
    if aware:
        return ZoneInfo("UTC"), "file"
    raise Refused("logger_zone_missing", field="zone", choices=list(ZONES))


def _elsewhere(offset: str | None, first: str, zone: tzinfo, told: Told, at: int) -> list[Notice]:
    """A clock that went neither by its mission's zone nor by UTC, which is how programs write any time."""
    if offset is None:
        return sound.zone_differs(zone, told.zone, at)
    own = datetime.fromisoformat(first).tzinfo
    return [] if own is None or sound.offset(own, at) == "+0000" else sound.zone_differs(own, told.zone, at)


def _number(notes: dict[str, str], key: str) -> int | None:
    if key not in notes:
        return None
    if not re.fullmatch(r"[1-9]\d{0,6}", notes[key], re.ASCII):
        raise Refused("logger_header_unreadable", field=key)
    return int(notes[key])


def _count(notes: dict[str, str], found: int) -> None:
    said = _number(notes, "readings")
    if said is not None and said > found:
        raise Refused("logger_truncated", said=said, found=found)
    if said is not None and said < found:
        raise Refused("logger_contradicts_itself", field="readings", said=said, found=found)

"""The one plain CSV dialect, for loggers without a reader of their own. UTF-8, BOM allowed, decimal point:

    # serial: ABC-123            optional, before the header, as are
    # zone: Asia/Jakarta         the zone of times without offset (else that of the mission)
    # interval_s: 300            else the commonest step
    # readings: 2                the count; the only way to find a file cut off between two lines
    time,temperature_c
    2026-03-01T08:00:00+07:00,4.9
    2026-03-01T08:05:00,5.0

Times are ISO 8601, rising; every row has a reading. Anything else is refused, and no dialect is guessed."""

from __future__ import annotations

import re
from array import array
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from traceability.domain.errors import Refused
from traceability.loggers import MOST_READINGS, LoggerFile, seconds, usual_step

HEADER = "time,temperature_c"
NOTE = re.compile(r"#\s*(serial|zone|interval_s|readings):\s*(\S.{0,99}?)\s*")
ROW = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.0+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)"
    r",([+-]?)(\d{1,4})(?:\.(\d{1,3}))?",
    re.ASCII,
)


def read(data: bytes, zone: ZoneInfo) -> LoggerFile:
    """Read the plain dialect. Raises Refused: logger_unknown_format, logger_truncated, logger_too_large,
    logger_header_unreadable, logger_zone_unknown, logger_contradicts_itself, and with their row:
    logger_row_unreadable, logger_value_missing, logger_time_unreadable, logger_ambiguous_time."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("logger_unknown_format") from error
    head, found, body = text.partition(HEADER)
    if not found or (head and not head.endswith("\n")) or (body and body[0] not in "\r\n"):
        raise Refused("logger_unknown_format")
    notes = _notes(head)
    zone = _zone(notes["zone"]) if "zone" in notes else zone
    begin = len(head.split("\n")) + 1
    lines = body.split("\n")[1:]
    ended = not lines or lines[-1] == ""
    if len(lines) > MOST_READINGS + 1:
        raise Refused("logger_too_large", readings=len(lines), most=MOST_READINGS)
    times, values, finest = array("q"), array("i"), 0
    for row, line in enumerate(lines[:-1] if ended else lines, begin):
        last = row == begin + len(lines) - 1
        if not (match := ROW.fullmatch(line.removesuffix("\r"))):
            raise Refused("logger_truncated" if last else _why(line), row=row)
        moment, sign, whole, decimals = match.groups(default="")
        if last and not 0 < finest <= len(decimals):
            raise Refused("logger_truncated", row=row)  # 4.9 cut from 4.95 looks just like a reading
        finest = max(finest, len(decimals))
        try:
            times.append(seconds(datetime.fromisoformat(moment), zone, row))
        except ValueError as error:
            raise Refused("logger_time_unreadable", row=row, time=moment) from error
        values.append(int(sign + whole + decimals.ljust(3, "0")))
    _count(notes, len(times))
    step = usual_step(times)
    interval_s = _whole(notes, "interval_s") or step
    if step not in (0, interval_s):
        raise Refused("logger_contradicts_itself", field="interval_s", said=interval_s, found=step)
    return LoggerFile("plain", notes.get("serial"), times, values, str(zone), interval_s)


def _notes(head: str) -> dict[str, str]:
    notes: dict[str, str] = {}
    for row, line in enumerate(head.splitlines(), 1):
        if match := NOTE.fullmatch(line):
            if match[1] in notes:
                raise Refused("logger_header_unreadable", row=row)
            notes[match[1]] = match[2]
        elif line.strip() and not line.startswith("#"):
            raise Refused("logger_unknown_format")
    return notes


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused("logger_zone_unknown", zone=name) from error


def _whole(notes: dict[str, str], key: str) -> int | None:
    if key not in notes:
        return None
    if not re.fullmatch(r"[1-9]\d{0,6}", notes[key], re.ASCII):
        raise Refused("logger_header_unreadable", field=key)
    return int(notes[key])


def _count(notes: dict[str, str], found: int) -> None:
    said = _whole(notes, "readings")
    if said is not None and said > found:
        raise Refused("logger_truncated", said=said, found=found)
    if said is not None and said < found:
        raise Refused("logger_contradicts_itself", field="readings", said=said, found=found)


def _why(line: str) -> str:
    """A row with a time and no number has lost its value; anything else is not a row of this dialect."""
    value = line.partition(",")[2].strip()
    return "logger_row_unreadable" if re.search(r"\d", value) or "," not in line else "logger_value_missing"

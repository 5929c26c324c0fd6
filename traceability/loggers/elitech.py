"""Elitech RC-series reports (.xls). BIFF has no checksum: what a report says of its readings (count, first,
last, duration, interval, extremes, resolution) must agree with them, or it is refused whole."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from itertools import pairwise
from struct import pack, unpack
from zoneinfo import ZoneInfo

from traceability.domain.errors import Refused
from traceability.loggers import degrees, xls
from traceability.loggers.clocks import seconds
from traceability.loggers.elitech_report import ZONE, Report, report, unit
from traceability.loggers.file import ZONES, LoggerFile, Maker, Notice, Told
from traceability.loggers.sound import (
    JUMP_S,
    TOLERANCE_MC,
    lone_jump,
    lone_jumps,
    maker_differs,
    usual_step,
    zone_differs,
)

NUMBER = re.compile(r"\s*+([+-]?)(\d{1,4})(?:[.,](\d{1,3}))?\s*+(?:[°º]\s*+[CF]|[℃℉])?\s*+", re.ASCII)
FIGURE = re.compile(r"([+-]?)(\d{1,4})(?:[.,](\d{1,3}))?\s*+(?:[°º]\s*+[CF]|[℃℉])", re.ASCII)
MOMENT = re.compile(
    r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})[ T]+"
    r"(\d{1,2}):(\d\d)(?::(\d\d))?(?:\s*+([AP])\.?M\.?)?\s*+(?:\(.*)?",  # (Stop by button)
    re.ASCII | re.IGNORECASE,
)
CLOCK = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})", re.ASCII)
LENGTH = re.compile(
    r"(?:(\d{1,9})\s*+D(?:ays?)?)?\s*+(?:(\d{1,9})\s*+H(?:ours?)?)?\s*+(?:(\d{1,9})\s*+M(?:in)?)?\s*+(?:(\d{1,9})\s*+S(?:ec)?)?",
    re.ASCII | re.IGNORECASE,
)


def read(data: bytes, told: Told) -> LoggerFile:
    """Read an Elitech report; the zone it names goes before the one given. Raises Refused: logger_truncated,
    logger_damaged, logger_too_large, and what `interpret` and `elitech_report.report` name (R27)."""
    try:
        return interpret(xls.sheets(data), told.zone, told.date_order)
    except xls.Unreadable as error:
        raise Refused(f"logger_{error.reason}") from error


def interpret(sheets: xls.Sheets, zone: ZoneInfo | None, order: str | None = None) -> LoggerFile:
    """What the cells say. Raises Refused: logger_truncated, logger_value_missing, logger_value_beyond, logger_value_impossible,
    logger_time_unreadable, logger_ambiguous_date, logger_not_in_order, logger_contradicts_itself, logger_zone_missing."""
    found = report(sheets)
    notices = [Notice("channel_ignored", {"channel": name}) for name in found.ignored]
    _counted(found, notices)
    used = _zone(found, zone)
    times = _times(found, used, order)
    interval_s = _interval(found, times)
    values = _values(found)
    notices += zone_differs(used, zone, times[0])
    maker = _maker(found)
    _within(maker, values)
    notices += maker_differs(maker, values)
    if interval_s <= JUMP_S and (lone := lone_jumps(values)):  # no housed sensor does that: damage
        raise Refused("logger_value_impossible", reading=lone[0], value_mc=values[lone[0] - 1])
    notices += lone_jump(values)
    return LoggerFile(
        "elitech", found.get("serial number", "s/n"), times, values, str(used), interval_s, maker, tuple(notices),
        unit=found.unit or "C", zone_from="told" if used is zone else "file",
    )  # fmt: skip


def _counted(found: Report, notices: list[Notice]) -> None:
    said, own = found.get("current readings"), len(found.rows)
    if said is None:
        notices.append(Notice("count_not_given"))
    elif not re.fullmatch(r"\d{1,9}", said, re.ASCII):
        raise _contradiction("current readings", said=said, found=own)
    elif int(said) > own:
        raise Refused("logger_truncated", said=int(said), found=own)
    elif int(said) < own:
        raise _contradiction("current readings", said=int(said), found=own)


def _zone(found: Report, zone: ZoneInfo | None) -> tzinfo:
    """The device's zone where the report names it, else the one given."""
    said = {*found.zones, *filter(None, [found.get("time zone", "timezone")])}
    if not said:
        if zone is None:
            raise Refused("logger_zone_missing", field="zone", choices=list(ZONES))
        return zone
    match = ZONE.fullmatch(min(said))
    if not match or len(said) > 1:
        raise _contradiction("time zone", said=sorted(said))
    offset = timedelta(hours=int(match[2] or 0), minutes=int(match[3] or 0))
    if offset > timedelta(hours=14) or offset.seconds % 900:
        raise _contradiction("time zone", said=sorted(said))
    return timezone(-offset if match[1] == "-" else offset)


def _times(found: Report, zone: tzinfo, told: str | None) -> array[int]:
    """Epoch seconds: of the date orders that can be read, the one that the report itself bears out."""
    texts = [str(time or "").strip() for time, _ in found.rows]
    orders = ("ymd",) if re.match(r"\d{3}", texts[0]) else ((told,) if told in ("dmy", "mdy") else ("dmy", "mdy"))
    borne_out: dict[str, array[int]] = {}
    refused = []
    for order in orders:
        try:
            local = [_moment(text, order, number) for number, text in enumerate(texts, 1)]
            times = array("q", [seconds(moment, zone, number) for number, moment in enumerate(local, 1)])
            _agrees(found, order, local, times)
            if times not in borne_out.values():
                borne_out[order] = times
        except Refused as error:
            refused.append(error)
    if len(borne_out) > 1:
        dates = {order: str(datetime.fromtimestamp(t[0], zone).date()) for order, t in borne_out.items()}
        raise Refused("logger_ambiguous_date", text=texts[0], dates=dates, field="date_order", choices=list(dates))
    if not borne_out:
        raise refused[0]
    return next(iter(borne_out.values()))


def _moment(text: str, order: str, number: int) -> datetime:
    if match := MOMENT.fullmatch(text):
        part = dict(zip(order, map(int, match.group(1, 2, 3)), strict=True))
        year, hour = part["y"] + 2000 * (part["y"] < 100), int(match[4])
        if match[7]:
            hour = hour % 12 + 12 * (match[7] in "Pp") if 1 <= hour <= 12 else 99
        try:
            wall = datetime(year, part["m"], part["d"], hour, int(match[5]), int(match[6] or 0))  # noqa: DTZ001
        except ValueError:
            pass
        else:
            if 2000 <= year < 2100:
                return wall
    raise Refused("logger_time_unreadable", reading=number, time=text[:40])


def _agrees(found: Report, order: str, local: Sequence[datetime], times: Sequence[int]) -> None:
    for number, (before, after) in enumerate(pairwise(times), 2):
        if after <= before:
            raise Refused("logger_not_in_order", reading=number)
    for label, moment in (("first reading", local[0]), ("last reading", local[-1])):
        if (said := found.get(label)) and _moment(said, order, 0) != moment:
            raise _contradiction(label, said=said, found=str(moment))
    said = found.get("logging duration")
    length, found_s = _length(said or ""), times[-1] - times[0]
    if length is not None and abs(found_s - length) > usual_step(times) + 60:
        raise _contradiction("logging duration", said=said, found=found_s)


def _length(text: str) -> int | None:
    """Seconds of `1D 20H 37M 0S`, `10 min` or `0:0:10` (hours first); None where it says something else."""
    if clock := CLOCK.fullmatch(text):
        parts = ("0", *clock.groups())
    elif (match := LENGTH.fullmatch(text)) and any(match.groups()):
        parts = match.groups(default="0")
    else:
        return None
    return sum(int(part) * unit_s for part, unit_s in zip(parts, (86_400, 3_600, 60, 1), strict=True))


def _interval(found: Report, times: Sequence[int]) -> int:
    """The logging interval. A reading off the beat is damage, silence a gap; in alarm some shorten it."""
    said, step = found.get("logging interval"), usual_step(times)
    length = (_length(said) if said else None) or step
    shortens = any("shorten" in key and value.lower() == "enable" for key, value in found.fields.items())
    off = [i for i, (a, b) in enumerate(pairwise(times), 2) if b - a < 2 * length and b - a != length]
    if not shortens and (off or step not in (0, length)):
        raise _contradiction("logging interval", said=said, reading=off[0] if off else 2)
    return length


def _values(found: Report) -> array[int]:
    """Thousandths of °C. A number finer than the device's own figures is none of its readings."""
    stated = [match for key in ("maximum", "minimum") if (match := _figure(found.fields.get(key, "")))]
    places = max([1, *(len(match[3] or "") for match in stated)])
    values = array("i")
    for number, (_, cell) in enumerate(found.rows, 1):
        if isinstance(cell, float):
            tidy = round(cell, places)
            if abs(cell) > 9_999 or (cell != tidy and cell != unpack("<f", pack("<f", tidy))[0]):
                raise Refused("logger_value_impossible", reading=number, value=repr(cell))
            milli = round(tidy * 1000)  # single precision, as some write it, is taken for what it meant
        elif match := NUMBER.fullmatch(cell or ""):
            if unit(cell or "") not in (None, found.unit):
                raise _contradiction("unit", reading=number)
            milli = _milli(match)
        elif degrees.beyond(cell or ""):
            raise Refused("logger_value_beyond", reading=number, value=str(cell).strip()[:40])
        else:
            raise Refused("logger_value_missing", reading=number, value=str(cell)[:40])
        values.append(_celsius(milli, found.unit))
    return values


def _figure(text: str) -> re.Match[str] | None:
    """The temperature in `26,7°C`, also in `26,7°C / 60%RH`."""
    return FIGURE.search(text) or NUMBER.fullmatch(text)


def _milli(match: re.Match[str]) -> int:
    return int(Decimal(f"{match[1]}{match[2]}.{match[3] or 0}") * 1000)


def _celsius(milli: int, unit: str | None) -> int:
    return milli if unit == "C" else (10 * (milli - 32_000) + 9) // 18


def _maker(found: Report) -> Maker:
    def figure(*starts: str) -> int | None:
        text = next((value for key, value in found.fields.items() if key.startswith(starts)), "")
        return _celsius(_milli(match), found.unit) if (match := _figure(text)) else None

    return Maker(figure("minimum"), figure("maximum"), figure("average"), figure("mean kinetic", "mkt"))


def _within(maker: Maker, values: Sequence[int]) -> None:
    """A reading beyond the maker's own extremes is no rounding: refused."""
    low, high = min(values), max(values)
    if maker.max_mc is not None and high > maker.max_mc + TOLERANCE_MC:
        raise _contradiction("maximum", reading=values.index(high) + 1, said=maker.max_mc, found=high)
    if maker.min_mc is not None and low < maker.min_mc - TOLERANCE_MC:
        raise _contradiction("minimum", reading=values.index(low) + 1, said=maker.min_mc, found=low)


def _contradiction(what: str, *, said: object = None, **values: object) -> Refused:
    refused = Refused("logger_contradicts_itself", field=what, said=said)
    refused.values.update(values)
    return refused

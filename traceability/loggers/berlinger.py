"""Berlinger Q-tag and Fridge-tag text files. They end in the maker's signature over every byte before it (ECDSA,
P-256, SHA-256; numbers least byte first): what does not fit its signature was cut or changed and is refused."""

from __future__ import annotations

import re
from array import array
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from traceability.domain.coldchain import ACTIVATION_KJ
from traceability.domain.errors import Refused
from traceability.loggers import degrees, sound
from traceability.loggers.clocks import seconds
from traceability.loggers.degrees import LOST, Thousandths
from traceability.loggers.file import ZONES, Day, LoggerFile, Maker, Notice, Told, possible

KEY = re.compile(rb"\n Public Key: ([0-9a-f]{128})\r?\n")
SIGNATURE = re.compile(rb"\nSig: ([0-9a-f]{128})\s*\Z")
STAMP = re.compile(r"(20\d\d-\d\d-\d\d) (\d\d:\d\d)", re.ASCII)
READING = re.compile(r"\t(20\d\d-\d\d-\d\d \d\d:\d\d)\t([^\t]*?)(?:\t(x?))?", re.ASCII)
FIGURE = re.compile(r"[+-]?\d{1,3}\.\d", re.ASCII)
UNHEARD = re.compile(r"(?m)^ *+t AccST: *+(\d{1,4})? *+$", re.ASCII)
DAY_S = 86_400


def is_berlinger(data: bytes) -> bool:
    start = data[:2_000]
    return (
        start.lstrip(b"\xef\xbb\xbf").startswith(b"Device: ")
        or b"\nSig Cert: " in data[-3_000:]
        or b"\n PCB: " in start
    )


def read(data: bytes, told: Told) -> LoggerFile:
    """Raises Refused: logger_truncated, logger_signature_wrong, logger_contradicts_itself, logger_damaged,
    logger_time_unreadable, logger_value_unreadable, logger_value_beyond, logger_zone_missing, logger_ambiguous_time."""
    signed = signature_holds(data)
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode().replace("\r\n", "\n")
        if "\nData:\n" in text or text.startswith("Device: Q-tag CL"):
            file = _readings(text, told, signed)
        else:
            file = _days(text, told, signed)
    except Refused as refused:
        if signed is False and refused.code not in ("logger_truncated", "logger_zone_missing"):
            raise Refused("logger_signature_wrong") from None
        raise
    except (UnicodeDecodeError, ValueError) as error:
        raise Refused("logger_signature_wrong" if signed is False else "logger_damaged") from error
    if signed is False:
        raise Refused("logger_signature_wrong")
    return file


def signature_holds(data: bytes) -> bool | None:
    """Whether the file is what the logger signed, whichever line ends it has now; None where it has no signature."""
    key, signature = KEY.search(data), SIGNATURE.search(data)
    if key is None or signature is None:
        return None if b"\nCert:" not in data and b"\nSig" not in data else False
    x, y, r, s = (
        int.from_bytes(half, "little")
        for match in (key, signature)
        for half in (bytes.fromhex(match[1].decode())[:32], bytes.fromhex(match[1].decode())[32:])
    )
    said = utils.encode_dss_signature(r, s)
    body = data[: signature.start() + 1]
    try:
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError:
        return False
    for written in {body, re.sub(rb"\r?\n", b"\r\n", body)}:
        try:
            public.verify(said, sha256(written).digest()[::-1], ec.ECDSA(utils.Prehashed(SHA256())))
        except InvalidSignature:
            continue
        return True
    return False


# ── loggers that tell their readings ──


def _readings(text: str, told: Told, signed: bool | None) -> LoggerFile:
    zone, zone_from = _zone(text, told)
    unit = _unit(text)
    step = 60 * int(_need(text, "Logging Interval"))
    head, _, rest = text.partition("\nData:\n")
    lines = rest.split("\nCert:")[0].rstrip("\n").split("\n")
    if not lines[0].startswith("\tyyyy-MM-dd hh:mm\tT"):
        raise Refused("logger_truncated")
    times, values, marks = array("q"), array("i"), []
    read, lost, row = Thousandths(".", unit), 0, head.count("\n") + 3
    before, hole, widest = None, 0, timedelta(seconds=step)
    for number, line in enumerate(lines[1:], row):
        match = READING.fullmatch(line)
        if not match:
            raise Refused("logger_row_unreadable", row=number)
        wall = _wall(match[1])
        if before is not None and wall - before > widest:
            widest, hole = wall - before, number
        before = wall
        if degrees.missing(match[2]):
            lost += 1
            continue
        if degrees.beyond(match[2]):
            raise Refused("logger_value_beyond", row=number, value=match[2].strip())
        if not FIGURE.fullmatch(match[2]) or (value := read[match[2]]) == LOST:
            raise Refused("logger_row_unreadable", row=number)
        times.append(seconds(wall, zone, number))
        values.append(value)
        marks.append(match[3] == "x")
    if hole and signed is not True:
        raise Refused("logger_truncated", row=hole)
    notices = _notices(signed, told, zone, zone_from, times[0] if times else 0)
    if lost:
        notices.append(Notice("readings_missing", {"count": lost}))
    _reaches(text, lines, step, signed, notices)
    energy = float(_said(head, "MKT Energy") or ACTIVATION_KJ)
    maker = _maker(head, unit, _said(head, "MKT Energy"))
    notices += sound.maker_differs(maker, values, energy)
    notices += _marks(head, unit, values, marks)
    notices += sound.lone_jump(values)
    return LoggerFile(
        _format(text), _need(text, "Serial"), times, values, str(zone), step, maker, tuple(notices), unit=unit,
        activation_kj=energy, zone_from=zone_from,
    )  # fmt: skip


def _reaches(text: str, lines: list[str], step: int, signed: bool | None, notices: list[Notice]) -> None:
    """From start to end as the head tells them: a Q-tag's readings fill that time, a Fridge-tag's are its last."""
    first, last = (_wall(lines[i].split("\t")[1]) for i in (1, -1))
    begins, ends = _said(text, "TS Start"), _said(text, "TS Stop") or _said(text, "TS Report Creation")
    slack = timedelta(seconds=step)
    if (begins and abs(first - _wall(begins)) > slack) or (
        ends and not timedelta(0) <= _wall(ends) - last <= 2 * slack
    ):
        if signed is not True:
            raise Refused("logger_truncated")
        notices.append(Notice("span_differs", {"said": ends, "found": str(last)}))


def _marks(head: str, unit: str, values: array[int], marks: list[bool]) -> list[Notice]:
    """The maker marks each reading out of limits; ours, by its own limits, are the same or it is told."""
    limits = [degrees.figure(text, unit) for text in re.findall(r"T AL: ([+-]?\d+\.\d)", head)]
    known = sorted({limit for limit in limits if limit is not None})
    if len(known) != 2:
        return []
    low, high = known
    wrong = [
        i
        for i, (value, mark) in enumerate(zip(values, marks, strict=True), 1)
        if value not in known and mark != (not low <= value <= high)
    ]
    return [Notice("alarm_differs", {"count": len(wrong), "reading": wrong[0]})] if wrong else []


def _maker(head: str, unit: str, energy: str | None) -> Maker:
    result = head.partition("\nRes:\n")[2]
    if result:
        found = {
            name: _figure(_said(result, label), unit)
            for name, label in (("min_mc", "Min T"), ("max_mc", "Max T"), ("mean_mc", "Avrg T"), ("mkt_mc", "MKT"))
        }
        return Maker(**found, activation_j=round(float(energy) * 1000) if energy else None)
    days = _records(head.partition("\nHist:\n")[2], unit)[0]
    return Maker(min((day.min_mc for day in days), default=None), max((day.max_mc for day in days), default=None))


# ── loggers that tell their days ──


def _days(text: str, told: Told, signed: bool | None) -> LoggerFile:
    zone, zone_from = _zone(text, told)
    unit = _unit(text)
    head, found, rest = text.partition("\nHist:\n")
    if not found:
        raise Refused("logger_truncated")
    history = rest.split("\nCert:")[0]
    days, lost = _records(history, unit)
    told_days = len(days) + lost
    begun, made = _wall(_need(history, "TS Actv")), _wall(_need(history, "TS Report Creation")).date()
    most = int(_said(head, "Report history length") or 0) or 10_000
    if told_days != min(most, (made - begun.date()).days + 1) and signed is not True:
        raise Refused("logger_truncated", said=min(most, (made - begun.date()).days + 1), found=told_days)
    days = [_from(day, begun) for day in days]
    notices = _notices(signed, told, zone, zone_from, int(datetime.combine(made, time(), UTC).timestamp()))
    if lost:
        notices.append(Notice("days_missing", {"count": lost}))
    if unheard := sum(day.unheard_min != 0 for day in days):
        notices.append(Notice("days_unheard", {"count": unheard}))
    return LoggerFile(
        _format(text), _need(text, "Serial"), array("q"), array("i"), str(zone), DAY_S, Maker(), tuple(notices), unit=unit,
        days=tuple(sorted(days, key=lambda day: day.date)), zone_from=zone_from,
    )  # fmt: skip


def _records(history: str, unit: str) -> tuple[list[Day], int]:
    """The days, newest first as they stand: numbered from 1, each the day before the one above; and days without figures."""
    made: list[Day] = []
    lost, before = 0, None
    parts = re.split(r"(?m)^ (\d+):$", history)
    for number, (said, record) in enumerate(zip(parts[1::2], parts[2::2], strict=True), 1):
        day = date.fromisoformat(_need(record, "Date"))
        if int(said) != number or (before is not None and day != before - timedelta(days=1)):
            raise Refused("logger_damaged", row=number, expected=number)
        before = day
        told = [_need(record, name) for name in ("Min T", "Max T", "Avrg T")]
        if over := next(filter(degrees.beyond, told), None):
            raise Refused("logger_value_beyond", day=str(day), value=over)
        low, high, mean = (_figure(text, unit) for text in told)
        if low is None or high is None:
            lost += 1
            continue
        if not low <= high or (mean is not None and not low - 100 <= mean <= high + 100):
            raise Refused("logger_contradicts_itself", field=str(day))
        made.append(Day(day, low, high, mean, unheard_min=_unheard(record)))
    return made, lost


def _unheard(record: str) -> int | None:
    """For how many minutes of its day the tag did not hear a sensor; None where it does not say."""
    found = [int(text) if text else None for text in UNHEARD.findall(record)]
    told = [minutes for minutes in found if minutes is not None]
    return max(told) if told and len(told) == len(found) else None


def _from(day: Day, begun: datetime) -> Day:
    """A day as far as the tag was switched on; before that it measured nothing."""
    if day.date < begun.date():
        return replace(day, unheard_min=None)
    return replace(day, begins=begun.time()) if day.date == begun.date() else day


# ── fields ──


def _said(text: str, label: str) -> str | None:
    """What stands behind `label:`, up to the comma or the line's end; None where it is not there or empty."""
    match = re.search(rf"(?m)^ *{re.escape(label)}: *([^,\n]*)", text)
    return match[1].strip() or None if match else None


def _need(text: str, label: str) -> str:
    said = _said(text, label)
    if said is None:
        raise Refused("logger_truncated")
    return said


def _figure(text: str | None, unit: str) -> int | None:
    if text is None or degrees.missing(text):
        return None
    made = degrees.figure(text, unit) if FIGURE.fullmatch(text) else None
    if made is None or not possible(made):
        raise Refused("logger_damaged")
    return made


def _unit(text: str) -> str:
    unit = _said(text, "Temp unit") or "C"
    if unit not in ("C", "F"):
        raise Refused("logger_unit_unknown", field="unit", choices=["C", "F"])
    return unit


def _wall(text: str) -> datetime:
    if not STAMP.fullmatch(text):
        raise Refused("logger_damaged")
    return datetime.fromisoformat(text)


def _zone(text: str, told: Told) -> tuple[tzinfo, str]:
    """`Zone` is the hours that somebody set beside the clock; 0 is how it is delivered and says nothing."""
    hours = float(_said(text, "Zone") or 0)
    if hours and abs(hours) <= 14:
        return timezone(timedelta(hours=hours)), "file"
    if told.zone is None:
        raise Refused("logger_zone_missing", field="zone", choices=list(ZONES))
    return told.zone, "told"


def _notices(signed: bool | None, told: Told, zone: tzinfo, zone_from: str, at: int) -> list[Notice]:
    made = [] if signed else [Notice("maker_signature_missing")]
    return made + (sound.zone_differs(zone, told.zone, at) if zone_from == "file" else [])


def _format(text: str) -> str:
    device = _need(text, "Device").lower()
    return "berlinger-fridge-tag" if "fridge" in device else "berlinger-q-tag"

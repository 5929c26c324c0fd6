"""A calendar as calendar programs read it (RFC 5545): whole days, text escaped, lines folded at 75 octets. No clock, no zone needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MEDIA_TYPE = "text/calendar"
LINE_OCTETS = 75
PRODUCT = "-//Secretome trace//Calendar//EN"


@dataclass(frozen=True, slots=True)
class Event:
    """Something on one day. `uid` stays the same for ever: a program that saw it before changes it instead of adding another."""

    uid: str
    day: date
    summary: str
    description: str
    location: str
    url: str
    tentative: bool = False


def written(name: str, events: Iterable[Event], stamp: datetime, *, refresh_min: int = 60) -> bytes:
    """The whole calendar. `stamp`: as of when it was read; a program is asked to read it again after so many minutes (RFC 7986)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"NAME:{escaped(name)}", f"X-WR-CALNAME:{escaped(name)}"]
    lines += [f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_min}M", f"X-PUBLISHED-TTL:PT{refresh_min}M"]
    for event in events:
        lines += _event(event, f"{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return b"".join(part + b"\r\n" for line in [*lines, "END:VCALENDAR"] for part in folded(line))


def _event(one: Event, stamp: str) -> Sequence[str]:
    return (
        "BEGIN:VEVENT",
        f"UID:{one.uid}",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(one.summary)}",
        f"DESCRIPTION:{escaped(one.description)}",
        f"LOCATION:{escaped(one.location)}",
        f"URL:{one.url}",
        f"STATUS:{'TENTATIVE' if one.tentative else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    )


def escaped(text: str) -> str:
    """3.3.11: what has a meaning of its own stands behind a backslash; other control characters are let go."""
    plain = "".join(sign for sign in text.replace("\r\n", "\n") if sign in "\n\t" or (sign >= " " and sign != "\x7f"))
    for sign, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(sign, instead)
    return plain


def folded(line: str) -> Iterator[bytes]:
    """3.1: no line longer than 75 octets; the next begins with a space, and no character is torn apart."""
    part, room = b"", LINE_OCTETS
    for sign in line:
        octets = sign.encode()
        if len(part) + len(octets) > room:
            yield part if room == LINE_OCTETS else b" " + part
            part, room = b"", LINE_OCTETS - 1
        part += octets
    yield part if room == LINE_OCTETS else b" " + part

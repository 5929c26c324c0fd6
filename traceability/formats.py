"""How values read in the reader's language: times, numbers, temperatures, durations, volumes, as plain text.

Values come whole and in the unit of their name (µL, thousandths of °C, seconds, aware UTC) and are not
rounded: a limit and a value beyond it must not look equal. Only `duration` drops the seconds begun, unless
`exact`. Judge before showing, never after. None is shown as a dash. Works without a request: English, UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import current_app, g, has_app_context
from flask_babel import get_locale, gettext

MINUS = "\u2212"
GROUP = "\u00a0"  # in both languages: 48 211
DASH = "\u2013"


def language() -> str:
    return str(get_locale() or "en").partition("_")[0]


OFFSET = re.compile(r"UTC([+-])(\d\d):(\d\d)")


def zone_of(zone: str | tzinfo | None) -> tzinfo:
    """The zone named, else the one of this request's site (`g.zone`), else of the installation, else UTC."""
    named = zone
    if not named and has_app_context():
        named = g.get("zone") or current_app.config.get("ZONE")
    named = named or "UTC"
    if not isinstance(named, str):
        return named
    if offset := OFFSET.fullmatch(named):  # as a logger's file names it
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-ahead if offset[1] == "-" else ahead)
    return ZoneInfo(named)


def zone_name(zone: str | tzinfo | None = None, at: datetime | None = None) -> str:
    """WIB, UTC; a zone without letters of its own reads UTC+8."""
    moment = (at or datetime.now(UTC)).astimezone(zone_of(zone))
    name = moment.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    hours, minutes = divmod(abs(int(name)), 100) if len(name) > 3 else (abs(int(name)), 0)
    return f"UTC{'+' if name[0] == '+' else MINUS}{hours}" + (f":{minutes:02d}" if minutes else "")


def aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    return value


def clock(value: datetime, before: str, seconds: bool) -> str:
    between = "." if language() == "id" else ":"
    pattern = before + between.join(["HH", "mm", "ss"] if seconds else ["HH", "mm"])
    return format_datetime(value, pattern, locale=language())


def moment(value: datetime | None, zone: str | tzinfo | None = None, *, seconds: bool = False) -> str:
    """22 Nov 2026 18:04 WIB (Indonesian 18.04)."""
    if value is None:
        return DASH
    return f"{clock(aware(value).astimezone(zone_of(zone)), 'd MMM y ', seconds)} {zone_name(zone, value)}"


def day(value: date | datetime | None, zone: str | tzinfo | None = None) -> str:
    """31 Aug 2027. A plain date is shown as it stands; a time as the day it was where the reader is."""
    if value is None:
        return DASH
    plain = aware(value).astimezone(zone_of(zone)).date() if isinstance(value, datetime) else value
    return format_date(plain, "d MMM y", locale=language())


def weekday(value: date, *, short: bool = False) -> str:
    """Wednesday; short with the day of the month: Wed 1."""
    return format_date(value, "EEE d" if short else "EEEE", locale=language())


def number(value: int | Decimal | None, digits: int | None = None) -> str:
    """48 211 · 4.2 (Indonesian 4,2) · −3. With `digits` so many decimals, else all there are."""
    if value is None:
        return DASH
    if isinstance(value, float):
        raise TypeError("shown numbers are whole or Decimal")
    exact = Decimal(value)
    if digits is not None:
        exact = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    whole, _, decimals = f"{abs(exact):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", GROUP)
    comma = "," if language() == "id" else "."
    return (MINUS if exact < 0 else "") + grouped + (comma + decimals if decimals else "")


def scaled(value: int, thousand: int, least: int) -> str:
    """A value in thousandths, with as many decimals as it needs and at least so many."""
    exact = (Decimal(value) / thousand).normalize()
    decimals = max(least, -int(exact.as_tuple().exponent))
    return number(exact, decimals)


def temperature(mc: int | None, least: int = 1) -> str:
    """−20.4 °C (Indonesian −20,4 °C) from thousandths of a degree; `least` 0 for limits: −15 °C."""
    return DASH if mc is None else f"{scaled(mc, 1000, least)}\u00a0°C"


def temperature_band(low_mc: int | None, high_mc: int | None) -> str:
    """−25 to −15 °C (Indonesian sampai): `limits.low_mc|temperature_band(limits.high_mc)`."""
    if low_mc is None or high_mc is None:
        return DASH
    low, high = scaled(low_mc, 1000, 0), temperature(high_mc, 0)
    return str(gettext("%(low)s to %(high)s", low=low, high=high))


def duration(seconds: int | None, *, exact: bool = False) -> str:
    """4 h 06 min, 22 min, 48 s (Indonesian jam, menit, detik). `exact` keeps the seconds: 4 h 06 min 09 s."""
    if seconds is None:
        return DASH
    hour, minute, second = ("jam", "menit", "detik") if language() == "id" else ("h", "min", "s")
    sign, seconds = (MINUS if seconds < 0 else ""), abs(seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if seconds < 60:
        return f"{sign}{rest}\u00a0{second}"
    parts = [f"{hours}\u00a0{hour}"] if hours else []
    parts.append(f"{minutes:02d}\u00a0{minute}" if hours else f"{minutes}\u00a0{minute}")
    if exact and rest:
        parts.append(f"{rest:02d}\u00a0{second}")
    return sign + " ".join(parts)


def volume_ml(ul: int | None, least: int = 0) -> str:
    """3 mL, 2.5 mL from microlitres."""
    return DASH if ul is None else f"{scaled(ul, 1000, least)}\u00a0mL"

"""How values look on a page: `traceability.formats` as Jinja filters, times marked up for machines too."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup

from traceability.domain.recalling import SOURCE
from traceability.formats import (
    DASH,
    aware,
    clock,
    day,
    duration,
    moment,
    number,
    temperature,
    temperature_band,
    volume_ml,
    weekday,
    zone_name,
    zone_of,
)


def iso(value: datetime) -> str:
    """2026-11-22T11:04:00Z, for machines: `datetime`, `data-until`."""
    return aware(value).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def datetime_local(value: datetime | None, zone: str | tzinfo | None = None, *, seconds: bool = False) -> str:
    """22 Nov 2026 18:04 WIB (Indonesian 18.04), the same in UTC as its title."""
    return DASH if value is None else timed(value, moment(value, zone, seconds=seconds), seconds)


def time_local(value: datetime | None, zone: str | tzinfo | None = None, *, seconds: bool = False) -> str:
    """18:04, where the day is plain from the page; the full time in UTC as its title."""
    return DASH if value is None else timed(value, clock(aware(value).astimezone(zone_of(zone)), "", seconds), seconds)


def timed(value: datetime, shown: str, seconds: bool) -> Markup:
    title = f"{clock(value.astimezone(UTC), 'd MMM y ', seconds)} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(value), title, shown)


def date_local(value: date | datetime | None, zone: str | tzinfo | None = None) -> str:
    """31 Aug 2027. A plain date is shown as it stands; a time as the day it was where the reader is."""
    if value is None:
        return DASH
    plain = aware(value).astimezone(zone_of(zone)).date() if isinstance(value, datetime) else value
    return Markup('<time datetime="{}">{}</time>').format(plain.isoformat(), day(plain))


def share(hundredths: int | None) -> str:
    """92.5 % of hundredths of a per cent; never 100 where anything is missing, for it was rounded down."""
    return DASH if hundredths is None else f"{number((Decimal(hundredths) / 100).normalize())}\u00a0%"


def span(seconds: int) -> str:
    """9 d 23 h of two days and more, else as `duration`: clocks of recalls run for weeks."""
    days, rest = divmod(seconds, 86_400)
    if days < 2:
        return duration(seconds)
    hours = rest // 3600
    return _("%(days)s d %(hours)s h", days=number(days), hours=hours) if hours else _("%(days)s d", days=number(days))


def clock_source(told: str) -> str:
    """By whose word a clock of cases or recalls holds: the system's own in the reader's language, a house's as it wrote it."""
    ours = {
        SOURCE: _("Default of this system; enter what your authority orders"),
        "ICH E2A III.B.1: 7 days where a life is touched": _("ICH E2A III.B.1: 7 days where a life is touched"),
        "FDA, Investigating OOS Results (2022): 30 business days": _(
            "FDA, Investigating OOS Results (2022): 30 business days"
        ),
        "This house: 21 CFR 211.192 names no time": _("This house: 21 CFR 211.192 names no time"),
        "ICH E2A III.B.2: 15 days": _("ICH E2A III.B.2: 15 days"),
        "ICH E2A III.B.1: 7 days": _("ICH E2A III.B.1: 7 days"),
        "ICH E2A III.B.1: 8 more days for the whole report": _("ICH E2A III.B.1: 8 more days for the whole report"),
        "This house: 21 CFR 1271.290(b) names no time": _("This house: 21 CFR 1271.290(b) names no time"),
    }
    return ours.get(told, told)


def act_id() -> str:
    """A fresh act id for a form: the idempotency key of what it will do."""
    return str(uuid.uuid4())


def init_app(app: Flask) -> None:
    shown = (
        datetime_local,
        time_local,
        date_local,
        iso,
        zone_name,
        number,
        temperature,
        temperature_band,
        duration,
        volume_ml,
        weekday,
        share,
        span,
        clock_source,
    )
    app.jinja_env.filters.update({each.__name__: each for each in shown})
    app.jinja_env.globals["act_id"] = act_id

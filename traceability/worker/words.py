"""What a message says, in the language of who is told: place, kind, number, since when, how far, where to acknowledge.

Nothing of a vial, a lot or a patient leaves the house with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from traceability.domain.plain import plain
from traceability.formats import duration, moment, temperature, temperature_band
from traceability.services.outbox import Message


def subject(one: Message) -> str:
    with force_locale(one.contact.language):
        return _subject(one)


def _subject(one: Message) -> str:
    told = one.told
    if told.alarm.kind == "silent":
        return _("Alarm %(number)s: the sensor in %(place)s is silent", number=told.alarm.number, place=told.place.code)
    return _("Alarm %(number)s: %(place)s is out of limits", number=told.alarm.number, place=told.place.code)


def text(config: Mapping[str, Any], one: Message) -> str:
    """The whole message, line by line."""
    with force_locale(one.contact.language):
        return "\n".join(_lines(config, one)) + "\n"


def _lines(config: Mapping[str, Any], one: Message) -> list[str]:
    told, zone = one.told, one.site.zone
    name = told.place.code if told.place.name == told.place.code else f"{told.place.code} ({told.place.name})"
    lines = [_subject(one) + ".", f"{name}, {one.site.name}", ""]
    since = moment(told.alarm.since, zone)
    if told.alarm.kind == "silent" and told.sensor is not None:
        lines.append(_("No reading since %(since)s.", since=since))
        every = duration(told.sensor.interval_s)
        lines.append(_("Sensor %(serial)s measures every %(every)s.", serial=told.sensor.serial, every=every))
    elif told.excursion is not None:
        limits = temperature_band(told.excursion.low_limit_mc, told.excursion.high_limit_mc)
        peak = temperature(told.excursion.peak_mc)
        lines.append(_("Out of limits since %(since)s.", since=since))
        lines.append(_("Furthest: %(peak)s. Limits: %(limits)s.", peak=peak, limits=limits))
    if told.alarm.cleared_at is not None:
        lines.append(_("It is over. Somebody has to look all the same."))
    if one.contact.after_s:
        after = duration(one.contact.after_s)
        lines.append(_("Nobody has acknowledged it for %(after)s.", after=after))
    if where := link(config, one):
        lines += ["", _("Acknowledge it here:"), where]
    return lines


def link(config: Mapping[str, Any], one: Message) -> str | None:
    """Where it is acknowledged, if the installation knows its own address."""
    base = config["EXTERNAL_URL"]
    return f"{base.rstrip('/')}/alarms/{one.told.alarm.id}" if base else None


def data(config: Mapping[str, Any], one: Message) -> dict[str, Any]:
    """The same for a program: codes, whole numbers, UTC."""
    told = one.told
    peak = told.excursion
    made: dict[str, Any] = plain(
        {
            "type": "alarm.raised",
            "timestamp": one.at,
            "data": {
                "id": told.alarm.id,
                "number": told.alarm.number,
                "kind": told.alarm.kind,
                "place": {"code": told.place.code, "name": told.place.name, "site": one.site.name},
                "since": told.alarm.since,
                "raised_at": told.alarm.raised_at,
                "cleared_at": told.alarm.cleared_at,
                "value_mc": peak.peak_mc if peak else None,
                "low_limit_mc": peak.low_limit_mc if peak else None,
                "high_limit_mc": peak.high_limit_mc if peak else None,
                "link": link(config, one),
                "title": subject(one),
                "text": text(config, one),
            },
        }
    )
    return made

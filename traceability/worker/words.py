"""What a message says, in the language of who is told: place, kind, number, since when, how far, where to acknowledge.

Nothing of a vial, a lot or a patient leaves the house with it. What a recall says is in `recall_words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from traceability.domain.plain import plain
from traceability.formats import duration, moment, temperature, temperature_band
from traceability.services.outbox import Message
from traceability.worker import recall_words


def subject(one: Message) -> str:
    with force_locale(one.contact.language):
        return _subject(one)


def _subject(one: Message) -> str:
    told = one.told
    if one.recall is not None:
        return recall_words.subject(one, one.recall)
    if told.place is None:
        return _due(one)
    if told.alarm.kind == "silent":
        return _("Alarm %(number)s: the sensor in %(place)s is silent", number=told.alarm.number, place=told.place.code)
    return _("Alarm %(number)s: %(place)s is out of limits", number=told.alarm.number, place=told.place.code)


def _due(one: Message) -> str:
    """What is due, in one sentence; papers say how long there is left."""
    alarm = one.told.alarm
    given = {"number": alarm.number, "name": alarm.name}
    match str(alarm.kind):
        case "case_overdue":
            return _("Notice %(number)s: case %(name)s is overdue", **given)
        case "action_overdue":
            return _("Notice %(number)s: action %(name)s is not done", **given)
        case "check_overdue":
            return _("Notice %(number)s: nobody has judged whether action %(name)s helped", **given)
        case "review_owed" if alarm.noun == "opening":
            return _("Notice %(number)s: opened identity %(name)s is to be reviewed", **given)
        case "review_owed" if not alarm.step:
            return _("Notice %(number)s: the review of emergency issue %(name)s is overdue", **given)
        case "review_owed":
            return _("Notice %(number)s: emergency issue %(name)s is to be reviewed within 24 hours", **given)
        case "box_overdue":
            return _("Notice %(number)s: consignment %(name)s has not arrived in time", **given)
        case "access_unreviewed":
            return _("Notice %(number)s: who may do what at %(name)s is to be reviewed", **given)
        case "event_unreported" if not alarm.step:
            return _("Notice %(number)s: the report of event %(name)s to the authority is overdue", **given)
        case "event_unreported":
            left = ngettext("%(num)d day", "%(num)d days", alarm.step or 0)
            return _(
                "Notice %(number)s: event %(name)s is to be reported to the authority within %(left)s",
                left=left,
                **given,
            )
        case "paper_ends" | "training_ends" if not alarm.step:
            return _("Notice %(number)s: %(name)s has ended", **given)
        case "paper_ends" | "training_ends":
            left = ngettext("%(num)d day", "%(num)d days", alarm.step or 0)
            return _("Notice %(number)s: %(name)s ends within %(left)s", left=left, **given)
    raise AssertionError(f"no words for {alarm.kind}")


def text(config: Mapping[str, Any], one: Message) -> str:
    """The whole message, line by line."""
    with force_locale(one.contact.language):
        return "\n".join(_lines(config, one)) + "\n"


def _lines(config: Mapping[str, Any], one: Message) -> list[str]:
    told, zone = one.told, one.zone
    if one.recall is not None:
        return recall_words.lines(one, one.recall, link(config, one))
    if told.place is None or one.site is None:
        lines = [_subject(one) + ".", "", _("Due since %(since)s.", since=moment(told.alarm.since, zone))]
        return lines + _last(config, one)
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
    return lines + _last(config, one)


def _last(config: Mapping[str, Any], one: Message) -> list[str]:
    lines = []
    if one.contact.after_s:
        after = duration(one.contact.after_s)
        lines.append(_("Nobody has acknowledged it for %(after)s.", after=after))
    if where := link(config, one):
        lines += ["", _("Acknowledge it here:"), where]
    return lines


def _place(one: Message) -> dict[str, str] | None:
    if one.told.place is None or one.site is None:
        return None
    return {"code": one.told.place.code, "name": one.told.place.name, "site": one.site.name}


def link(config: Mapping[str, Any], one: Message) -> str | None:
    """Where it is acknowledged, or a recall answered, if the installation knows its own address."""
    base = config["EXTERNAL_URL"]
    where = f"recalls/{one.recall.recall.id}" if one.recall else f"alarms/{one.told.alarm.id}"
    return f"{base.rstrip('/')}/{where}" if base else None


def data(config: Mapping[str, Any], one: Message) -> dict[str, Any]:
    """The same for a program: codes, whole numbers, UTC."""
    told = one.told
    peak = told.excursion
    made: dict[str, Any] = plain(
        {
            "type": "recall.notice" if one.recall else "alarm.raised" if told.place else "due.raised",
            "timestamp": one.at,
            "data": {
                "id": told.alarm.id,
                "number": told.alarm.number,
                "kind": told.alarm.kind,
                "place": _place(one),
                "noun": told.alarm.noun,
                "noun_id": told.alarm.noun_id,
                "name": told.alarm.name,
                "days_ahead": None if one.recall else told.alarm.step,
                "recall": recall_words.data(one, one.recall) if one.recall else None,
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

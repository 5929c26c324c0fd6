"""Charts: what the script draws as JSON, the same as a table file, and all that a page shows beside it. And the page of a vial."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import ValidationError

from schemas.plots import WindowIn
from traceability import problems, sheets
from traceability.asking import actor, store
from traceability.domain.checks import Purpose
from traceability.domain.plots import Bucket, Mark, MarkKind, Plot
from traceability.formats import clock, day, language, temperature, temperature_band
from traceability.services import plots, thermal, verdicts, vials
from traceability.services.plots import EVERYTHING, MOST, SPANS, Window
from traceability.web import blueprint
from traceability.words import choice_word

DEFAULTS = {"places": "48h", "sensors": "7d"}
"""How much a page shows where nobody asked for more: what is long over, all of it."""


def asked(most: int = MOST) -> Window:
    """What the address asks for; what it says wrongly is let go, for a page has something to show anyhow."""
    told = {name: value for name, value in request.args.items() if name in ("span", "until") and value}
    try:
        made = WindowIn().load(told)
    except ValidationError as wrong:
        made = WindowIn().load({name: value for name, value in told.items() if name not in wrong.normalized_messages()})
    return Window(made.get("span", ""), made.get("until"), most)


# ------------------------------------------------------------------------------------------------------ JSON and table


@blueprint.get("/places/<place_id>/plot")
def plot_place(place_id: str) -> ResponseReturnValue:
    return _answered(plots.of_place, place_id, "place")


@blueprint.get("/sensors/<sensor_id>/plot")
def plot_sensor(sensor_id: str) -> ResponseReturnValue:
    return _answered(plots.of_sensor, sensor_id, "sensor")


@blueprint.get("/consignments/<consignment_id>/plot")
def plot_consignment(consignment_id: str) -> ResponseReturnValue:
    return _answered(plots.of_consignment, consignment_id, "consignment")


@blueprint.get("/vials/<vial_id>/plot")
def plot_vial(vial_id: str) -> ResponseReturnValue:
    return _answered(plots.of_vial, vial_id, "vial")


def _answered(read: Any, noun_id: str, noun: str) -> ResponseReturnValue:
    as_sheet = request.args.get("format") == "csv"
    with store().read(actor()) as view:
        plot = read(view, noun_id, asked(EVERYTHING if as_sheet else MOST))
    if not as_sheet:
        return jsonify(drawing(plot))
    response = Response(sheets.sheet(plot), content_type=sheets.MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{noun}-{noun_id}.csv"'
    return response


def drawing(plot: Plot) -> dict[str, Any]:
    """What `chart.js` draws: seconds, degrees, and labels in the reader's language."""
    several = len(plot.traces) > 1
    return {
        "since": _s(plot.since), "until": _s(plot.until), "zone": plot.zone,
        "limits": [_c(plot.limits.low_mc), _c(plot.limits.high_mc)] if plot.limits else None,
        "worst": _columns(plot, plot.worst),
        "traces": [_columns(plot, one.buckets) for one in plot.traces] if several else [],
        "hand": [[_s(one.at), _c(one.low_mc), _c(one.now_mc), _c(one.high_mc)] for one in plot.by_hand],
        "outs": [[_s(one.since), _s(one.until) if one.until else None, _c(one.peak_mc), temperature(one.peak_mc)] for one in plot.outs],
        "marks": [[_s(one.at), mark_word(one)] for one in plot.marks],
        "unknown": [[_s(one.since), _s(one.until)] for one in plot.unknown],
        "assumed": [[_s(one.since), _s(one.until), _c(one.low_mc), _c(one.high_mc)] for one in plot.assumed],
        "no_reading": _("no reading"),
    }  # fmt: skip


def _columns(plot: Plot, buckets: Sequence[Bucket]) -> list[list[float | None]]:
    """Times, least, most; nothing between one line and the next."""
    times: list[float | None] = []
    low: list[float | None] = []
    high: list[float | None] = []
    for line in plot.lines(buckets):
        if times and times[-1] is not None:
            times.append((times[-1] + _s(line[0].since)) / 2)
            low.append(None)
            high.append(None)
        times += [(_s(one.since) + _s(one.until)) / 2 for one in line]
        low += [_c(one.low_mc) for one in line]
        high += [_c(one.high_mc) for one in line]
    return [times, low, high]


def _s(at: datetime) -> int:
    return int(at.timestamp())


def _c(mc: int) -> float:
    return mc / 1000


# ------------------------------------------------------------------------------------------------------ on the page


@blueprint.app_template_global("mark_word")
def mark_word(one: Mark) -> str:
    """What happened, short enough to stand over a line."""
    match one.kind:
        case MarkKind.CAME if one.count:
            return ngettext("%(num)d vial in", "%(num)d vials in", one.count)
        case MarkKind.LEFT if one.count:
            return ngettext("%(num)d vial out", "%(num)d vials out", one.count)
        case MarkKind.CAME:
            return _("into %(place)s", place=one.about)
        case MarkKind.LEFT:
            return _("out of %(place)s", place=one.about)
        case MarkKind.EXCURSION:
            return one.about
        case MarkKind.ALARM:
            return _("alarm %(number)s", number=one.about)
        case MarkKind.DECIDED:
            return _("%(number)s decided", number=one.about)
    return choice_word("MarkKind", str(one.kind))


@blueprint.app_template_global("unknown_word")
def unknown_word(reason: str) -> str:
    return _("not read yet") if reason == plots.NOT_YET else choice_word("Reason", reason)


@dataclass(frozen=True, slots=True)
class Chart:
    """All that stands around a drawing: its title, what it says in a sentence, and links to more or less of it."""

    url: str
    csv: str
    title: str
    finding: str
    spans: tuple[tuple[str, str, bool], ...]
    earlier: str | None
    later: str | None
    events: tuple[tuple[datetime, datetime | None, str, str], ...]


@blueprint.app_template_global("charted")
def charted(plot_url: str, plot: Plot) -> Chart:
    """For `coldchain/_chart.html`: the drawing of this record, at the place where the address says."""
    window = asked()
    named = window.span or DEFAULTS.get(plot_url.strip("/").split("/")[0], "all")
    words = {"48h": _("48 h"), "7d": _("7 days"), "30d": _("30 days"), "all": _("All")}

    def link(**told: str) -> str:
        return f"{request.script_root}{request.path}?{urlencode(told)}#chart"

    drawn = {"span": window.span} if window.span else {}
    if window.until:
        drawn["until"] = window.until.isoformat(timespec="seconds")
    span = SPANS[named]
    later = plot.until + span if span else plot.until
    return Chart(
        url=f"{plot_url}?{urlencode(drawn)}" if drawn else plot_url,
        csv=f"{plot_url}?{urlencode(drawn | {'format': 'csv'})}",
        title=_period(plot), finding=finding(plot),
        spans=tuple((link(span=one), word, one == named) for one, word in words.items()),
        earlier=link(span=named, until=_iso(plot.since)) if span else None,
        later=link(span=named, until=_iso(later)) if span and window.until else None,
        events=tuple(sorted(_events(plot), key=lambda one: one[0])),
    )  # fmt: skip


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="minutes").replace("+00:00", "Z")


def _period(plot: Plot) -> str:
    """10 – 12 Apr 2026."""
    zone = ZoneInfo(plot.zone)
    first, last = plot.since.astimezone(zone), (plot.until - timedelta(minutes=1)).astimezone(zone)
    if first.date() == last.date():
        return day(last.date())
    pattern = (
        "d"
        if (first.year, first.month) == (last.year, last.month)
        else "d MMM"
        if first.year == last.year
        else "d MMM y"
    )
    return f"{format_datetime(first, pattern, locale=language())} – {day(last.date())}"


def finding(plot: Plot) -> str:
    """What the drawing says, for who does not see it."""
    zone = ZoneInfo(plot.zone)
    told = [
        _("Temperature from %(since)s to %(until)s.", since=_moment(plot.since, zone), until=_moment(plot.until, zone))
    ]
    if plot.limits:
        told.append(_("Limits %(band)s.", band=temperature_band(plot.limits.low_mc, plot.limits.high_mc)))
    if plot.low_mc is not None:
        told.append(_("Least %(low)s, most %(high)s.", low=temperature(plot.low_mc), high=temperature(plot.high_mc)))
    else:
        told.append(_("Nothing was read."))
    if plot.outs:
        told.append(ngettext("Out of limits once.", "Out of limits %(num)d times.", len(plot.outs)))
    if plot.unknown:
        told.append(ngettext("Unknown once.", "Unknown %(num)d times.", len(plot.unknown)))
    told.append(_("The tables below hold the figures."))
    return " ".join(told)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return clock(at.astimezone(zone), "d MMM y ", seconds=False)


def _events(plot: Plot) -> Iterator[tuple[datetime, datetime | None, str, str]]:
    """From when to when, which kind, and what: everything that the drawing shows besides readings."""
    for out in plot.outs:
        named = " · ".join(filter(None, (out.number, out.place)))
        told = _("Out of limits, furthest %(peak)s", peak=temperature(out.peak_mc))
        yield out.since, out.until, "out", " · ".join(filter(None, (told, named)))
    for gone in plot.unknown:
        yield gone.since, gone.until, "unknown", _("Unknown: %(why)s", why=unknown_word(gone.reason))
    for band in plot.assumed:
        yield band.since, band.until, "assumed", _("Assumed %(band)s", band=temperature_band(band.low_mc, band.high_mc))
    for read in plot.by_hand:
        values = {name: temperature(getattr(read, f"{name}_mc")) for name in ("now", "low", "high")}
        yield read.at, read.at, "hand", _("Read by hand: %(now)s, least %(low)s, most %(high)s", **values)
    for one in plot.marks:
        if one.kind is not MarkKind.EXCURSION:
            yield one.at, one.at, "mark", mark_word(one)


# ------------------------------------------------------------------------------------------------------ one vial


@blueprint.get("/vials/<vial_id>/temperature")
def vial_temperature(vial_id: str) -> ResponseReturnValue:
    """What a vial went through: its stays, what each was judged by, and what it has left."""
    window = asked()
    with store().read(actor()) as view:
        told, plot = thermal.of_vial(view, vial_id)
        if window.span or window.until:
            plot = plots.of_vial(view, vial_id, window)
        verdict, findings = verdicts.judge(view, [vial_id], Purpose.STOCK)[vial_id]
        described = vials.described(view, vial_id)
    why = [problems.told(one)["message"] for one in findings if one.holds is not True]
    return render_template(
        "coldchain/vial.html",
        told=told,
        plot=plot,
        lot=described["lot"],
        vial_id=vial_id,
        verdict=verdict,
        why=why,
        aliases=described["aliases"],
    )

"""The calendar of a site as a feed for calendar programs (RFC 5545): by the key of a device, which opens nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, request
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from traceability.api import blueprint
from traceability.asking import actor, store
from traceability.domain import icalendar
from traceability.domain.errors import NotFound
from traceability.domain.icalendar import Event
from traceability.domain.people import system_for
from traceability.domain.planned import Timing
from traceability.formats import day
from traceability.services import calendar, sites
from traceability.services.calendar import Planned
from traceability.words import choice_word

BACK, AHEAD = timedelta(days=31), timedelta(days=366)


class FeedIn(Schema):
    language = fields.String(
        validate=validate.OneOf(["en", "id"]), metadata={"description": "Else as the program asks."}
    )


@blueprint.route("/sites/<record:site_id>/calendar.ics", tags=["courses"], endpoint="site_calendar")
@blueprint.refuses(400, 401, 403, 404, 422, 429)
@blueprint.doc(
    security=[{"device": []}, {"calendar": []}],
    responses={200: {"description": "OK", "content": {icalendar.MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
@blueprint.arguments(FeedIn, location="query")
def site_calendar(told: dict[str, Any], site_id: str) -> Response:
    """Doses and visits of a site, from a month ago to a year ahead: pseudonym, knee, dose k of n, place, and nobody's name.

    For a device that was enrolled for this very calendar: its key as the password of HTTP Basic, under any user name, or as Bearer.
    """
    if not any(grant.site_id == site_id for grant in actor().grants):
        raise NotFound("site")
    g.spoken = told.get("language")
    with store().read(
        system_for(actor().organisation_id)
    ) as view:  # a device sees no subject; this one gets what is here
        site = next(one for one in calendar.sites(view) if one.id == site_id)
        today = sites.day(site, view.at)
        found = calendar.planned(view, today - BACK, today + AHEAD, site.id)
        events = [_event(one, site.name) for one in found]
        body = icalendar.written(_("Doses and visits: %(site)s", site=site.name), events, view.at)
    return Response(body, content_type=f"{icalendar.MEDIA_TYPE}; charset=utf-8")


def _event(one: Planned, place: str) -> Event:
    base = (current_app.config.get("EXTERNAL_URL") or request.url_root).rstrip("/")
    named = one.dose_id or f"{one.course_id}-{one.time_point}"
    return Event(
        uid=f"{'dose' if one.is_dose else 'visit'}-{named}@{urlsplit(base).hostname or 'secretome-trace'}",
        day=one.done_on or one.due,
        summary=f"{one.pseudonym}, {_knee(one)}, {_what(one)}",
        description=f"{_stands(one)}\n{_('In time from %(first)s to %(last)s.', first=day(one.first_day), last=day(one.last_day))}",
        location=place,
        url=f"{base}/courses/{one.course_id}",
        tentative=one.is_dose and not one.verified and not one.done,
    )


def _knee(one: Planned) -> str:
    return {"right": _("Right knee"), "left": _("Left knee")}[one.laterality]


def _what(one: Planned) -> str:
    if one.time_point is not None:
        return _("visit: %(name)s", name=choice_word("TimePoint", one.time_point))
    return _("dose %(k)s of %(doses)s", k=one.k, doses=one.doses)


def _stands(one: Planned) -> str:
    if one.done:
        told = _("Done on %(day)s, planned for %(due)s.", day=day(one.done_on), due=day(one.due))
        return told if one.done_on else _("Done, day not reported.")
    if one.standing is Timing.LATE:
        return _("Late: the last day in time is over.")
    if one.is_dose and not one.verified:
        return _("Not ordered.") if not one.ordered else _("Ordered, not verified.")
    return _("Planned.")

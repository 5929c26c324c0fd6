"""The calendar by program: doses and visits by day, and whether the stock lasts for them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from schemas.planning import CalendarIn, CalendarOut, ForecastIn, ForecastsOut
from traceability import problems
from traceability.api import blueprint
from traceability.api.lists import LIST
from traceability.asking import actor, store
from traceability.domain.errors import Refused
from traceability.services import calendar as service
from traceability.services import forecasts, organisations, sheets, sites

SHOWN, LONGEST = timedelta(days=13), timedelta(days=366)


@blueprint.route("/calendar", tags=["courses"], endpoint="calendar")
@blueprint.refuses(*LIST, 409)
@blueprint.response(200, CalendarOut)
@blueprint.arguments(CalendarIn, location="query")
def calendar(told: dict[str, Any]) -> dict[str, Any]:
    """Doses and visits of these days at one's own house, at most 366, with what is late from before them (R41).

    What was done on these days is here whenever it was planned. A visit counts from the day of the first injection, until that
    from the day on which it is planned.
    """
    with store().read(actor()) as view:
        site = next((one for one in service.sites(view) if one.id == told.get("site_id")), None)
        today = sites.day(site, view.at) if site else organisations.today(view)
        first = told.get("first", today)
        last = told.get("last", first + SHOWN)
        if not timedelta() <= last - first <= LONGEST:
            raise Refused("interval_empty")
        return {
            "today": today,
            "items": service.planned(view, first, last, told.get("site_id")),
            "outdated_sheets": [_outdated(one) for one in sheets.to_print(view, told.get("site_id"))],
        }


def _outdated(one: sheets.Outdated) -> dict[str, Any]:
    struck = [asdict(each) | {"against": [problems.told(finding) for finding in each.against]} for each in one.struck]
    return {"document": one.document, "site_id": one.site_id, "day": one.day, "struck": struck}


@blueprint.route("/forecast", tags=["courses"], endpoint="forecast")
@blueprint.refuses(*LIST)
@blueprint.response(200, ForecastsOut)
@blueprint.arguments(ForecastIn, location="query")
def forecast(told: dict[str, Any]) -> dict[str, Any]:
    """Doses of the next weeks against the vials of the house, first to expire first, each vial once (R40).

    A vial counts for a day if the verdict allows it now and its expiry, its release and the papers still do on that day.
    """
    with store().read(actor()) as view:
        return {"items": forecasts.forecasts(view, told["weeks"])}

"""The calendar: today first, then what is late, then the week day by day; and whether the stock lasts for what is planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from traceability.asking import actor, store
from traceability.domain.planned import FLAGGED, Timing
from traceability.services import calendar as service
from traceability.services import forecasts, sheets
from traceability.services.calendar import Planned
from traceability.services.sites import day as day_at
from traceability.web import blueprint, today

SHOWN_LATE = 50
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week with everything that is planned for it or was done on it."""

    day: date
    items: tuple[Planned, ...]

    @property
    def doses(self) -> int:
        return sum(one.is_dose for one in self.items)

    @property
    def visits(self) -> int:
        return len(self.items) - self.doses

    @property
    def flagged(self) -> bool:
        return any(one.standing in FLAGGED for one in self.items)


@blueprint.get("/calendar")
def calendar() -> ResponseReturnValue:
    """A week of the house or of one of its sites. What is late stands above it, whichever week is shown; the stock is the house's."""
    with store().read(actor()) as view:
        sites = service.sites(view)
        site = next((one for one in sites if one.id == request.args.get("site_id")), None)
        here = day_at(site, view.at) if site else today()
        begins = week_of(request.args.get("from", ""), here)
        ends = begins + WEEK - timedelta(days=1)
        found = service.planned(view, begins, ends, site.id if site else None)
        foreseen = forecasts.forecasts(view)
        outdated = sheets.to_print(view, site.id if site else None)
    late = [one for one in found if one.standing is Timing.LATE]
    return render_template(
        "calendar/calendar.html", today=here, days=days_of(found, begins), sites=sites, chosen=site, begins=begins, ends=ends,
        before=begins - WEEK, after=begins + WEEK, late=late[:SHOWN_LATE], late_total=len(late), forecasts=foreseen,
        weeks=forecasts.WEEKS, outdated=outdated,
    )  # fmt: skip


def week_of(asked: str, here: date) -> date:
    """The Monday of the week in which that day is; of the week of `here` where none is asked for."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = here
    low, high = date(1990, 1, 1), date(2150, 1, 1)
    day = min(max(day, low), high)
    return day - timedelta(days=day.weekday())


def days_of(found: Sequence[Planned], begins: date) -> list[Day]:
    """What was done stands on the day on which it was done, the rest on the day that was planned for it."""
    return [
        Day(day, tuple(one for one in found if (one.done_on or one.due) == day))
        for day in (begins + timedelta(days=n) for n in range(7))
    ]

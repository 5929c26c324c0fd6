"""Shortage foreseen: the doses of the next weeks against the vials that may be used on their days, by the one verdict (R40)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain.checks import Purpose, VialFacts, use, use_later
from traceability.domain.forecast import Day, Needed, Stocked, forecast
from traceability.domain.states import Custody
from traceability.services import calendar, organisations
from traceability.services.calendar import Planned
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Course, Product, ProductVersion, ProtocolVersion, Release

WEEKS = 4
"""So many weeks ahead it is told where nobody asks for more: a lot takes about as long to come and be released."""
MOST_WEEKS = 26
NOON = time(12)
"""At this hour of a later day the rules are asked about that day: a vial is usable through its last one."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of one product: the days with planned doses, how many vials may be used today, and which doses lack theirs."""

    product: Product
    days: tuple[Day, ...]
    usable: int
    until: date

    @property
    def short(self) -> tuple[Day, ...]:
        return tuple(one for one in self.days if one.short)

    @property
    def doses(self) -> int:
        return sum(one.doses for one in self.days)

    @property
    def needed(self) -> int:
        return sum(one.needed for one in self.days)

    @property
    def missing(self) -> int:
        return sum(one.missing for one in self.days)


def forecasts(view: View, weeks: int = WEEKS, site_id: str | None = None) -> list[Forecast]:
    """Each product of which doses are planned, by name. The vials are those of the house, wherever they lie in it."""
    today = organisations.today(view)
    until = today + timedelta(weeks=weeks)
    waiting = [one for one in calendar.planned(view, today, until) if one.is_dose and not one.done]
    if site_id is not None:
        waiting = [one for one in waiting if one.site_id == site_id]
    by_product = _by_product(view, waiting)
    return sorted(
        (_of_product(view, product, doses, today, until) for product, doses in by_product.items()),
        key=lambda one: one.product.name,
    )


def _by_product(view: View, waiting: Sequence[Planned]) -> dict[str, list[Planned]]:
    courses = {one.id: one.protocol_version_id for one in view.all(Course)}
    of = {one.id: one.product_id for one in view.all(ProtocolVersion)}
    made: dict[str, list[Planned]] = defaultdict(list)
    for one in waiting:
        made[of[courses[one.course_id]]].append(one)
    return made


_STOCK = (
    "SELECT v.id, r.dose_id, p.volume_ul FROM vial v JOIN lot l ON l.id = v.lot_id"
    " JOIN product_version p ON p.id = l.product_version_id LEFT JOIN reservation r ON r.vial_id = v.id AND r.until IS NULL"
    " WHERE v.organisation_id = :mine AND v.gtin = :gtin AND v.state IN ('in_stock', 'reserved', 'issued') ORDER BY v.id"
)


def _of_product(view: View, product: str, doses: Sequence[Planned], today: date, until: date) -> Forecast:
    row = view.need(Product, product)
    known = [
        (one.id, one.dose_id, one.volume_ul)
        for one in view.rows(_STOCK, {"mine": view.actor.organisation_id, "gtin": row.gtin})
    ]
    stock = _usable(view, known, sorted({one.course_id for one in doses}), today)
    needed = [Needed(one.dose_id or "", one.course_id, max(one.due, today), one.volume_ul or 0) for one in doses]
    versions = view.all(ProductVersion, ProductVersion.product_id == product, order=ProductVersion.version)
    days = forecast(stock, needed, versions[-1].volume_ul)
    return Forecast(row, tuple(days), len(stock), until)


def _usable(
    view: View, known: Sequence[tuple[str, str | None, int]], course_ids: Sequence[str], today: date
) -> list[Stocked]:
    """The vials that may be used today, by the verdict that the pick list and the bedside ask; of one that was released for a
    named patient, for that course alone.
    """
    dose_of = {vial_id: dose_id for vial_id, dose_id, _ in known}
    volume_of = {vial_id: volume_ul for vial_id, _, volume_ul in known}
    zone = organisations.zone_of(view, view.actor.organisation_id)
    made, others = [], []
    for fact, vial_id in _asked(view, list(dose_of), None):
        found = _against(fact)
        if not found:
            made.append(_stocked(fact, vial_id, volume_of, dose_of, None, today, zone))
        elif found == {"named_patient_only"}:
            others.append(vial_id)
    named = {
        one.course_id
        for one in view.all(Release, col(Release.course_id).in_(course_ids), col(Release.void_at).is_(None))
    }
    for course_id in sorted(one for one in named if one) if others else ():
        for fact, vial_id in _asked(view, others, course_id):
            if not _against(fact):
                made.append(_stocked(fact, vial_id, volume_of, dose_of, course_id, today, zone))
    return made


def _asked(view: View, vial_ids: list[str], course_id: str | None) -> list[tuple[VialFacts, str]]:
    """What the pick list asks of a vial in stock, and the bedside of one that was issued."""
    found = dict(zip(vial_ids, facts(view, vial_ids, Purpose.ISSUE, course_id=course_id), strict=True))
    out = [one for one, fact in found.items() if fact.state is Custody.ISSUED]
    found |= zip(out, facts(view, out, Purpose.BEDSIDE, course_id=course_id), strict=True)
    return [(fact, vial_id) for vial_id, fact in found.items()]


def _against(fact: VialFacts) -> set[str]:
    """A vial that was issued and is not thawed yet waits for that alone."""
    return {one.code for one in use(fact)} - {"thaw_unknown"}


def _stocked(
    fact: VialFacts, vial_id: str, volume_of: Mapping[str, int], dose_of: Mapping[str, str | None], course_id: str | None,
    today: date, zone: ZoneInfo,
) -> Stocked:  # fmt: skip
    def lasts(day: date) -> bool:
        if fact.thawed_at is not None:
            return day == today
        return day == today or not use_later(fact, datetime.combine(day, NOON, zone), day)

    return Stocked(vial_id, fact.expires or date.max, volume_of[vial_id], lasts, dose_of[vial_id], course_id)

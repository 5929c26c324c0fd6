"""Shortage foreseen: the doses of the next weeks against the vials that may be used on their days, by the one verdict (R40)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain.checks import Purpose, VialFacts, use, use_later
from traceability.domain.forecast import Day, Needed, Stocked, forecast
from traceability.domain.states import Custody
from traceability.services import calendar, organisations
from traceability.services.calendar import Planned
from traceability.services.courses import FIRST_TO_EXPIRE
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Product, ProductVersion, Release

WEEKS = 4
"""So many weeks ahead it is told where nobody asks for more: a lot takes about as long to come and be released."""
MOST_WEEKS = 26
NOON = time(12)
"""At this hour of a later day the rules are asked about that day: a vial is usable through its last one."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of one product: the days with planned doses, how many vials may be used today, and which doses lack theirs.

    `whole`: every vial was looked at; else so many as these doses take, and there may be more.
    """

    product: Product
    days: tuple[Day, ...]
    usable: int
    whole: bool
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


def forecasts(view: View, weeks: int = WEEKS) -> list[Forecast]:
    """Each product of which doses are planned, by name: all doses of the house against all of its vials.

    Never of one site: its sites give out the same vials, and each would be told that they last for it.
    """
    today = organisations.today(view)
    until = today + timedelta(weeks=weeks)
    by_product: dict[str, list[Planned]] = defaultdict(list)
    for one in calendar.doses(view, today, until):
        if not one.done and one.product_id:
            by_product[one.product_id].append(one)
    return sorted(
        (_of_product(view, product, doses, today, until) for product, doses in by_product.items()),
        key=lambda one: one.product.name,
    )


_STOCK = (
    "SELECT v.id, r.dose_id, p.volume_ul FROM vial v JOIN lot l ON l.id = v.lot_id"  # noqa: S608 - from the words of courses alone
    " JOIN product_version p ON p.id = l.product_version_id LEFT JOIN reservation r ON r.vial_id = v.id AND r.until IS NULL"
    " WHERE v.organisation_id = :mine AND v.gtin = :gtin AND v.state IN ('in_stock', 'reserved', 'issued')"
    f" ORDER BY CASE WHEN r.dose_id IS NULL THEN 1 ELSE 0 END, {FIRST_TO_EXPIRE}"
)
AT_ONCE = 200
"""So many vials are judged at once: of a large stock no more than these doses take."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A vial in the house, the dose that it is kept for, and what it holds."""

    id: str
    dose_id: str | None
    volume_ul: int


def _of_product(view: View, product: str, doses: Sequence[Planned], today: date, until: date) -> Forecast:
    row = view.need(Product, product)
    held = [_Held(*one) for one in view.rows(_STOCK, {"mine": view.actor.organisation_id, "gtin": row.gtin})]
    needed = [Needed(one.dose_id or "", one.course_id, max(one.due, today), one.volume_ul or 0) for one in doses]
    last = max(one.day for one in needed)
    asked = _Stock(view, sorted({one.course_id for one in doses}), today)
    stock: list[Stocked] = []
    looked = 0
    while looked < len(held) and _open_ul(stock, needed, last) > 0:
        stock += asked.usable(held[looked : looked + AT_ONCE])
        looked += AT_ONCE
    versions = view.all(ProductVersion, ProductVersion.product_id == product, order=ProductVersion.version)
    days = forecast(stock, needed, versions[-1].volume_ul)
    return Forecast(row, tuple(days), len(stock), looked >= len(held), until)


def _open_ul(stock: Sequence[Stocked], needed: Sequence[Needed], last: date) -> int:
    """What all these doses take beyond what anybody may have and lasts for the last of them."""
    there = sum(one.volume_ul for one in stock if one.dose_id is None and one.course_id is None and one.lasts(last))
    return sum(one.volume_ul for one in needed) - there


class _Stock:
    """Asks of vials whether they may be used today, by the verdict that the pick list and the bedside ask."""

    def __init__(self, view: View, course_ids: Sequence[str], today: date) -> None:
        self.view, self.today = view, today
        self.zone = organisations.zone_of(view, view.actor.organisation_id)
        found = view.all(Release, col(Release.course_id).in_(course_ids), col(Release.void_at).is_(None))
        self.named = sorted({one.course_id for one in found if one.course_id})

    def usable(self, held: Sequence[_Held]) -> list[Stocked]:
        """Of one that was released for a named patient: for that course alone."""
        made, others = [], []
        for one, fact in self._asked(held, None):
            found = _against(fact)
            if not found:
                made.append(self._stocked(one, fact, None))
            elif found == {"named_patient_only"}:
                others.append(one)
        for course_id in self.named if others else ():
            made += [
                self._stocked(one, fact, course_id)
                for one, fact in self._asked(others, course_id)
                if not _against(fact)
            ]
        return made

    def _asked(self, held: Sequence[_Held], course_id: str | None) -> list[tuple[_Held, VialFacts]]:
        """What the pick list asks of a vial in stock, and the bedside of one that was issued."""
        ids = [one.id for one in held]
        found = dict(zip(ids, facts(self.view, ids, Purpose.ISSUE, course_id=course_id), strict=True))
        out = [one for one, fact in found.items() if fact.state is Custody.ISSUED]
        found |= zip(out, facts(self.view, out, Purpose.BEDSIDE, course_id=course_id), strict=True)
        return [(one, found[one.id]) for one in held]

    def _stocked(self, one: _Held, fact: VialFacts, course_id: str | None) -> Stocked:
        def lasts(day: date) -> bool:
            return not against_on(fact, day, self.today, self.zone)

        return Stocked(one.id, fact.expires or date.max, one.volume_ul, lasts, one.dose_id, course_id)


def against_on(fact: VialFacts, day: date, today: date, zone: ZoneInfo) -> frozenset[str]:
    """Which rules a vial that may be used today does not keep on a later day any more; one that thaws is for today alone."""
    if day == today:
        return frozenset()
    if fact.thawed_at is not None:
        return frozenset({"thaw_spent"})
    return frozenset(one.code for one in use_later(fact, datetime.combine(day, NOON, zone), day))


def _against(fact: VialFacts) -> set[str]:
    """A vial that was issued and is not thawed yet waits for that alone."""
    return {one.code for one in use(fact)} - {"thaw_unknown"}

"""Vials kept for a whole course at once: for every dose that lacks some the first to expire that last until its day (R40)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain import checks
from traceability.domain.checks import Purpose, VialFacts
from traceability.domain.errors import Refused
from traceability.domain.forecast import Needed, Stocked, allotted
from traceability.domain.states import Custody
from traceability.services import Answer, courses, performs, sites
from traceability.services.forecasts import AT_ONCE, against_on
from traceability.services.verdicts import facts
from traceability.store import Tx, View
from traceability.store.tables import Course, Dose, Product, ProtocolVersion, Reservation, Vial


class WhyOpen(StrEnum):
    """Why a dose is not given what it lacks."""

    NOT_ORDERED = "not_ordered"
    NOT_VERIFIED = "not_verified"
    NONE_IN_STOCK = "none_in_stock"
    NONE_USABLE = "none_usable"
    NONE_LASTS = "none_lasts"
    TOO_FEW = "too_few"
    """What lasts until its day goes to the doses before it, or holds less than the dose takes."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A vial in stock at the site of the course, and the name of its place."""

    id: str
    volume_ul: int
    place: str


@dataclass(frozen=True, slots=True)
class Share:
    """A dose whose vials hold less than it takes, or that has none: the vials for the rest as they would be kept now, or why none.

    `has`: those kept for it already, by serial; `against`: rules, by how many vials.
    """

    dose_id: str
    k: int
    due: date
    has: tuple[str, ...] = ()
    vials: tuple[tuple[Lying, VialFacts], ...] = ()
    why: WhyOpen | None = None
    against: Mapping[str, int] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        told = {"dose_id": self.dose_id, "k": self.k, "due": self.due.isoformat(), "has": list(self.has)}
        if self.why is not None:
            return told | {"why": str(self.why), "against": dict(self.against)}
        return told | {"vials": [{"id": vial.id, "serial": fact.serial} for vial, fact in self.vials]}


@dataclass(frozen=True, slots=True)
class Shares:
    """Every dose of a course that is not given and that its vials do not hold; `elsewhere`: so many of its product lie at other sites."""

    doses: tuple[Share, ...]
    elsewhere: int

    @property
    def kept(self) -> tuple[Share, ...]:
        return tuple(one for one in self.doses if one.why is None)

    @property
    def open(self) -> tuple[Share, ...]:
        return tuple(one for one in self.doses if one.why is not None)


@performs("course.reserve")
def reserve(tx: Tx, course_id: str) -> Answer:
    """Keep for every dose of a course what it lacks: the first to expire at its site that last until the day of the dose (R40).

    A dose for which too little is kept gets the rest. The answer says for how many of how many doses; what stays open is named with
    why. Refused where every dose has its vials.
    """
    course = tx.need(Course, course_id)
    product = tx.need(Product, tx.need(ProtocolVersion, course.protocol_version_id).product_id)
    tx.alone(f"first to expire of {product.gtin} for {course.site_id}")
    for dose_id in sorted(one.id for one in tx.all(Dose, Dose.course_id == course.id)):
        tx.alone(f"vials of {dose_id}")
    courses.going_on(tx, course)
    found = shares(tx, course.id)
    if not found.doses:
        raise Refused("every_dose_has_vial")
    of = {vial.id: one.dose_id for one in found.kept for vial, _fact in one.vials}
    tx.change_all(tx.all(Vial, col(Vial.id).in_(sorted(of)), order=Vial.id), state=Custody.RESERVED)
    tx.add_all([Reservation(vial_id=vial_id, dose_id=of[vial_id], since=tx.at) for vial_id in sorted(of)])
    tx.mention(course.subject_id)
    return {
        "id": course.id, "subject_id": course.subject_id, "reserved": len(found.kept), "of": len(found.doses),
        "kept": [one.plain() for one in found.kept], "open": [one.plain() for one in found.open], "elsewhere": found.elsewhere,
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- reads

_STOCK = (
    "SELECT v.id, p.volume_ul, q.name, q.site_id FROM vial v JOIN lot l ON l.id = v.lot_id"  # noqa: S608 - from the words of courses alone
    " JOIN product_version p ON p.id = l.product_version_id JOIN stay s ON s.vial_id = v.id AND s.until IS NULL"
    " JOIN place q ON q.id = s.place_id WHERE v.organisation_id = :mine AND v.gtin = :gtin AND v.state = 'in_stock'"
    f" ORDER BY {courses.FIRST_TO_EXPIRE}"
)


def shares(view: View, course_id: str) -> Shares:
    """What `reserve` would keep now. Of a large stock no more vials are judged than the doses take."""
    course, protocol, _subject = courses.course(view, course_id)
    site = sites.of_course(view, course)
    today = sites.day(site, view.at)
    rows = {row["id"]: row for row in courses.doses(view, course.id)}
    waiting = [row for row in rows.values() if not row["administration_id"] and row["lacks_ul"]]
    asked = {
        row["id"]: Needed(row["id"], course.id, max(row["due"], today), row["lacks_ul"])
        for row in waiting
        if row["verified_at"]
    }
    values = {"mine": view.actor.organisation_id, "gtin": view.need(Product, protocol.product_id).gtin}
    stock = view.rows(_STOCK, values)
    here = [Lying(row.id, row.volume_ul, row.name) for row in stock if row.site_id == course.site_id]
    judged = _Judged(view, course.id, today, sites.zone(site))
    made: dict[str, tuple[Stocked, ...]] = {}
    looked, many = 0, AT_ONCE
    while looked < len(here) and len(made) < len(asked):
        judged.look(here[looked : looked + many])
        made = allotted(judged.usable, list(asked.values()))
        looked, many = looked + many, many * 2  # where none may be used, a large stock is not asked a hundred times
    taken = {vial.vial_id for one in made.values() for vial in one}
    return Shares(tuple(_share(row, asked, made, judged, taken) for row in waiting), len(stock) - len(here))


class _Judged:
    """The vials looked at so far, by the verdict that the pick list asks; those that may be used now, first to expire first."""

    def __init__(self, view: View, course_id: str, today: date, zone: ZoneInfo) -> None:
        self.view, self.course_id, self.today, self.zone = view, course_id, today, zone
        self.known: dict[str, tuple[Lying, VialFacts]] = {}
        self.usable: list[Stocked] = []
        self.barred: Counter[str] = Counter()

    def look(self, lying: Sequence[Lying]) -> None:
        found = facts(self.view, [one.id for one in lying], Purpose.ISSUE, course_id=self.course_id)
        for one, fact in zip(lying, found, strict=True):
            self.known[one.id] = (one, fact)
            if against := {finding.code for finding in checks.use(fact)}:
                self.barred.update(against)
            else:
                self.usable.append(
                    Stocked(one.id, fact.expires or date.max, one.volume_ul, partial(self.lasts, one.id))
                )

    def lasts(self, vial_id: str, day: date) -> bool:
        return not self.against(vial_id, day)

    def against(self, vial_id: str, day: date) -> frozenset[str]:
        _lying, fact = self.known[vial_id]
        return against_on(fact, day, self.today, self.zone)


def _share(
    row: Mapping[str, Any],
    asked: Mapping[str, Needed],
    made: Mapping[str, Sequence[Stocked]],
    judged: _Judged,
    taken: set[str],
) -> Share:
    share = partial(Share, row["id"], row["k"], row["due"], tuple(one.serial for one in row["kept"]))
    if row["id"] not in asked:
        return share(why=WhyOpen.NOT_VERIFIED if row["order_id"] else WhyOpen.NOT_ORDERED)
    if (vials := made.get(row["id"])) is not None:
        return share(tuple(judged.known[one.vial_id] for one in vials))
    if not judged.known:
        return share(why=WhyOpen.NONE_IN_STOCK)
    if not judged.usable:
        return share(why=WhyOpen.NONE_USABLE, against=dict(judged.barred))
    then = {one.vial_id: judged.against(one.vial_id, asked[row["id"]].day) for one in judged.usable}
    late = Counter(code for vial_id, found in then.items() if vial_id not in taken for code in found)
    lasting = any(not found for found in then.values())
    return share(why=WhyOpen.TOO_FEW if lasting else WhyOpen.NONE_LASTS, against=dict(judged.barred + late))

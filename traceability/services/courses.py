"""Courses of doses, orders and their verification, and the vials kept, thawed and issued for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, text
from sqlmodel import col

from traceability.domain import checks, gs1
from traceability.domain.checks import Purpose
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import Role
from traceability.domain.states import Custody
from traceability.services import Answer, credentials, dates, organisations, performs, persons, protocols, sites, supply
from traceability.services.by_label import compared, scanned_of
from traceability.services.consents import therapy
from traceability.services.late import answered, carried
from traceability.services.subjects import is_named
from traceability.services.supply import let_go
from traceability.services.verdicts import facts
from traceability.store import Tx, View
from traceability.store.tables import (
    Administration,
    Course,
    Dose,
    Order,
    Place,
    Product,
    ProtocolVersion,
    Reservation,
    Start,
    Subject,
    Thaw,
    Vial,
)
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.row import Utc
from traceability.store.tables.subjects import Laterality


@performs("course.plan")
def plan(
    tx: Tx,
    subject_id: str,
    protocol_version_id: str,
    laterality: Laterality,
    first_on: date,
    *,
    compartment: str = "",
    site_id: str | None = None,
) -> Answer:
    """A course for one joint: its doses fall due at the protocol's interval. One open course per joint (R51).

    `site_id`: where it is given; left open, the one site at which one works. Refused where a paper that its protocol has to
    name does not stand today for the product (R15).
    """
    subject, protocol = tx.need(Subject, subject_id), tx.need(ProtocolVersion, protocol_version_id)
    site = organisations.own_site(tx, site_id)
    begins = sites.day(site, tx.occurred)
    soonest, latest = begins - timedelta(days=protocol.window_d), begins + timedelta(days=366)
    dates.within("first_on", first_on, soonest, latest)
    persons.alone(tx, subject.id)
    if (other := persons.standing(tx).get(subject.id)) is not None:
        raise Refused("subject_merged", subject=subject.pseudonym, stands=other.pseudonym)
    if not is_named(tx, subject.id):
        raise Refused("identity_erased")
    therapy(tx, subject.id, site)
    product = tx.need(Product, protocol.product_id)
    if closed := protocols.missing(credentials.ours(tx), protocol):
        raise Refused("no_paper_stands", findings=closed, product=product.name)
    if any(one.ended_at is None for one in into_knee(tx, subject.id, laterality)):
        raise Refused("course_open", laterality=laterality)
    course = tx.add(
        Course(
            subject_id=subject.id, protocol_version_id=protocol.id, laterality=laterality, compartment=compartment,
            physician_id=tx.actor.person_id, planned_on=first_on, site_id=site.id,
        )
    )  # fmt: skip
    days = [first_on + timedelta(days=protocol.interval_d * n) for n in range(protocol.doses)]
    tx.add_all([Dose(course_id=course.id, k=k, due=day) for k, day in enumerate(days, 1)])
    return {"id": course.id, "subject_id": subject.id, "doses": len(days)}


@performs("course.end")
def end(tx: Tx, course_id: str) -> Answer:
    """No further dose of it is permitted, for the reason that is written; what was given stays. The knee is free again.

    Its vials that wait in the freezer go back to stock; those that thaw or were handed out stay with their dose. Both are named.
    """
    course = tx.need(Course, course_id)
    if course.ended_at is not None:
        raise Refused("already_ended", noun="course")
    dose_ids = sorted(one.id for one in tx.all(Dose, Dose.course_id == course.id))
    for dose_id in dose_ids:
        tx.alone(f"vials of {dose_id}")  # nobody keeps one for it meanwhile
    tx.change(course, ended_at=tx.at)
    tx.mention(course.subject_id)
    return {"id": course.id, "subject_id": course.subject_id, **supply.back(tx, dose_ids)}


@performs("order.prescribe")
def prescribe(tx: Tx, dose_id: str) -> Answer:
    """The prescriber's order of one dose, signed: subject, knee, dose k, volume of the protocol (R39)."""
    dose, course, protocol = of_dose(tx, dose_id)
    persons.alone(tx, course.subject_id)
    going_on(tx, course)
    therapy(tx, course.subject_id, sites.of_course(tx, course))
    if order_of(tx, dose.id) is not None:
        raise Refused("already_there", noun="order", key=f"dose {dose.k}")
    tx.covers = {
        "subject": course.subject_id,
        "laterality": course.laterality,
        "k": dose.k,
        "volume_ul": protocol.volume_ul,
    }
    row = tx.add(
        Order(dose_id=dose.id, prescriber_id=tx.actor.person_id, ordered_at=tx.at, volume_ul=protocol.volume_ul)
    )
    tx.mention(course.subject_id)
    return {"id": row.id, "dose_id": dose.id, "subject_id": course.subject_id}


@performs("order.verify")
def verify(tx: Tx, order_id: str) -> Answer:
    """The pharmacist looked at the order, the subject and the course (R39)."""
    order = tx.need(Order, order_id)
    if order.superseded_at is not None:
        raise Refused("order_superseded")
    if order.verified_at is not None:
        raise Refused("already_ended", noun="verification")
    if tx.mine(tx.act.roles) & tx.voices(order.prescriber_id, order.ordered_at, roles=(Role.PHYSICIAN,)):
        raise Refused("own_work", noun="order")
    _, course, _ = of_dose(tx, order.dose_id)
    therapy(tx, course.subject_id, sites.of_course(tx, course))
    tx.covers = {"order": order.id, "dose": order.dose_id, "volume_ul": order.volume_ul}
    tx.change(order, verified_by=tx.actor.person_id, verified_at=tx.at)
    tx.mention(course.subject_id)
    return {"id": order.id, "dose_id": order.dose_id, "subject_id": course.subject_id}


@performs("vial.reserve")
def reserve(tx: Tx, vial_id: str, dose_id: str, *, code: str = "") -> Answer:
    """Keep a vial for a verified dose: the first to expire, or another with a reason (R40). One more for a dose whose vials hold
    what it takes has a reason too.
    """
    vial = tx.need(Vial, vial_id)
    dose, course, protocol = of_dose(tx, dose_id)
    tx.alone(f"vials of {dose.id}")
    going_on(tx, course)
    _verified(tx, dose)
    _product_fits(tx, vial, protocol)
    others = supply.kept(tx, [dose.id]).get(dose.id, ())
    if others and not supply.lacks_ul(protocol.volume_ul, others) and not (tx.call.reason or "").strip():
        raise Refused("dose_has_vial", k=dose.k)
    expires = _may_be_used(tx, vial, Purpose.ISSUE, course.id, scanned=scanned_of(tx, vial, code)).expires
    first = next((one["facts"] for one in offer(tx, dose.id) if one["offered"]), None)
    # by the date that the verdict went by, which none is used without
    if first and first.expires and expires and first.expires < expires and not (tx.call.reason or "").strip():
        raise Refused("not_first_to_expire", serial=first.serial, expires=first.expires)
    tx.move(vial, Custody.RESERVED)
    tx.add(Reservation(vial_id=vial.id, dose_id=dose.id, since=tx.at))
    tx.mention(course.subject_id)
    return {"id": vial.id, "serial": vial.serial, "dose_id": dose.id, "subject_id": course.subject_id}


@performs("vial.unreserve")
def unreserve(tx: Tx, vial_id: str) -> Answer:
    vial = _ours(tx, vial_id)
    if _thawed(tx, vial) is not None:
        raise Refused("thawed_goes_on", serial=vial.serial)
    tx.move(vial, Custody.IN_STOCK)
    let_go(tx, vial)
    return {"id": vial.id, "serial": vial.serial}


@performs("vial.thaw")
def thaw(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """Thawing begins, at a place: a clock starts and there is no way back to the freezer (R28)."""
    vial = tx.need(Vial, vial_id)
    if vial.state not in (Custody.RESERVED, Custody.ISSUED):
        raise Refused("wrong_state", noun="vial", state=vial.state, needs=[Custody.RESERVED, Custody.ISSUED])
    if _thawed(tx, vial) is not None:
        raise Refused("thawed_already", serial=vial.serial)
    purpose = Purpose.ISSUE if vial.state is Custody.RESERVED else Purpose.BEDSIDE
    kept = reservation(tx, vial)
    _may_be_used(tx, vial, purpose, of_dose(tx, kept.dose_id)[1].id if kept else None, but="thaw_unknown")
    bench = tx.need(Place, place_id)
    if bench.kind in (PlaceKind.FREEZER, PlaceKind.SHIPPER):
        raise Refused("place_not_for_thawing", place=bench.code)
    against = carried(tx, [vial], bench.id).against
    tx.add(Thaw(vial_id=vial.id, at=tx.occurred))
    return answered(tx, vial, against)


@performs("vial.issue")
def issue(tx: Tx, vial_id: str, place_id: str, *, code: str = "") -> Answer:
    """Hand one reserved vial to the bedside: every check passes, or all findings come back (R39)."""
    vial = tx.need(Vial, vial_id)
    if vial.state is not Custody.RESERVED:
        raise Refused("wrong_state", noun="vial", state=vial.state, needs=[Custody.RESERVED])
    kept = reservation(tx, vial)
    if kept is None:
        raise Refused("not_reserved", serial=vial.serial)
    dose, course, _ = of_dose(tx, kept.dose_id)
    going_on(tx, course)
    _verified(tx, dose)
    therapy(tx, course.subject_id, sites.of_course(tx, course))
    _may_be_used(tx, vial, Purpose.ISSUE, course.id, scanned=scanned_of(tx, vial, code))
    target = tx.need(Place, place_id)
    if target.kind not in (PlaceKind.BEDSIDE, PlaceKind.BENCH):
        raise Refused("place_not_a_bedside", place=target.code)
    against = carried(tx, [vial], target.id).against
    tx.move(vial, Custody.ISSUED)
    tx.mention(course.subject_id)
    return {**answered(tx, vial, against), "dose_id": dose.id, "subject_id": course.subject_id}


@performs("vial.take_back")
def take_back(tx: Tx, vial_id: str, place_id: str, *, code: str = "") -> Answer:
    """The patient did not come: the vial is back in the pharmacy, to be decided on; a thawed one can only be discarded."""
    vial = _ours(tx, vial_id)
    label = compared(tx, vial, scanned_of(tx, vial, code))
    against = carried(tx, [vial], tx.need(Place, place_id).id).against
    tx.move(vial, Custody.BACK_IN_PHARMACY)
    let_go(tx, vial)
    return answered(tx, vial, against, label)


def _ours(tx: Tx, vial_id: str) -> Vial:
    """A vial that lies here: who may see a lot does not move the vials of another hospital."""
    vial = tx.need(Vial, vial_id)
    if vial.organisation_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="vial")
    return vial


def going_on(tx: Tx, course: Course) -> None:
    if course.ended_at is not None:
        raise Refused("course_ended")
    if len([one for one in into_knee(tx, course.subject_id, course.laterality) if one.ended_at is None]) > 1:
        raise Refused("two_courses_open", laterality=course.laterality)


def _may_be_used(
    tx: Tx, vial: Vial, purpose: Purpose, course_id: str | None, *, but: str = "", scanned: gs1.Identity | None = None
) -> checks.VialFacts:
    """What the verdict rested on, where it lets the vial be used."""
    (fact,) = facts(tx, [vial.id], purpose, scanned=scanned, course_id=course_id)
    if found := tuple(one for one in checks.use(fact) if one.code != but):
        raise Refused("vial_not_usable", findings=found, serial=vial.serial)
    return fact


def _verified(tx: Tx, dose: Dose) -> None:
    order = order_of(tx, dose.id)
    if order is None:
        raise Refused("not_ordered", k=dose.k)
    if order.verified_at is None:
        raise Refused("order_not_verified", k=dose.k)


def _product_fits(tx: Tx, vial: Vial, protocol: ProtocolVersion) -> None:
    if tx.need(Product, protocol.product_id).gtin != vial.gtin:
        raise Refused("other_product", serial=vial.serial)


def _thawed(view: View, vial: Vial) -> Thaw | None:
    found = view.all(Thaw, Thaw.vial_id == vial.id)
    return found[0] if found else None


# -------------------------------------------------------------------------------------------------------------- reads


def of_dose(view: View, dose_id: str) -> tuple[Dose, Course, ProtocolVersion]:
    dose = view.need(Dose, dose_id)
    course = view.need(Course, dose.course_id)
    return dose, course, view.need(ProtocolVersion, course.protocol_version_id)


def protocols_of(view: View, dose_ids: Iterable[str]) -> dict[str, ProtocolVersion]:
    """The protocol of each of these doses, by the id of the dose."""
    found = view.all(Dose, col(Dose.id).in_(sorted(dose_ids)))
    courses = {one.id: one for one in view.all(Course, col(Course.id).in_({one.course_id for one in found}))}
    wanted = {one.protocol_version_id for one in courses.values()}
    versions = {one.id: one for one in view.all(ProtocolVersion, col(ProtocolVersion.id).in_(wanted))}
    return {one.id: versions[courses[one.course_id].protocol_version_id] for one in found}


def into_knee(view: View, subject_id: str, laterality: Laterality) -> list[Course]:
    """Every course of this knee of one person, under whichever pseudonym it was planned."""
    anybody = col(Course.subject_id).in_(persons.of(view, subject_id))
    return view.all(Course, anybody, Course.laterality == laterality, order=Course.planned_on)


def order_of(view: View, dose_id: str, at: datetime | None = None) -> Order | None:
    """The order of a dose that stands, or that stood at a moment."""
    found = view.all(Order, Order.dose_id == dose_id, order=Order.ordered_at)
    return next((one for one in reversed(found) if stood(one, at)), None)


def stood(signed: Order | Start, at: datetime | None = None) -> bool:
    """Whether what was signed counts now, or counted at a moment: nothing that it rests on had been told otherwise."""
    return signed.superseded_at is None or (at is not None and at < signed.superseded_at)


def reservation(view: View, vial: Vial) -> Reservation | None:
    found = view.all(Reservation, Reservation.vial_id == vial.id, col(Reservation.until).is_(None))
    return found[0] if found else None


FIRST_TO_EXPIRE = "(SELECT e.expires FROM expiry_statement e WHERE e.lot_id = v.lot_id ORDER BY e.version DESC LIMIT 1), l.number, v.serial"
"""The order in which vials `v` of lots `l` are given out (R40)."""
_STOCK = text(
    "SELECT v.id FROM vial v JOIN lot l ON l.id = v.lot_id WHERE v.state = 'in_stock' AND v.organisation_id = :mine AND v.gtin = :gtin"  # noqa: S608 - from the words above alone
    " AND (:given = '' OR v.id = :given)"
    f" ORDER BY {FIRST_TO_EXPIRE} LIMIT 500"
)


def offer(view: View, dose_id: str) -> list[dict[str, Any]]:
    """The pick list of a dose, first to expire first: which vials are offered, and why another is not (R40)."""
    _, course, protocol = of_dose(view, dose_id)
    product = view.need(Product, protocol.product_id)
    values = {"mine": view.actor.organisation_id, "gtin": product.gtin, "given": ""}
    ids = [row[0] for row in view.connection.execute(_STOCK, values)]
    known = {vial.id: vial for vial in view.all(Vial, col(Vial.id).in_(ids))}
    made = []
    for vial_id, fact in zip(ids, facts(view, ids, Purpose.ISSUE, course_id=course.id), strict=True):
        found = checks.use(fact)
        made.append({"vial": known[vial_id], "facts": fact, "offered": not found, "findings": found})
    return made


PREPARED = " LEFT JOIN orders o ON o.dose_id = d.id AND o.superseded_at IS NULL"
"""The order of a dose `d` that stands (`o`), if it has one. Its vials, of which there may be several, `supply` says."""
GIVEN = " LEFT JOIN administration a ON a.dose_id = d.id AND a.void_at IS NULL"
"""With what was given; a dose given twice stands twice."""

_COURSE = text(
    "SELECT d.id, d.k, d.due, o.id AS order_id, o.ordered_at, o.verified_at, a.id AS administration_id, a.given_at,"  # noqa: S608 - from the words above alone
    f" p.volume_ul FROM dose d JOIN course c ON c.id = d.course_id JOIN protocol_version p ON p.id = c.protocol_version_id{PREPARED}{GIVEN}"
    " WHERE d.course_id = :course ORDER BY d.k, a.given_at"
).columns(due=Date, ordered_at=Utc, verified_at=Utc, given_at=Utc)


def doses(view: View, course_id: str) -> list[dict[str, Any]]:
    """The doses of a course with order, vials kept and what was given, in their order; a dose given twice stands twice."""
    view.need(Course, course_id)
    found = [dict(row) for row in view.connection.execute(_COURSE, {"course": course_id}).mappings()]
    return _supplied(view, found, "id")


def _supplied(view: View, rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """With each dose: `kept`, its vials; `lacks_ul`, what they lack of what it takes; and the one whose turn it is, if any."""
    kept = supply.kept(view, {row[key] for row in rows})
    for row in rows:
        vials = kept.get(row[key], ())
        row |= {"kept": vials, "lacks_ul": supply.lacks_ul(row["volume_ul"], vials)} | next_of(supply.turn(vials))
    return rows


def next_of(vial: supply.Kept | None) -> dict[str, Any]:
    """The vial of a dose that the next step is about, as its row says it."""
    return {
        "vial_id": vial and vial.vial_id,
        "serial": vial and vial.serial,
        "state": vial and vial.state,
    }


def course(view: View, course_id: str) -> tuple[Course, ProtocolVersion, Subject]:
    one = view.need(Course, course_id)
    return one, view.need(ProtocolVersion, one.protocol_version_id), persons.subject(view, one.subject_id)


def order(view: View, order_id: str) -> Order:
    return view.need(Order, order_id)


def kept_for(view: View, vial_id: str) -> Reservation:
    """For which dose a vial is kept. Raises `NotFound`: it is kept for none."""
    kept = reservation(view, view.need(Vial, vial_id))
    if kept is None:
        raise NotFound("reservation")
    return kept


def courses(view: View, subject_id: str | None = None) -> list[Course]:
    where = [col(Course.subject_id).in_(persons.of(view, subject_id))] if subject_id else []
    return view.all(Course, *where, order=Course.planned_on)


_DUE = text(
    "SELECT d.id AS dose_id, d.k, d.due, c.id AS course_id, c.site_id, c.laterality, s.id AS subject_id, s.pseudonym, p.doses,"  # noqa: S608 - from the words above alone
    " p.volume_ul, o.id AS order_id, o.verified_at"
    " FROM dose d JOIN course c ON c.id = d.course_id JOIN subject s ON s.id = c.subject_id"
    f" JOIN protocol_version p ON p.id = c.protocol_version_id{PREPARED}"
    " WHERE s.organisation_id = :mine AND c.ended_at IS NULL AND d.due <= :until"
    " AND NOT EXISTS (SELECT 1 FROM administration a WHERE a.dose_id = d.id AND a.void_at IS NULL) ORDER BY d.due, s.pseudonym, d.k"
).bindparams(bindparam("until", type_=Date)).columns(due=Date, verified_at=Utc)  # fmt: skip


def due(view: View, days: int = 0) -> list[dict[str, Any]]:
    """Doses that are due by so many days from `today` where they are given, and that nobody gave."""
    ahead = timedelta(days=days)
    values = {"mine": view.actor.organisation_id, "until": sites.latest_day(view) + ahead}
    known = persons.standing(view)
    rows = [dict(row) for row in view.connection.execute(_DUE, values).mappings()]
    at = sites.known(view, {row["site_id"] for row in rows})
    made = [row | {"today": sites.day(at[row["site_id"]], view.at)} for row in rows]
    found = [row for row in made if row["due"] <= row["today"] + ahead]
    for row in found:
        if (other := known.get(row["subject_id"])) is not None:
            row |= {"subject_id": other.id, "pseudonym": other.pseudonym}
    return _supplied(view, found, "dose_id")


def progress(view: View, subject_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The courses of these people, under whichever pseudonym: how many doses were planned and given, and which comes next.

    `today`: where it is given.
    """
    known = persons.stood_for(view)
    asked = {known.get(one, one): one for one in subject_ids}
    anybody = [*asked, *(one for one, other in known.items() if other in asked)]
    found = view.all(Course, col(Course.subject_id).in_(anybody), order=(Course.planned_on, Course.id))
    ids = [course.id for course in found]
    counted = (Administration.counts(), col(Administration.course_id).in_(ids))
    given = {one.dose_id for one in view.all(Administration, *counted)}
    planned: dict[str, list[Dose]] = defaultdict(list)
    for dose in view.all(Dose, col(Dose.course_id).in_(ids), order=(Dose.course_id, Dose.k)):
        planned[dose.course_id].append(dose)
    at = sites.known(view, {course.site_id for course in found})
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for course in found:
        left = [dose for dose in planned[course.id] if dose.id not in given]
        total = len(planned[course.id])
        coming = left[0] if left and course.ended_at is None else None
        today = sites.day(at[course.site_id], view.at)
        told = {"course": course, "doses": total, "given": total - len(left), "next": coming, "today": today}
        made[asked[known.get(course.subject_id, course.subject_id)]].append(told)
    return made


def started(view: View, dose_id: str, at: datetime | None = None) -> list[Start]:
    """The permits of a dose that stand, or that stood at a moment."""
    return [one for one in view.all(Start, Start.dose_id == dose_id, order=Start.at) if stood(one, at)]

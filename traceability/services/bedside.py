"""What is asked at the bedside, before an injection and of one that was told: everything the rules of `domain.bedside` look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.bedside import BedsideFacts, bedside, permit_asked, unordered
from traceability.domain.checks import Purpose, VialFacts, use
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import Custody
from traceability.services import persons, sites
from traceability.services.consents import against
from traceability.services.courses import into_knee, of_dose, order_of, reservation, started
from traceability.services.emergencies import issued
from traceability.services.names import is_named, lot_on_label, of_vial, vial_of
from traceability.services.subjects import consent_stands
from traceability.services.verdicts import facts as vial_facts
from traceability.store import Tx, View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    Course,
    Dose,
    Lot,
    Product,
    ProductVersion,
    ProtocolVersion,
    Start,
    Subject,
    Vial,
)
from traceability.store.tables.administrations import Inspection, Mode
from traceability.store.tables.subjects import ConsentKind, Laterality
from traceability.store.tables.vials import SerialKind


@dataclass(frozen=True, slots=True)
class Bedside:
    """Everything the bedside page shows before an injection, and why it may not be given."""

    dose: Dose
    course: Course
    protocol: ProtocolVersion
    vial: Vial
    findings: tuple[Finding, ...]
    vials_needed: int = 1


def ask(view: View, dose_id: str, subject_id: str | None, code: str, laterality: Laterality) -> Bedside:
    """What `dose.start` will say, without performing it."""
    dose, course, protocol = of_dose(view, dose_id)
    vial, found = asked(view, dose, course, protocol, subject_id, code, laterality)
    order = order_of(view, dose.id)
    return Bedside(
        dose, course, protocol, vial, found, _needed(view, vial, order.volume_ul if order else protocol.volume_ul)
    )


def asked(
    view: View,
    dose: Dose,
    course: Course,
    protocol: ProtocolVersion,
    subject_id: str | None,
    code: str,
    laterality: Laterality,
) -> tuple[Vial, tuple[Finding, ...]]:
    """The vial that was scanned, and every reason why it may not be given now."""
    scanned = gs1.read(code, view.at.date())
    vial = vial_of(view, scanned)
    known = vial_facts(view, [vial.id], Purpose.BEDSIDE, scanned=scanned, course_id=course.id)
    matches = None if subject_id is None else persons.same(view, subject_id, course.subject_id)
    facts = _facts(view, dose, course, protocol, matches, laterality, [vial], known, None)
    others = tuple(sorted(one.serial for one in _started(view, dose) if one.id != vial.id and _waits(view, one, dose)))
    elsewhere = tuple(sorted(one.serial for one in _open_for(view, course, dose) if one.id != vial.id))
    needed = _needed(view, vial, facts.ordered_ul)
    found = bedside(replace(facts, others_started=others, open_elsewhere=elsewhere, vials_needed=needed))
    return vial, (*found, *issued(view, vial.id)) if found else found


MOST_UL = 1_000_000


def possible(given_ul: int, discarded_ul: int) -> None:
    """Raise Refused `volume_impossible` for what nobody can have injected or thrown away, in µl."""
    if not 0 < given_ul <= MOST_UL or not 0 <= discarded_ul <= MOST_UL:
        raise Refused("volume_impossible")


@dataclass(frozen=True, slots=True)
class Told:
    """An injection as somebody tells it; `at`: when it was given."""

    subject: Subject
    course: Course | None
    dose: Dose | None
    laterality: Laterality
    held: Sequence[Held]
    given_ul: int
    discarded_ul: int
    inspection: Inspection | None
    at: datetime


def findings(tx: Tx, told: Told) -> tuple[Finding, ...]:
    """The findings of the same checks beside a fact: as of when it happened, with what is known now."""
    known = _known(tx, told)
    against = [finding for fact in known for finding in use(fact)]
    handed = tuple(one for held in told.held if held.vial for one in issued(tx, held.vial.id)) if against else ()
    if told.dose is None:
        return (*_unplanned(tx, told), *against, *handed)
    # What is told afterwards had no permit by its nature; what is told as it happens should have had one for each vial.
    cleared = {one.id for one in _started(tx, told.dose, told.at)}
    told_there = permit_asked(mode(tx), told.at, tx.at)
    had = not told_there or all(one.vial is not None and one.vial.id in cleared for one in told.held)
    return (*bedside(replace(_planned(tx, told, told.dose, known), cleared=had)), *handed)


def again(view: View, told: Told, given: Administration) -> tuple[Finding, ...]:
    """The same of one that is on record, as it is told now: without itself, its vials as they were in somebody's hand.

    What was asked before it only (a vial kept for it, a permit) was found then, or cannot be found any more.
    """
    besides = {one.vial.serial for one in told.held if one.vial and given_besides(view, one.vial, given.id)}
    known = [replace(one, state=Custody.ISSUED, reported_given=one.serial in besides) for one in _known(view, told)]
    if told.dose is None:
        found = (*_unplanned(view, told), *(finding for fact in known for finding in use(fact)))
    else:
        found = bedside(_planned(view, told, told.dose, known, but=given.id))
    return tuple(one for one in found if one.code not in ASKED_BEFORE)


ASKED_BEFORE = frozenset({"vial_of_another", "not_started", "dose_started"})


def given_besides(view: View, vial: Vial, but: str) -> list[Administration]:
    """Other injections that have this vial and count, whoever's they are, the first before."""
    ids = [one.administration_id for one in view.known(AdministrationVial, vial_id=vial.id)]
    found = view.known(Administration, col(Administration.id).in_(ids), Administration.counts())
    return sorted((one for one in found if one.id != but), key=lambda one: one.given_at)


def _known(view: View, told: Told) -> list[VialFacts]:
    course_id = told.course.id if told.course else None
    return [
        fact
        for one in told.held
        if one.vial is not None
        for fact in vial_facts(
            view, [one.vial.id], Purpose.BEDSIDE, at=told.at, scanned=one.identity, course_id=course_id
        )
    ]


def _unplanned(view: View, told: Told) -> tuple[Finding, ...]:
    return unordered(told.given_ul + told.discarded_ul, _held_ul(view, told.held), told.inspection or "")


def _planned(view: View, told: Told, dose: Dose, known: Sequence[VialFacts], *, but: str | None = None) -> BedsideFacts:
    """`but`: an injection that is left out of what was given besides, because it is this one."""
    _, course, protocol = of_dose(view, dose.id)
    vials = [one.vial for one in told.held if one.vial is not None]
    matches = persons.same(view, course.subject_id, told.subject.id)
    facts = _facts(
        view, dose, course, protocol, matches, told.laterality, vials, known, told.given_ul, told.at, but=but
    )
    held_ul = _held_ul(view, told.held)
    return replace(facts, held_ul=held_ul, discarded_ul=told.discarded_ul, inspection=told.inspection or "")


def _held_ul(view: View, held: Sequence[Held]) -> int | None:
    """How much stands on the labels of all of them together; None where one is unknown."""
    volumes = [one for one in _volumes(view, [one.lot_id for one in held]) if one is not None]
    return sum(volumes) if len(volumes) == len(held) else None


@dataclass(frozen=True, slots=True)
class Held:
    """A vial as its code names it, whoever's it is; None where the record does not know it."""

    code: str
    identity: gs1.Identity
    vial: Vial | None
    lot_id: str | None
    label_lot_id: str | None = None
    """The lot that the label names."""

    @property
    def thing(self) -> tuple[str | None, ...] | None:
        """What is one thing, however its code is written: the vial, else its serial. None: it was torn, and nobody knows."""
        if self.vial:
            return (self.vial.id,)
        return (self.identity.gtin, self.identity.serial.upper()) if self.identity.serial else None

    @property
    def key(self) -> str:
        """The name under which injections from it wait for each other: one, whichever of its codes was scanned."""
        one = self.vial or self.identity
        return f"{one.gtin} {one.serial or ''}".upper()

    @property
    def serial(self) -> str | None:
        return self.vial.serial if self.vial else self.identity.serial


def held(tx: Tx, raw: str) -> Held:
    """A fact needs a readable identity and no more: the vial of another organisation, or of nobody, was given too."""
    identity = gs1.read(raw, tx.at.date())
    named = is_named(identity)
    vials = [] if named is None else tx.known(Vial, named)
    if identity.kind != "vial" and not vials:
        raise Refused("code_not_a_vial", kind=identity.kind)
    code, lot_id = of_vial(identity), lot_on_label(tx, identity)
    if identity.serial and not vials:  # typed by hand, in small letters: what else the label says is a finding
        theirs = (Vial.gtin == identity.gtin, Vial.serial_kind == SerialKind.MAKER)
        alike = tx.known(Vial, *theirs, func.upper(Vial.serial) == identity.serial.upper())
        vials = alike if len(alike) == 1 else []
    return Held(code, identity, vials[0] if vials else None, vials[0].lot_id if vials else lot_id, lot_id)


def unknown(held: Held) -> Finding:
    return Finding("serial_unknown", False, Severity.ASK, {"kind": "vial", "serial": held.identity.serial})


def mode(tx: Tx) -> Mode:
    source = str(tx.call.source)
    return Mode(source) if source in ("late", "transcribed") else Mode.LIVE


def shares(view: View, lot_ids: Sequence[str | None], given_ul: int, discarded_ul: int) -> list[tuple[int, int]]:
    """How a dose was drawn from vials of these lots: each up to its volume, the rest and what was discarded from the last."""
    volumes = [one for one in _volumes(view, lot_ids) if one is not None]
    full, left, made = min(volumes, default=given_ul), given_ul, []
    for _ in lot_ids[1:]:
        share = min(left, full)
        left -= share
        made.append((share, 0))
    return [*made, (left, discarded_ul)]


def _facts(
    view: View,
    dose: Dose,
    course: Course,
    protocol: ProtocolVersion,
    matches: bool | None,
    laterality: Laterality,
    vials: Sequence[Vial],
    known: Sequence[VialFacts],
    given_ul: int | None,
    at: datetime | None = None,
    *,
    but: str | None = None,
) -> BedsideFacts:
    moment = at or view.at
    site = sites.of_course(view, course)
    order = order_of(view, dose.id, at)
    doses = {one.id: one.k for one in view.all(Dose, Dose.course_id == course.id)}
    anybody = col(Administration.subject_id).in_(persons.of(view, course.subject_id))
    told = [one for one in view.all(Administration, Administration.counts(), anybody) if one.id != but]
    given = [one for one in told if one.course_id == course.id and one.given_at <= moment]
    # Any injection into this knee counts, whatever it was ordered as; of one told late, also what came after it.
    into_it = [one for one in told if one.laterality is course.laterality or one.course_id == course.id]
    today = sites.day(site, moment)
    other = [one for one in into_it if one.dose_id != dose.id]
    where = sites.of_injections(view, [one for one in other if one.course_id != course.id])
    days = [sites.day(where.get(one.id, site), one.given_at) for one in other]
    kept = [reservation(view, vial) for vial in vials]
    beside = [
        one
        for one in into_knee(view, course.subject_id, course.laterality)
        if one.subject_id != course.subject_id
        and (one.ended_at is None or sites.day(site, one.ended_at) >= course.planned_on)
    ]
    in_them = {one.id for one in beside}
    gtin = view.need(Product, protocol.product_id).gtin
    consent = consent_stands(view, course.subject_id, ConsentKind.THERAPY, moment)
    asking = {one.code: one for one in against(view, consent, moment, site)} if consent else {}
    return BedsideFacts(
        wristband_matches=matches,
        course_laterality=course.laterality,
        laterality=laterality,
        consent_stands=consent is not None,
        ended_at=course.ended_at,
        ordered=order is not None,
        verified=order is not None and order.verified_at is not None,
        k=dose.k,
        given_before=tuple(sorted({doses[one.dose_id] for one in given if one.dose_id in doses})),
        given_already=any(one.dose_id == dose.id for one in told),
        due=dose.due,
        today=today,
        window_d=protocol.window_d,
        nearest_given_on=min(days, key=lambda day: abs(today - day), default=None),
        interval_d=protocol.interval_d,
        vial_kept_for_dose=all(one is not None and one.dose_id == dose.id for one in kept),
        ordered_ul=order.volume_ul if order else protocol.volume_ul,
        given_ul=given_ul,
        product_matches=all(vial.gtin == gtin for vial in vials),
        vials=tuple(known),
        doses=protocol.doses,
        also_open=any(one.ended_at is None or one.ended_at > moment for one in beside),
        given_beside=sum(one.course_id in in_them for one in told),
        form=asking,
    )


def _volumes(view: View, lot_ids: Sequence[str | None]) -> list[int | None]:
    """What stands on the label of a vial of each of these lots; None where nobody knows the lot."""
    lots = {one.id: one.product_version_id for one in view.known(Lot, col(Lot.id).in_([one for one in lot_ids if one]))}
    return [view.need(ProductVersion, lots[one]).volume_ul if one in lots else None for one in lot_ids]


def _needed(view: View, vial: Vial, ordered_ul: int) -> int:
    """How many such vials fill the dose that was ordered."""
    (volume,) = _volumes(view, [vial.lot_id])
    return -(-ordered_ul // volume) if volume else 1


def _started(view: View, dose: Dose, at: datetime | None = None) -> list[Vial]:
    """The vials that are cleared for a dose, or were at a moment."""
    cleared = [one.vial_id for one in started(view, dose.id, at)]
    return view.known(Vial, col(Vial.id).in_(cleared))


def _open_for(view: View, course: Course, dose: Dose) -> list[Vial]:
    """Vials that were cleared for another dose into the same knee, of whichever course, and are still in somebody's hands."""
    same = into_knee(view, course.subject_id, course.laterality)
    doses = view.all(Dose, col(Dose.course_id).in_([one.id for one in same]), Dose.id != dose.id)
    stands = col(Start.superseded_at).is_(None)
    cleared = [one.vial_id for one in view.all(Start, col(Start.dose_id).in_([one.id for one in doses]), stands)]
    return view.known(Vial, col(Vial.id).in_(cleared), Vial.state == Custody.ISSUED) if cleared else []


def _waits(view: View, vial: Vial, dose: Dose) -> bool:
    """It was cleared for this dose and may still be given: not broken, discarded, lost or taken back."""
    kept = reservation(view, vial)
    return vial.state is Custody.ISSUED and kept is not None and kept.dose_id == dose.id

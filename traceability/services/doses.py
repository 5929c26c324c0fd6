"""At the bedside: the one permit to give a dose, what was given, whatever rule it broke, and the watch afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.bedside import BedsideFacts, bedside, permit_asked, unordered
from traceability.domain.checks import USE, Finding, Purpose, Severity, VialFacts, use
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.domain.states import Custody
from traceability.services import Answer, performs
from traceability.services.cases import numbered, open_case
from traceability.services.consignments import of_vial
from traceability.services.courses import let_go, of_dose, reservation
from traceability.services.labels import vial_of
from traceability.services.organisations import zone_of
from traceability.services.products import number
from traceability.services.stays import leave
from traceability.services.subjects import Band, consent_stands, of_band
from traceability.services.verdicts import facts as vial_facts
from traceability.store import Tx, View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    Case,
    Course,
    Dose,
    Hold,
    Lot,
    Observation,
    Order,
    Person,
    Product,
    ProductVersion,
    ProtocolVersion,
    Scope,
    Signature,
    Start,
    Subject,
    Vial,
)
from traceability.store.tables.administrations import Inspection, Mode
from traceability.store.tables.quality import CaseKind, ScopeKind
from traceability.store.tables.subjects import ConsentKind, Laterality

OF_VIAL = frozenset(rule.code for rule in USE)
FLAGGED = frozenset({"out_of_window", "volume_differs"})
"""Ordinary days (R41, R45b): shown with the injection for ever, and nobody has to answer for them."""


@performs("dose.identify")
def identify(tx: Tx, dose_id: str, wristband: Band) -> Answer:
    """The wristband is that of this dose's patient, or the refusal stands in the record, without saying whose it was (R43)."""
    dose, course, _ = of_dose(tx, dose_id)
    if _whose(tx, wristband).id != course.subject_id:
        wrong = Finding("wrong_patient", False, Severity.STOP)
        raise Refused("dose_refused", findings=(wrong,), k=dose.k)
    tx.mention(course.subject_id)
    return {"id": dose.id, "subject_id": course.subject_id}


@performs("dose.start")
def start(tx: Tx, dose_id: str, wristband: Band, code: str, laterality: Laterality) -> Answer:
    """Every stop is asked at once; where none stands, this vial may be given, once."""
    dose, course, protocol = of_dose(tx, dose_id)
    tx.alone(f"starts of {dose.id}")  # two vials at the same moment are one after the other: the second sees the first
    vial, found = _asked(tx, dose, course, protocol, _whose(tx, wristband).id, code, laterality)
    if found:
        raise Refused("dose_refused", findings=found, k=dose.k)
    if tx.known(Start, Start.vial_id == vial.id):
        raise Refused("started_already", serial=vial.serial)
    row = tx.add(Start(dose_id=dose.id, vial_id=vial.id, laterality=laterality, at=tx.at))
    tx.mention(course.subject_id)
    return {"id": dose.id, "start_id": row.id, "vial_id": vial.id, "subject_id": course.subject_id}


@performs("dose.give")
def give(
    tx: Tx,
    subject_id: str,
    laterality: Laterality,
    codes: Sequence[str],
    given_ul: int,
    discarded_ul: int,
    *,
    dose_id: str | None = None,
    identifiers: str = "",
    guidance: str = "",
    approach: str = "",
    needle: str = "",
    skin_preparation: str = "",
    aspirated_ul: int | None = None,
    vas_before: str | None = None,
    vas_after: str | None = None,
    concomitant: str = "",
    inspection: Inspection | None = None,
) -> Answer:
    """Record what was injected: a fact, kept with its findings even where it should not have been (R45b).

    Volumes are the dose's in µl; of several vials the first is emptied first. Each code is of another vial (R42).
    """
    subject = tx.need(Subject, subject_id)
    if not 0 < given_ul <= 1_000_000 or not 0 <= discarded_ul <= 1_000_000:
        raise Refused("volume_impossible")
    # What else was given to this person or from these vials is read now and stays so: every double is found, and told.
    tx.alone(f"injections of {subject.id}")
    for vial_key in sorted({f"{one.gtin} {one.serial}" for one in (gs1.read(code, tx.at.date()) for code in codes)}):
        tx.alone(f"injections from {vial_key}")
    held = [_held(tx, code) for code in codes]
    if not held or len({one.thing for one in held}) != len(held):
        raise Refused("vials_not_distinct")
    dose, course = _course_of(tx, subject, dose_id)
    unknown = [_unknown(one) for one in held if one.vial is None]
    found = (*unknown, *_findings(tx, subject, course, dose, laterality, held, given_ul, discarded_ul, inspection))
    row = tx.add(
        Administration(
            subject_id=subject.id, course_id=course.id if course else None, dose_id=dose.id if dose else None,
            organisation_id=tx.actor.organisation_id, laterality=laterality, mode=_mode(tx), given_at=tx.occurred,
            injector_id=tx.signers[0].actor.person_id, witness_id=tx.signers[1].actor.person_id, identifiers=identifiers,
            guidance=guidance, approach=approach, needle=needle, skin_preparation=skin_preparation, aspirated_ul=aspirated_ul,
            vas_before=_vas(vas_before), vas_after=_vas(vas_after), concomitant=concomitant, inspection=inspection,
            findings=[finding.plain() for finding in found],
        )
    )  # fmt: skip
    for one, (given, discarded) in zip(held, _shares(tx, held, given_ul, discarded_ul), strict=True):
        tx.add(
            AdministrationVial(
                administration_id=row.id, vial_id=one.vial.id if one.vial else None, lot_id=one.lot_id, code=one.code,
                withdrawn_ul=given + discarded, given_ul=given, discarded_ul=discarded,
            )
        )  # fmt: skip
        if one.vial is not None:
            let_go(tx, one.vial)
            if one.vial.state is not Custody.GIVEN:
                leave(tx, one.vial, Custody.GIVEN)
    if any(finding.code not in FLAGGED for finding in found):
        _answer_for(tx, subject, held, found)
    tx.covers = {
        "subject": subject.id,
        "laterality": laterality,
        "codes": [one.code for one in held],
        "given_ul": given_ul,
    }
    tx.mention(subject.id)
    return {"id": row.id, "subject_id": subject.id, "findings": [finding.code for finding in found]}


@performs("administration.observe")
def observe(
    tx: Tx,
    administration_id: str,
    began_at: datetime,
    ended_at: datetime,
    reaction: bool,
    description: str = "",
    *,
    vas_after: str | None = None,
) -> Answer:
    """The subject was watched (R44): an act of its own, after the injection; the pain then belongs to it.

    Less than the protocol asks for, all looks together, is a finding that stays in the record.
    """
    given = tx.need(Administration, administration_id)
    if not given.given_at <= began_at < ended_at <= tx.at:
        raise Refused("interval_empty")
    if reaction and not description.strip():
        raise Refused("description_missing")
    short = _watched_short(tx, given, began_at, ended_at)
    row = Observation(
        administration_id=given.id, observer_id=tx.actor.person_id, began_at=began_at, ended_at=ended_at,
        reaction=reaction, description=description, findings=[one.plain() for one in short],
    )  # fmt: skip
    tx.add(row)
    if (told := _vas(vas_after)) is not None:
        if given.vas_after is not None:
            raise Refused("already_there", noun="score", key="VAS")
        tx.change(given, vas_after=told)
    tx.mention(given.subject_id)
    return {
        "id": given.id,
        "observation_id": row.id,
        "subject_id": given.subject_id,
        "findings": [one.code for one in short],
    }


def _watched_short(tx: Tx, given: Administration, began_at: datetime, ended_at: datetime) -> tuple[Finding, ...]:
    if given.dose_id is None:
        return ()
    _, _, protocol = of_dose(tx, given.dose_id)
    looks = tx.all(Observation, Observation.administration_id == given.id)
    watched = sum(
        (end - begin for begin, end in spans([(began_at, ended_at), *((one.began_at, one.ended_at) for one in looks)])),
        timedelta(),
    )
    planned = timedelta(minutes=protocol.observation_min)
    if watched >= planned:
        return ()
    told = {"watched_s": int(watched.total_seconds()), "planned_s": int(planned.total_seconds())}
    return (Finding("watched_short", False, Severity.ASK, told),)


def watched_short(looks: Sequence[Observation]) -> list[dict[str, Any]]:
    """What is missing of the watch: what the look that was recorded last found, which counts all before it."""
    return max(looks, key=lambda one: one.id).findings if looks else []


def spans(looks: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Looks that touch are one: how long somebody was watched, each moment counted once."""
    made: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(looks):
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((begin, end))
    return made


def _whose(tx: Tx, wristband: Band) -> Subject:
    found = of_band(tx, wristband)
    if found is None:
        raise Refused("wristband_unknown")
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """A vial as its code names it, whoever's it is; None where the record does not know it."""

    code: str
    identity: gs1.Identity
    vial: Vial | None
    lot_id: str | None

    @property
    def thing(self) -> tuple[str | None, ...]:
        """What is one thing, however its code is written: the vial, else what the code says of it."""
        return (self.vial.id,) if self.vial else (self.identity.gtin, self.identity.lot, self.identity.serial)


def _held(tx: Tx, raw: str) -> Held:
    """A fact needs a readable identity and no more: the vial of another organisation, or of nobody, was given too."""
    identity = gs1.read(raw, tx.at.date())
    if identity.kind != "vial" or identity.gtin is None:
        raise Refused("code_not_a_vial", kind=identity.kind)
    code = of_vial(identity)
    vials = tx.known(Vial, Vial.gtin == identity.gtin, Vial.serial == identity.serial) if identity.serial else []
    if vials:
        return Held(code, identity, vials[0], vials[0].lot_id)
    lots = tx.rows(
        "SELECT l.id FROM lot l JOIN product_version v ON v.id = l.product_version_id JOIN product p ON p.id = v.product_id"
        " WHERE p.gtin = :gtin AND l.number = :lot",
        {"gtin": identity.gtin, "lot": identity.lot or ""},
    )
    return Held(code, identity, None, lots[0][0] if lots else None)


def _unknown(held: Held) -> Finding:
    return Finding("serial_unknown", False, Severity.ASK, {"kind": "vial", "serial": held.identity.serial})


def _answer_for(tx: Tx, subject: Subject, held: Sequence[Held], found: Sequence[Finding]) -> None:
    """A dose that no rule allowed: somebody has to answer for it, and its lots are not used further until then."""
    codes = ", ".join(dict.fromkeys(finding.code for finding in found))
    vials = [one.vial for one in held if one.vial is not None]
    lots = {one.lot_id for one in held if one.lot_id is not None}
    serials = ", ".join(one.identity.serial or one.code for one in held)
    case = open_case(
        tx, CaseKind.IMPERMISSIBLE_DOSE, f"{subject.pseudonym}, {serials}: {codes}"[:240],
        lot_id=held[0].lot_id, vial_id=vials[0].id if vials else None,
    )  # fmt: skip
    # A vial that should not have been there says that its lot's stock was not what it seemed: the lot asks QA too.
    whole = any(finding.code in OF_VIAL and finding.severity is Severity.STOP for finding in found)
    unknown = {one.lot_id for one in held if one.vial is None and one.lot_id is not None}
    targets = dict.fromkeys(lots if whole else unknown, ScopeKind.LOT)
    if not whole:
        targets |= dict.fromkeys([vial.id for vial in vials if vial.lot_id not in unknown], ScopeKind.VIAL)
    if not targets:
        return
    hold = Hold(
        number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, case_id=case.id,
        title=f"{case.number}: dose given against {codes}"[:240], placed_at=tx.at,
    )  # fmt: skip
    tx.add(hold)
    for target_id, kind in sorted(targets.items()):
        tx.add(Scope(hold_id=hold.id, kind=kind, target_id=target_id))


def _course_of(tx: Tx, subject: Subject, dose_id: str | None) -> tuple[Dose | None, Course | None]:
    if dose_id is None:
        return None, None
    dose, course, _ = of_dose(tx, dose_id)
    if course.subject_id != subject.id:
        raise Refused("dose_of_other_subject")
    return dose, course


def _mode(tx: Tx) -> Mode:
    source = str(tx.call.source)
    return Mode(source) if source in ("late", "transcribed") else Mode.LIVE


def _vas(told: str | None) -> str | None:
    """A visual analogue score 0–10 in steps of a tenth, as it was said (R51); nothing said is not reported."""
    if told is None or not told.strip():
        return None
    value = number(told.replace(",", "."))
    if not 0 <= value <= 10:
        raise Refused("score_out_of_range", low="0", high="10")
    return f"{value:f}"


def _shares(tx: Tx, held: Sequence[Held], given_ul: int, discarded_ul: int) -> list[tuple[int, int]]:
    """How a dose was drawn from its vials: each up to its volume, the rest and what was discarded from the last."""
    volumes = [one for one in _volumes(tx, [one.lot_id for one in held]) if one is not None]
    full, left, made = min(volumes, default=given_ul), given_ul, []
    for _ in held[1:]:
        share = min(left, full)
        left -= share
        made.append((share, 0))
    return [*made, (left, discarded_ul)]


def _volumes(view: View, lot_ids: Sequence[str | None]) -> list[int | None]:
    """What stands on the label of a vial of each of these lots; None where nobody knows the lot."""
    lots = {one.id: one.product_version_id for one in view.known(Lot, col(Lot.id).in_([one for one in lot_ids if one]))}
    return [view.need(ProductVersion, lots[one]).volume_ul if one in lots else None for one in lot_ids]


# -------------------------------------------------------------------------------------------------------------- reads


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
    vial, found = _asked(view, dose, course, protocol, subject_id, code, laterality)
    order = next(iter(view.all(Order, Order.dose_id == dose.id)), None)
    return Bedside(
        dose, course, protocol, vial, found, _needed(view, vial, order.volume_ul if order else protocol.volume_ul)
    )


def _asked(
    view: View,
    dose: Dose,
    course: Course,
    protocol: ProtocolVersion,
    subject_id: str | None,
    code: str,
    laterality: Laterality,
) -> tuple[Vial, tuple[Finding, ...]]:
    scanned = gs1.read(code, view.at.date())
    vial = vial_of(view, scanned)
    known = vial_facts(view, [vial.id], Purpose.BEDSIDE, scanned=scanned)
    matches = None if subject_id is None else subject_id == course.subject_id
    facts = _facts(view, dose, course, protocol, matches, laterality, [vial], known, None)
    others = tuple(sorted(one.serial for one in _started(view, dose) if one.id != vial.id and _waits(view, one, dose)))
    return vial, bedside(replace(facts, others_started=others, vials_needed=_needed(view, vial, facts.ordered_ul)))


def _needed(view: View, vial: Vial, ordered_ul: int) -> int:
    """How many such vials fill the dose that was ordered."""
    (volume,) = _volumes(view, [vial.lot_id])
    return -(-ordered_ul // volume) if volume else 1


def _started(view: View, dose: Dose) -> list[Vial]:
    """The vials that were cleared for a dose."""
    cleared = [one.vial_id for one in view.all(Start, Start.dose_id == dose.id)]
    return view.known(Vial, col(Vial.id).in_(cleared))


def _waits(view: View, vial: Vial, dose: Dose) -> bool:
    """It was cleared for this dose and may still be given: not broken, discarded, lost or taken back."""
    kept = reservation(view, vial)
    return vial.state is Custody.ISSUED and kept is not None and kept.dose_id == dose.id


def _findings(
    tx: Tx,
    subject: Subject,
    course: Course | None,
    dose: Dose | None,
    laterality: Laterality,
    held: Sequence[Held],
    given_ul: int,
    discarded_ul: int,
    inspection: Inspection | None,
) -> tuple[Finding, ...]:
    """The findings of the same checks beside a fact: as of when it happened, with what is known now."""
    known = [
        fact
        for one in held
        if one.vial is not None
        for fact in vial_facts(tx, [one.vial.id], Purpose.BEDSIDE, at=tx.occurred, scanned=one.identity)
    ]
    vials = [one.vial for one in held if one.vial is not None]
    volumes = [one for one in _volumes(tx, [one.lot_id for one in held]) if one is not None]
    held_ul = sum(volumes) if len(volumes) == len(held) else None
    if course is None or dose is None:
        return (
            *unordered(given_ul + discarded_ul, held_ul, inspection or ""),
            *(finding for fact in known for finding in use(fact)),
        )
    _, _, protocol = of_dose(tx, dose.id)
    facts = _facts(
        tx, dose, course, protocol, course.subject_id == subject.id, laterality, vials, known, given_ul, tx.occurred
    )
    # What is told afterwards had no permit by its nature; what is told as it happens should have had one for each vial.
    cleared = {one.id for one in _started(tx, dose)}
    told_there = permit_asked(_mode(tx), tx.occurred, tx.at)
    had = not told_there or all(one.vial is not None and one.vial.id in cleared for one in held)
    return bedside(replace(facts, cleared=had, held_ul=held_ul, discarded_ul=discarded_ul, inspection=inspection or ""))


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
) -> BedsideFacts:
    moment = at or view.at
    zone = zone_of(view, view.actor.organisation_id)
    order = next(iter(view.all(Order, Order.dose_id == dose.id)), None)
    doses = {one.id: one.k for one in view.all(Dose, Dose.course_id == course.id)}
    told = view.all(Administration, Administration.subject_id == course.subject_id)
    given = [one for one in told if one.course_id == course.id and one.given_at <= moment]
    # Any injection into this knee counts, whatever it was ordered as; of one told late, also what came after it.
    into_it = [one for one in told if one.laterality is course.laterality or one.course_id == course.id]
    today = moment.astimezone(zone).date()
    days = [one.given_at.astimezone(zone).date() for one in into_it if one.dose_id != dose.id]
    kept = [reservation(view, vial) for vial in vials]
    gtin = view.need(Product, protocol.product_id).gtin
    return BedsideFacts(
        wristband_matches=matches,
        course_laterality=course.laterality,
        laterality=laterality,
        consent_stands=consent_stands(view, course.subject_id, ConsentKind.THERAPY, moment) is not None,
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
    )


def administration(view: View, administration_id: str) -> dict[str, Any]:
    """One injection with its vials, observations, subject and plan; and who answers for it where a rule did not hold."""
    one = view.need(Administration, administration_id)
    (told,) = (
        row for row in administrations(view, subject_id=one.subject_id) if row["administration"].id == administration_id
    )
    dose, course, protocol = of_dose(view, one.dose_id) if one.dose_id else (None, None, None)
    subject = view.need(Subject, one.subject_id)
    return told | {
        "subject": subject, "dose": dose, "course": course, "protocol": protocol,
        "cases": (cases := _cases(view, one, subject)),
        "lots": {lot.id: lot for lot in view.all(Lot, col(Lot.id).in_([part.lot_id for part, _ in told["parts"]]))},
        "holds": view.all(Hold, col(Hold.case_id).in_([case.id for case in cases])),
        "people": {who.id: who.name for who in view.all(Person, col(Person.id).in_([one.injector_id, one.witness_id]))},
    }  # fmt: skip


def _cases(view: View, given: Administration, subject: Subject) -> list[Case]:
    """What its own act opened: at the moment in which it was signed, under this pseudonym."""
    signed = view.known(Signature, Signature.noun_id == given.id, Signature.meaning == Meaning.GIVEN)
    about = [Case.kind == CaseKind.IMPERMISSIBLE_DOSE, col(Case.title).startswith(subject.pseudonym)]
    return view.all(Case, *about, col(Case.opened_at).in_([one.signed_at for one in signed]))


def watched(view: View) -> list[dict[str, Any]]:
    """Injections of the last day after which nobody has recorded an observation yet: the newest first."""
    since = view.at - timedelta(days=1)
    mine = col(Administration.organisation_id) == view.actor.organisation_id
    found = view.all(Administration, mine, Administration.given_at >= since, order=col(Administration.given_at).desc())
    seen = {
        row.administration_id
        for row in view.all(Observation, col(Observation.administration_id).in_([one.id for one in found]))
    }
    return [
        {"administration": one, "subject": view.need(Subject, one.subject_id)} for one in found if one.id not in seen
    ]  # fmt: skip


def administrations(view: View, *, subject_id: str | None = None, course_id: str | None = None) -> list[dict[str, Any]]:
    """Injections with their vials and observations, in the order in which they happened."""
    where = [Administration.subject_id == subject_id] if subject_id else []
    where += [Administration.course_id == course_id] if course_id else []
    made = []
    for one in view.all(Administration, *where, order=Administration.given_at):
        parts = view.all(AdministrationVial, AdministrationVial.administration_id == one.id)
        vials = {vial.id: vial for vial in view.all(Vial, col(Vial.id).in_([part.vial_id for part in parts]))}
        observed = view.all(Observation, Observation.administration_id == one.id)
        made.append(
            {
                "administration": one,
                "parts": [(part, vials.get(part.vial_id or "")) for part in parts],
                "observations": observed,
            }
        )
    return made

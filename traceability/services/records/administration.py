"""The record of one injection: the case, the doses before it, its vials, who gave it, what stood against it (R42–R45)."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.gs1 import read
from traceability.domain.records import AdministrationRecord, ConsentPart, GivenVial, RecordKind, ScanPart
from traceability.domain.rules import Finding
from traceability.services import persons, sites, verdicts
from traceability.services.administrations import corrections, spans, told_by, watched_short
from traceability.services.records import parts, whereabouts
from traceability.services.subjects import consents
from traceability.store import View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    Course,
    Dose,
    Identity,
    Lot,
    Observation,
    Person,
    Product,
    ProductVersion,
    ProtocolVersion,
    Scan,
    Subject,
    Vial,
)


def build(view: View, administration_id: str, number: str, version: int) -> AdministrationRecord:
    given = view.need(Administration, administration_id)
    subject = view.need(Subject, given.subject_id)
    dose = view.find(Dose, given.dose_id)
    course = view.find(Course, given.course_id)
    protocol = view.find(ProtocolVersion, course.protocol_version_id) if course else None
    looks = view.all(Observation, Observation.administration_id == given.id, order=Observation.began_at)
    longest = max(spans([(one.began_at, one.ended_at) for one in looks]), key=lambda one: one[1] - one[0], default=None)
    first = told_by(view, given).act_id
    told = parts.acts(view, [first])[first]
    return AdministrationRecord(
        head=parts.head(
            view,
            RecordKind.ADMINISTRATION,
            number,
            version,
            demonstration=given.demonstration,
            at=sites.of_injections(view, [given])[given.id],
        ),
        pseudonym=persons.standing(view).get(subject.id, subject).pseudonym,
        identity=_identity(view, subject.id),
        identifiers=given.identifiers or None,
        consents=tuple(
            ConsentPart(kind=one.kind, version=one.version, signed_at=one.signed_at, withdrawn_at=one.withdrawn_at)
            for one in consents(view, subject.id)
        ),
        protocol=f"{protocol.name}, {protocol.version}" if protocol else None,
        dose=dose.k if dose else None,
        doses=protocol.doses if protocol else None,
        interval_d=protocol.interval_d if protocol else None,
        window_d=protocol.window_d if protocol else None,
        volume_ul=protocol.volume_ul if protocol else None,
        planned_on=dose.due if dose else None,
        joint=protocol.joint if protocol else "knee",
        laterality=given.laterality,
        compartment=(course.compartment or None) if course else None,
        mode=given.mode,
        given_at=given.given_at,
        recorded_at=told.at,
        late_reason=parts.reasons(view, [first]).get(first),
        vials=tuple(
            _vial(view, given, one)
            for one in view.all(AdministrationVial, AdministrationVial.administration_id == given.id)
        ),
        guidance=given.guidance or None,
        aspirated_ul=given.aspirated_ul,
        approach=given.approach or None,
        needle=given.needle or None,
        skin_preparation=given.skin_preparation or None,
        vas_before=given.vas_before,
        vas_after=given.vas_after,
        concomitant=given.concomitant or None,
        void_at=given.void_at,
        observed_from=longest[0] if longest else None,
        observed_until=longest[1] if longest else None,
        observer=", ".join(sorted(set(parts.people(view, [one.observer_id for one in looks]).values()))) or None,
        reaction=any(one.reaction for one in looks) if looks else None,
        reaction_description="; ".join(one.description for one in looks if one.description) or None,
        findings=tuple(Finding.of(one) for one in (*given.findings, *watched_short(looks))),
        scans=_scans(view, given),
        changes=corrections(view, given.id),
        signatures=parts.signatures(view, {given.id: ""}),
    )


def _identity(view: View, subject_id: str) -> str | None:
    """Who it is stays in the one place where identities are; the paper carries the pseudonym, and says where to ask."""
    found = view.known(Identity, Identity.subject_id == subject_id)
    if not found:
        return None
    return "apart" if found[0].name or found[0].mrn or found[0].nik else "erased"


def _scans(view: View, given: Administration) -> tuple[ScanPart, ...]:
    """Its vials as this hospital's people scanned them at the bedside, until they were given."""
    parts_of = view.all(AdministrationVial, AdministrationVial.administration_id == given.id)
    serials = {one.id: one.serial for one in view.known(Vial, col(Vial.id).in_([part.vial_id for part in parts_of]))}
    ours = select(col(Person.id)).where(col(Person.organisation_id) == given.organisation_id)
    query = select(Scan.__table__).where(  # type: ignore[attr-defined]
        col(Scan.vial_id).in_(serials), col(Scan.person_id).in_(ours), col(Scan.purpose) == str(Purpose.BEDSIDE),
        col(Scan.at) <= given.given_at,
    )  # fmt: skip
    found = view.connection.execute(query.order_by(col(Scan.at), col(Scan.id)))
    return tuple(
        ScanPart(
            at=row.at, code=serials[row.vial_id], purpose=row.purpose, verdict=row.verdict,
            findings=tuple(code for code in row.findings.split(",") if code),
        )
        for row in found
    )  # fmt: skip


def lot_of(view: View, administration_id: str) -> str | None:
    """The lot whose page such a document stands on: that of its first vial, where one is known."""
    given = view.need(Administration, administration_id)
    found = view.all(
        AdministrationVial,
        AdministrationVial.administration_id == given.id,
        col(AdministrationVial.lot_id).is_not(None),
    )
    return found[0].lot_id if found else None


def _vial(view: View, given: Administration, part: AdministrationVial) -> GivenVial:
    """What the vial was and had been through when it was given; of a vial that nobody knows, what its code said."""
    read_code = read(part.code, given.given_at.date())
    vial = next(iter(view.known(Vial, Vial.id == part.vial_id)), None)
    lot = next(iter(view.known(Lot, Lot.id == part.lot_id)), None)
    version = view.need(ProductVersion, lot.product_version_id) if lot else None
    product = view.need(Product, version.product_id) if version else None
    fact = verdicts.facts(view, [vial.id], Purpose.BEDSIDE, at=given.given_at)[0] if vial else None
    where = whereabouts.whereabouts(view, [vial.id]) if vial else None
    limits = [limit for limit in (fact.thaw_s, fact.in_use_s) if limit is not None] if fact else []
    return GivenVial(
        product=product.name if product else "",
        maker=parts.maker(view, lot) if lot else "",
        gtin=vial.gtin if vial else read_code.gtin or "",
        lot=lot.number if lot else read_code.lot or "",
        serial=vial.serial if vial and not read_code.gtin else read_code.serial or "",
        giai=fact.giai if fact else None,
        expires=fact.expires if fact else read_code.expires,
        release=fact.release.number if fact and fact.release else None,
        thawed_at=fact.thawed_at if fact else None,
        thaw_limit_s=min(limits, default=None),
        temperature_known=fact.history.known if fact else None,
        out_of_storage_s=fact.history.out_of_storage_s if fact else 0,
        budget_s=fact.budget_s if fact else 0,
        inspection=given.inspection,
        withdrawn_ul=part.withdrawn_ul,
        given_ul=part.given_ul,
        discarded_ul=part.discarded_ul,
        demonstration=given.demonstration,
        cleared_through=(given.given_at if fact.history.known else fact.history.unknown_since) if fact else None,
        extremes=_extremes(where),
        disposed=where.disposed if where else (),
    )


def _extremes(where: whereabouts.Whereabouts | None) -> tuple[int, int] | None:
    """The least and the most that was measured where it lay, while it lay there."""
    seen = (
        [pair for stay in where.stays for pair in (stay.measured, stay.read and stay.read[1:]) if pair] if where else []
    )
    return (min(low for low, _ in seen), max(high for _, high in seen)) if seen else None

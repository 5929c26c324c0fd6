"""An adverse event as the CIOMS I form asks for it: as it was told last, with its vials, the words on it and who was told (R53)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlmodel import col

from traceability.domain.errors import NotFound
from traceability.domain.harm import AssessedBy
from traceability.domain.records import CiomsRecord, GraverPart, OnwardPart, OwedPart, RecordKind, SuspectPart, WordPart
from traceability.services import eventbook
from traceability.services.records import parts
from traceability.services.tellings import Onset, onset
from traceability.store import View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    Course,
    Lot,
    Organisation,
    Product,
    ProductVersion,
    ProtocolVersion,
    Vial,
)


def build(view: View, event_id: str, number: str, version: int) -> CiomsRecord:
    found = eventbook.detail(view, event_id)
    first, now = found.standing.first, found.standing.now
    if first.id != event_id:  # one event has one record, whichever telling leads to it
        raise NotFound("adverse_event")
    had, later = found.had, found.later
    course = view.find(Course, now.course_id)
    protocol = view.find(ProtocolVersion, course.protocol_version_id) if course else None
    named = [one.administration_id for one in (*had, *later)]
    given = {one.id: one for one in view.all(Administration, col(Administration.id).in_(named))}
    parts_of = _parts(
        view, [one for one in (*had, *later) if one.administration_id in given], given, onset(view, first, now)
    )
    suspects = tuple(parts_of[one.id] for one in had if one.id in parts_of)
    before = [given[one] for one in dict.fromkeys(one.administration_id for one in had) if one in given]
    return CiomsRecord(
        head=parts.head(view, RecordKind.CIOMS, number, version, demonstration=now.demonstration),
        event=str(first.number), telling=now.version, pseudonym=found.subject.pseudonym, age_y=now.age_y, sex=now.sex,
        onset_on=now.onset_on, onset_at=now.onset_at, ended_on=now.ended_on, term=now.term, grade=now.grade,
        description=now.description or None, narrative=now.narrative, serious=found.standing.serious,
        graver=_graver(found.standing),
        criteria=tuple(str(one) for one in now.criteria), outcome=now.outcome, suspects=suspects,
        later=tuple(parts_of[one.id] for one in later if one.id in parts_of),
        indication=f"{protocol.name}, {protocol.version}" if protocol else None, dechallenge=now.dechallenge, rechallenge=now.rechallenge,
        concomitant=tuple(dict.fromkeys(one.concomitant for one in before if one.concomitant)), history=now.history,
        makers=tuple(sorted({one.maker for one in suspects if one.maker})), origin=now.report_origin, source=now.source or None,
        known_at=first.aware_at, told_at=now.aware_at,
        words=tuple(
            WordPart(
                by=one.source if one.assessed_by is AssessedBy.MAKER else found.names[one.person_id],
                copied=one.assessed_by is AssessedBy.MAKER, causality=one.causality, expectedness=one.expectedness,
                reference=one.reference, telling=one.version, at=one.assessed_at,
            ) for one in found.judged
        ),
        onward=tuple(
            OnwardPart(
                to=one.recipient, receiver=one.receiver, number=one.number, on=one.reported_on, telling=one.version,
                complete=one.complete,
            ) for one in found.reports
        ),
        owed=tuple(
            OwedPart(kind=one.clock.kind, due_on=one.due_on, reported_on=one.answered) for one in found.standing.owed
        ),
        signatures=parts.signatures(view, {one.id: "" for one in found.judged}),
    )  # fmt: skip


def _graver(standing: eventbook.Standing) -> GraverPart | None:
    one = standing.counts
    if one.id == standing.now.id:
        return None
    return GraverPart(
        telling=one.version, told_at=one.aware_at, term=one.term, grade=one.grade, description=one.description or None,
        narrative=one.narrative, criteria=tuple(str(each) for each in one.criteria), outcome=one.outcome,
    )  # fmt: skip


def _parts(
    view: View, had: Sequence[AdministrationVial], given: Mapping[str, Administration], onset: Onset
) -> dict[str, SuspectPart]:
    """By the id of its row what was given; of a vial that nobody knows, what its code said. Each table is asked once."""
    vials = {one.id: one for one in view.known(Vial, col(Vial.id).in_({each.vial_id for each in had}))}
    lots = {one.id: one for one in view.known(Lot, col(Lot.id).in_({each.lot_id for each in had}))}
    made = {one.product_version_id for one in lots.values()}
    versions = {one.id: one for one in view.known(ProductVersion, col(ProductVersion.id).in_(made))}
    called = {one.product_id for one in versions.values()}
    products = {one.id: one.name for one in view.known(Product, col(Product.id).in_(called))}
    houses = {one.maker_id for one in lots.values()}
    makers = {one.id: one.name for one in view.known(Organisation, col(Organisation.id).in_(houses))}
    planned = {each.course_id for each in given.values()}
    courses = {one.id: one.protocol_version_id for one in view.all(Course, col(Course.id).in_(planned))}
    under = set(courses.values())
    joints = {one.id: one.joint for one in view.all(ProtocolVersion, col(ProtocolVersion.id).in_(under))}

    def suspect(part: AdministrationVial) -> SuspectPart:
        vial, lot, injection = vials.get(part.vial_id or ""), lots.get(part.lot_id or ""), given[part.administration_id]
        return SuspectPart(
            product=products[versions[lot.product_version_id].product_id] if lot else None,
            maker=makers[lot.maker_id] if lot else None, lot=lot.number if lot else None,
            serial=vial.serial if vial else part.code, given_ul=part.given_ul, laterality=injection.laterality,
            joint=joints.get(courses.get(injection.course_id or "", ""), "knee"), given_at=injection.given_at,
            after_onset=onset.before(injection.given_at),
        )  # fmt: skip

    return {one.id: suspect(one) for one in had}

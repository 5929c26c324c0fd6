"""A patient's card: what went into one knee, under whichever pseudonym and plan it was told, and doses of its course that did not."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.records import CardDose, CardRecord, RecordKind
from traceability.services import persons, sites
from traceability.services.administrations import administrations
from traceability.services.courses import course as of_course
from traceability.services.records import parts
from traceability.store import View
from traceability.store.tables import Dose, Lot, Product, ProductVersion, Subject


def build(view: View, course_id: str, number: str, version: int) -> CardRecord:
    course, protocol, subject = of_course(view, course_id)
    told = [
        one
        for one in administrations(view, subject_id=subject.id)
        if one["administration"].void_at is None
        and (one["administration"].laterality == course.laterality or one["administration"].course_id == course.id)
    ]
    drawn = [(one["administration"], part, vial) for one in told for part, vial in one["parts"]]
    doses = {one.id: one.k for one in view.all(Dose, Dose.course_id == course.id)}
    lots = {
        one.id: one for one in view.known(Lot, col(Lot.id).in_([part.lot_id for _, part, _ in drawn if part.lot_id]))
    }
    made_as = {one.product_version_id for one in lots.values()}
    versions = {one.id: one.product_id for one in view.all(ProductVersion, col(ProductVersion.id).in_(made_as))}
    wanted = {protocol.product_id, *versions.values()}
    names = {one.id: one.name for one in view.all(Product, col(Product.id).in_(wanted))}
    given = [
        CardDose(
            k=doses.get(one.dose_id or ""), laterality=one.laterality, given_at=one.given_at, given_ul=part.given_ul,
            product=names[versions[lots[part.lot_id].product_version_id]] if part.lot_id in lots else None,
            lot=lots[part.lot_id].number if part.lot_id in lots else None, serial=vial.serial if vial else part.code,
        )
        for one, part, vial in drawn
    ]  # fmt: skip
    stands = view.need(Subject, persons.stands(view, subject.id))
    return CardRecord(
        head=parts.head(view, RecordKind.CARD, number, version, demonstration=course.demonstration, at=sites.of_course(view, course)),
        pseudonym=stands.pseudonym, joint=protocol.joint, laterality=course.laterality, doses=protocol.doses,
        given=tuple(one for one in given if one.laterality == course.laterality),
        elsewhere=tuple(one for one in given if one.laterality != course.laterality),
        products=tuple(sorted({one.product for one in given if one.product} or {names[protocol.product_id]})),
    )  # fmt: skip

"""The release record: the dossier as it was signed, and what is known of its lot and vials now."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.records import RecordKind, ReleaseRecord, Signed, TestLine
from traceability.domain.rules import Finding
from traceability.domain.states import GONE
from traceability.services import releases
from traceability.services.records import parts, whereabouts
from traceability.services.results import judged, results
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Lot, Release, Specification, Vial


def build(view: View, release_id: str, number: str, version: int) -> ReleaseRecord:
    release = view.need(Release, release_id)
    lot = view.need(Lot, release.lot_id)
    vials = view.all(Vial, col(Vial.id).in_(parts.released_vials(view, release.id)), order=Vial.serial)
    ids = [vial.id for vial in vials]
    where = whereabouts.whereabouts(view, ids)
    read = facts(view, ids, Purpose.STOCK)
    findings = tuple(Finding.of(told) for told in release.dossier["findings"])  # type: ignore[attr-defined]
    reviewed = next((one.values.get("reviewed") for one in findings if one.code == "audit_reviewed"), None)
    return ReleaseRecord(
        head=parts.head(
            view, RecordKind.RELEASE, number, version, demonstration=lot.demonstration or release.demonstration
        ),
        product=parts.product(view, lot),
        lot=parts.lot_part(view, lot),
        maker=parts.maker(view, lot),
        papers=parts.papers(view, lot),
        certified=parts.certified(view, lot),
        release=parts.release_part(view, release),
        serials=tuple(vial.serial for vial in vials),
        tests=tests(view, lot),
        findings=findings,
        custody=where.stays,
        out_of_storage_s=max((one.history.out_of_storage_s for one in read), default=0),
        unknown_temperature=tuple(one.serial for one in read if one.state not in GONE and not one.history.known),
        excursions=where.excursions,
        stops=whereabouts.stops(view, lot, ids, where),
        cases=whereabouts.cases(view, lot, ids),
        changes=parts.changes(view, lot),
        reviewed_through=reviewed,
        newer_entries=releases.newer(view, release),
        signatures=parts.signatures(view, {lot.id: "", release.id: ""}),
        reviews=reviews(view, lot),
        budgets=whereabouts.budgets(read),
        disposed=where.disposed,
    )


def tests(view: View, lot: Lot) -> tuple[TestLine, ...]:
    """Each test asked of the lot with the result that stands, and how many were tried."""
    asked = judged(view, lot)
    standing = [one.stands.row for one in asked if one.stands]
    names = parts.people(view, [who for one in standing for who in (one.analyst_id, one.reviewer_id)])
    made = []
    for one in asked:
        spec, stands = one.specification, one.stands
        row = stands.row if stands else None
        made.append(
            TestLine(
                test=spec.test, method=spec.method or None, version=spec.version, unit=spec.unit, low=spec.low,
                high=spec.high, expected=spec.expected, mandatory=one.mandatory, value=row.value if row else None,
                conforms=stands.fact.conforms if stands else None, tested_on=row.tested_on if row else None,
                analyst=names.get(row.analyst_id) if row else None, reviewer=names.get(row.reviewer_id) if row else None,
                reviewed_at=row.reviewed_at if row else None,
                demonstration=(row or spec).demonstration,
            )
        )  # fmt: skip
    return tuple(made)


def reviews(view: View, lot: Lot) -> tuple[Signed, ...]:
    """The signatures under the reviewed results, each with the test it stands for."""
    named = {one.id: one.test for one in view.all(Specification)}
    return parts.signatures(view, {one.id: named[one.specification_id] for one in results(view, lot.id)})

"""The release record: the dossier as it was signed, and what is known of its lot and vials now."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.records import RecordKind, ReleaseRecord, Signed, TestLine
from traceability.domain.rules import Finding
from traceability.domain.states import GONE
from traceability.services.records import parts, whereabouts
from traceability.services.results import conforms, current, results
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Lot, Release, Specification, Vial

_NEWER = (
    "SELECT count(*) FROM mention m JOIN entry e ON e.act_id = m.act_id WHERE m.about_id = :lot AND e.ledger = :ledger"
    " AND e.refused IS NULL AND e.act NOT LIKE 'document.%' AND e.number >"
    " (SELECT min(number) FROM entry WHERE ledger = :ledger AND noun_id = :release AND refused IS NULL)"
)


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
        newer_entries=newer(view, release),
        signatures=parts.signatures(view, {lot.id: "", release.id: ""}),
        reviews=reviews(view, lot),
        budgets=whereabouts.budgets(read),
        disposed=where.disposed,
    )


def tests(view: View, lot: Lot) -> tuple[TestLine, ...]:
    asked = current(view, lot)
    names = parts.people(view, [who for _, one in asked if one for who in (one.analyst_id, one.reviewer_id)])
    made = []
    for spec, one in asked:
        made.append(
            TestLine(
                test=spec.test, method=spec.method or None, version=spec.version, unit=spec.unit, low=spec.low,
                high=spec.high, expected=spec.expected, mandatory=spec.mandatory, value=one.value if one else None,
                conforms=conforms(spec, one.value) if one else None, tested_on=one.tested_on if one else None,
                analyst=names.get(one.analyst_id) if one else None, reviewer=names.get(one.reviewer_id) if one else None,
                reviewed_at=one.reviewed_at if one else None,
                demonstration=(one or spec).demonstration,
            )
        )  # fmt: skip
    return tuple(made)


def reviews(view: View, lot: Lot) -> tuple[Signed, ...]:
    """The signatures under the reviewed results, each with the test it stands for."""
    named = {one.id: one.test for one in view.all(Specification)}
    return parts.signatures(view, {one.id: named[one.specification_id] for one in results(view, lot.id)})


def newer(view: View, release: Release) -> int:
    """Entries about the lot that came after the release, printing apart: the dossier does not know of them."""
    values = {"lot": release.lot_id, "ledger": release.organisation_id, "release": release.id}
    return int(view.rows(_NEWER, values)[0][0])

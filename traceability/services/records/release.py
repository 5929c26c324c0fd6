"""The release record: the dossier as it was signed, and what is known of its lot and vials now."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.records import RecordKind, ReleaseRecord
from traceability.domain.rules import Finding
from traceability.domain.states import GONE
from traceability.services import releases
from traceability.services.records import analysis, parts, whereabouts
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Lot, Release, Vial


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
        tests=analysis.lines(view, lot),
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
        reviews=analysis.reviews(view, lot),
        budgets=whereabouts.budgets(read),
        disposed=where.disposed,
    )

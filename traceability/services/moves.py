"""A freezer fails: everything that lies in a place is carried to another, in one act, with a few vials scanned on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.services import Answer, performs
from traceability.services.by_label import Label, compared
from traceability.services.cases import asked, open_case
from traceability.services.names import thing, vial_if_known
from traceability.services.organisations import stands_for
from traceability.services.vials import carry, ours
from traceability.store import Tx
from traceability.store.tables import Place, Site, Stay, Vial
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import CaseKind

MOST_SAMPLES = 50


@performs("place.move_all")
def move_all(tx: Tx, place_id: str, target_place_id: str, codes: Sequence[str]) -> Answer:
    """Whatever the record had in a place then was carried to another; a few of the vials were scanned while it was.

    Nothing that was told is refused for what was scanned: a vial that the record has elsewhere, or not at all, opens a case.
    Told late, each vial's stay takes its place among its others, as `vial.move` does.
    """
    source, target = tx.need(Place, place_id), tx.need(Place, target_place_id)
    if source.kind is not PlaceKind.SHIPPER:
        stands_for(tx, tx.need(Site, source.site_id).organisation_id)
    if source.id == target.id:
        raise Refused("place_same", place=source.code)
    if not 1 <= len(codes) <= MOST_SAMPLES:
        raise Refused("samples_count", most=MOST_SAMPLES)
    scanned = {thing(one): one for one in (gs1.read(code, tx.at.date()) for code in codes)}
    there = _content(tx, source)
    sampled: dict[str, Vial] = {}
    labels: dict[str, Label] = {}
    unknown = []
    for code in scanned.values():
        vial = vial_if_known(tx, code)
        if vial is None:
            unknown.append(code.serial or str(code.giai))
            continue
        sampled[vial.id] = vial
        told = compared(tx, vial, code)
        if told.codes or vial.id not in labels:  # of two codes on one vial the one that contradicts is heard
            labels[vial.id] = told
    done = carry(tx, there, target.id)
    here = {vial.id for vial in there}
    strange = [vial for vial in sampled.values() if vial.id not in here]
    cases = [_elsewhere(tx, vial, source) for vial in strange]
    cases += [
        open_case(tx, CaseKind.CONTRADICTION, f"Vials of {source.code}: {one} not on record").number for one in unknown
    ]
    by_code: dict[tuple[str, ...], list[Vial]] = defaultdict(list)
    for vial in there:
        if against := done.against.get(vial.id):
            by_code[tuple(one.code for one in against)].append(vial)
    cases += [
        asked(tx, f"Vials of {source.code}: {', '.join(found)}", found, vials).number
        for found, vials in by_code.items()
    ]
    contradicting = [vial for vial in sampled.values() if labels[vial.id].contradicts]
    cases += [
        asked(tx, f"Vial {one.serial}, {one.state}: label_contradicts", ["label_contradicts"], [one]).number
        for one in contradicting
    ]
    tx.mention(source.id, target.id)
    findings = {"not_in_that_place"} if strange else set()
    findings |= {"serial_unknown"} if unknown else set()
    findings |= {one for label in labels.values() for one in label.codes}
    return {
        "id": source.id, "target_place_id": target.id, "moved": len(there), "sampled": len(sampled) + len(unknown),
        "findings": sorted(findings.union(*by_code)), "cases": cases, "excursions": done.excursions,
    }  # fmt: skip


def _content(tx: Tx, source: Place) -> list[Vial]:
    """What lay there at that moment as the record has it, and nobody moves meanwhile."""
    mine, found = tx.actor.organisation_id, tx.known(Vial, col(Vial.id).in_(_lying(tx, source)))
    found = [one if one.organisation_id == mine else ours(tx, one.id) for one in found]
    tx.still(*found)
    there = set(_lying(tx, source))
    return [vial for vial in found if vial.id in there]


def _lying(tx: Tx, source: Place) -> list[str]:
    stays = tx.known(Stay, Stay.place_id == source.id, col(Stay.since) <= tx.occurred)
    return sorted({stay.vial_id for stay in stays if stay.until is None or stay.until > tx.occurred})


def _elsewhere(tx: Tx, vial: Vial, source: Place) -> str:
    told = Finding("not_in_that_place", False, Severity.ASK, {"serial": vial.serial, "place": source.code})
    return asked(tx, f"Vial {vial.serial}, {vial.state}: {told.code}", [told.code], [vial]).number

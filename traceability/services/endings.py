"""Vials taken out of stock on purpose: destroyed before a witness, drawn as samples, kept back, sent back (R35, R36)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from traceability.domain.errors import Refused
from traceability.domain.states import Custody
from traceability.services import Answer, performs
from traceability.services.cases import asked
from traceability.services.late import Against, together
from traceability.services.supply import let_go
from traceability.services.vials import carry, contradicts, end, ours, shelf
from traceability.store import Tx
from traceability.store.tables import Attachment, Lot, Removal, Vial
from traceability.store.tables.endings import Method, SampleFor


@performs("vial.destroy")
def destroy(tx: Tx, vial_ids: Sequence[str], method: Method, attachment_id: str | None = None) -> Answer:
    """Two people stood by: these vials are no more. `attachment_id`: the contractor's certificate, attached to the lot before."""
    evidence = tx.need(Attachment, attachment_id) if attachment_id else None
    return _removed(tx, vial_ids, Custody.DESTROYED, method=method, attachment_id=evidence.id if evidence else None)


@performs("vial.sample")
def sample(tx: Tx, vial_ids: Sequence[str], removed_for: SampleFor) -> Answer:
    """Opened or used up for a test: it comes back to no stock."""
    return _removed(tx, vial_ids, Custody.SAMPLED, removed_for=removed_for)


@performs("vial.send_back")
def send_back(tx: Tx, vial_ids: Sequence[str], attachment_id: str | None = None) -> Answer:
    """Sent back to the maker: it is out of this house. A box that is not accepted at the door is turned away instead."""
    evidence = tx.need(Attachment, attachment_id) if attachment_id else None
    return _removed(tx, vial_ids, Custody.SENT_BACK, attachment_id=evidence.id if evidence else None)


@performs("vial.retain")
def retain(tx: Tx, vial_ids: Sequence[str], removed_for: SampleFor, place_id: str | None = None) -> Answer:
    """Kept back and never for a patient; it lies in a place and can be looked at, sampled, destroyed."""
    place = shelf(tx, place_id) if place_id else None
    vials = _chosen(tx, vial_ids)
    against: Against = {}
    for vial in vials:
        if not tx.act.moves_from("vial", vial.state, Custody.RETAINED):
            against = together(against, {vial.id: contradicts(vial)})
            continue
        if place is not None:
            against = together(against, carry(tx, [vial], place.id).against)
        let_go(tx, vial)
        tx.move(vial, Custody.RETAINED)
        _write(tx, vial, Custody.RETAINED, removed_for=removed_for)
    if place is not None:
        tx.mention(place.id)
    return _answer(tx, vials, against)


def _removed(tx: Tx, vial_ids: Sequence[str], custody: Custody, **told: Any) -> Answer:
    """All of them, each by what is known of it: a vial that is gone already, or was given, stays so and is asked about."""
    vials = _chosen(tx, vial_ids)
    against: Against = {}
    for vial in vials:
        going = tx.act.moves_from("vial", vial.state, custody)
        found = end(tx, vial, custody)
        against = together(against, found)
        if going and vial.state is custody:
            _write(tx, vial, custody, **told)
    return _answer(tx, vials, against)


def _chosen(tx: Tx, vial_ids: Sequence[str]) -> list[Vial]:
    if not vial_ids:
        raise Refused("nothing_chosen")
    return [ours(tx, one) for one in sorted(set(vial_ids))]


def _write(tx: Tx, vial: Vial, custody: Custody, **told: Any) -> None:
    tx.add(Removal(vial_id=vial.id, organisation_id=tx.actor.organisation_id, custody=custody, at=tx.occurred, **told))


def _answer(tx: Tx, vials: Sequence[Vial], against: Against) -> Answer:
    """One case for those of which the same stands against what was told."""
    by_code: dict[tuple[str, ...], list[Vial]] = defaultdict(list)
    for vial in vials:
        if found := against.get(vial.id):
            by_code[tuple(one.code for one in found)].append(vial)
    cases = [
        asked(
            tx, f"Vials of {lot.number}: {', '.join(codes)}: {', '.join(one.serial for one in some)}"[:240], codes, some
        ).number
        for codes, some in by_code.items()
        for lot in (tx.need(Lot, some[0].lot_id),)
    ]
    answer: Answer = {
        "id": vials[0].id, "vials": len(vials), "serials": [one.serial for one in vials],
        "findings": sorted({code for codes in by_code for code in codes}),
    }  # fmt: skip
    return {**answer, "case": cases[0], "cases": cases} if cases else answer

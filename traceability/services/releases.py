"""Release: QA lets chosen vials of a lot be used here, on a dossier whose every rule holds (R14, R30, R31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain import releasing, rules
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.papers import DESIGNATION, ROUTE_PAPERS, CredentialFact, FileKind
from traceability.domain.plain import digest, plain
from traceability.domain.releasing import ReleaseFacts, ResultFact
from traceability.domain.rules import Finding
from traceability.services import Answer, performs, watching
from traceability.services.cases import numbered
from traceability.services.lots import certifications, expiries
from traceability.services.organisations import zone_of
from traceability.services.results import conforms, current
from traceability.services.verdicts import facts as vial_facts
from traceability.store import Tx, View
from traceability.store.hot import reader_of
from traceability.store.tables import (
    Attachment,
    Credential,
    Lot,
    Release,
    ReleasedVial,
    Signature,
    Stay,
    Vial,
)
from traceability.store.tables.quality import ReleaseKind


@dataclass(frozen=True, slots=True)
class Dossier:
    """Every rule's finding over the chosen vials, and the digest that QA signs. `ready`: all of them hold."""

    lot: Lot
    vials: tuple[Vial, ...]
    findings: tuple[Finding, ...]
    digest: str

    @property
    def ready(self) -> bool:
        return not rules.unmet(self.findings)

    def plain(self) -> dict[str, Any]:
        return {"lot": self.lot.id, "vials": [v.id for v in self.vials], "findings": [f.plain() for f in self.findings]}


@performs("lot.release")
def release(
    tx: Tx,
    lot_id: str,
    vial_ids: Sequence[str],
    reviewed_through: int,
    dossier_digest: str,
    *,
    kind: ReleaseKind = ReleaseKind.FULL,
    until: datetime | None = None,
    condition: str = "",
) -> Answer:
    """A row over chosen vials, signed over the dossier as it was shown; if it changed since, look again."""
    if kind is ReleaseKind.NAMED_PATIENT:
        raise Refused("release_kind_unready", kind=kind)
    if kind is ReleaseKind.CONDITIONAL and (until is None or not condition.strip()):
        raise Refused("condition_missing")
    if until is not None and until <= tx.at:
        raise Refused("interval_empty")
    tx.alone(f"release of {lot_id}")
    dossier = prepare(tx, lot_id, vial_ids, reviewed_through)
    if not dossier.ready:
        raise Refused("release_refused", findings=rules.unmet(dossier.findings))
    if dossier.digest != dossier_digest:
        raise Refused("dossier_changed")
    tx.covers = dossier.digest
    row = Release(
        number=numbered(tx, Release, "RC"), lot_id=lot_id, organisation_id=tx.actor.organisation_id, kind=kind, until=until,
        condition=condition, dossier_digest=dossier.digest, dossier=plain(dossier.plain()), released_at=tx.at,
    )  # fmt: skip
    tx.add(row)
    tx.add_all([ReleasedVial(release_id=row.id, vial_id=vial.id) for vial in dossier.vials])
    tx.about = {lot_id, row.id}
    return {"id": row.id, "number": row.number, "lot_id": lot_id, "vials": len(dossier.vials)}


@performs("release.void")
def void(tx: Tx, release_id: str) -> Answer:
    """Taken back: its vials ask QA again. "Reopened" means this."""
    row = tx.need(Release, release_id)
    if row.void_at is not None:
        raise Refused("already_ended", noun="release")
    tx.covers = row.dossier_digest
    tx.touch(*(one.vial_id for one in tx.known(ReleasedVial, release_id=row.id)))
    tx.change(row, void_at=tx.at)
    return {"id": row.id, "lot_id": row.lot_id}


# -------------------------------------------------------------------------------------------------------------- reads


def releasable(view: View, lot_id: str) -> list[str]:
    """The vials of a lot that lie in this hospital's stock and under no release that stands."""
    rows = view.rows(
        "SELECT v.id FROM vial v WHERE v.lot_id = :lot AND v.organisation_id = :mine AND v.state = 'in_stock'"
        " AND NOT EXISTS (SELECT 1 FROM released_vial rv JOIN release r ON r.id = rv.release_id"
        " WHERE rv.vial_id = v.id AND r.void_at IS NULL AND r.organisation_id = :mine) ORDER BY v.serial",
        {"lot": lot_id, "mine": view.actor.organisation_id},
    )
    return [row[0] for row in rows]


def prepare(view: View, lot_id: str, vial_ids: Sequence[str], reviewed_through: int) -> Dossier:
    """Ask every rule over these vials now. Facts and findings of any moment are in the digest, the moment is not."""
    lot = view.need(Lot, lot_id)
    vials = view.all(Vial, Vial.lot_id == lot.id, col(Vial.id).in_(list(vial_ids)), order=Vial.serial)
    if len(vials) != len(set(vial_ids)):
        raise Refused("vials_of_other_lot")
    known = _facts(view, lot, [vial.id for vial in vials], reviewed_through)
    findings = rules.run(releasing.RELEASE, known)
    told = {"lot": lot.id, "vials": [vial.id for vial in vials], "findings": [one.plain() for one in findings]}
    return Dossier(lot, tuple(vials), findings, digest(told))


def _facts(view: View, lot: Lot, vial_ids: list[str], reviewed_through: int) -> ReleaseFacts:
    mine = view.actor.organisation_id
    given = certifications(view, lot.id)
    certifiers = [
        signature.person_id
        for signature in view.known(Signature, Signature.noun_id == lot.id)
        if signature.act_id in {one.act_id for one in given}
    ]
    papers = view.known(Credential, col(Credential.organisation_id).in_([lot.maker_id, mine]))

    def of(owner: str, *kinds: str) -> tuple[CredentialFact, ...]:
        return tuple(
            CredentialFact(p.id, p.number, p.valid_from, p.valid_until, p.suspended_from)
            for p in papers
            if p.organisation_id == owner and p.kind in kinds
        )

    tests = current(view, lot)
    stated = expiries(view, lot.id)
    return ReleaseFacts(
        at=view.at,
        today=view.at.astimezone(zone_of(view, mine)).date(),
        releaser_id=view.actor.person_id,
        lot_number=lot.number,
        lot_state=lot.state,
        transcribed=given[-1].transcribed if given else None,
        certifier_ids=tuple(certifiers),
        made_on=lot.made_on,
        expires=stated[-1].expires if stated else None,
        certificate_ids=tuple(
            one.id
            for one in view.known(Attachment, Attachment.lot_id == lot.id)
            # another consignee's paper is for its own release
            if one.kind == FileKind.CERTIFICATE_OF_ANALYSIS and one.organisation_id in (lot.maker_id, mine)
        ),
        gmp=of(lot.maker_id, "gmp"),
        licences=of(lot.maker_id, "licence"),
        route=lot.route,
        route_number=lot.route_number,
        route_credentials=of(mine, *ROUTE_PAPERS.get(lot.route, DESIGNATION)),
        mandatory_tests=tuple(spec.test for spec, _ in tests if spec.mandatory),
        results=tuple(
            ResultFact(one.id, spec.test, conforms(spec, one.value), one.reviewed_at is not None, one.analyst_id)
            for spec, one in tests
            if one is not None
        ),
        vials=tuple(vial_facts(view, vial_ids, Purpose.STOCK)),
        counted_ok=_counted(view, vial_ids),
        transit_logged=_logged(view, vial_ids),
        open_excursions=_open_excursions(view, vial_ids),
        reviewed_through=reviewed_through,
        last_entry=last_entry(view, lot.id),
    )


_COUNTED = text(
    "SELECT count(DISTINCT l.vial_id) FROM consignment_line l JOIN consignment c ON c.id = l.consignment_id"
    " WHERE l.vial_id IN :ids AND l.found = 'ok' AND c.consignee_id = :mine AND c.state IN ('checked_in', 'closed')"
).bindparams(bindparam("ids", expanding=True))
_UNDECIDED = text(
    "SELECT DISTINCT e.number FROM stay s JOIN excursion e ON e.place_id = s.place_id AND (e.until IS NULL OR s.since < e.until)"
    " AND (s.until IS NULL OR s.until > e.since) WHERE s.vial_id IN :ids AND NOT EXISTS (SELECT 1 FROM disposition d"
    " WHERE d.excursion_id = e.id AND d.vial_id = s.vial_id) ORDER BY e.number"
).bindparams(bindparam("ids", expanding=True))


def _counted(view: View, vial_ids: list[str]) -> int:
    """How many of these were counted whole in a consignment of ours that is checked in."""
    return int(view.rows(_COUNTED, {"ids": vial_ids, "mine": view.actor.organisation_id})[0][0]) if vial_ids else 0


def _logged(view: View, vial_ids: list[str]) -> bool | None:
    """Every journey of these vials was watched from end to end by the shipment's logger; None: it is not known."""
    journeys = view.known(Stay, col(Stay.vial_id).in_(vial_ids), col(Stay.consignment_id).is_not(None))
    boxes = watching.places(reader_of(view), {stay.place_id for stay in journeys})

    def watched(stay: Stay) -> bool:
        seen = boxes[stay.place_id].cleared(stay.since, stay.until)
        return stay.until is not None and seen.through is not None and seen.through >= stay.until

    return (bool(journeys) and all(watched(stay) for stay in journeys)) or None


def _open_excursions(view: View, vial_ids: list[str]) -> tuple[str, ...]:
    """Excursions of places while one of these vials was there, of which QA has said nothing for that vial."""
    return tuple(row[0] for row in view.rows(_UNDECIDED, {"ids": vial_ids})) if vial_ids else ()


def last_entry(view: View, lot_id: str) -> int:
    """The newest entry of the actor's own ledger that is about this lot."""
    rows = view.rows(
        "SELECT coalesce(max(e.number), 0) FROM mention m JOIN entry e ON e.act_id = m.act_id WHERE m.about_id = :lot AND e.ledger = :mine",
        {"lot": lot_id, "mine": view.actor.organisation_id},
    )
    return int(rows[0][0])


def releases(view: View, lot_id: str) -> list[Release]:
    return view.all(Release, Release.lot_id == lot_id, order=Release.released_at)


def unread(view: View, lot_id: str, through: int) -> list[int]:
    """Entries of the actor's own ledger about this lot that came after `through`."""
    rows = view.rows(
        "SELECT DISTINCT e.number FROM mention m JOIN entry e ON e.act_id = m.act_id"
        " WHERE m.about_id = :lot AND e.ledger = :mine AND e.number > :through ORDER BY e.number",
        {"lot": lot_id, "mine": view.actor.organisation_id, "through": through},
    )
    return [row[0] for row in rows]

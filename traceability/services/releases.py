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
from traceability.domain.people import Meaning, Role, Signer
from traceability.domain.plain import digest, plain
from traceability.domain.releasing import OutsideFact, ReleaseFacts, ResultFact
from traceability.domain.rules import Finding
from traceability.services import Answer, audit_reviews, credentials, naming, performs, watching
from traceability.services.audit_reviews import LOOKS
from traceability.services.audit_search import OF_LOT
from traceability.services.cases import numbered
from traceability.services.lots import certifications, expiries
from traceability.services.organisations import today
from traceability.services.results import entered_for, judged
from traceability.services.verdicts import LEFT
from traceability.services.verdicts import facts as vial_facts
from traceability.store import Tx, View
from traceability.store.hot import reader_of
from traceability.store.tables import (
    Attachment,
    Course,
    Credential,
    Lot,
    Organisation,
    ProductVersion,
    ProtocolVersion,
    Release,
    ReleasedVial,
    Signature,
    Stay,
    Subject,
    Vial,
)
from traceability.store.tables.quality import ReleaseKind


@dataclass(frozen=True, slots=True)
class Dossier:
    """Every rule's finding over the chosen vials, and the digest that QA signs. `ready`: what does not hold is accepted.

    `accepted`: the rules without which a named patient may be treated and that do not hold; for anybody else there are none.
    """

    lot: Lot
    vials: tuple[Vial, ...]
    findings: tuple[Finding, ...]
    course_id: str | None = None

    @property
    def accepted(self) -> tuple[str, ...]:
        return releasing.accepted(self.findings) if self.course_id else ()

    @property
    def refused(self) -> tuple[Finding, ...]:
        return tuple(one for one in rules.unmet(self.findings) if one.code not in self.accepted)

    @property
    def ready(self) -> bool:
        return not self.refused

    @property
    def digest(self) -> str:
        return digest(self.plain())

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "lot": self.lot.id,
            "vials": [one.id for one in self.vials],
            "findings": [one.plain() for one in self.findings],
        }
        return told | ({"course": self.course_id, "accepted": self.accepted} if self.course_id else {})


@performs("lot.release")
def release(
    tx: Tx,
    lot_id: str,
    vial_ids: Sequence[str],
    dossier_digest: str,
    *,
    kind: ReleaseKind = ReleaseKind.FULL,
    until: datetime | None = None,
    condition: str = "",
) -> Answer:
    """A row over chosen vials, signed over the dossier as it was shown; if it changed since, look again.

    Two people of QA sign where the house asks for two.
    """
    if kind is ReleaseKind.NAMED_PATIENT:
        raise Refused("release_kind_named")
    if kind is ReleaseKind.CONDITIONAL and (until is None or not condition.strip()):
        raise Refused("condition_missing")
    if until is not None and until <= tx.at:
        raise Refused("interval_empty")
    if len(tx.signers) < signatures_asked(tx):
        raise Refused("signature_missing", meanings=[Meaning.RELEASED, Meaning.APPROVED])
    dossier = _judged(tx, lot_id, vial_ids, dossier_digest)
    return _release(tx, dossier, kind, until, condition)


@performs("lot.release_named")
def release_named(tx: Tx, lot_id: str, vial_ids: Sequence[str], course_id: str, dossier_digest: str) -> Answer:
    """For the patient of one course, although a test is pending or outside: QA and the physician answer for it (R33)."""
    course = tx.need(Course, course_id)
    if course.ended_at is not None:
        raise Refused("course_ended")
    dossier = _judged(tx, lot_id, vial_ids, dossier_digest, course.id)
    protocol = tx.need(ProtocolVersion, course.protocol_version_id)
    if tx.need(ProductVersion, dossier.lot.product_version_id).product_id != protocol.product_id:
        raise Refused("other_product", serial=dossier.vials[0].serial if dossier.vials else "")
    tx.mention(course.subject_id)
    return _release(tx, dossier, ReleaseKind.NAMED_PATIENT, None, "")


def _judged(tx: Tx, lot_id: str, vial_ids: Sequence[str], shown: str, course_id: str | None = None) -> Dossier:
    """The dossier as it is now, if it holds and is the one that was shown."""
    tx.alone(f"release of {lot_id}")
    dossier = prepare(tx, lot_id, vial_ids, course_id, signers=tx.signers)
    if not dossier.ready:
        raise Refused("release_refused", findings=dossier.refused)
    if dossier.digest != shown:
        raise Refused("dossier_changed")
    return dossier


def _release(tx: Tx, dossier: Dossier, kind: ReleaseKind, until: datetime | None, condition: str) -> Answer:
    tx.covers = dossier.digest
    lot_id = dossier.lot.id
    row = Release(
        number=numbered(tx, Release, "RC"), lot_id=lot_id, organisation_id=tx.actor.organisation_id, kind=kind, until=until,
        condition=condition, dossier_digest=dossier.digest, dossier=plain(dossier.plain()), released_at=tx.at,
        course_id=dossier.course_id, accepted=list(dossier.accepted),
    )  # fmt: skip
    tx.add(row)
    tx.add_all([ReleasedVial(release_id=row.id, vial_id=vial.id) for vial in dossier.vials])
    tx.about |= {lot_id, row.id}
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
        "SELECT v.id FROM vial v WHERE v.lot_id = :lot AND v.organisation_id = :mine AND v.state = 'in_stock'"  # noqa: S608 - words of ours
        " AND NOT EXISTS (SELECT 1 FROM released_vial rv JOIN release r ON r.id = rv.release_id"
        f" WHERE rv.vial_id = v.id AND r.void_at IS NULL AND r.organisation_id = :mine AND NOT {LEFT}) ORDER BY v.serial",
        {"lot": lot_id, "mine": view.actor.organisation_id},
    )
    return [row[0] for row in rows]


def prepare(
    view: View, lot_id: str, vial_ids: Sequence[str], course_id: str | None = None, *, signers: Sequence[Signer] = ()
) -> Dossier:
    """Ask every rule over these vials now. Facts and findings of any moment are in the digest, the moment is not."""
    lot = view.need(Lot, lot_id)
    vials = view.all(Vial, Vial.lot_id == lot.id, col(Vial.id).in_(list(vial_ids)), order=Vial.serial)
    if len(vials) != len(set(vial_ids)):
        raise Refused("vials_of_other_lot")
    known = _facts(view, lot, [vial.id for vial in vials], signers)
    return Dossier(lot, tuple(vials), rules.run(releasing.RELEASE, known), course_id)


def _facts(view: View, lot: Lot, vial_ids: list[str], signers: Sequence[Signer]) -> ReleaseFacts:
    mine = view.actor.organisation_id
    given = certifications(view, lot.id)
    certifiers = [
        view.voices(signature.person_id, signature.signed_at, roles=(signature.role,))
        for signature in view.known(Signature, Signature.noun_id == lot.id)
        if signature.act_id in {one.act_id for one in given}
    ]
    releasers = [
        view.voices(one, view.at, roles=(Role.QUALITY,))
        for one in {view.actor.person_id, *(one.actor.person_id for one in signers)}
    ]
    papers = view.known(Credential, col(Credential.organisation_id).in_([lot.maker_id, mine]))
    product_id = view.need(ProductVersion, lot.product_version_id).product_id

    def of(owner: str, *kinds: str) -> tuple[CredentialFact, ...]:
        theirs = [one for one in papers if one.organisation_id == owner and one.kind in kinds]
        return credentials.facts(view, credentials.of_product(theirs, product_id))

    tests = judged(view, lot, mine)
    stated = expiries(view, lot.id)
    return ReleaseFacts(
        at=view.at,
        today=today(view),
        releaser_ids=frozenset().union(*releasers),
        lot_number=lot.number,
        lot_state=lot.state,
        transcribed=given[-1].transcribed if given else None,
        certifier_ids=tuple(sorted(frozenset().union(*certifiers))),
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
        mandatory_tests=tuple(one.test for one in tests if one.mandatory),
        results=tuple(
            ResultFact(
                one.test,
                one.stands.fact.conforms if one.stands else None,
                all(each.row.reviewed_at is not None for each in one.tried),
                frozenset().union(*(entered_for(view, each.row) for each in one.tried)),
            )
            for one in tests
            if one.stands or any(each.fact.relied for each in one.tried)
        ),
        outside=tuple(
            OutsideFact(one.test, each.fact.case or "") for one in tests for each in one.tried if not each.fact.answered
        ),
        vials=tuple(vial_facts(view, vial_ids, Purpose.STOCK)),
        counted_ok=_counted(view, vial_ids),
        transit_logged=_logged(view, vial_ids),
        open_excursions=_open_excursions(view, lot, vial_ids),
        reviewed_through=audit_reviews.reviewed_through(view, lot.id),
        last_entry=audit_reviews.last_entry(view, lot.id),
        unreviewed=len(audit_reviews.unreviewed(view, lot.id)),
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

_DEVIATIONS = text(
    "SELECT DISTINCT k.number FROM cases k JOIN vial v ON v.id IN :ids JOIN lot l ON l.id = v.lot_id"
    " WHERE k.kind = 'deviation' AND k.closed_at IS NULL AND k.organisation_id IN (:mine, l.maker_id)"
    " AND (k.vial_id = v.id OR (k.vial_id IS NULL AND k.lot_id = l.id)"
    " OR EXISTS (SELECT 1 FROM case_lot c WHERE c.case_id = k.id AND c.lot_id = l.id AND c.chosen)) ORDER BY k.number"
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


def _open_excursions(view: View, lot: Lot, vial_ids: list[str]) -> tuple[str, ...]:
    """Excursions of places while one of these vials was there, of which QA has said nothing for that vial; open deviations
    of the lot or of one of them, ours or its maker's; and whatever else is grave and undecided (R31).
    """
    if not vial_ids:
        return ()
    mine, reader = view.actor.organisation_id, reader_of(view)
    asked = {"ids": vial_ids, "mine": mine}
    told = [row[0] for query in (_UNDECIDED, _DEVIATIONS) for row in view.connection.execute(query, asked)]
    vials = view.known(Vial, col(Vial.id).in_(vial_ids))
    named, had = naming.named(reader, {one.lot_id for one in vials}), naming.had(reader, vial_ids)
    for one in vials:
        told += naming.undecided(named[one.lot_id], one.id, (mine, lot.maker_id), had[one.id])
    return tuple(dict.fromkeys(told))


def releases(view: View, lot_id: str) -> list[Release]:
    return view.all(Release, Release.lot_id == lot_id, order=Release.released_at)


def newer(view: View, release: Release) -> int:
    """Entries about the lot, its vials and boxes that came after the release: the dossier does not know of them. Looks count not."""
    values = {"lot": release.lot_id, "ledger": release.organisation_id, "release": release.id, "looks": list(LOOKS)}
    return int(view.rows(_NEWER, values)[0][0])


_SINCE = (
    " AND e.refused IS NULL AND e.act NOT IN :looks AND e.act NOT LIKE 'document.%' AND e.number >"
    " (SELECT min(number) FROM entry WHERE ledger = :ledger AND noun_id = :release AND refused IS NULL)"
)
_NEWER = text(OF_LOT.format("count(*)") + _SINCE).bindparams(bindparam("looks", expanding=True))


@dataclass(frozen=True, slots=True)
class Standing:
    """A release as it stands now. `changes`: what it rests on and has changed, by the codes of `MATERIAL`: its vials ask QA.

    `newer`: entries about the lot since. `subject`: of one for a named patient, whose it is, for who may see that.
    """

    release: Release
    vials: int
    newer: int
    changes: tuple[str, ...]
    subject: str | None


def standings(view: View, lot_id: str) -> list[Standing]:
    """Every release of the lot, oldest first, with what became of it."""
    made = []
    for one in releases(view, lot_id):
        ids = [row.vial_id for row in view.known(ReleasedVial, ReleasedVial.release_id == one.id)]
        here = one.void_at is None and one.organisation_id == view.actor.organisation_id
        found = vial_facts(view, ids, Purpose.STOCK) if here else []
        changes = dict.fromkeys(
            code
            for fact in found
            if fact.release and fact.release.number == one.number
            for code in fact.release.changes
        )
        course = view.find(Course, one.course_id)
        subject = view.find(Subject, course.subject_id) if course else None
        made.append(Standing(one, len(ids), newer(view, one), tuple(changes), subject.pseudonym if subject else None))
    return made


def named_for(view: View, lot_id: str) -> list[tuple[Course, Subject]]:
    """Courses that go on and take this product: for whom a lot may be released by name."""
    product = view.need(ProductVersion, view.need(Lot, lot_id).product_version_id).product_id
    protocols = {one.id for one in view.all(ProtocolVersion, ProtocolVersion.product_id == product)}
    found = view.all(Course, col(Course.ended_at).is_(None), col(Course.protocol_version_id).in_(protocols))
    subjects = {one.id: one for one in view.all(Subject, col(Subject.id).in_([one.subject_id for one in found]))}
    return [(one, subjects[one.subject_id]) for one in found if one.subject_id in subjects]


def signatures_asked(view: View) -> int:
    """How many people of QA sign a release in this house."""
    return view.known(Organisation, Organisation.id == view.actor.organisation_id)[0].release_signatures

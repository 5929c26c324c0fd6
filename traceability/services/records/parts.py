"""The parts that records share: product, lot, papers, stays and what was measured, stops, cases, signatures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import TextClause, bindparam, text
from sqlmodel import col

from traceability.domain.papers import FileKind
from traceability.domain.records import (
    Certified,
    Change,
    Head,
    LotPart,
    Paper,
    ProductPart,
    RecordKind,
    ReleasePart,
    Signed,
)
from traceability.services import credentials, lots
from traceability.services.organisations import site_of
from traceability.services.results import results
from traceability.store import View
from traceability.store.tables import (
    Attachment,
    Credential,
    FreeText,
    Line,
    Lot,
    Organisation,
    Person,
    Product,
    ProductVersion,
    Release,
    ReleasedVial,
    Signature,
    Site,
    Specification,
)
from traceability.store.tables.row import Utc


def _many(query: str) -> TextClause:
    return text(query).bindparams(bindparam("ids", expanding=True))


_ACTS = _many(
    "SELECT e.act_id, e.number, p.name, e.recorded_at FROM entry e JOIN person p ON p.id = e.person_id WHERE e.act_id IN :ids"
)
_HANDED = text(
    "SELECT e.number FROM grants g JOIN entry e ON e.noun_id = g.id AND e.act = 'grant.hand_over' AND e.refused IS NULL"
    " WHERE g.person_id = :person AND g.role = :role AND g.handed_by IS NOT NULL AND g.since <= :at AND (g.until IS NULL OR g.until > :at)"
).bindparams(bindparam("at", type_=Utc()))
_ENTERED = _many("SELECT noun_id, act_id FROM entry WHERE noun_id IN :ids AND act = 'result.enter' AND refused IS NULL")


def head(
    view: View, kind: RecordKind, number: str, version: int, *, demonstration: bool, at: Site | None = None
) -> Head:
    """`at`: where what the record tells was done; else it is the house's, under the day of its first site."""
    mine = view.actor.organisation_id
    site = at or site_of(view, mine)
    return Head(
        kind=kind, number=number, version=version, organisation=view.need(Organisation, mine).name,
        site=site.name if site else None, zone=site.zone if site else "UTC", as_of=view.at, demonstration=demonstration,
    )  # fmt: skip


def product(view: View, lot: Lot) -> ProductPart:
    version = view.need(ProductVersion, lot.product_version_id)
    made = view.need(Product, version.product_id)
    return ProductPart(
        name=made.name, gtin=made.gtin, version=version.version, strength=version.strength or None,
        volume_ul=version.volume_ul, low_mc=version.low_mc, high_mc=version.high_mc, budget_s=version.budget_s,
        thaw_s=version.thaw_s, in_use_s=version.in_use_s, freeze_sensitive=version.freeze_sensitive,
        mkt_applies=version.mkt_applies,
    )  # fmt: skip


def lot_part(view: View, lot: Lot) -> LotPart:
    stated = [one.expires for one in lots.expiries(view, lot.id)]
    return LotPart(
        number=lot.number, state=lot.state, made_on=lot.made_on, expires=stated[-1] if stated else None,
        expired_before=tuple(stated[:-1]), filled=lot.filled, route=lot.route, route_number=lot.route_number or None,
        demonstration=lot.demonstration,
    )  # fmt: skip


def maker(view: View, lot: Lot) -> str:
    return view.need(Organisation, lot.maker_id).name


def papers(view: View, lot: Lot) -> tuple[Paper, ...]:
    """The maker's certificates and licences, and whether the lot was made inside their validity (R15)."""
    found = view.all(Credential, Credential.organisation_id == lot.maker_id, order=(Credential.kind, Credential.id))
    made = []
    for one, fact in zip(found, credentials.facts(view, found), strict=True):
        made.append(
            Paper(
                kind=one.kind, number=one.number, issuer=one.issuer, scope=one.scope, valid_from=one.valid_from,
                valid_until=one.valid_until, suspensions=fact.suspensions, covers_making=fact.covers(lot.made_on),
                demonstration=one.demonstration,
            )
        )  # fmt: skip
    return tuple(made)


def certified(view: View, lot: Lot) -> Certified | None:
    given = lots.certifications(view, lot.id)
    if not given:
        return None
    files = [
        one for one in view.all(Attachment, Attachment.lot_id == lot.id) if one.kind == FileKind.CERTIFICATE_OF_ANALYSIS
    ]
    last = given[-1]
    return Certified(
        transcribed=last.transcribed, statement=last.statement or "", on=last.certified_on,
        files=tuple(one.name or one.sha256 for one in files),
    )  # fmt: skip


def release_part(view: View, release: Release) -> ReleasePart:
    counted = view.rows("SELECT count(*) FROM released_vial WHERE release_id = :id", {"id": release.id})[0][0]
    return ReleasePart(
        number=release.number, kind=release.kind, vials=counted, released_at=release.released_at, until=release.until,
        condition=release.condition or None, void_at=release.void_at,
        void_reason=reasons(view, [release.act_id]).get(release.act_id) if release.void_at else None,
        dossier_digest=release.dossier_digest, accepted=tuple(release.accepted),
    )  # fmt: skip


def released_vials(view: View, release_id: str) -> list[str]:
    return [one.vial_id for one in view.known(ReleasedVial, ReleasedVial.release_id == release_id)]


def consignment_ids(view: View, vials: Sequence[str]) -> list[str]:
    return sorted({line.consignment_id for line in view.known(Line, col(Line.vial_id).in_(vials))})


def changes(view: View, lot: Lot) -> tuple[Change, ...]:
    """Results and expiry dates that are not the first ones entered, with who and why (R38)."""
    told: list[tuple[str, str, str, str, str]] = []
    tests = {one.id: one.test for one in view.all(Specification)}
    by_test = defaultdict(list)
    for one in results(view, lot.id):
        by_test[tests[one.specification_id]].append(one)
    entered = _entered(view, [one.id for versions in by_test.values() for one in versions])
    for test, versions in by_test.items():
        for before, after in pairwise(sorted(versions, key=lambda one: one.version)):
            told.append((entered[after.id], "result", test, before.value, after.value))
    for old, new in pairwise(lots.expiries(view, lot.id)):
        told.append((new.act_id, "expiry", lot.number, str(old.expires), str(new.expires)))
    known = acts(view, [one[0] for one in told])
    why = reasons(view, [one[0] for one in told])
    made = [
        Change(
            at=known[act_id].at, what=what, of=of, before=before, after=after, who=known[act_id].who,
            reason=why.get(act_id), entry=known[act_id].number,
        )
        for act_id, what, of, before, after in told
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda one: (one.at, one.of)))


def signatures(view: View, about: Mapping[str, str]) -> tuple[Signed, ...]:
    """Signatures under these nouns (id → what to call it), in the order of time. The nouns are in sight already."""
    found = view.known(Signature, col(Signature.noun_id).in_(about))
    return _signed(view, [(one, about[one.noun_id or ""]) for one in found])


def signatures_of(view: View, about: Mapping[str, str]) -> tuple[Signed, ...]:
    """Signatures of these acts (id → what was signed), in the order of time. What they are about is in sight already."""
    found = view.known(Signature, col(Signature.act_id).in_(about))
    return _signed(view, [(one, about[one.act_id]) for one in found])


def _signed(view: View, found: Sequence[tuple[Signature, str]]) -> tuple[Signed, ...]:
    return tuple(
        Signed(
            meaning=one.meaning, name=one.name, role=one.role, at=one.signed_at, covers=one.digest, about=told,
            behalf=one.behalf, delegation=_delegation(view, one) if one.behalf else None,
        )
        for one, told in sorted(found, key=lambda each: (each[0].signed_at, each[0].id))
    )  # fmt: skip


def _delegation(view: View, one: Signature) -> int | None:
    """The entry by which the role was handed over under which somebody signed for another; None: it cannot be told which."""
    asked = {"person": one.person_id, "role": str(one.role), "at": one.signed_at}
    found = view.rows(_HANDED, asked)
    return int(found[0][0]) if len(found) == 1 else None


def people(view: View, ids: Iterable[str | None]) -> dict[str | None, str]:
    return {one.id: one.name for one in view.all(Person, col(Person.id).in_({one for one in ids if one}))}


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger says of an act: its number there, who performed it and when it was recorded."""

    number: int
    who: str
    at: datetime


def acts(view: View, act_ids: Sequence[str]) -> dict[str, Told]:
    rows = view.connection.execute(_ACTS, {"ids": list(act_ids)}).all() if act_ids else ()
    return {act_id: Told(number, name, _moment(at)) for act_id, number, name, at in rows}


def _entered(view: View, ids: Sequence[str]) -> dict[str, str]:
    """Result → the act that entered it: a review stamps the row with its own."""
    rows = view.connection.execute(_ENTERED, {"ids": list(ids)}).all() if ids else ()
    return {row.noun_id: row.act_id for row in rows}


def _moment(told: datetime | str) -> datetime:
    return datetime.fromisoformat(told) if isinstance(told, str) else told


def reasons(view: View, act_ids: Sequence[str]) -> dict[str, str]:
    """Act id → the reason given, where one was and it was not erased."""
    found = view.known(FreeText, col(FreeText.act_id).in_(act_ids), FreeText.kind == "reason")
    return {one.act_id: one.words for one in found if one.words}


def endings(view: View, act_ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Act id → who ended it, and why."""
    why = reasons(view, act_ids)
    return {act_id: (told.who, why.get(act_id)) for act_id, told in acts(view, act_ids).items()}

"""Papers of makers and sites in time: suspended, taken up again, and told of before they end (R15). Recorded in `products`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from traceability.domain import papers
from traceability.domain.errors import Refused
from traceability.domain.papers import CredentialFact, Standing
from traceability.domain.states import LotState
from traceability.services import Answer, dates, performs
from traceability.services.cases import numbered
from traceability.services.organisations import stands_for, zone_of
from traceability.store import Tx, View
from traceability.store.tables import Credential, Hold, Lot, Organisation, Scope
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.quality import ScopeKind

OF_MAKING = frozenset({CredentialKind.GMP, CredentialKind.LICENCE})
"""Papers under which lots are made: without one that covers the day, nobody knows whether they may be used."""


@performs("credential.suspend")
def suspend(tx: Tx, credential_id: str, suspended_from: date) -> Answer:
    """From a day on it covers nothing. Lots made under it since then, which no other paper covers, are held by this act."""
    credential = tx.need(Credential, credential_id)
    stands_for(tx, credential.organisation_id)
    dates.paper("suspended_from", suspended_from, tx.at.date())
    before = _covering(tx, credential)
    # one interval stands on the paper: an earlier suspension is not forgotten for a later one, also what lay between is covered by none
    since = min(suspended_from, credential.suspended_from or suspended_from)
    tx.change(credential, suspended_from=since, suspended_until=None)
    uncovered = [
        one for one in _lots(tx, credential) if _covers(before, one) and not _covers(_covering(tx, credential), one)
    ]
    held = _hold(tx, credential, uncovered)
    return {"id": credential.id, "held": [one.number for one in uncovered], **({"hold": held.number} if held else {})}


@performs("credential.lift")
def lift(tx: Tx, credential_id: str, suspended_until: date) -> Answer:
    """The suspension is over: through this day it lasted. What was made meanwhile stays uncovered; its holds are lifted one by one."""
    credential = tx.need(Credential, credential_id)
    stands_for(tx, credential.organisation_id)
    if credential.suspended_from is None or credential.suspended_until is not None:
        raise Refused("credential_not_suspended", number=credential.number)
    dates.within("suspended_until", suspended_until, credential.suspended_from, _today(tx))
    tx.covers = {"credential": credential.number, "until": suspended_until}
    tx.change(credential, suspended_until=suspended_until)
    return {"id": credential.id}


def _covering(tx: Tx, credential: Credential) -> tuple[CredentialFact, ...]:
    """Every paper of this kind that its holder has, as it stands in this act."""
    theirs = (Credential.organisation_id == credential.organisation_id, Credential.kind == credential.kind)
    return facts(tx.known(Credential, *theirs))


def _covers(papers_: tuple[CredentialFact, ...], lot: Lot) -> bool:
    """Known to cover the day, or not known not to: a paper without dates leaves it open."""
    return papers.covered(papers_, lot.made_on)[0] is not False


def _lots(tx: Tx, credential: Credential) -> list[Lot]:
    if credential.kind not in OF_MAKING:
        return []
    return tx.known(Lot, Lot.maker_id == credential.organisation_id, Lot.state != LotState.DECLINED)


def _hold(tx: Tx, credential: Credential, lots: Sequence[Lot]) -> Hold | None:
    if not lots:
        return None
    title = f"Paper {credential.number}: suspended before these were made, {', '.join(one.number for one in lots)}"
    row = tx.add(
        Hold(
            number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, title=title[:240], placed_at=tx.at,
        )
    )  # fmt: skip
    tx.add_all([Scope(hold_id=row.id, kind=ScopeKind.LOT, target_id=one.id) for one in lots])
    tx.mention(row.id, *(one.id for one in lots))
    return row


# -------------------------------------------------------------------------------------------------------------- reads


def facts(rows: Sequence[Credential]) -> tuple[CredentialFact, ...]:
    return tuple(
        CredentialFact(one.id, one.number, one.valid_from, one.valid_until, one.suspended_from, one.suspended_until)
        for one in rows
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A paper of an organisation as it stands today. `days`: until it ends; `follows`: a newer one of its kind is on file."""

    credential: Credential
    standing: Standing
    days: int | None
    follows: bool


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything an organisation holds, what presses first."""

    organisation: Organisation
    held: tuple[Held, ...]


def of_holder(view: View, organisation_id: str) -> Papers:
    """Papers are open to whoever signs in: who receives a lot asks for them."""
    organisation = view.need(Organisation, organisation_id)
    rows = view.all(Credential, Credential.organisation_id == organisation.id, order=(Credential.kind, Credential.id))
    held = _standing(rows, _today(view))
    order = list(Standing)
    return Papers(organisation, tuple(sorted(held, key=lambda one: (one.follows, order.index(one.standing)))))


def pressing(view: View) -> list[tuple[Organisation, Held]]:
    """What is suspended, over, or ends within 90 days and has nothing that follows: of one's house, and of makers of its lots."""
    makers = {row[0] for row in view.rows(_MAKERS, {"mine": view.actor.organisation_id})}
    owners = {
        one.id: one for one in view.all(Organisation, col(Organisation.id).in_({view.actor.organisation_id, *makers}))
    }
    found = []
    for owner_id, owner in owners.items():
        rows = view.known(Credential, Credential.organisation_id == owner_id)
        found += [
            (owner, one)
            for one in _standing(rows, _today(view))
            if not one.follows and one.standing not in (Standing.VALID, Standing.UNDATED, Standing.BEGINS)
        ]
    order = list(Standing)
    return sorted(found, key=lambda one: (order.index(one[1].standing), one[1].days or 0, one[1].credential.id))


_MAKERS = "SELECT DISTINCT l.maker_id FROM lot l JOIN consignee c ON c.lot_id = l.id WHERE c.organisation_id = :mine"


def _standing(rows: Sequence[Credential], today: date) -> list[Held]:
    made = []
    for one, fact in zip(rows, facts(rows), strict=True):
        later = any(
            other.kind == one.kind and one.valid_until and other.valid_until and other.valid_until > one.valid_until
            and other.suspended_from is None
            for other in rows
        )  # fmt: skip
        days = (one.valid_until - today).days if one.valid_until else None
        made.append(Held(one, papers.standing(fact, today), days, later))
    return made


def _today(view: View) -> date:
    return view.at.astimezone(zone_of(view, view.actor.organisation_id)).date()

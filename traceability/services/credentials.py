"""Papers of makers and sites in time: suspended, taken up again, and told of before they end (R15). Recorded in `products`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from traceability.domain import papers
from traceability.domain.errors import Refused
from traceability.domain.papers import CredentialFact, Standing, Suspended
from traceability.domain.rules import ASK, STOP, Finding
from traceability.domain.states import LotState
from traceability.services import Answer, dates, organisations, performs
from traceability.services.cases import numbered
from traceability.services.organisations import stands_for
from traceability.store import Tx, View
from traceability.store.tables import Credential, Hold, Lot, Organisation, Scope, Suspension
from traceability.store.tables.lots import Route
from traceability.store.tables.products import OF_MAKING
from traceability.store.tables.quality import ScopeKind


@performs("credential.suspend")
def suspend(tx: Tx, credential_id: str, suspended_from: date) -> Answer:
    """From a day on it covers nothing. Lots made under it since then, which no other paper covers, are held by this act."""
    credential = tx.need(Credential, credential_id)
    stands_for(tx, credential.organisation_id)
    dates.paper("suspended_from", suspended_from, tx.at.date())
    before = _covering(tx, credential)
    if standing := _standing_now(tx, credential):
        # it may have begun earlier than was known
        tx.change_all([one for one in standing if suspended_from < one.since], since=suspended_from)
    else:
        tx.add(Suspension(credential_id=credential.id, since=suspended_from))
    tx.mention(credential.id)
    after = _covering(tx, credential)
    uncovered = [one for one in _lots(tx, credential) if _covers(before, one) and not _covers(after, one)]
    held = _hold(tx, credential, uncovered)
    return {"id": credential.id, "held": [one.number for one in uncovered], **({"hold": held.number} if held else {})}


@performs("credential.lift")
def lift(tx: Tx, credential_id: str, suspended_until: date) -> Answer:
    """The suspension is over: through this day it lasted. What was made meanwhile stays uncovered; its holds are lifted one by one."""
    credential = tx.need(Credential, credential_id)
    stands_for(tx, credential.organisation_id)
    standing = _standing_now(tx, credential)
    if not standing:
        raise Refused("credential_not_suspended", number=credential.number)
    since = max(one.since for one in standing)
    dates.within("suspended_until", suspended_until, since, _today(tx))
    tx.covers = {"credential": credential.number, "since": since, "until": suspended_until}
    tx.change_all(standing, until=suspended_until)
    tx.mention(credential.id)
    return {"id": credential.id}


def _standing_now(tx: Tx, credential: Credential) -> list[Suspension]:
    """The suspension of this paper that goes on, on whichever of its rows it was told."""
    rows = [one.id for one in _same(tx, [credential])]
    found = tx.known(Suspension, col(Suspension.credential_id).in_(rows))
    return [one for one in found if one.until is None]


def _same(view: View, rows: Sequence[Credential]) -> list[Credential]:
    """Every row that is one of these papers: of the same holder, kind and number (R15)."""
    papers_ = {_paper(one) for one in rows}
    holders = {one.organisation_id for one in rows}
    found = view.known(Credential, col(Credential.organisation_id).in_(holders))
    return [one for one in found if _paper(one) in papers_]


def _paper(row: Credential) -> tuple[str, str, str]:
    return row.organisation_id, str(row.kind), papers.one_paper(row.number)


def _covering(tx: Tx, credential: Credential) -> tuple[CredentialFact, ...]:
    """Every paper of this kind that its holder has, as it stands in this act."""
    theirs = (Credential.organisation_id == credential.organisation_id, Credential.kind == credential.kind)
    return facts(tx, tx.known(Credential, *theirs))


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


def facts(view: View, rows: Sequence[Credential]) -> tuple[CredentialFact, ...]:
    """These papers, each with every suspension of its number, and of its kind before it, also of rows that were not asked for."""
    of = {_paper(one)[:2] for one in rows}
    theirs = view.known(Credential, col(Credential.organisation_id).in_({one.organisation_id for one in rows}))
    by_id = _facts(view, [one for one in theirs if _paper(one)[:2] in of])
    return tuple(by_id[one.id] for one in rows)


def _facts(view: View, whole: Sequence[Credential]) -> dict[str, CredentialFact]:
    """The same by id, of all papers of a kind that a holder has."""
    told: dict[str, list[Suspended]] = {one.id: [] for one in whole}
    for row in view.known(Suspension, col(Suspension.credential_id).in_(told)):
        told[row.credential_id].append(Suspended(row.since, row.until, row.id))
    found = papers.shared(
        (
            _paper(one)[:2],
            CredentialFact(one.id, one.number, one.valid_from, one.valid_until, tuple(told[one.id])),
        )
        for one in whole
    )
    return {one.id: one for one in found}


def routes_open(view: View) -> tuple[Finding, ...]:
    """By which legal routes the actor's hospital may treat today: a finding for each (R15, R16).

    Asked of its papers as `releasing.route_allowed` asks them for a lot: of the routes on which lots come to it, and before the
    first lot of every route there is. Only a lot brings a marketing number.
    """
    told = {"mine": view.actor.organisation_id}
    mine = ours(view)
    ways = {(Route(row.route), row.route_number) for row in view.rows(_WAYS, told)} or {(one, "") for one in Route}
    found = []
    for route, number in sorted(ways):
        holds, values = papers.allowed(route, number, mine.of(kinds_for(route)), mine.day)
        found.append(Finding("route_allowed", holds, ASK if holds is None else STOP, values))
    return tuple(found)


def named(mine: Ours, route: Route, product_id: str, numbers: Mapping[str, str]) -> tuple[Finding, ...]:
    """Whether each of these papers of the actor's hospital, by kind and number, stands today for a product (R15)."""
    if route not in papers.NAMED_PAPERS:  # the number is the product's own, and no paper of the hospital
        holds, values = papers.allowed(route, numbers.get(route, ""), (), mine.day)
        return (Finding("route_allowed", holds, STOP, values),)
    asked = [
        papers.named(kind, number, route, mine.of((kind,), product_id), mine.day) for kind, number in numbers.items()
    ]
    return tuple(Finding("paper_named", holds, ASK if holds is None else STOP, values) for holds, values in asked)


@dataclass(frozen=True, slots=True)
class Ours:
    """Every paper of the actor's hospital, read once, and the day on which it is asked about them."""

    rows: Sequence[Credential]
    told: Mapping[str, CredentialFact]
    day: date

    def of(self, kinds: Sequence[str], product_id: str | None = None) -> tuple[CredentialFact, ...]:
        """Of these kinds, of this product or of any."""
        rows = of_product([one for one in self.rows if str(one.kind) in kinds], product_id)
        return tuple(self.told[one.id] for one in rows)


def ours(view: View) -> Ours:
    rows = view.known(Credential, Credential.organisation_id == view.actor.organisation_id)
    return Ours(rows, _facts(view, rows), _today(view))


def of_product(rows: Sequence[Credential], product_id: str | None) -> list[Credential]:
    """Without those that name another product."""
    return [one for one in rows if product_id is None or one.product_id in (None, product_id)]


def kinds_for(route: Route) -> tuple[str, ...]:
    return papers.ROUTE_PAPERS.get(route, papers.DESIGNATION)


def none_open(view: View) -> tuple[Finding, ...]:
    """Every reason why no route is open; nothing where one is."""
    found = routes_open(view)
    return () if any(one.holds is True for one in found) else found


_WAYS = (
    "SELECT DISTINCT l.route, l.route_number FROM lot l JOIN consignee c ON c.lot_id = l.id"
    " WHERE c.organisation_id = :mine AND l.state <> 'declined'"
)


def suspensions(view: View, rows: Sequence[Credential]) -> dict[str, tuple[Suspended, ...]]:
    """Every suspension of each of these papers, by the day on which it began."""
    return {one.id: one.suspensions for one in facts(view, rows)}


@dataclass(frozen=True, slots=True)
class Held:
    """A paper of an organisation as it stands today. `days`: until it ends; `follows`: a newer one of its kind is on file.

    `itself`: a suspension of its own stands, and is lifted on it; one that it has from another paper is lifted there.
    """

    credential: Credential
    suspensions: tuple[Suspended, ...]
    standing: Standing
    days: int | None
    follows: bool
    itself: bool


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything an organisation holds, what presses first."""

    organisation: Organisation
    held: tuple[Held, ...]


def of_holder(view: View, organisation_id: str) -> Papers:
    """Papers are open to whoever signs in: who receives a lot asks for them."""
    organisation = view.need(Organisation, organisation_id)
    rows = view.all(Credential, Credential.organisation_id == organisation.id, order=(Credential.kind, Credential.id))
    held = _standing(rows, facts(view, rows), _today(view))
    order = list(Standing)
    return Papers(organisation, tuple(sorted(held, key=lambda one: (one.follows, order.index(one.standing)))))


def pressing(view: View) -> list[tuple[Organisation, Held]]:
    """What is suspended, over, or ends within 90 days and has nothing that follows: of one's house, and of makers of its lots."""
    makers = {row[0] for row in view.rows(_MAKERS, {"mine": view.actor.organisation_id})}
    owners = {
        one.id: one for one in view.all(Organisation, col(Organisation.id).in_({view.actor.organisation_id, *makers}))
    }
    theirs = view.known(Credential, col(Credential.organisation_id).in_(owners))
    told, today = _facts(view, theirs), _today(view)
    found = []
    for owner_id, owner in owners.items():
        rows = [one for one in theirs if one.organisation_id == owner_id]
        found += [
            (owner, one)
            for one in _standing(rows, [told[one.id] for one in rows], today)
            if not one.follows and one.standing not in (Standing.VALID, Standing.UNDATED, Standing.BEGINS)
        ]
    order = list(Standing)
    return sorted(found, key=lambda one: (order.index(one[1].standing), one[1].days or 0, one[1].credential.id))


_MAKERS = "SELECT DISTINCT l.maker_id FROM lot l JOIN consignee c ON c.lot_id = l.id WHERE c.organisation_id = :mine"


def _standing(rows: Sequence[Credential], told: Sequence[CredentialFact], today: date) -> list[Held]:
    made, free = [], {one.id for one in told if all(each.until for each in one.suspensions)}
    # what a paper has from another was recorded before it: its own came after one of its rows
    own = {
        _paper(one) for one, fact in zip(rows, told, strict=True)
        if any(each.until is None and one.id < each.id for each in fact.suspensions)
    }  # fmt: skip
    for one, fact in zip(rows, told, strict=True):
        later = any(
            other.kind == one.kind and one.valid_until and other.valid_until and other.valid_until > one.valid_until
            and other.id in free
            for other in rows
        )  # fmt: skip
        days = (one.valid_until - today).days if one.valid_until else None
        made.append(Held(one, fact.suspensions, papers.standing(fact, today), days, later, _paper(one) in own))
    return made


def _today(view: View) -> date:
    return organisations.today(view)

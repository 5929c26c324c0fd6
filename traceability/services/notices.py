"""Notices of a recall: sent when it starts or grows, seen and answered by each organisation in its own ledger (R35)."""

from __future__ import annotations

from collections.abc import Iterable

from traceability.domain.errors import Refused
from traceability.services import Answer, performs
from traceability.services.covering import concerned
from traceability.services.organisations import own, stands_for
from traceability.services.progress import accounts, recall_of, tally
from traceability.store import Tx
from traceability.store.tables import Recall, RecallNotice


def send(tx: Tx, recall: Recall, organisation_ids: Iterable[str] | None = None) -> list[str]:
    """Tell everybody who holds or held any of its vials, or these. Its own house has seen it: it started it."""
    told = sorted(concerned(tx, recall.id) if organisation_ids is None else organisation_ids)
    before = tx.known(RecallNotice, RecallNotice.recall_id == recall.id)
    tx.add_all(
        [
            RecallNotice(
                recall_id=recall.id, organisation_id=one, round=sum(each.organisation_id == one for each in before),
                sent_at=tx.at, seen_at=tx.at if one == recall.organisation_id else None,
            )
            for one in told
        ]
    )  # fmt: skip
    return told


@performs("recall.notify")
def notify(tx: Tx, recall_id: str) -> Answer:
    """Tell those who became concerned since: a vial went there, or a dose was told late."""
    recall = running(tx, recall_id)
    own(tx, recall.organisation_id)
    tx.alone(f"notices of {recall.id}")
    known = {one.organisation_id for one in tx.known(RecallNotice, RecallNotice.recall_id == recall.id)}
    left = concerned(tx, recall.id) - known
    if not left:
        raise Refused("notices_sent_already", number=recall.number)
    return {"id": recall.id, "number": recall.number, "notices": len(send(tx, recall, left))}


@performs("recall.see")
def see(tx: Tx, recall_id: str) -> Answer:
    """Somebody of this organisation has opened the notice."""
    recall = recall_of(tx, recall_id)
    notices = noticed(tx, recall, tx.actor.organisation_id)
    tx.change_all([one for one in notices if one.seen_at is None], seen_at=tx.at)
    return {"id": recall.id, "number": recall.number}


@performs("recall.acknowledge")
def acknowledge(tx: Tx, recall_id: str, answer: str, organisation_id: str | None = None) -> Answer:
    """This organisation has read it, acts on it, and says what it found; the record's own count stands beside its words.

    `organisation_id`: a maker that never signs in is answered for by whoever transcribes for it.
    """
    recall = recall_of(tx, recall_id)
    mine = stands_for(tx, organisation_id).id if organisation_id else tx.actor.organisation_id
    open_ = [one for one in noticed(tx, recall, mine) if one.acknowledged_at is None]
    if not open_:
        raise Refused("already_ended", noun="recall_notice")
    counted = tally([one for one in accounts(tx, recall) if one["answers"] == mine])
    seen = [one for one in open_ if one.seen_at is None]
    tx.change_all(seen, seen_at=tx.at)
    tx.change_all(open_, acknowledged_at=tx.at, answer=answer, tally=counted)
    return {"id": recall.id, "number": recall.number, "organisation_id": mine, "tally": counted}


def noticed(tx: Tx, recall: Recall, organisation_id: str) -> list[RecallNotice]:
    """Its notices; whoever got none has nothing to do with this recall."""
    found = tx.known(RecallNotice, RecallNotice.recall_id == recall.id, RecallNotice.organisation_id == organisation_id)
    if not found:
        raise Refused("not_yours", noun="recall")
    return found


def running(tx: Tx, recall_id: str) -> Recall:
    """A recall, or a mock one, that was neither withdrawn nor closed, and is not meanwhile."""
    recall = recall_of(tx, recall_id)
    if recall.closed_at is not None or (recall.withdrawn_at is not None and not recall.mock):
        raise Refused("already_ended", noun="recall")
    tx.still(recall)
    return recall

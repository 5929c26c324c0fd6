"""A recall runs its course: rehearsed, extended, its patients told, its effect checked, closed. It is started in `stops`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from traceability.domain.errors import Refused
from traceability.domain.recalling import ContactBy
from traceability.services import Answer, performs, persons
from traceability.services.covering import concerned, whole_lots
from traceability.services.notices import noticed, running, send
from traceability.services.organisations import own
from traceability.services.progress import accounts, coverage_bp, points, recall_of, tally
from traceability.services.stops import begin, cover
from traceability.services.trace import exposed
from traceability.store import Tx
from traceability.store.tables import RecallCheck, RecallNotice, Subject, SubjectContact
from traceability.store.tables.quality import ScopeKind

WAIVED = frozenset({"vials_unaccounted"})
"""The one point with which a recall can be closed: what was not found is named and signed for. A mock one with any: it is its result."""


@performs("recall.rehearse")
def rehearse(
    tx: Tx,
    title: str,
    class_: int,
    kind: ScopeKind,
    target_ids: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Answer:
    """A mock recall: the same scope, notices, scans and figures on the same data, timed, and without effect on any vial (R36)."""
    return begin(tx, title, class_, False, "", kind, target_ids, since, until, mock=True)


@performs("recall.extend")
def extend(
    tx: Tx,
    recall_id: str,
    kind: ScopeKind,
    target_ids: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Answer:
    """More is recalled: it stops use at once, and everybody concerned is told anew and answers anew."""
    recall = running(tx, recall_id)
    own(tx, recall.organisation_id)
    if recall.mock:  # another is rehearsed instead
        raise Refused("already_ended", noun="recall")
    tx.alone(f"notices of {recall.id}")
    before = {one["id"] for one in accounts(tx, recall)}
    cover(tx, kind, target_ids, since, until, recall_id=recall.id)
    added = len({one["id"] for one in accounts(tx, recall)} - before)
    tx.mention(recall.id)
    told = send(tx, recall, concerned(tx, recall.id))
    return {"id": recall.id, "number": recall.number, "vials": added, "notices": len(told)}


@performs("recall.contact")
def contact(tx: Tx, recall_id: str, subject_id: str, reached: bool, contact_by: ContactBy, told: str = "") -> Answer:
    """A patient who had a recalled vial was tried to be reached: each try is kept. A mock recall frightens nobody."""
    recall = recall_of(tx, recall_id)
    noticed(tx, recall, tx.actor.organisation_id)
    if recall.mock:
        raise Refused("mock_without_patients")
    subject = tx.need(Subject, subject_id)
    had = exposed(tx, [one["id"] for one in accounts(tx, recall)], whole_lots(tx, recall.id))
    if persons.stands(tx, subject.id) not in {row["id"] for row in had}:
        raise Refused("subject_not_concerned", number=recall.number)
    tx.add(
        SubjectContact(
            recall_id=recall.id, subject_id=subject.id, reached=reached, contact_by=contact_by, told=told or None,
            by_id=tx.actor.person_id, at=tx.occurred,
        )
    )  # fmt: skip
    return {"id": recall.id, "number": recall.number, "subject_id": subject.id}


@performs("recall.check")
def check(
    tx: Tx, recall_id: str, organisation_id: str, contact_by: ContactBy, effective: bool, observed: str = ""
) -> Answer:
    """Whether the recall arrived there and was acted on, as whoever started it found when they asked or looked."""
    recall = recall_of(tx, recall_id)
    own(tx, recall.organisation_id)
    if not tx.known(RecallNotice, RecallNotice.recall_id == recall.id, RecallNotice.organisation_id == organisation_id):
        raise Refused("organisation_not_concerned", number=recall.number)
    tx.add(
        RecallCheck(
            recall_id=recall.id, organisation_id=organisation_id, contact_by=contact_by, effective=effective,
            observed=observed or None, at=tx.occurred,
        )
    )  # fmt: skip
    return {"id": recall.id, "number": recall.number, "organisation_id": organisation_id}


@performs("recall.close")
def close(tx: Tx, recall_id: str, *, accepting: bool = False) -> Answer:
    """Everything is done, signed with its figures; it goes on to stop what it covers. Else every point that stands open is told.

    `accepting`: vials that were not found are named in it and signed for, with the reason. A mock recall is closed so with
    whatever it found wanting.
    """
    recall = running(tx, recall_id)
    own(tx, recall.organisation_id)
    open_ = points(tx, recall)
    left = open_ if not accepting else tuple(one for one in open_ if not recall.mock and one.code not in WAIVED)
    if left:
        raise Refused("recall_open_points", findings=left, number=recall.number)
    vials = accounts(tx, recall)
    counted = tally(vials)
    notices = tx.known(RecallNotice, RecallNotice.recall_id == recall.id)
    figures = {
        **counted, "coverage_bp": coverage_bp(counted), "missing": [one["serial"] for one in vials if str(one["account"]) == "unaccounted"],
        "organisations": len({one.organisation_id for one in notices}),
        "answered": len({one.organisation_id for one in notices if one.acknowledged_at}),
        "open": [one.code for one in open_], "took_s": int((tx.at - recall.started_at).total_seconds()),
    }  # fmt: skip
    tx.change(recall, closed_at=tx.at, figures=figures)
    return {"id": recall.id, "number": recall.number, **figures}

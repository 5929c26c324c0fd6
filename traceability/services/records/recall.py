"""The record of a recall, or of a mock one: its timeline against the clocks, who answered, every vial, what stands open."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.recalling import Account
from traceability.domain.records import (
    AccountPart,
    ClockPart,
    ClosedPart,
    CoveredPart,
    DestroyedPart,
    RecallRecord,
    RecordKind,
    SubjectsPart,
    ToldPart,
)
from traceability.domain.states import Custody, reconcile
from traceability.services import choices, persons, progress
from traceability.services.organisations import named
from traceability.services.records import parts
from traceability.services.stops import scopes
from traceability.store import View
from traceability.store.tables import Recall, Removal, Signature, SubjectContact


def real(view: View, recall_id: str, number: str, version: int) -> RecallRecord:
    return build(view, recall_id, number, version, RecordKind.RECALL)


def mock(view: View, recall_id: str, number: str, version: int) -> RecallRecord:
    return build(view, recall_id, number, version, RecordKind.MOCK_RECALL)


def build(view: View, recall_id: str, number: str, version: int, kind: RecordKind) -> RecallRecord:
    """By who started it: the others see their part of it alone."""
    found = progress.standing(view, recall_id)
    recall = found.recall
    if recall.organisation_id != view.actor.organisation_id:
        raise Refused("not_yours", noun="recall")
    if recall.mock is not (kind is RecordKind.MOCK_RECALL):
        raise Refused("document_kind_unready", kind=kind)
    as_of = recall.closed_at or view.at
    counted = found.tally
    return RecallRecord(
        head=parts.head(view, kind, number, version, demonstration=recall.demonstration), mock=recall.mock, number=recall.number,
        title=recall.title, grade=recall.class_, mandatory=recall.mandatory, hazard=recall.hazard, started_at=recall.started_at,
        withdrawn_at=None if recall.mock else recall.withdrawn_at, closed_at=recall.closed_at,
        closed=_closed(recall), covers=_covers(view, recall_id),
        steps=tuple(
            ClockPart(step=str(one.step), due=one.due, met=one.met, late=one.late(as_of), source=one.source) for one in found.steps
        ),
        tally=counted, coverage_bp=progress.coverage_bp(counted),
        buckets=reconcile(dict(Counter(Custody(one["state"]) for one in found.vials))),
        missing=tuple(one["serial"] for one in found.unaccounted), told=_told(found), subjects=_subjects(view, found),
        vials=tuple(_vial(one) for one in found.vials), destroyed=_destroyed(view, found),
        open=found.points if recall.closed_at is None else (),
        signatures=parts.signatures(view, {recall.id: recall.number}),
    )  # fmt: skip


def _closed(recall: Recall) -> ClosedPart | None:
    """What was signed at its closing, by the names of the tally."""
    if recall.figures is None:
        return None
    told: dict[str, Any] = recall.figures
    return ClosedPart(
        tally={name: told[name] for name in ("vials", *map(str, Account))},
        coverage_bp=told["coverage_bp"],
        missing=tuple(told["missing"]),
    )


def _covers(view: View, recall_id: str) -> tuple[CoveredPart, ...]:
    found = scopes(view, recall_id=recall_id)
    names = choices.names(view, [one.target_id for one in found])
    return tuple(
        CoveredPart(
            kind=str(one.kind), name=names[one.target_id][1] if one.target_id in names else None, since=one.since, until=one.until
        )
        for one in found
    )  # fmt: skip


def _told(found: progress.Standing) -> tuple[ToldPart, ...]:
    return tuple(
        ToldPart(
            organisation=one.name, sent_at=one.notice.sent_at, seen_at=one.notice.seen_at, acknowledged_at=one.notice.acknowledged_at,
            answer=one.notice.answer, vials=one.vials, accounted=one.accounted, effective=one.check.effective if one.check else None,
            checked_at=one.check.at if one.check else None,
        )
        for one in found.told
    )  # fmt: skip


def _subjects(view: View, found: progress.Standing) -> tuple[SubjectsPart, ...]:
    """Counted for every organisation; who they are stays where they are treated."""
    concerned: dict[str, set[str]] = defaultdict(set)
    for row in found.exposed:
        concerned[row["organisation_id"]].add(row["id"])
    tries = view.known(SubjectContact, SubjectContact.recall_id == found.recall.id)
    known = persons.stood_for(view)
    tried = {known.get(one.subject_id, one.subject_id) for one in tries}
    reached = {known.get(one.subject_id, one.subject_id) for one in tries if one.reached}
    names = named(view, concerned)
    return tuple(
        SubjectsPart(organisation=names[one], concerned=len(ids), tried=len(ids & tried), reached=len(ids & reached))
        for one, ids in sorted(concerned.items(), key=lambda item: names[item[0]])
    )


def _vial(one: dict[str, Any]) -> AccountPart:
    account = Account(str(one["account"]))
    return AccountPart(
        serial=str(one["serial"]), lot=str(one["lot"]), holder=str(one["holder"]), custody=str(one["state"]), account=str(account),
        retrieved_at=one["retrieved_at"], put_aside=one["put_aside"],
    )  # fmt: skip


def _destroyed(view: View, found: progress.Standing) -> tuple[DestroyedPart, ...]:
    """Of its vials those that were destroyed since, act by act, with the two who signed."""
    serials = {one["id"]: one["serial"] for one in found.vials}
    rows = view.known(
        Removal,
        col(Removal.vial_id).in_(serials),
        Removal.custody == Custody.DESTROYED,
        col(Removal.at) >= found.recall.started_at,
    )
    by_act: dict[str, list[Removal]] = defaultdict(list)
    for row in rows:
        by_act[row.act_id].append(row)
    signed: dict[str, list[str]] = defaultdict(list)
    for one in view.known(Signature, col(Signature.act_id).in_(by_act)):
        signed[one.act_id].append(one.name)
    return tuple(
        DestroyedPart(
            serials=tuple(sorted(serials[one.vial_id] for one in some)), method=str(some[0].method), at=some[0].at,
            signed=tuple(sorted(signed[act])),
        )
        for act, some in sorted(by_act.items(), key=lambda item: (item[1][0].at, item[0]))
    )  # fmt: skip

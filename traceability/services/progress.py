"""How far a recall is: each vial accounted for or not, who was told and answered, what stands against closing it (R35, R36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from traceability.domain.errors import NotFound
from traceability.domain.recalling import Account, Progress, Retrieved, Step, Timed, account, open_points, timed
from traceability.domain.rules import Finding
from traceability.domain.states import GONE, Custody
from traceability.services import persons, trace
from traceability.services.covering import concerned, every, whole_lots
from traceability.services.organisations import named
from traceability.store import View
from traceability.store.sight import visible
from traceability.store.tables import Lot, Recall, RecallCheck, RecallNotice, SubjectContact


def recall_of(view: View, recall_id: str) -> Recall:
    """Anybody's recall: what it covers is another matter. A mock one of those who were told of it. Raises `NotFound`."""
    found = view.known(Recall, told_of(view), Recall.id == recall_id)
    if not found:
        raise NotFound("recall")
    return found[0]


def told_of(view: View) -> ColumnElement[bool]:
    """The recalls that this reader may know of: real ones stop use everywhere; mock ones are known where they were announced."""
    announced = select(col(RecallNotice.recall_id)).where(visible("recall_notice", view.actor, view.at))
    return or_(col(Recall.mock).is_(False), visible("recall", view.actor, view.at), col(Recall.id).in_(announced))


@dataclass(frozen=True, slots=True)
class Told:
    """What one organisation was told last of a recall, and what it holds of it."""

    organisation_id: str
    name: str
    notice: RecallNotice
    vials: int
    accounted: int
    owed: int
    check: RecallCheck | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One recall as its reader may see it. `points` and figures of the whole only where `mine`: who started it answers for it."""

    recall: Recall
    mine: bool
    concerned: bool
    vials: list[dict[str, Any]]
    told: list[Told]
    contacts: dict[str, list[SubjectContact]]
    exposed: list[dict[str, Any]]
    steps: tuple[Timed, ...]
    points: tuple[Finding, ...]
    notices: list[RecallNotice] = field(default_factory=list)
    checks: list[RecallCheck] = field(default_factory=list)

    @property
    def tally(self) -> dict[str, int]:
        return tally(self.vials)

    @property
    def unaccounted(self) -> list[dict[str, Any]]:
        return [one for one in self.vials if one["account"] is Account.UNACCOUNTED]


def tally(vials: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Vials in scope, how many are accounted for in which way, and how many are not."""
    made = {"vials": len(vials)} | {str(one): 0 for one in Account}
    for one in vials:
        made[str(one["account"])] += 1
    return made


def coverage_bp(counted: dict[str, int]) -> int | None:
    """Vials accounted for of those in scope, in hundredths of a per cent, rounded down; None where none is in scope."""
    total = counted["vials"]
    return (total - counted["unaccounted"]) * 10_000 // total if total else None


def accounts(view: View, recall: Recall) -> list[dict[str, Any]]:
    """Every vial of a recall with how it is accounted for; whoever asks."""
    found = every(view, recall.id)
    for one in found:
        how = Retrieved(one["how"]) if one["how"] else None
        one["account"] = account(
            Custody(one["state"]), how, Custody(one["was"]) if one["was"] else None, changed=_since(one)
        )
        one["owed"] = Custody(one["state"]) not in {*GONE, Custody.RETAINED, Custody.LOST}
    return found


def _since(one: dict[str, Any]) -> bool:
    """Whether its custody has changed since it was retrieved."""
    return bool(one["retrieved_at"] and one["changed_at"] and one["changed_at"] > one["retrieved_at"])


def standing(view: View, recall_id: str) -> Standing:
    """One recall, as this reader may see it. Raises `NotFound`."""
    recall = recall_of(view, recall_id)
    every_one = accounts(view, recall)
    seen = {one.id for one in view.all(Lot, col(Lot.id).in_({row["lot_id"] for row in every_one}))}
    vials = [one for one in every_one if one["lot_id"] in seen]
    organisations = {grant.organisation_id for grant in view.actor.grants if grant.holds(view.at)}
    mine = recall.organisation_id in organisations
    notices = view.all(RecallNotice, RecallNotice.recall_id == recall.id, order=(RecallNotice.sent_at, RecallNotice.id))
    checks = view.all(RecallCheck, RecallCheck.recall_id == recall.id, order=RecallCheck.at)
    contacts = view.all(SubjectContact, SubjectContact.recall_id == recall.id, order=SubjectContact.at)
    by_subject: dict[str, list[SubjectContact]] = {}
    known = persons.stood_for(view)
    for one in contacts:
        by_subject.setdefault(known.get(one.subject_id, one.subject_id), []).append(one)
    progress, met = _progress(view, recall, every_one)
    # whom one's own house gave it to is told, also where the lot is not in sight: it came there by some other way
    had = trace.exposed(view, [one["id"] for one in every_one], whole_lots(view, recall.id))
    return Standing(
        recall, mine, any(one.organisation_id in organisations for one in notices), vials,
        _told(view, notices, checks, every_one), by_subject,
        [one for one in had if one["pseudonym"] or one["lot_id"] in seen],
        timed(recall.started_at, recall.clocks, met) if mine else (), open_points(_named(progress, seen, every_one)) if mine else (),
        notices, checks,
    )  # fmt: skip


def _named(progress: Progress, seen: set[str], vials: Sequence[dict[str, Any]]) -> Progress:
    """The same, without serials of lots that the reader may not see."""
    hidden = {one["serial"] for one in vials if one["lot_id"] not in seen}
    if not hidden:
        return progress

    def shown(serials: Sequence[str]) -> list[str]:
        return [one if one not in hidden else "–" for one in serials]

    return replace(progress, unaccounted=shown(progress.unaccounted), owed=shown(progress.owed))


def points(view: View, recall: Recall) -> tuple[Finding, ...]:
    """What stands against closing it, over everything, whoever may see it."""
    return open_points(_progress(view, recall, accounts(view, recall))[0])


def _told(
    view: View, notices: Sequence[RecallNotice], checks: Sequence[RecallCheck], vials: Sequence[dict[str, Any]]
) -> list[Told]:
    last = {one.organisation_id: one for one in notices}
    checked = {one.organisation_id: one for one in checks}
    names = named(view, last)
    made = []
    for organisation_id, notice in sorted(last.items(), key=lambda item: names[item[0]]):
        held = [one for one in vials if one["answers"] == organisation_id]
        made.append(
            Told(
                organisation_id, names[organisation_id], notice, len(held),
                sum(one["account"] is not Account.UNACCOUNTED for one in held), sum(one["owed"] for one in held),
                checked.get(organisation_id),
            )
        )  # fmt: skip
    return made


def _progress(
    view: View, recall: Recall, vials: Sequence[dict[str, Any]]
) -> tuple[Progress, dict[Step, datetime | None]]:
    """Over everything, whoever may see it, with when each step was done."""
    notices = view.known(RecallNotice, recall_id=recall.id)
    last: dict[str, RecallNotice] = {}
    for one in sorted(notices, key=lambda one: one.round):
        last[one.organisation_id] = one
    checks: dict[str, RecallCheck] = {}
    for check in sorted(view.known(RecallCheck, recall_id=recall.id), key=lambda one: (one.at, one.id)):
        checks[check.organisation_id] = check
    unsent = concerned(view, recall.id) - set(last)
    unanswered = {one.organisation_id for one in last.values() if one.acknowledged_at is None}
    unchecked = {one for one in last if one not in checks or not checks[one].effective}
    names = named(view, unsent | set(last))
    exposed = {row["id"] for row in trace.exposed(view, [one["id"] for one in vials], whole_lots(view, recall.id))}
    tried: dict[str, datetime] = {}
    known = persons.stood_for(view)
    for contact in view.known(SubjectContact, recall_id=recall.id):
        whose = known.get(contact.subject_id, contact.subject_id)
        tried[whose] = min(contact.at, tried.get(whose, contact.at))
    open_ = [one for one in vials if one["account"] is Account.UNACCOUNTED]
    progress = Progress(
        recall.mock, sorted(names[one] for one in unsent), sorted(names[one] for one in unanswered),
        [one["serial"] for one in open_], [one["serial"] for one in vials if one["owed"]],
        sorted(names[one] for one in unchecked), len(exposed - set(tried)),
    )  # fmt: skip
    seen = [one["retrieved_at"] or max(recall.started_at, one["changed_at"] or recall.started_at) for one in vials]
    met = {
        Step.NOTIFY: None if unsent else _last(one.sent_at for one in notices if one.round == 0),
        Step.ACKNOWLEDGE: None if unsent or unanswered else _last(one.acknowledged_at for one in last.values()),
        Step.CONTACT: _last([recall.started_at, *(tried[one] for one in exposed)]) if exposed <= set(tried) else None,
        Step.ACCOUNT: None if open_ else _last([recall.started_at, *seen]),
        Step.CHECK: None if unchecked else _last(one.at for one in checks.values()),
        Step.CLOSE: recall.closed_at,
    }
    return progress, met


def _last(moments: Any) -> datetime | None:
    return max((one for one in moments if one is not None), default=None)

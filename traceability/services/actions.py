"""Corrective and preventive actions of a case: planned, done with evidence, and judged by somebody else whether they helped (ICH Q10)."""

from __future__ import annotations

from datetime import date

from traceability.domain.casework import ActionKind, StepKind
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import DECIDES
from traceability.services import Answer, dates, organisations, performs
from traceability.services.cases import at_work, colleague, numbered, step
from traceability.services.organisations import own
from traceability.store import Tx, View
from traceability.store.tables import Action, Case, CaseFile

FARTHEST_D = 3 * 366


@performs("case.plan_action")
def plan(tx: Tx, case_id: str, kind: ActionKind, title: str, owner_id: str, due_on: date) -> Answer:
    """What is to be done, by whom, by which day."""
    case = at_work(tx, case_id)
    owner = colleague(tx, owner_id)
    _ahead(tx, "due_on", due_on)
    row = Action(
        number=numbered(tx, Action, "CA"), case_id=case.id, kind=kind, title=title.strip()[:240], owner_id=owner.id, due_on=due_on,
        planned_at=tx.at,
    )  # fmt: skip
    tx.add(row)
    tx.mention(case.id)
    return {"id": case.id, "case_id": case.id, "action_id": row.id, "number": row.number}


@performs("action.finish")
def finish(tx: Tx, action_id: str, evidence: str, check_on: date, *, attachment_id: str | None = None) -> Answer:
    """It is done, by its owner or QA: what shows it, and the day on which somebody else judges whether it helped."""
    row, case = _standing(tx, action_id)
    if row.done_at is not None:
        raise Refused("already_ended", noun="action")
    if tx.actor.person_id != row.owner_id and not tx.actor.roles(tx.at) & DECIDES:
        raise Refused("action_of_another", number=row.number)
    _ahead(tx, "check_on", check_on)
    if attachment_id is not None and not tx.all(
        CaseFile, CaseFile.case_id == case.id, CaseFile.attachment_id == attachment_id
    ):
        raise NotFound("attachment")
    tx.change(
        row,
        done_at=tx.at,
        done_by=tx.actor.person_id,
        evidence=evidence.strip(),
        attachment_id=attachment_id,
        check_on=check_on,
    )
    tx.mention(case.id)
    return {"id": row.id, "case_id": case.id, "number": row.number}


@performs("action.check")
def check(tx: Tx, action_id: str, effective: bool, judgement: str) -> Answer:
    """Whether it helped, signed by somebody who did not do it. Where it did not, a case that was closed is open again."""
    row, case = _standing(tx, action_id)
    if row.done_at is None:
        raise Refused("action_not_done", number=row.number)
    if row.checked_at is not None:
        raise Refused("already_ended", noun="action")
    mine = tx.mine(DECIDES)
    if row.owner_id in mine or mine & tx.voices(str(row.done_by), row.done_at):
        raise Refused("own_work", noun="action")
    tx.covers = {"action": row.number, "effective": effective}
    tx.change(row, checked_at=tx.at, checked_by=tx.actor.person_id, effective=effective, judgement=judgement.strip())
    if not effective and case.closed_at is not None:
        step(tx, case, StepKind.REOPENED, organisations.day_of(tx, case.closed_at), None)
        tx.change(case, closed_at=None)
    tx.mention(case.id)
    return {"id": row.id, "case_id": case.id, "number": row.number, "reopened": not effective}


@performs("action.postpone")
def postpone(tx: Tx, action_id: str, due_on: date) -> Answer:
    """Another day for what is owed next, doing it or judging it, with the reason."""
    row, case = _standing(tx, action_id)
    if row.checked_at is not None:
        raise Refused("already_ended", noun="action")
    before = row.due_on if row.done_at is None else row.check_on
    if before is not None and due_on <= before:
        raise Refused("due_not_later", due=before)
    _ahead(tx, "due_on", due_on)
    tx.change(row, **({"due_on": due_on} if row.done_at is None else {"check_on": due_on}))
    tx.mention(case.id)
    return {"id": row.id, "case_id": case.id, "number": row.number}


@performs("action.drop")
def drop(tx: Tx, action_id: str) -> Answer:
    """It is not done after all: signed, with the reason. What was done is judged and not dropped."""
    row, case = _standing(tx, action_id)
    if row.done_at is not None:
        raise Refused("already_ended", noun="action")
    tx.change(row, dropped_at=tx.at)
    tx.mention(case.id)
    return {"id": row.id, "case_id": case.id, "number": row.number}


def _standing(tx: Tx, action_id: str) -> tuple[Action, Case]:
    row = tx.need(Action, action_id)
    case = tx.need(Case, row.case_id)
    own(tx, case.organisation_id)
    if row.dropped_at is not None:
        raise Refused("already_ended", noun="action")
    return row, case


def _ahead(tx: Tx, name: str, day: date) -> None:
    today = organisations.today(tx)
    dates.within(name, day, today, today.fromordinal(today.toordinal() + FARTHEST_D))


# -------------------------------------------------------------------------------------------------------------- reads


def actions(view: View, case_id: str) -> list[Action]:
    return view.all(Action, Action.case_id == case_id, order=Action.id)

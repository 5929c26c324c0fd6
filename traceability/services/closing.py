"""The end of a case: what becomes of what it is about, the reply to who complained, and its closure, refused with every reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import col

from traceability.domain.casework import (
    OF_ONE_VIAL,
    ActionFact,
    CaseDecision,
    CaseFacts,
    CaseKind,
    CaseSeverity,
    ReportFact,
    StepKind,
    against,
)
from traceability.domain.errors import Refused
from traceability.domain.people import DECIDES
from traceability.domain.rules import Finding
from traceability.domain.states import GONE
from traceability.services import Answer, dates, eventbook, performs
from traceability.services.actions import actions
from traceability.services.cases import at_work, step
from traceability.services.choices import names
from traceability.services.emergencies import of_case
from traceability.services.excursions import undecided
from traceability.services.eyes import frees, opener, others, uninvolved
from traceability.services.investigations import held_things, suggestions, taken_in
from traceability.services.materials import lots_made_of
from traceability.services.organisations import day_of, own, today
from traceability.services.results import unconcluded
from traceability.store import Tx, View
from traceability.store.tables import (
    Case,
    CaseDisposition,
    CaseReply,
    CaseStep,
    Excursion,
    Hold,
    Investigation,
    Vial,
)
from traceability.store.tables.quality import ScopeKind


@performs("case.dispose")
def dispose(tx: Tx, case_id: str, decision: CaseDecision, *, target_ids: Sequence[str] = ()) -> Answer:
    """What becomes of these things, or of everything the case is about: signed, with its reason. The newest word of a thing counts.

    That nothing is needed is said where nothing is left to decide about: it is no word about a thing that is there, and undoes none.
    """
    case = uninvolved(tx, at_work(tx, case_id))
    if decision is CaseDecision.USE:
        frees(tx, case)
    things = concerned(tx, case)
    chosen = sorted(set(target_ids)) or sorted(things)
    if strange := [one for one in chosen if one not in things]:
        raise Refused("not_of_this_case", count=len(strange))
    if not chosen and decision is not CaseDecision.NONE_NEEDED:
        raise Refused("case_concerns_nothing")
    if decision is CaseDecision.NONE_NEEDED and (left := [one for one in chosen if not _is_gone(tx, one, things[one])]):
        raise Refused("case_concerns_things", number=case.number, count=len(left))
    tx.covers = {"case": case.number, "decision": decision, "things": chosen}
    told: list[tuple[ScopeKind | None, str | None]] = [(things[one], one) for one in chosen] or [(None, None)]
    tx.add_all(
        [CaseDisposition(case_id=case.id, kind=kind, target_id=one, decision=decision, decided_at=tx.at) for kind, one in told]
    )  # fmt: skip
    tx.mention(*chosen)
    return {"id": case.id, "number": case.number, "things": len(chosen)}


@performs("case.reply")
def reply(tx: Tx, case_id: str, reply: str, replied_on: date) -> Answer:
    """What was answered to who complained, and on which day (21 CFR 211.198)."""
    case = at_work(tx, case_id)
    if case.kind is not CaseKind.COMPLAINT:
        raise Refused("not_a_complaint")
    dates.within("replied_on", replied_on, day_of(tx, case.opened_at), today(tx))
    row = CaseReply(
        case_id=case.id, reply=reply.strip(), replied_on=replied_on, person_id=tx.actor.person_id, replied_at=tx.at
    )
    tx.add(row)
    tx.mention(case.id)
    return {"id": case.id, "number": case.number}


@performs("case.close")
def close(tx: Tx, case_id: str) -> Answer:
    """Everything is answered, and QA says so. A check of effectiveness may lie ahead: it stays owed (ICH Q10)."""
    case = uninvolved(tx, at_work(tx, case_id))
    tx.alone(f"case {case.id}")
    if found := reasons_against(tx, case):
        raise Refused("case_not_closable", findings=found, number=case.number)
    tx.covers = {"case": case.number, "actions": [one.number for one in actions(tx, case.id)]}
    step(tx, case, StepKind.SHUT, None, None)
    tx.change(case, closed_at=tx.at)
    return {"id": case.id, "number": case.number}


@performs("case.reopen")
def reopen(tx: Tx, case_id: str) -> Answer:
    """What was closed was not answered after all: signed, with the reason. It is as urgent as it was."""
    case = tx.need(Case, case_id)
    own(tx, case.organisation_id)
    if case.closed_at is None:
        raise Refused("case_is_open", number=case.number)
    step(tx, case, StepKind.REOPENED, day_of(tx, case.closed_at), None)
    tx.change(case, closed_at=None)
    return {"id": case.id, "number": case.number}


# -------------------------------------------------------------------------------------------------------------- reads


def concerned(view: View, case: Case) -> dict[str, ScopeKind]:
    """The things on which a case decides: what it was opened about, what it holds, and the lots taken in."""
    found: dict[str, ScopeKind] = {}
    if case.vial_id:
        found[case.vial_id] = ScopeKind.VIAL
    elif case.lot_id:
        found[case.lot_id] = ScopeKind.LOT
    elif case.consignment_id and not case.excursion_id:  # after an excursion vials are decided on one by one
        found[case.consignment_id] = ScopeKind.CONSIGNMENT
    elif case.material_id:
        found[case.material_id] = ScopeKind.MATERIAL
    if (lost := _only_its_lot_is_left(view, case)) is not None:
        spoken, lot_id = lost
        found = (found if spoken else {}) | {lot_id: ScopeKind.LOT}
    lots = {one: ScopeKind.LOT for one, told in taken_in(view, case).items() if told.chosen}
    made = lots_made_of(view, [case.material_id]) if case.material_id else []
    return found | held_things(view, case) | lots | {one.id: ScopeKind.LOT for one in made}


def _is_gone(view: View, target_id: str, kind: ScopeKind) -> bool:
    return kind is ScopeKind.VIAL and any(one.state in GONE for one in view.known(Vial, id=target_id))


def _only_its_lot_is_left(view: View, case: Case) -> tuple[bool, str] | None:
    """The lot of the vial that a grave case names, where that is gone and not free (`naming`), and whether QA spoke of the vial."""
    if case.vial_id is None or case.severity is CaseSeverity.MINOR or case.kind in OF_ONE_VIAL:
        return None
    (vial,) = view.known(Vial, id=case.vial_id)
    if vial.state not in GONE:
        return None
    words = view.known(CaseDisposition, case_id=case.id, target_id=vial.id)
    since = [one.id for one in view.known(CaseStep, case_id=case.id) if one.kind in (StepKind.GRADE, StepKind.REOPENED)]
    if words and words[-1].decision is CaseDecision.USE and words[-1].id > max(since, default=""):
        return None
    return bool(words), vial.lot_id


def decided(view: View, case: Case) -> dict[str | None, CaseDisposition]:
    """The newest word of each thing; under None that nothing is concerned. What is said of a material is said of its lots."""
    found = view.all(CaseDisposition, CaseDisposition.case_id == case.id, order=CaseDisposition.id)
    told: dict[str | None, CaseDisposition] = {one.target_id: one for one in found}
    if case.material_id and case.material_id in told:
        for lot in lots_made_of(view, [case.material_id]):
            told.setdefault(lot.id, told[case.material_id])
    return told


def reasons_against(view: View, case: Case) -> tuple[Finding, ...]:
    """Every reason at once why this reader could not close it now."""
    told = view.all(Investigation, Investigation.case_id == case.id)
    things, words = concerned(view, case), decided(view, case)
    open_ = [one for one in things if one not in words]
    spoken = names(view, open_)
    undisposed = [spoken[one][1] if one in spoken else one[:8] for one in open_]
    excursion = view.find(Excursion, case.excursion_id)
    if excursion is not None and undecided(view, excursion):
        undisposed.append(excursion.number)
    undisposed += unconcluded(view, case.id)  # which result stands, of one outside its specification
    grave = case.severity is not CaseSeverity.MINOR
    holds = view.all(Hold, Hold.case_id == case.id, col(Hold.lifted_at).is_(None), order=Hold.id)
    investigated = [view.voices(one.person_id, one.investigated_at) for one in told]
    eyes = opener(view, case).union(*investigated)
    facts = CaseFacts(
        kind=case.kind, severity=case.severity, own=bool(view.mine(DECIDES) & eyes),
        others=others(view, case, eyes), today=today(view),
        investigated=bool(told), root_cause=any(one.root_cause for one in told),
        unjudged_lots=tuple(one.lot.number for one in suggestions(view, case) if one.decided is None) if grave else (),
        undisposed=tuple(sorted(undisposed)), disposed=bool(words) or bool(things) or excursion is not None,
        actions=tuple(
            ActionFact(
                one.number, one.done_at is not None, one.dropped_at is not None, one.check_on, one.effective
            ) for one in actions(view, case.id)
        ),
        holds=tuple(one.number for one in holds), replied=bool(view.all(CaseReply, CaseReply.case_id == case.id, limit=1)),
        reviewed=(issue := of_case(view, case)) is None or issue.reviewed_at is not None,
        reports=tuple(_reports(view, case)),
    )  # fmt: skip
    return against(facts)


def _reports(view: View, case: Case) -> list[ReportFact]:
    """What the authority is owed of the events that the case answers for, the soonest first; then those that nobody graded (R53)."""
    found = eventbook.of_case(view, case)
    open_ = sorted(
        (each.due_on, one.first.number or "", each.clock.kind)
        for one in found
        for each in one.owed
        if each.answered is None
    )
    return [ReportFact(event, kind, due) for due, event, kind in open_] + [
        ReportFact(one.first.number or "") for one in found if one.serious is None and not one.owed
    ]

"""Cases as somebody reads them: the list with what is overdue, and one case with everything that was done about it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col

from traceability.domain.casework import CaseKind, CaseSeverity, Clock, clock
from traceability.domain.rules import Finding
from traceability.services import choices, people, stops
from traceability.services.actions import actions
from traceability.services.clocks import of_cases
from traceability.services.closing import concerned, decided, reasons_against
from traceability.services.emergencies import of_case
from traceability.services.investigations import Suggestion, files, suggestions
from traceability.services.materials import results
from traceability.services.organisations import day_of
from traceability.services.signatures import Signed, about, reasons_of
from traceability.store import View
from traceability.store.tables import (
    Action,
    Attachment,
    Case,
    CaseDisposition,
    CaseReply,
    CaseStep,
    EmergencyIssue,
    Excursion,
    Hold,
    Investigation,
    Lot,
    MaterialResult,
    Organisation,
    Vial,
)

MOST = 500


@dataclass(frozen=True, slots=True)
class Listed:
    case: Case
    owner: str | None
    overdue: bool


def listed(
    view: View, *, kind: CaseKind | None = None, severity: CaseSeverity | None = None, owner_id: str | None = None,
    overdue: bool = False, is_open: bool | None = None,
) -> list[Listed]:  # fmt: skip
    """Open ones first, the soonest due first; then the closed ones, the newest first."""
    where: list[Any] = []
    where += [Case.kind == kind] if kind else []
    where += [Case.severity == severity] if severity else []
    where += [Case.owner_id == owner_id] if owner_id else []
    where += [col(Case.closed_at).is_(None)] if overdue or is_open else []
    where += [col(Case.closed_at).is_not(None)] if is_open is False else []
    where += [col(Case.due_at) < view.at] if overdue else []
    found = view.all(Case, *where, order=(col(Case.closed_at).is_not(None), Case.due_at, Case.id), limit=MOST)
    names = people.names(view, [one.owner_id for one in found])
    return [Listed(one, names.get(one.owner_id or ""), is_overdue(one, view.at)) for one in found]


def is_overdue(case: Case, at: datetime) -> bool:
    return case.closed_at is None and case.due_at < at


@dataclass(frozen=True, slots=True)
class Thing:
    """What a case is about, with what was decided of it last."""

    id: str
    noun: str
    name: str
    decided: CaseDisposition | None


@dataclass(frozen=True, slots=True)
class Detail:
    """`against` None: it is closed. `reasons`: by the act for which they were written."""

    case: Case
    overdue: bool
    ours: bool
    clock: Clock
    names: Mapping[str, str]
    things: Sequence[Thing]
    nothing: CaseDisposition | None
    dispositions: Sequence[CaseDisposition]
    spoken: Mapping[str, str]
    excursion: Excursion | None
    holds: Sequence[Hold]
    emergency: EmergencyIssue | None
    results: Sequence[MaterialResult]
    """Of the material that it is about, also those that came after it."""
    found: Sequence[Investigation]
    files: Sequence[Attachment]
    near: Sequence[Suggestion]
    actions: Sequence[Action]
    replies: Sequence[CaseReply]
    steps: Sequence[CaseStep]
    reasons: Mapping[str, str]
    why: str | None
    """The reason written for an emergency issue."""
    signed: Sequence[Signed]
    against: tuple[Finding, ...] | None


def case(view: View, case_id: str) -> Case:
    """Raises `NotFound`."""
    return view.need(Case, case_id)


def detail(view: View, case_id: str) -> Detail:
    """Raises `NotFound`."""
    case = view.need(Case, case_id)
    found = view.all(Investigation, Investigation.case_id == case.id, order=Investigation.id)
    done = actions(view, case.id)
    steps = view.all(CaseStep, CaseStep.case_id == case.id, order=CaseStep.id)
    replies = view.all(CaseReply, CaseReply.case_id == case.id, order=CaseReply.id)
    words = view.all(CaseDisposition, CaseDisposition.case_id == case.id, order=CaseDisposition.id)
    near = suggestions(view, case)
    holds = view.all(Hold, Hold.case_id == case.id, order=Hold.id)
    ids = {one.target_id for one in words if one.target_id} | set(concerned(view, case))
    spoken, things = choices.names(view, ids), concerned(view, case)
    last = decided(view, case)
    who = [case.owner_id, *(one.person_id for one in found), *(one.person_id for one in replies)]
    who += [one.person_id for one in steps] + [one.before for one in steps] + [one.after for one in steps]
    emergency = of_case(view, case)
    who += (
        [emergency.pharmacist_id, emergency.physician_id, emergency.reviewed_by, *emergency.on_call]
        if emergency
        else []
    )
    who += [part for one in done for part in (one.owner_id, one.done_by, one.checked_by)]
    made = [case, *found, *done, *steps, *replies, *words, *(one.decided for one in near if one.decided)]
    signed = about(view, [case.id, *(one.id for one in done)])
    return Detail(
        case=case, overdue=is_overdue(case, view.at), ours=case.organisation_id == view.actor.organisation_id,
        clock=clock(case.kind, case.severity, of_cases(view), day_of(view, case.opened_at)), names=people.names(view, who),
        things=[Thing(one, str(kind), spoken[one][1] if one in spoken else one[:8], last.get(one)) for one, kind in things.items()],
        nothing=last.get(None), dispositions=words, spoken={one: name for one, (_, name) in spoken.items()},
        excursion=view.find(Excursion, case.excursion_id), holds=holds,
        emergency=emergency, results=results(view, [case.material_id]) if case.material_id else (),
        found=found, near=near, actions=done, replies=replies, steps=steps,
        files=files(view, case.id), reasons=reasons_of(view, [one.act_id for one in made]),
        why=_why(view, emergency), signed=_in_time(signed),
        against=None if case.closed_at else reasons_against(view, case),
    )  # fmt: skip


def vials_of(view: View, found: Detail) -> list[dict[str, Any]]:
    """The vials in sight that a case is about, wherever they are: of its things, and of what its holds cover."""
    held = [row for hold in found.holds for row in stops.covered(view, hold.id)]
    lots = {one.id for one in found.things if one.noun == "lot"}
    single = {one.id for one in found.things if one.noun == "vial"}
    rows = {row["id"]: row for row in held}
    for lot in view.all(Lot, col(Lot.id).in_(lots | {one.lot_id for one in view.all(Vial, col(Vial.id).in_(single))})):
        names = {one.id: one.name for one in view.all(Organisation)}
        for vial in view.all(Vial, Vial.lot_id == lot.id):
            if lot.id in lots or vial.id in single:
                told = {
                    "id": vial.id,
                    "serial": vial.serial,
                    "state": str(vial.state),
                    "lot_id": lot.id,
                    "lot": lot.number,
                }
                rows.setdefault(
                    vial.id, told | {"holder": names[vial.organisation_id], "organisation_id": vial.organisation_id}
                )
    return sorted(rows.values(), key=lambda row: (row["lot"], row["serial"]))


def _in_time(signed: Mapping[str, Sequence[Signed]]) -> list[Signed]:
    return sorted((one for told in signed.values() for one in told), key=lambda one: one.signature.signed_at)


def _why(view: View, issue: EmergencyIssue | None) -> str | None:
    """As the two who handed it out wrote it: with their signatures of that moment."""
    if issue is None:
        return None
    told = about(view, [issue.vial_id]).get(issue.vial_id, [])
    opened = view.need(Case, issue.case_id).opened_at
    return next((one.reason for one in told if one.signature.signed_at == opened), None)

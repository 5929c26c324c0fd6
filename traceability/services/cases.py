"""Cases: something happened that somebody has to answer for. Opened by other acts or by hand, with an owner and a day (R34)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.casework import GRADE, GRAVITY, LONGEST_D, CaseKind, CaseSeverity, StepKind, clock
from traceability.domain.errors import Refused
from traceability.domain.states import GONE
from traceability.services import Answer, eyes, performs
from traceability.services.clocks import of_cases
from traceability.services.names import is_named, lot_on_label, of_vial
from traceability.services.organisations import day_of, own, today, zone_of
from traceability.store import Tx, View
from traceability.store.tables import Case, CaseInjection, CaseLot, CaseStep, Hold, Lot, Person, Row, Scope, Vial
from traceability.store.tables.quality import ScopeKind

BY_ACT = frozenset({CaseKind.EMERGENCY_ISSUE, CaseKind.DONOR_RESULT})
"""Cases that only the act which they are of opens: with the holds and the findings that belong to them."""


def open_case(
    tx: Tx,
    kind: CaseKind,
    title: str,
    *,
    lot_id: str | None = None,
    vial_id: str | None = None,
    consignment_id: str | None = None,
    excursion_id: str | None = None,
    material_id: str | None = None,
    severity: CaseSeverity | None = None,
    description: str | None = None,
    complainant: str | None = None,
    organisation_id: str | None = None,
    injections: Iterable[str] = (),
) -> Case:
    """As grave as its kind is, and due by the table that counts here and now, unless the caller knows better.

    `organisation_id`: whose QA answers for it, where that is not the house that acts. `injections`: those that it is about, by id:
    it is read with them, and their documents and whose identity they are hang on it.
    """
    number = numbered(tx, Case, "K")
    grave = severity or GRADE[kind]
    case = tx.add(
        Case(
            number=number, organisation_id=organisation_id or tx.actor.organisation_id, kind=kind, severity=grave, title=title,
            description=description or None, complainant=complainant or None, due_at=_due(tx, kind, grave), lot_id=lot_id,
            vial_id=vial_id, consignment_id=consignment_id, excursion_id=excursion_id, material_id=material_id, opened_at=tx.at,
            opened_by=tx.actor.person_id,
        )
    )  # fmt: skip
    tx.add_all([CaseInjection(case_id=case.id, administration_id=one) for one in injections])
    return case


def asked(tx: Tx, title: str, codes: Iterable[str], vials: Sequence[Vial]) -> Case:
    """A case: somebody finds out which is true, and those of these vials that could be used are held until then."""
    only = vials[0] if len(vials) == 1 else None
    case = open_case(
        tx, CaseKind.CONTRADICTION, title, vial_id=only.id if only else None, lot_id=only.lot_id if only else None,
    )  # fmt: skip
    hold(tx, case, codes, vials)
    return case


def hold(tx: Tx, case: Case, codes: Iterable[str], vials: Sequence[Vial]) -> None:
    """Those of these vials that could be used are held until somebody has answered for the case."""
    held = {one.id: ScopeKind.VIAL for one in vials if one.state not in GONE}
    hold_things(tx, case, held, f"{case.number}: {', '.join(codes)}")


def hold_things(tx: Tx, case: Case, things: dict[str, ScopeKind], title: str) -> Hold | None:
    """One hold of the case over all of these; none where there is nothing to hold."""
    if not things:
        return None
    row = tx.add(
        Hold(
            number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, case_id=case.id, title=title[:240],
            placed_at=tx.at,
        )
    )  # fmt: skip
    tx.add_all([Scope(hold_id=row.id, kind=kind, target_id=one) for one, kind in sorted(things.items())])
    tx.mention(*things)
    return row


@performs("case.open")
def open_by_hand(
    tx: Tx,
    kind: CaseKind,
    title: str,
    *,
    description: str = "",
    lot_id: str | None = None,
    code: str = "",
    complainant: str = "",
) -> Answer:
    """Something happened that no other act told of. Everything that is named is asked about: a lot that is chosen beside the code of
    a vial, and the lot on the label of a vial that nobody knows, which is kept by its code with what was written.
    """
    if kind in BY_ACT:
        raise Refused("case_by_its_act")
    if kind is CaseKind.COMPLAINT and not complainant.strip():
        raise Refused("complainant_missing")
    lot = tx.need(Lot, lot_id) if lot_id else None
    vial, read, told = _scanned(tx, code)
    case = open_case(
        tx, kind, title.strip()[:240], description="\n".join(part for part in (description.strip(), told) if part),
        lot_id=vial.lot_id if vial else lot.id if lot else read, vial_id=vial.id if vial else None, complainant=complainant.strip(),
    )  # fmt: skip
    take_in(tx, case, [one for one in (lot.id if lot else None, read) if one])
    return {"id": case.id, "number": case.number}


def take_in(tx: Tx, case: Case, lot_ids: Iterable[str]) -> None:
    """Lots that were named beside what the case is about: they ask as it does, until QA decides of each."""
    whole = case.lot_id if case.vial_id is None else None
    more = sorted({*lot_ids} - {whole})
    tx.add_all(
        [
            CaseLot(
                case_id=case.id, lot_id=one, chosen=True, grounds=[], person_id=tx.actor.person_id, decided_at=tx.at
            )
            for one in more
        ]
    )
    tx.mention(*more)


def _scanned(tx: Tx, code: str) -> tuple[Vial | None, str | None, str]:
    """The vial; where nobody knows it, the lot on its label if that is one in sight, and the code."""
    if not code.strip():
        return None, None, ""
    identity = gs1.read(code, tx.at.date())
    named = is_named(identity)
    found = [] if named is None else tx.all(Vial, named)
    if found:
        return found[0], None, ""
    lot = tx.find(Lot, lot_on_label(tx, identity))
    return None, lot.id if lot else None, of_vial(identity)


@performs("case.assign")
def assign(tx: Tx, case_id: str, owner_id: str) -> Answer:
    """Who answers for it from now on: somebody of this house."""
    case = at_work(tx, case_id)
    owner = colleague(tx, owner_id)
    if case.owner_id == owner.id:
        raise Refused("owner_already", name=owner.name)
    step(tx, case, StepKind.OWNER, case.owner_id, owner.id)
    tx.change(case, owner_id=owner.id)
    return {"id": case.id, "number": case.number}


@performs("case.grade")
def grade(tx: Tx, case_id: str, severity: CaseSeverity) -> Answer:
    """QA judges it graver or less grave, with the reason. Graver is due sooner; less grave gives nobody more time by itself.

    As minor it stops nothing any more: that is signed, by somebody who neither opened it nor had a part in it.
    """
    case = at_work(tx, case_id)
    if case.severity is severity:
        raise Refused("graded_already", severity=severity)
    if eyes.frees_if_graded(case, severity):
        eyes.frees(tx, case)
    tx.covers = {"case": case.number, "severity": severity}
    graver = GRAVITY.index(severity) > GRAVITY.index(case.severity)
    due = min(case.due_at, _due(tx, case.kind, severity)) if graver else case.due_at
    step(tx, case, StepKind.GRADE, case.severity, severity)
    if due != case.due_at:
        step(tx, case, StepKind.DUE, day_of(tx, case.due_at), day_of(tx, due))
    tx.change(case, severity=severity, due_at=due)
    return {"id": case.id, "number": case.number, "due_at": due}


@performs("case.postpone")
def postpone(tx: Tx, case_id: str, due_on: date) -> Answer:
    """More time, with the reason: the day before stands beside it for ever."""
    case = at_work(tx, case_id)
    if due_on > today(tx) + timedelta(days=LONGEST_D):
        raise Refused("due_too_far", days=LONGEST_D)
    due = end_of(tx, due_on)
    if due <= max(case.due_at, tx.at):
        raise Refused("due_not_later", due=day_of(tx, case.due_at))
    step(tx, case, StepKind.DUE, day_of(tx, case.due_at), day_of(tx, due))
    tx.change(case, due_at=due)
    return {"id": case.id, "number": case.number, "due_at": due}


def at_work(tx: Tx, case_id: str) -> Case:
    """A case of this house that is open: what is closed is opened again first."""
    case = tx.need(Case, case_id)
    own(tx, case.organisation_id)
    if case.closed_at is not None:
        raise Refused("already_ended", noun="case")
    return case


def colleague(tx: Tx, person_id: str) -> Person:
    person = tx.need(Person, person_id)
    if person.organisation_id != tx.actor.organisation_id:
        raise Refused("person_elsewhere", name=person.name)
    return person


def step(tx: Tx, case: Case, kind: StepKind, before: object, after: object) -> None:
    tx.add(
        CaseStep(
            case_id=case.id, kind=kind, before=None if before is None else str(before), after=None if after is None else str(after),
            person_id=tx.actor.person_id, stepped_at=tx.at,
        )
    )  # fmt: skip


def end_of(tx: View, day: date) -> datetime:
    """The last moment of a day at this house."""
    return datetime.combine(day + timedelta(days=1), time(), zone_of(tx, tx.actor.organisation_id)) - timedelta(
        seconds=1
    )


def _due(tx: Tx, kind: CaseKind, severity: CaseSeverity) -> datetime:
    counts = clock(kind, severity, of_cases(tx), today(tx))
    return end_of(tx, today(tx) + timedelta(days=counts.days))


def numbered(tx: Tx, kind: type[Row], prefix: str) -> str:
    """The next number of a series that people say aloud: taken by one act after the other."""
    tx.alone(f"number of {kind.__tablename__}")
    (row,) = tx.rows(f"SELECT count(*) FROM {kind.__tablename__}")  # noqa: S608
    return f"{prefix}-{row[0] + 1}"


# -------------------------------------------------------------------------------------------------------------- reads


def open_cases(view: View) -> list[Case]:
    return view.all(Case, col(Case.closed_at).is_(None))


def find(view: View, case_id: str) -> Case | None:
    """One that this reader may see."""
    return view.find(Case, case_id)

"""The record of a case, as an inspector reads it: what happened, what was found out, what was decided, what was done (R34)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from traceability.domain.records import (
    ActionPart,
    CaseRecord,
    DecidedPart,
    EmergencyPart,
    FoundPart,
    HeldPart,
    NearPart,
    ReactionPart,
    RecordKind,
    Signed,
    StepPart,
)
from traceability.domain.rules import Finding
from traceability.services import casebook, trace
from traceability.services.casebook import Detail
from traceability.services.organisations import named
from traceability.services.records import parts
from traceability.store import View
from traceability.store.tables import Case, Subject, Vial


def lot_of(view: View, case_id: str) -> str | None:
    return view.need(Case, case_id).lot_id


def build(view: View, case_id: str, number: str, version: int) -> CaseRecord:
    told = casebook.detail(view, case_id)
    case, why = told.case, told.reasons
    vials = casebook.vials_of(view, told)
    held: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in vials:
        held[row["lot"], row["holder"], str(row["state"])].append(row["serial"])
    subjects, unnamed = _subjects(view, [row["id"] for row in vials], sorted({row["lot_id"] for row in vials}))
    return CaseRecord(
        head=parts.head(view, RecordKind.CASE, number, version, demonstration=case.demonstration), case=case.number, kind=case.kind,
        severity=case.severity, title=case.title, description=case.description, complainant=case.complainant,
        owner=told.names.get(case.owner_id or ""), opened_at=case.opened_at, due_at=case.due_at, closed_at=case.closed_at,
        overdue=told.overdue, clock_days=told.clock.days, clock_source=told.clock.source,
        excursion=told.excursion.number if told.excursion else None,
        results=tuple(
            ReactionPart(
                material=told.spoken.get(one.material_id, ""), test=one.test, reactivity=one.reactivity, tested_on=one.tested_on,
                laboratory=one.laboratory,
            ) for one in told.results
        ),
        found=tuple(
            FoundPart(at=one.investigated_at, findings=one.findings, cause=one.root_cause, by=told.names[one.person_id])
            for one in told.found
        ),
        near=tuple(
            NearPart(
                lot=one.lot.number, grounds=tuple((str(each.ground), each.names) for each in one.grounds),
                chosen=one.decided.chosen if one.decided else None, reason=why.get(one.decided.act_id) if one.decided else None,
            ) for one in told.near
        ),
        decided=_decided(told), actions=tuple(_actions(told)),
        replies=tuple((one.replied_on, one.reply, told.names[one.person_id]) for one in told.replies),
        steps=tuple(
            StepPart(
                kind=one.kind, before=told.names.get(one.before or "", one.before), after=told.names.get(one.after or "", one.after),
                by=told.names[one.person_id], at=one.stepped_at, reason=why.get(one.act_id),
            ) for one in told.steps
        ),
        holds=tuple((one.number, one.placed_at, one.lifted_at) for one in told.holds),
        vials=tuple(HeldPart(lot=key[0], holder=key[1], custody=key[2], serials=tuple(serials)) for key, serials in sorted(held.items())),
        subjects=subjects, unnamed=unnamed, emergency=_emergency(view, told),
        signatures=(
            *_handed_out(view, told), *parts.signatures(view, {case.id: case.number} | {one.id: one.number for one in told.actions}),
        ),
    )  # fmt: skip


def _decided(told: Detail) -> tuple[DecidedPart, ...]:
    made = [
        DecidedPart(
            noun=one.noun, name=one.name, decision=one.decided.decision if one.decided else None,
            at=one.decided.decided_at if one.decided else None, reason=told.reasons.get(one.decided.act_id) if one.decided else None,
        ) for one in told.things
    ]  # fmt: skip
    if told.nothing is not None:
        why = told.reasons.get(told.nothing.act_id)
        made.append(
            DecidedPart(noun=None, name="", decision=told.nothing.decision, at=told.nothing.decided_at, reason=why)
        )
    return tuple(made)


def _actions(told: Detail) -> list[ActionPart]:
    return [
        ActionPart(
            number=one.number, kind=one.kind, title=one.title, owner=told.names[one.owner_id], due_on=one.due_on, done_at=one.done_at,
            done_by=told.names.get(one.done_by or ""), evidence=one.evidence, check_on=one.check_on, checked_at=one.checked_at,
            checked_by=told.names.get(one.checked_by or ""), effective=one.effective, judgement=one.judgement, dropped_at=one.dropped_at,
            reason=told.reasons.get(one.act_id),
        ) for one in told.actions
    ]  # fmt: skip


def _emergency(view: View, told: Detail) -> EmergencyPart | None:
    one = told.emergency
    if one is None:
        return None
    return EmergencyPart(
        serial=view.need(Vial, one.vial_id).serial, pseudonym=view.need(Subject, one.subject_id).pseudonym,
        pharmacist=told.names[one.pharmacist_id], physician=told.names[one.physician_id], issued_at=one.issued_at, reason=told.why,
        on_call=tuple(told.names[each] for each in one.on_call), against=tuple(Finding.of(each) for each in one.findings),
        review_due_at=one.review_due_at, reviewed_at=one.reviewed_at, reviewed_by=told.names.get(one.reviewed_by or ""),
        justified=one.justified, review=one.review,
    )  # fmt: skip


def _handed_out(view: View, told: Detail) -> tuple[Signed, ...]:
    """Those of the two who handed a vial out: about the vial, of that moment."""
    one = told.emergency
    if one is None:
        return ()
    about = parts.signatures(view, {one.vial_id: view.need(Vial, one.vial_id).serial})
    return tuple(each for each in about if each.at == told.case.opened_at)


Had = tuple[str, datetime, tuple[str, ...]]


def _subjects(
    view: View, vial_ids: list[str], lot_ids: list[str]
) -> tuple[tuple[Had, ...], tuple[tuple[str, int], ...]]:
    """Who had one, by pseudonym, where that is the reader's to know; elsewhere how many."""
    seen: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    others: dict[str, set[str]] = defaultdict(set)
    for row in trace.exposed(view, vial_ids, lot_ids) if vial_ids else []:
        if row["pseudonym"] is not None:
            seen[row["pseudonym"]].append((row["given_at"], row["serial"]))
        else:
            others[row["organisation_id"]].add(row["id"])
    names = named(view, others)
    told = tuple(
        (name, max(at for at, _ in given), tuple(sorted({serial for _, serial in given})))
        for name, given in sorted(seen.items())
    )
    return told, tuple((names[one], len(found)) for one, found in sorted(others.items()))

"""The clocks in force: by when this house answers a case and does each step of a recall, by whose signed word, since when (R35, R37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from traceability.domain import casework, recalling
from traceability.domain.casework import CaseKind, CaseSeverity
from traceability.domain.recalling import CLASSES, Step
from traceability.services.organisations import zone_of
from traceability.store import View
from traceability.store.tables import CaseClock, Entry, RecallClock, Signature

ENTRY = Entry.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Word:
    """By whose word a clock holds: `signed_by` and `entry`, the version of the table, are None for the default of the system."""

    since: date
    source: str
    signed_by: str | None
    entry: int | None


@dataclass(frozen=True, slots=True)
class CaseTime:
    """So many days for cases of this gravity; `kind` None: of every kind that has no row of its own."""

    kind: CaseKind | None
    severity: CaseSeverity
    days: int
    word: Word


@dataclass(frozen=True, slots=True)
class RecallTime:
    """So long for a step of a recall of this class; `ahead`: not yet, it was signed for a day to come."""

    class_: int
    step: Step
    within_s: int
    word: Word
    ahead: bool


@dataclass(frozen=True, slots=True)
class InForce:
    cases: tuple[CaseTime, ...]
    recalls: tuple[RecallTime, ...]


def in_force(view: View) -> InForce:
    """What a case or a recall that begins now at the reader's house would have, and what is signed for later days."""
    today = view.at.astimezone(zone_of(view, view.actor.organisation_id)).date()
    return InForce(tuple(_cases(view, today)), tuple(_recalls(view, today)))


def _cases(view: View, today: date) -> list[CaseTime]:
    rows = view.known(CaseClock, organisation_id=view.actor.organisation_id)
    words = _words(view, [one.id for one in rows])
    own = [casework.Clock(one.case_kind, one.severity, one.days, one.rests_on, one.since.date()) for one in rows]
    said = {id(clock): words[row.id] for clock, row in zip(own, rows, strict=True) if row.id in words}
    made = []
    for severity in CaseSeverity:
        of_kind = {
            one.kind for one in (*casework.CLOCKS, *own) if one.severity is severity and one.kind and one.since <= today
        }
        for kind in (None, *sorted(of_kind)):
            one = _clock(kind, severity, own, today)
            if one.kind is kind:  # a newer word for every kind goes before the default of one
                made.append(CaseTime(kind, severity, one.days, _word(one.since, one.source, said.get(id(one)))))
    return made


def _clock(kind: CaseKind | None, severity: CaseSeverity, own: Sequence[casework.Clock], today: date) -> casework.Clock:
    """The row that counts for a kind; without one, for every kind that has none of its own."""
    if kind is not None:
        return casework.clock(kind, severity, own, today)
    of_any = [one for one in own if one.kind is None]
    plain = next(one for one in CaseKind if not any(row.kind is one for row in casework.CLOCKS))
    return casework.clock(plain, severity, of_any, today)


def _recalls(view: View, today: date) -> list[RecallTime]:
    rows = view.known(RecallClock, organisation_id=view.actor.organisation_id)
    words = _words(view, [one.id for one in rows])
    own = [recalling.Clock(one.class_, one.step, one.within_s, one.effective_from, one.origin) for one in rows]
    said = {id(clock): words[row.id] for clock, row in zip(own, rows, strict=True) if row.id in words}
    standing = [one for class_ in CLASSES for one in recalling.clocks(class_, today, own, mock=False)]
    ahead = sorted((one for one in own if one.effective_from > today), key=lambda one: one.effective_from)
    return [
        RecallTime(one.class_, one.step, one.within_s, _word(one.effective_from, one.source, said.get(id(one))), later)
        for some, later in ((standing, False), (ahead, True))
        for one in some
    ]


def _word(since: date, source: str, said: tuple[str | None, int | None] | None) -> Word:
    return Word(since, source, *(said or (None, None)))


def _words(view: View, ids: Sequence[str]) -> dict[str, tuple[str | None, int | None]]:
    """Row → who signed it, and the entry that wrote it."""
    signed = {one.noun_id: (one.name, one.act_id) for one in view.known(Signature, col(Signature.noun_id).in_(ids))}
    acts = [act_id for _name, act_id in signed.values()]
    found = view.connection.execute(
        ENTRY.select().with_only_columns(ENTRY.c.act_id, ENTRY.c.number).where(ENTRY.c.act_id.in_(acts))
    )
    numbers = {act_id: int(number) for act_id, number in found}
    return {str(noun): (name, numbers.get(act_id)) for noun, (name, act_id) in signed.items()}

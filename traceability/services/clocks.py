"""By when this house answers a case, does each step of a recall and reports an event: set by signed acts, by whose word, since
when (R34, R35, R37, R53).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import col

from traceability.domain import casework, harm, recalling
from traceability.domain.casework import LONGEST_D, CaseKind, CaseSeverity
from traceability.domain.errors import Refused
from traceability.domain.harm import Expedited
from traceability.domain.plain import plain
from traceability.domain.recalling import CLASSES, Step
from traceability.services import Answer, performs
from traceability.services.audit_search import ENTRY
from traceability.services.organisations import today
from traceability.store import Tx, View
from traceability.store.tables import HouseClock, Signature

DAY_S = 86_400
Said = Mapping[str, tuple[str | None, int | None]]
"""The row of a clock → who signed it, and the entry that wrote it."""


@performs("case.set_clock")
def of_case(tx: Tx, severity: CaseSeverity, days: int, rests_on: str, *, case_kind: CaseKind | None = None) -> Answer:
    """By when this house answers such cases from now on, and on what that rests. Open cases keep their day."""
    if not 0 < days <= LONGEST_D:
        raise Refused("due_too_far", days=LONGEST_D)
    told = {"severity": severity, "case_kind": case_kind, "within_s": days * DAY_S, "effective_from": today(tx)}
    return {"id": _set(tx, rests_on=rests_on, **told)}


@performs("recall.set_clock")
def of_step(tx: Tx, class_: int, step: Step, within_s: int, effective_from: date, origin: str) -> Answer:
    """From a day on, recalls of this class have so long for this step. Recalls that run keep the clocks they began with."""
    if class_ not in CLASSES:
        raise Refused("recall_class", value=class_)
    if within_s <= 0:
        raise Refused("clock_without_time")
    told = {"class_": class_, "step": step, "within_s": within_s, "effective_from": effective_from}
    return {"id": _set(tx, rests_on=origin, **told), "step": str(step)}


@performs("event.set_clock")
def of_event(tx: Tx, expedited: Expedited, days: int, rests_on: str) -> Answer:
    """Within how many days of knowing this house reports such an event from now on. Events it knows of keep their day."""
    most = harm.clock(expedited, (), today(tx)).days
    if not 0 < days <= most:  # a house may be stricter than the rule, never slower
        raise Refused("due_too_far", days=most)
    told = {"expedited": expedited, "within_s": days * DAY_S, "effective_from": today(tx) + timedelta(days=1)}
    return {"id": _set(tx, rests_on=rests_on, **told)}


def _set(tx: Tx, **told: Any) -> str:
    return tx.add(HouseClock(organisation_id=tx.actor.organisation_id, decided_at=tx.at, **told)).id


# -------------------------------------------------------------------------------------------------------------- reads


def of_cases(view: View) -> list[casework.Clock]:
    """What this house has set itself for cases, oldest first."""
    return [_case(row) for row in _rows(view) if row.severity]


def of_events(view: View, organisation_id: str) -> list[harm.Clock]:
    """What this house has set itself for events, oldest first."""
    mine = (HouseClock.organisation_id == organisation_id, col(HouseClock.expedited).is_not(None))
    return [_event(row) for row in view.all(HouseClock, *mine)]


def of_events_by_house(view: View, organisation_ids: Iterable[str]) -> dict[str, list[harm.Clock]]:
    """The same of many houses at once."""
    made: dict[str, list[harm.Clock]] = {one: [] for one in organisation_ids}
    theirs = (col(HouseClock.organisation_id).in_(list(made)), col(HouseClock.expedited).is_not(None))
    for row in view.all(HouseClock, *theirs):
        made[row.organisation_id].append(_event(row))
    return made


def of_recall(view: View, class_: int, *, mock: bool = False) -> tuple[recalling.Clock, ...]:
    """What a recall of this class would start with now, at the actor's organisation."""
    own = [_step(row) for row in _rows(view) if row.step]
    return recalling.clocks(class_, today(view), own, mock=mock)


def kept(view: View, class_: int, *, mock: bool) -> list[dict[str, Any]]:
    """The same as a recall keeps them."""
    return [
        {"step": str(one.step), "within_s": one.within_s, "effective_from": plain(one.effective_from), "source": one.source}
        for one in of_recall(view, class_, mock=mock)
    ]  # fmt: skip


def _rows(view: View) -> list[HouseClock]:
    return view.known(HouseClock, organisation_id=view.actor.organisation_id)


def _case(row: HouseClock) -> casework.Clock:
    severity, days = CaseSeverity(str(row.severity)), row.within_s // DAY_S
    return casework.Clock(row.case_kind, severity, days, row.rests_on, row.effective_from, row.id)


def _event(row: HouseClock) -> harm.Clock:
    return harm.Clock(Expedited(str(row.expedited)), row.within_s // DAY_S, row.rests_on, row.effective_from, row.id)


def _step(row: HouseClock) -> recalling.Clock:
    class_, step = int(row.class_ or 0), Step(str(row.step))
    return recalling.Clock(class_, step, row.within_s, row.effective_from, row.rests_on, row.id)


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
class EventTime:
    """So many days from knowing of such an event to the authority’s report."""

    expedited: Expedited
    days: int
    word: Word


@dataclass(frozen=True, slots=True)
class InForce:
    cases: tuple[CaseTime, ...]
    recalls: tuple[RecallTime, ...]
    events: tuple[EventTime, ...]


def in_force(view: View) -> InForce:
    """What a case, a recall or an event that begins now at the reader's house would have, and what is signed for later days."""
    on, rows = today(view), _rows(view)
    said = _words(view, [row.id for row in rows])
    cases, steps = [_case(row) for row in rows if row.severity], [_step(row) for row in rows if row.step]
    reports = harm.days_in_force([_event(row) for row in rows if row.expedited], on).values()
    return InForce(
        tuple(_cases(cases, said, on)), tuple(_recalls(steps, said, on)),
        tuple(EventTime(one.kind, one.days, _word(one.row_id, one.since, one.source, said)) for one in reports),
    )  # fmt: skip


def _cases(own: Sequence[casework.Clock], said: Said, on: date) -> list[CaseTime]:
    made = []
    for severity in CaseSeverity:
        of_kind = {
            one.kind for one in (*casework.CLOCKS, *own) if one.severity is severity and one.kind and one.since <= on
        }
        for kind in (None, *sorted(of_kind)):
            one = casework.clock(kind, severity, own, on)
            if one.kind is kind:  # a newer word for every kind goes before the default of one
                made.append(CaseTime(kind, severity, one.days, _word(one.row_id, one.since, one.source, said)))
    return made


def _recalls(own: Sequence[recalling.Clock], said: Said, on: date) -> list[RecallTime]:
    standing = [one for class_ in CLASSES for one in recalling.clocks(class_, on, own, mock=False)]
    ahead = sorted((one for one in own if one.effective_from > on), key=lambda one: one.effective_from)
    return [
        RecallTime(one.class_, one.step, one.within_s, _word(one.row_id, one.effective_from, one.source, said), later)
        for some, later in ((standing, False), (ahead, True))
        for one in some
    ]


def _word(row_id: str | None, since: date, source: str, said: Said) -> Word:
    return Word(since, source, *said.get(row_id or "", (None, None)))


def _words(view: View, ids: Sequence[str]) -> Said:
    signed = {one.noun_id: (one.name, one.act_id) for one in view.known(Signature, col(Signature.noun_id).in_(ids))}
    acts = [act_id for _name, act_id in signed.values()]
    found = view.connection.execute(
        ENTRY.select().with_only_columns(ENTRY.c.act_id, ENTRY.c.number).where(ENTRY.c.act_id.in_(acts))
    )
    numbers = {act_id: int(number) for act_id, number in found}
    return {str(noun): (name, numbers.get(act_id)) for noun, (name, act_id) in signed.items()}

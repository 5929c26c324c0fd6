"""The record of outcomes by lot: the primary comparison, of everything that whoever prints it sees (R46, R52, R53)."""

from __future__ import annotations

from decimal import Decimal

from sqlmodel import col

from traceability.domain.comparing import Share
from traceability.domain.errors import NotFound
from traceability.domain.records import (
    FirstEventPart,
    LotOutcomePart,
    OutcomesRecord,
    RecordKind,
    SharePart,
    VisitPart,
)
from traceability.services import comparisons
from traceability.services.became import IMPROVED
from traceability.services.comparisons import Chosen, Told
from traceability.services.organisations import named
from traceability.services.records import parts
from traceability.store import View
from traceability.store.tables import Lot, Organisation, Subject


def build(view: View, organisation_id: str, number: str, version: int) -> OutcomesRecord:
    if view.need(Organisation, organisation_id).id != view.actor.organisation_id:
        raise NotFound("organisation")
    told = comparisons.told(view, Chosen())
    made = told.comparison
    subjects = {one.subject_id for one in told.rows}
    invented = any(one.demonstration for one in view.all(Subject) if one.id in subjects)
    return OutcomesRecord(
        head=parts.head(view, RecordKind.OUTCOMES, number, version, demonstration=invented),
        instrument=told.chosen.instrument or "", visit=made.visit, improved_tenths=int(IMPROVED * 10), persons=made.persons,
        several=made.several, unknown=made.unknown, without_consent=told.without_consent,
        before_first=told.before_first, looks=told.looks.count,
        looked=told.looks.people, scored=made.scores.n, sd_tenths=_tenths(made.scores.sd) or 0, lots=_lots(view, told),
        visits=tuple(
            VisitPart(visit=one.visit, complete=_share(one.complete), missing_as_no=_share(one.as_failure)) for one in made.visits
        ),
        first_events=tuple(
            FirstEventPart(day=one.day, watched=one.watched, events=one.events, free_bp=_bp(one.free),
                           low_bp=None if one.low is None else _bp(one.low), high_bp=None if one.high is None else _bp(one.high))
            for one in made.curve
        ),
        watched=made.watched, with_event=made.with_event,
    )  # fmt: skip


def _lots(view: View, told: Told) -> tuple[LotOutcomePart, ...]:
    made = told.comparison
    rows = {one.id: one for one in view.all(Lot, col(Lot.id).in_([one.group for one in made.groups]))}
    makers = named(view, {one.maker_id for one in rows.values()})
    scores = {one.group: one for one in made.scores.groups}
    responses, events = ({one.group: one for one in family} for family in (made.responses, made.events))
    parts_ = []
    for group in made.groups:
        lot, score = rows.get(group.group), scores.get(group.group)
        parts_.append(LotOutcomePart(
            lot=told.names.get(group.group, group.group[:8]), maker=makers.get(lot.maker_id, "") if lot else "",
            persons=group.persons, courses=group.courses, stands_out=group.group in made.standing_out,
            scored=score.n if score else 0, value_tenths=_tenths(score.value) if score else None,
            low_tenths=_tenths(score.low) if score else None, high_tenths=_tenths(score.high) if score else None,
            inner_tenths=_tenths(score.inner) if score else None, outer_tenths=_tenths(score.outer) if score else None,
            score_p=_p(score.p_holm) if score else None, score_out=bool(score and score.stands_out),
            responses=_share(responses[group.group].share), missing_as_no=_share(made.missing[group.group]),
            not_evaluable=responses[group.group].left_out, response_p=_p(responses[group.group].p_holm),
            response_out=responses[group.group].stands_out,
            events=_share(events[group.group].share), not_asked=events[group.group].left_out,
            event_p=_p(events[group.group].p_holm), event_out=events[group.group].stands_out,
        ))  # fmt: skip
    return tuple(sorted(parts_, key=lambda one: (one.lot, one.maker)))


def _share(one: Share) -> SharePart:
    low, high = (_bp(end) for end in one.interval) if one.interval else (None, None)
    return SharePart(count=one.count, n=one.n, low_bp=low, high_bp=high)


def _bp(share: float) -> int:
    return round(share * 10_000)


def _tenths(value: float | None) -> int | None:
    return None if value is None else round(value * 10)


def _p(p: float | None) -> str | None:
    """To three digits after the point; below that it is said to be below."""
    return None if p is None else "<0.001" if p < 0.001 else f"{Decimal(str(p)):.3f}"

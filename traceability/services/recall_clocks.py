"""The clocks of recalls: an organisation's own by class and step, and those that a new recall starts with (R35)."""

from __future__ import annotations

from datetime import date
from typing import Any

from traceability.domain.errors import Refused
from traceability.domain.plain import plain
from traceability.domain.recalling import CLASSES, Clock, Step, clocks
from traceability.services import Answer, performs
from traceability.services.organisations import zone_of
from traceability.store import Tx, View
from traceability.store.tables import RecallClock


@performs("recall.set_clock")
def set_clock(tx: Tx, class_: int, step: Step, within_s: int, effective_from: date, origin: str) -> Answer:
    """From a day on, recalls of this class have so long for this step. Recalls that run keep the clocks they began with."""
    if class_ not in CLASSES:
        raise Refused("recall_class", value=class_)
    if within_s <= 0:
        raise Refused("clock_without_time")
    row = RecallClock(
        organisation_id=tx.actor.organisation_id, class_=class_, step=step, within_s=within_s,
        effective_from=effective_from, origin=origin, decided_at=tx.at,
    )  # fmt: skip
    return {"id": tx.add(row).id, "step": str(step)}


def in_force(view: View, class_: int, *, mock: bool = False) -> tuple[Clock, ...]:
    """What a recall of this class would start with now, at the actor's organisation."""
    mine = view.actor.organisation_id
    rows = view.known(RecallClock, RecallClock.organisation_id == mine)
    own = [Clock(one.class_, one.step, one.within_s, one.effective_from, one.origin) for one in rows]
    return clocks(class_, view.at.astimezone(zone_of(view, mine)).date(), own, mock=mock)


def kept(view: View, class_: int, *, mock: bool) -> list[dict[str, Any]]:
    """The same as a recall keeps them."""
    return [
        {"step": str(one.step), "within_s": one.within_s, "effective_from": plain(one.effective_from), "source": one.source}
        for one in in_force(view, class_, mock=mock)
    ]  # fmt: skip

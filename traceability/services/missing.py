"""A vial that was missing is gone by the word of two (R35): that it is back, and that it is no more, one person does not say alone."""

from __future__ import annotations

import json

from traceability.domain.rules import Finding, Severity
from traceability.domain.states import Custody
from traceability.store import Tx
from traceability.store.tables import Vial

IN_HAND = frozenset(
    {
        "consignment.count", "recall.retrieve", "stocktake.note", "vial.destroy", "vial.discard", "vial.issue", "vial.move",
        "vial.put_away", "vial.report_broken", "vial.report_found", "vial.retain", "vial.sample", "vial.take_back",
    }
)  # fmt: skip
"""Acts by which somebody says that this very vial was in their hands, or what is left of it."""
TAKEN_OVER = "consignment.arrive"
"""A box that was given up and comes after all is taken over by two: what was missing with it is so no more."""
SAID_BROKEN = (
    "SELECT DISTINCT v.serial FROM vial v JOIN entry l ON l.act_id = v.act_id JOIN entry e ON e.noun_id = v.id"
    " WHERE v.state = 'lost' AND e.act = 'vial.report_broken' AND e.refused IS NULL AND e.recorded_at >= l.recorded_at"
)
"""Missing vials that somebody has reported broken since."""
_TOLD = (
    "SELECT e.act, e.person_id, e.body FROM entry e JOIN mention m ON m.act_id = e.act_id WHERE m.about_id = :vial"
    " AND e.refused IS NULL ORDER BY e.recorded_at, e.number"
)


def by_one_word(tx: Tx, vial: Vial) -> tuple[Finding, ...]:
    """That it was missing, and that nobody but who says now that it is gone has had it in hand since; else nothing."""
    since: set[str] | None = None
    for act, person_id, body in tx.rows(_TOLD, {"vial": vial.id}):
        became = _became(str(body), vial.id)
        if became == Custody.LOST:
            since = set()
        elif act == TAKEN_OVER and became is not None:
            since = None
        elif since is not None and act in IN_HAND:
            since.add(person_id)
    saying = {tx.actor.person_id, *(one.actor.person_id for one in tx.signers)}
    if since is None or len(since | saying) > 1:
        return ()
    told = {"serial": vial.serial}
    if vial.state is Custody.LOST:
        return (Finding("lost_and_broken", False, Severity.ASK, told),)
    return (Finding("found_and_gone", False, Severity.ASK, told),)


def _became(body: str, vial_id: str) -> str | None:
    """To which state an act took it, if it did."""
    if vial_id not in body:
        return None
    states = (
        one["set"]["state"][-1]
        for one in json.loads(body)["changes"]
        if one["id"] == vial_id and "state" in one.get("set", {})
    )
    return next(states, None)

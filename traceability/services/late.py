"""Where vials were carried, told live or late. What a late word makes better than the record knew, or of what QA had decided
without it, is kept and asks first: a case, and a hold until somebody has looked (R58). One way in for every act that places vials.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from traceability.domain.checks import Purpose, better
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import GONE
from traceability.services import Answer
from traceability.services.by_label import UNREAD, Label
from traceability.services.cases import numbered, open_case
from traceability.services.excursions import decided_before
from traceability.services.stays import place_all
from traceability.services.verdicts import facts
from traceability.store import AHEAD, Tx
from traceability.store.tables import Case, Hold, Scope, Vial
from traceability.store.tables.quality import CaseKind, ScopeKind

Against = Mapping[str, tuple[Finding, ...]]


class Carried(NamedTuple):
    """What stands against what was told, vial by vial, and the excursions that it tells of."""

    against: Against
    excursions: list[str]


def carried(tx: Tx, vials: Sequence[Vial], place_id: str, *, consignment_id: str | None = None) -> Carried:
    """They lie there from then on."""
    if tx.occurred >= tx.at - AHEAD:
        return Carried({}, place_all(tx, vials, place_id, consignment_id=consignment_id))
    ids = [vial.id for vial in vials]
    before = facts(tx, ids, Purpose.STOCK)
    decided = without_knowing(tx, vials, place_id)
    found = place_all(tx, vials, place_id, consignment_id=consignment_id)
    improved = {
        vial.id: (Finding("better_than_known", False, Severity.ASK, {"serial": vial.serial, "since": tx.occurred}),)
        for vial, was, now in zip(vials, before, facts(tx, ids, Purpose.STOCK), strict=True)
        if better(was, now)
    }
    return Carried(together(improved, decided), found)


def without_knowing(tx: Tx, vials: Sequence[Vial], place_id: str) -> Against:
    """Vials of which QA has decided after an excursion there, not knowing what is told now."""
    found = decided_before(tx, [vial.id for vial in vials], place_id, tx.occurred)
    return {
        vial.id: (
            Finding("decided_before", False, Severity.ASK, {"serial": vial.serial, "excursion": found[vial.id].number}),
        )
        for vial in vials
        if vial.id in found
    }


def together(*told: Against) -> Against:
    made: dict[str, tuple[Finding, ...]] = {}
    for each in told:
        for vial_id, findings in each.items():
            made[vial_id] = (*made.get(vial_id, ()), *findings)
    return made


def answered(tx: Tx, vial: Vial, against: Against, label: Label = UNREAD) -> Answer:
    """The answer to what was told of one vial, by its label where that was read. An outdated label is said, and holds nothing."""
    codes = [one.code for one in (*against.get(vial.id, ()), *label.contradicts)]
    said = [one.code for one in label.outdated]
    answer: Answer = {"id": vial.id, "serial": vial.serial, "findings": [*codes, *said]}
    if not codes:
        return answer
    title = f"Vial {vial.serial}, {vial.state}: {tx.act.verb}, {', '.join(codes)}"
    return {**answer, "case": asked(tx, title, codes, [vial]).number}


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
    if held := [one for one in vials if one.state not in GONE]:
        row = tx.add(
            Hold(
                number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, case_id=case.id,
                title=f"{case.number}: {', '.join(codes)}", placed_at=tx.at,
            )
        )  # fmt: skip
        tx.add_all([Scope(hold_id=row.id, kind=ScopeKind.VIAL, target_id=one.id) for one in held])

"""Where vials were carried, told live or late. What a late word makes better than the record knew, or of what QA had decided
without it, is kept and asks first: a case, and a hold until somebody has looked (R58). One way in for every act that places vials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from traceability.domain.checks import Purpose, better
from traceability.domain.rules import Finding, Severity
from traceability.services import Answer
from traceability.services.by_label import UNREAD, Label
from traceability.services.cases import asked
from traceability.services.excursions import decided_before
from traceability.services.stays import place_all
from traceability.services.verdicts import facts
from traceability.store import AHEAD, Tx
from traceability.store.tables import Vial

T = TypeVar("T")
Against = Mapping[str, tuple[Finding, ...]]


class Carried(NamedTuple):
    """What stands against what was told, vial by vial, and the excursions that it tells of."""

    against: Against
    excursions: list[str]


def carried(tx: Tx, vials: Sequence[Vial], place_id: str, *, consignment_id: str | None = None) -> Carried:
    """They lie there from then on.

    Told late of one whose temperature was not known, it asks as well: what is read of either place later decides by it.
    """
    late = is_late(tx)
    decided = without_knowing(tx, vials, place_id) if late else {}
    improved, found = weighed(
        tx, vials, lambda: place_all(tx, vials, place_id, consignment_id=consignment_id), asks=late, unknown_too=True
    )
    return Carried(together(improved, decided), found)


def is_late(tx: Tx) -> bool:
    """Whether it is told of before now."""
    return tx.occurred < tx.at - AHEAD


def weighed(
    tx: Tx, vials: Sequence[Vial], work: Callable[[], T], *, asks: bool, unknown_too: bool = False
) -> tuple[Against, T]:
    """What is done, and of which vials it makes anything better than was known; of none where it does not ask.

    `unknown_too`: of those as well whose temperature was not known before.
    """
    if not asks:
        return {}, work()
    ids = [vial.id for vial in vials]
    before = facts(tx, ids, Purpose.STOCK)
    done = work()
    improved = {
        vial.id: (Finding("better_than_known", False, Severity.ASK, {"serial": vial.serial, "since": tx.occurred}),)
        for vial, was, now in zip(vials, before, facts(tx, ids, Purpose.STOCK), strict=True)
        if better(was, now) or (unknown_too and was.history.known is None)
    }
    return improved, done


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

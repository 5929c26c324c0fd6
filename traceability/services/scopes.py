"""How much of a ledger its reader sees, said on whatever is taken out of it. Of what they do not see, its number alone is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import col

from traceability.domain.people import INSTALLATION, Role
from traceability.domain.scopes import Scope, Sight
from traceability.services.audit_search import ENTRY, OF_LOT, seen_lots, sees_all, sight
from traceability.store import View
from traceability.store.tables import Lot, Organisation, Person


def scope(view: View, ledger: str, *, lot: Lot | None = None, through: int | None = None) -> Scope:
    """What this reader sees of a ledger up to an entry, or of a lot's trail in it. Raises `NotFound`: nothing of it is theirs."""
    lots = seen_lots(view, ledger)
    last = view.connection.execute(select(func.max(ENTRY.c.number)).where(ENTRY.c.ledger == ledger)).scalar() or 0
    through = int(last) if through is None else through
    entries = _about(view, ledger, lot, through) if lot else through
    seen = entries if sees_all(view, ledger) else _in_sight(view, ledger, lot, through)
    actor = view.actor
    held = [one for one in actor.grants if one.holds(view.at) and one.organisation_id in (ledger, INSTALLATION)]
    limits = [one for one in held if one.lot_id] if lots is not None else []
    ends = [one.until for one in limits if one.until]
    (person,) = view.known(Person, Person.id == actor.person_id) or (None,)
    return Scope(
        ledger=ledger, house=_house(view, ledger), asked_by=person.username if person else str(Role.SYSTEM),
        roles=tuple(sorted({str(one.role) for one in held})), organisation=_house(view, actor.organisation_id),
        sight=Sight.LOTS if lots is not None else Sight.WHOLE if sees_all(view, ledger) else Sight.WITHOUT_SUBJECTS,
        lots=tuple(sorted(one.number for one in view.known(Lot, col(Lot.id).in_(lots or [])))),
        since=min((one.since for one in limits), default=None), until=max(ends) if len(ends) == len(limits) and ends else None,
        about=lot.number if lot else None, through=through, entries=entries, outside=entries - seen,
    )  # fmt: skip


def _house(view: View, organisation_id: str) -> str:
    (one,) = view.known(Organisation, Organisation.id == organisation_id) or (None,)
    return one.name if one else organisation_id


def _about(view: View, ledger: str, lot: Lot, through: int) -> int:
    """How many entries of a ledger are about a lot, its vials and its boxes: whether they are in sight or not."""
    asked = {"lot": lot.id, "ledger": ledger, "through": through}
    return int(view.rows(_COUNT, asked)[0][0])


def _in_sight(view: View, ledger: str, lot: Lot | None, through: int) -> int:
    where: list[Any] = [ENTRY.c.ledger == ledger, ENTRY.c.number <= through, sight(view, ledger)]
    if lot:
        asked = {"lot": lot.id, "ledger": ledger, "through": through}
        numbers = [int(row[0]) for row in view.rows(_NUMBERS, asked)]
        return sum(_among(view, where, numbers[at : at + _AT_ONCE]) for at in range(0, len(numbers), _AT_ONCE))
    return int(view.connection.execute(select(func.count()).select_from(ENTRY).where(*where)).scalar_one())


def _among(view: View, where: list[Any], numbers: list[int]) -> int:
    query = select(func.count()).select_from(ENTRY).where(*where, ENTRY.c.number.in_(numbers))
    return int(view.connection.execute(query).scalar_one())


_AT_ONCE = 500
_COUNT = text(OF_LOT.format("count(*)") + " AND e.number <= :through")
_NUMBERS = text(OF_LOT.format("e.number") + " AND e.number <= :through")

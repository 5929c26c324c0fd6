"""Who is on call, when, in which role, and how they are reached: for whoever reads ASK QA at night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.people import Role
from traceability.services import Answer, people, performs
from traceability.services.cases import colleague
from traceability.services.organisations import own
from traceability.store import Tx, View
from traceability.store.tables import GrantRow, Shift

LONGEST = timedelta(days=31)
AHEAD = timedelta(days=366)
CALLED = frozenset({Role.QUALITY, Role.PHARMACIST, Role.PHYSICIAN, Role.MAKER_QA})


@performs("shift.plan")
def plan(tx: Tx, person_id: str, role: Role, since: datetime, until: datetime, reach: str) -> Answer:
    """Somebody who holds the role for the whole time is on call in it."""
    person = colleague(tx, person_id)
    if role not in CALLED:
        raise Refused("role_not_on_call", role=role)
    if until <= since or until <= tx.at:
        raise Refused("interval_empty")
    if until - since > LONGEST or since > tx.at + AHEAD:
        raise Refused("shift_too_long", days=LONGEST.days)
    held = tx.known(GrantRow, person_id=person.id)
    if not any(one.role is role and one.since <= since and (one.until is None or until <= one.until) for one in held):
        raise Refused("role_not_held_then", name=person.name, role=role)
    row = Shift(
        organisation_id=tx.actor.organisation_id, person_id=person.id, role=role, since=since, until=until, reach=reach
    )
    tx.add(row)
    tx.mention(person.id)
    return {"id": row.id, "person_id": person.id}


@performs("shift.end")
def end(tx: Tx, shift_id: str) -> Answer:
    row = tx.need(Shift, shift_id)
    own(tx, row.organisation_id)
    if row.ended_at is not None or row.until <= tx.at:
        raise Refused("already_ended", noun="shift")
    tx.change(row, ended_at=tx.at)
    tx.mention(row.person_id)
    return {"id": row.id, "person_id": row.person_id}


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class OnCall:
    shift: Shift
    name: str


def shifts(view: View) -> list[OnCall]:
    """Those of this house that go on or are to come, the next first."""
    mine = Shift.organisation_id == view.actor.organisation_id
    found = view.all(
        Shift, mine, col(Shift.until) > view.at, col(Shift.ended_at).is_(None), order=(Shift.since, Shift.id)
    )
    names = people.names(view, [one.person_id for one in found])
    return [OnCall(one, names[one.person_id]) for one in found]


def on_call(view: View, role: Role | None = None) -> list[OnCall]:
    """Who is on call at this moment."""
    return [one for one in shifts(view) if one.shift.since <= view.at and role in (None, one.shift.role)]

"""A role handed to a colleague for a time (R37, R55b): by who holds it themselves, never more than that, and it ends by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from traceability.domain.errors import Refused
from traceability.domain.people import Role
from traceability.services import Answer, performs
from traceability.services.cases import colleague
from traceability.store import Tx, View
from traceability.store.tables import DeviceKey, GrantRow, Site

LONGEST = timedelta(days=92)
"""Whoever is away for longer gives the role up, and somebody is appointed."""
HANDED = frozenset(
    {Role.MAKER_QA, Role.STOREKEEPER, Role.PHARMACIST, Role.ANALYST, Role.QUALITY, Role.PHYSICIAN, Role.NURSE}
)


@performs("grant.hand_over")
def hand_over(
    tx: Tx,
    person_id: str,
    role: Role,
    until: datetime,
    purpose: str,
    *,
    since: datetime | None = None,
    site_id: str | None = None,
    training: str = "",
) -> Answer:
    """A colleague stands in for the giver, signed: from when until when, and what for. What was handed over is not handed on."""
    person = colleague(tx, person_id)
    if person.id == tx.actor.person_id:
        raise Refused("grant_to_oneself")
    if tx.known(DeviceKey, person_id=person.id):
        raise Refused("a_device", name=person.name)
    begins = since or tx.at
    if begins < tx.at or until <= begins:
        raise Refused("interval_empty")
    if until - begins > LONGEST:
        raise Refused("handed_too_long", days=LONGEST.days)
    if site_id is not None and tx.need(Site, site_id).organisation_id != tx.actor.organisation_id:
        raise Refused("place_elsewhere")
    mine = [
        one for one in own_right(tx, (role,)) if one.site_id in (None, site_id) and (one.until is None or until <= one.until)
    ]  # fmt: skip
    if role not in HANDED or not mine or role not in tx.actor.roles(tx.at):  # nor one without its training (R55b)
        raise Refused("role_not_yours_to_hand_over", role=role)
    if any(
        one.role is role and one.since <= begins and (one.until is None or one.until >= until)
        for one in _of(tx, person.id)
    ):
        raise Refused("role_held_already", name=person.name, role=role)
    lent = tx.known(GrantRow, from_grant_id=mine[0].id)
    if any(one.since < until and (one.until is None or begins < one.until) for one in lent):
        raise Refused("role_handed_already", role=role)
    if any(one.role is Role.ADMINISTRATOR for one in _of(tx, person.id)):
        raise Refused("role_of_administrator", name=person.name)
    row = GrantRow(
        person_id=person.id, organisation_id=tx.actor.organisation_id, role=role, site_id=site_id, since=begins, until=until,
        training=training, handed_by=tx.actor.person_id, from_grant_id=mine[0].id, purpose=purpose,
    )  # fmt: skip
    tx.covers = {"person": person.id, "role": role, "since": begins, "until": until}
    tx.add(row)
    tx.mention(person.id, tx.actor.person_id)
    return {"id": row.id, "person_id": tx.actor.person_id}


@performs("grant.take_back")
def take_back(tx: Tx, grant_id: str) -> Answer:
    """Before its time, by who handed it over or who holds it."""
    row = tx.need(GrantRow, grant_id)
    if row.handed_by is None or tx.actor.person_id not in (row.handed_by, row.person_id):
        raise Refused("role_not_yours_to_hand_over", role=row.role)
    if row.until is not None and row.until <= tx.at:
        raise Refused("already_ended", noun="grant")
    tx.change(row, until=max(tx.at, row.since))
    tx.mention(row.person_id, row.handed_by)
    return {"id": row.id, "person_id": tx.actor.person_id}


# -------------------------------------------------------------------------------------------------------------- reads


def handed_by(view: View, person_id: str) -> list[GrantRow]:
    """What somebody has handed over and that has not ended, the next to end first."""
    found = view.all(GrantRow, GrantRow.handed_by == person_id, order=(GrantRow.until, GrantRow.id))
    return [one for one in found if one.until is None or one.until > view.at]


def own_right(view: View, roles: Iterable[Role]) -> list[GrantRow]:
    """The reader's grants of these roles at home that hold now and were not handed to them."""
    wanted = frozenset(roles)
    mine = view.actor.organisation_id
    return [
        one
        for one in _of(view, view.actor.person_id)
        if one.role in wanted and one.organisation_id == mine and one.handed_by is None and one.holds(view.at)
    ]


def _of(view: View, person_id: str) -> list[GrantRow]:
    return view.known(GrantRow, person_id=person_id)

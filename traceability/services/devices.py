"""Devices: they send readings by themselves, or read the calendar of a site. Enrolled with a key that is told once, revoked at once."""

from __future__ import annotations

from typing import Any

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Grant, Role
from traceability.services import Answer, performs, tokens
from traceability.services.organisations import own, own_site
from traceability.store import Reader, Store, Tx, View, new_id
from traceability.store.hot import Hot, known, moment
from traceability.store.tables import DeviceKey, GrantRow, Person

_WHOSE = Hot(
    "SELECT p.id, p.name, p.organisation_id, g.role, g.organisation_id, g.site_id, g.since, g.until, g.lot_id, k.site_id"
    " FROM device_key k JOIN person p ON p.id = k.person_id LEFT JOIN grants g ON g.person_id = p.id"
    " WHERE k.hashed = :hashed AND k.ended_at IS NULL ORDER BY g.id"
)


@performs("device.enrol")
def enrol(tx: Tx, name: str, key_hash: str, *, calendar_site_id: str | None = None) -> Answer:
    """A device of one's own house, with a key of which only the hash is kept. It has no password and no other role.

    `calendar_site_id`: it reads the calendar of this site and sends nothing; left open, it sends readings and reads nothing.
    """
    id_ = new_id()
    organisation = own(tx, tx.actor.organisation_id)
    tx.add(Person(id=id_, organisation_id=organisation.id, username=f"device-{id_[-12:]}", name=name))
    site_id = own_site(tx, calendar_site_id).id if calendar_site_id else None
    tx.add(GrantRow(person_id=id_, organisation_id=organisation.id, site_id=site_id, role=Role.DEVICE, since=tx.at))
    tx.add(DeviceKey(person_id=id_, hashed=key_hash, site_id=site_id))
    tx.mention(id_)
    return {"id": id_}


@performs("device.revoke")
def revoke(tx: Tx, device_id: str) -> Answer:
    """Its key opens nothing from now on. A device that goes on is enrolled anew, with another key."""
    person = tx.need(Person, device_id)
    own(tx, person.organisation_id)
    keys = tx.known(DeviceKey, person_id=person.id)
    if not keys:
        raise Refused("not_a_device", name=person.name)
    going = [key for key in keys if key.ended_at is None]
    if not going:
        raise Refused("already_ended", noun="device")
    for key in going:
        tx.change(key, ended_at=tx.at)
    for grant in tx.known(GrantRow, GrantRow.person_id == person.id, col(GrantRow.until).is_(None)):
        tx.change(grant, until=tx.at)
    tx.mention(person.id)
    return {"id": person.id}


def new_key(store: Store, actor: Actor, act_id: str) -> tuple[str | None, str]:
    """A new key and its hash; no key where it was told before."""
    return tokens.new(store, actor, act_id, 32, _hashed)


def _hashed(view: View, person_id: str) -> str:
    rows = view.known(DeviceKey, person_id=person_id)
    return rows[0].hashed if rows else ""


def admit(reader: Reader, store: Store, key: str, about: str, address: str, *, calendar: bool = False) -> Actor:
    """The device whose key this is, enrolled for readings or for a calendar: each is a stranger at the other's door.

    Guesses are counted like passwords: by what they ask for and where they come from.
    """
    who = (about, "device", address)
    store.tries.count(who, store.clock())
    found: tuple[Actor, bool] | None = reader.once(_WHOSE, _device, hashed=tokens.hash_of(key)) if key else None
    if found is None or found[1] is not calendar:
        raise Refused("sign_in_needed")
    store.tries.forgive(who)
    return found[0]


def _device(rows: list[Any]) -> tuple[Actor, bool] | None:
    """The device, and whether its key is for a calendar."""
    if not rows:
        return None
    id_, name, organisation_id = rows[0][:3]
    grants = tuple(
        Grant(Role(role), organisation, site_id, known(since), moment(until), lot_id)
        for *_, role, organisation, site_id, since, until, lot_id, _of in rows
        if role is not None
    )
    return Actor(id_, name, organisation_id, grants), rows[0][-1] is not None


# -------------------------------------------------------------------------------------------------------------- reads


def keys(view: View, ids: list[str]) -> dict[str, DeviceKey]:
    """The newest key of each of these that is a device; whether it opens anything is `ended_at`."""
    found = view.known(DeviceKey, col(DeviceKey.person_id).in_(ids)) if ids else []
    return {one.person_id: one for one in sorted(found, key=lambda one: one.id)}

"""Identities brought under the current pair of keys, some at a time: killed at any moment, each is read under one of the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, system_for
from traceability.services import Answer, performs
from traceability.services.subjects import FIELDS, Sealed, decrypted, encrypted
from traceability.store import Call, Store, Tx
from traceability.store.tables import Identity, Subject

AT_ONCE = 50
RESTS = timedelta(hours=1)
"""A former pair is kept so long at least: by then every server has seen that there is a new one, and no act is on its way."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some people of one house, sealed anew before the act begins."""

    people: tuple[Sealed, ...]

    @property
    def digest(self) -> str:
        return sha256("|".join(f"{one.row_id} {one.key_id}" for one in self.people).encode()).hexdigest()


@performs("identity.rekey")
def rekey(tx: Tx, identity: Batch) -> Answer:
    """The same people under another key. One who was erased meanwhile stays erased."""
    told = {one.row_id: one for one in identity.people}
    for row in tx.known(Identity, col(Identity.id).in_(told)):
        new = told[row.id].columns
        if row.key_id == told[row.id].before and all((getattr(row, f) is None) is (new[f] is None) for f in FIELDS):
            tx.change(row, key_id=told[row.id].key_id, **new)
    return {"identities": len(told)}


def standing(store: Store) -> Counter[str]:
    """How many identities stand under each key, by its id; those that were erased stand under none."""
    with store.read(SYSTEM) as view:
        rows = view.rows("SELECT key_id, COUNT(*) FROM identity WHERE name IS NOT NULL GROUP BY key_id", {})
    return Counter({str(key): int(count) for key, count in rows})


def forget(store: Store, key_id: str) -> None:
    """Remove a former pair. Refused while somebody stands under it, and while a server may still write under it."""
    since = store.keys.identities.former().get(key_id)
    if since is None:
        raise Refused("not_found", noun="key")
    if count := standing(store)[key_id]:
        raise Refused("key_in_use", key=key_id, count=count)
    if store.clock().timestamp() - since < RESTS.total_seconds():
        raise Refused("key_rests", key=key_id)
    store.keys.identities.forget(key_id)


def bring(store: Store) -> Iterator[int]:
    """Bring every identity under the current pair; yields how many have been brought, after each act.

    Raise Refused `identity_unreadable` where the key of one is not here: nothing is lost, and the others are brought.
    """
    current, brought, unread, after = store.keys.identities.current(), 0, 0, ""
    while True:
        with store.read(SYSTEM) as view:
            rows = view.all(
                Identity, Identity.key_id != current.id, col(Identity.name).is_not(None), col(Identity.id) > after,
                order=Identity.id, limit=AT_ONCE,
            )  # fmt: skip
            houses = {
                one.id: one.organisation_id
                for one in view.known(Subject, col(Subject.id).in_([row.subject_id for row in rows]))
            }
        if not rows:
            break
        after, made = rows[-1].id, dict[str, list[Sealed]]()
        for row in rows:
            try:
                told = decrypted(store.keys.identities, row)
            except Refused:
                unread += 1
                continue
            columns = encrypted(current, row.id, told)
            digest = store.keys.digest("|".join(f"{told[one]}" for one in FIELDS))
            made.setdefault(houses[row.subject_id], []).append(
                Sealed(row.id, current.id, columns, digest, before=row.key_id)
            )
        for house, several in made.items():
            rekey(store, system_for(house), Call(), Batch(tuple(several)))
            brought += len(several)
        yield brought
    if unread:
        raise Refused("identity_unreadable")

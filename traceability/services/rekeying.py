"""Identities, and the keys of their pictures, brought under the current pair of keys, some at a time: killed at any moment, each is
read under one of the two.
"""

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
from traceability.services.images import COLUMN, opened, sealed
from traceability.services.subjects import FIELDS, Sealed, decrypted, encrypted
from traceability.store import Call, Store, Tx
from traceability.store.keys import Pair
from traceability.store.tables import Identity, Image, Subject

AT_ONCE = 50
RESTS = timedelta(hours=1)
"""A former pair is kept so long at least: by then every server has seen that there is a new one, and no act is on its way."""


Kind = type[Identity] | type[Image]
STANDS: tuple[tuple[Kind, str], ...] = ((Identity, "name"), (Image, COLUMN))
"""What is kept under a pair, and the column that says that it was not erased."""
ASKED = frozenset({*FIELDS, COLUMN})


@dataclass(frozen=True, slots=True)
class Batch:
    """Some people of one house, or keys of their pictures, sealed anew before the act begins."""

    sealed: tuple[Sealed, ...]
    of: Kind = Identity

    @property
    def digest(self) -> str:
        return sha256("|".join(f"{one.row_id} {one.key_id}" for one in self.sealed).encode()).hexdigest()


@performs("identity.rekey")
def rekey(tx: Tx, identity: Batch) -> Answer:
    """The same people under another key, or their pictures. One who was erased meanwhile stays erased."""
    told = {one.row_id: one for one in identity.sealed}
    for row in tx.known(identity.of, col(identity.of.id).in_(told)):
        new = told[row.id].columns
        there = all((getattr(row, f) is None) is (value is None) for f, value in new.items() if f in ASKED)
        if row.key_id == told[row.id].before and there:
            tx.change(row, key_id=told[row.id].key_id, **new)
    return {"identities" if identity.of is Identity else "images": len(told)}


def standing(store: Store) -> Counter[str]:
    """How many identities and pictures stand under each key, by its id; those that were erased stand under none."""
    count = (
        "SELECT key_id, COUNT(*) FROM (SELECT key_id FROM identity WHERE name IS NOT NULL"
        " UNION ALL SELECT key_id FROM image WHERE secret IS NOT NULL) AS stands GROUP BY key_id"
    )
    with store.read(SYSTEM) as view:
        rows = view.rows(count)
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
    """Bring every identity and every picture under the current pair; yields how many have been brought, after each act.

    Raise Refused `identity_unreadable` where the key of one is not here: nothing is lost, and the others are brought.
    """
    current, brought, unread = store.keys.identities.current(), 0, 0
    for of, stands in STANDS:
        after = ""
        while True:
            with store.read(SYSTEM) as view:
                rows = view.all(
                    of, of.key_id != current.id, col(getattr(of, stands)).is_not(None), col(of.id) > after, order=of.id, limit=AT_ONCE,
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
                    made.setdefault(houses[row.subject_id], []).append(_anew(store, current, row))
                except Refused:
                    unread += 1
            for house, several in made.items():
                if several:
                    rekey(store, system_for(house), Call(), Batch(tuple(several), of))
                brought += len(several)
            yield brought
    if unread:
        raise Refused("identity_unreadable")


def _anew(store: Store, current: Pair, row: Identity | Image) -> Sealed:
    """Raise Refused `identity_unreadable` where its key is not here."""
    told: dict[str, str | None]
    if isinstance(row, Image):
        told = {COLUMN: opened(store.keys.identities, row)}
        columns: dict[str, str | None] = {COLUMN: sealed(current, row.id, told[COLUMN] or "")}
    else:
        told = decrypted(store.keys.identities, row)
        columns = encrypted(current, row.id, told)
    digest = store.keys.digest("|".join(f"{one}" for one in told.values()))
    return Sealed(row.id, current.id, columns, digest, before=row.key_id)

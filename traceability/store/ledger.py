"""The ledger: one entry appended last in every act, and the root over them. Replay is in `verify.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text

from traceability.domain.merkle import Checkpoint, Tree, leaf_hash
from traceability.domain.plain import canonical, moment
from traceability.store.keys import Keys
from traceability.store.tables import Entry

SCHEMA_VERSION = 1
ENTRY = Entry.__table__  # type: ignore[attr-defined]

_POSTGRESQL = text(
    "SELECT trace.append(:ledger, :act_id, :act, :refused, :person_id, :noun_id, :occurred_at, :recorded_at, :body, :leaf)"
)
_SQLITE = text(
    "INSERT INTO entry(ledger, number, act_id, act, refused, person_id, noun_id, occurred_at, recorded_at, body, leaf) VALUES"
    " (:ledger, (SELECT coalesce(max(number), 0) + 1 FROM entry WHERE ledger = :ledger),"
    " :act_id, :act, :refused, :person_id, :noun_id, :occurred_at, :recorded_at, :body, :leaf) RETURNING number"
)


def append(connection: Connection, ledger: str, body: dict[str, Any]) -> int:
    """Close the open act with its entry and give the entry its number, under the lock of this ledger alone.

    Times go in as they stand in the body: both engines read them so.
    """
    content = canonical(body)
    row = {
        "ledger": ledger,
        "act_id": body["act_id"],
        "act": body["act"],
        "refused": (body.get("refusal") or {}).get("code"),
        "person_id": body["person_id"],
        "noun_id": body.get("noun_id"),
        "occurred_at": moment(body["occurred_at"]),
        "recorded_at": moment(body["recorded_at"]),
        "body": content,
        "leaf": leaf_hash(content.encode()),
    }
    statement = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    return int(connection.execute(statement, row).scalar_one())


def leaves(connection: Connection, ledger: str, upto: int | None = None) -> Iterator[tuple[int, bytes]]:
    query = select(ENTRY.c.number, ENTRY.c.leaf).where(ENTRY.c.ledger == ledger).order_by(ENTRY.c.number)
    if upto is not None:
        query = query.where(ENTRY.c.number <= upto)
    for number, leaf in connection.execute(
        query, execution_options={"yield_per": 10_000}
    ):  # of this query, not of an act at work
        yield number, bytes(leaf)


def tree(connection: Connection, ledger: str, size: int | None = None) -> Tree:
    """The tree over a ledger, or over its first entries, from every leaf as it lies there."""
    made = Tree()
    for _, leaf in leaves(connection, ledger, size):
        made.append(leaf)
    return made


def checkpoint(connection: Connection, keys: Keys, origin: str, ledger: str, at: datetime) -> dict[str, object]:
    """A signed checkpoint of one ledger, from its leaves as they lie there now."""
    made = tree(connection, ledger)
    return signed(keys, origin, ledger, at, made.size, made.root())


def signed(keys: Keys, origin: str, ledger: str, at: datetime, size: int, root: bytes) -> dict[str, object]:
    """Size, root, time and Ed25519 signature of one ledger: what leaves the building on paper."""
    point = Checkpoint(origin, ledger, size, root, moment(at))
    return {
        "origin": origin,
        "ledger": ledger,
        "size": size,
        "root": point.root.hex(),
        "at": point.at,
        "signature": keys.sign(point.text),
        "key": keys.public,
    }

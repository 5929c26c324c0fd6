"""For whom somebody speaks: themselves, and whoever handed them the role in which they speak. One who speaks twice is one (R30, R37)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text

from traceability.domain.people import Role
from traceability.store.tables.row import Utc

_GRANTS = text(
    "SELECT g.role, g.since, g.until, p.id, p.name FROM grants g LEFT JOIN person p ON p.id = g.handed_by"
    " WHERE g.person_id = :person AND g.since <= :last AND (g.until IS NULL OR g.until > :first) ORDER BY g.id"
).bindparams(bindparam("first", type_=Utc), bindparam("last", type_=Utc)).columns(since=Utc, until=Utc)  # fmt: skip


def of(
    connection: Connection,
    person_id: str,
    first: datetime,
    last: datetime | None = None,
    *,
    roles: Iterable[Role] | None = None,
) -> frozenset[str]:
    """The people whose word this person's is, as of a moment, or of whichever moment from `first` to `last`.

    `roles`: those in which it was said; who holds one of them in their own right speaks for themselves alone. None: it is not
    known in which, and whoever handed them any counts. Two words are of one voice where these sets meet (`one`).
    """
    lent = _lent(connection, person_id, first, last or first)
    asked = [lent[role] for role in (lent if roles is None else roles) if role in lent]
    if roles is not None and any(not givers for givers in asked):
        return frozenset({person_id})
    return frozenset({person_id, *(one for givers in asked for one in givers)})


def one(*words: frozenset[str]) -> bool:
    """Whether two of these are of one voice: the same person, one who stands in for the other, or two who stand in for a third."""
    return len(frozenset().union(*words)) < sum(map(len, words))


def giver(connection: Connection, person_id: str, role: Role, at: datetime) -> tuple[str, str] | None:
    """Who handed this role over (id, name), where it is held by no right of one's own."""
    found = _lent(connection, person_id, at, at).get(role)
    return next(iter(found.items())) if found else None


def _lent(connection: Connection, person_id: str, first: datetime, last: datetime) -> dict[Role, dict[str, str]]:
    """Each role held between the two, with who handed it over; with nobody where it was held in one's own right all the while."""
    held: dict[Role, list[Any]] = defaultdict(list)
    for row in connection.execute(_GRANTS, {"person": person_id, "first": first, "last": last}):
        held[Role(row.role)].append(row)
    return {
        role: {}
        if any(row.id is None and row.since <= first and (row.until is None or row.until > last) for row in rows)
        else {row.id: row.name for row in rows if row.id is not None}
        for role, rows in held.items()
    }

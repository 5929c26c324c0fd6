"""Reading for somebody: rows of the record as this actor may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, TextClause, bindparam, func, select, text
from sqlalchemy.orm.attributes import manager_of_class

from traceability.domain.errors import NotFound
from traceability.domain.people import Actor, Role
from traceability.store import sight, voices
from traceability.store.tables import Row

R = TypeVar("R", bound=Row)


class View:
    """`need` and `all` look only where the actor may; `rows` is for queries that say themselves what is seen."""

    def __init__(self, connection: Connection, actor: Actor, at: datetime) -> None:
        self.connection = connection
        self.actor = actor
        self.at = at

    def find(self, kind: type[R], row_id: str | None) -> R | None:
        if not row_id:
            return None
        query = sight.one(str(kind.__tablename__), self.actor, self.at)
        row = self.connection.execute(query, {"one": row_id}).one_or_none()
        return loaded(kind, row) if row else None

    def need(self, kind: type[R], row_id: str | None) -> R:
        """The row, or `NotFound`: for a row that is not there and for one that is not theirs alike."""
        row = self.find(kind, row_id)
        if row is None:
            raise NotFound(str(kind.__tablename__))
        return row

    def all(self, kind: type[R], *where: Any, order: Any = None, limit: int | None = None) -> list[R]:
        table = kind.__table__  # type: ignore[attr-defined]
        query = select(table).where(sight.visible(table.name, self.actor, self.at), *where)
        query = (
            query.order_by(*order)
            if isinstance(order, tuple)
            else query.order_by(table.c.id if order is None else order)
        )
        if limit is not None:
            query = query.limit(limit)
        return [loaded(kind, row) for row in self.connection.execute(query)]

    def counted(self, kind: type[R], by: Any, *where: Any) -> dict[str, int]:
        """How many rows the actor may see, by what they say in one column."""
        table = kind.__table__  # type: ignore[attr-defined]
        query = select(by, func.count()).where(sight.visible(table.name, self.actor, self.at), *where).group_by(by)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def known(self, kind: type[R], *where: Any, **equal: str) -> list[R]:
        """Rows whoever they belong to: for rules that must know what the actor may not see. Never shown as they are.

        `known(Stay, vial_id=…)` says the same as `known(Stay, Stay.vial_id == …)`; its statement is kept, for what every act asks.
        """
        query = _equal(kind.__table__, *equal)  # type: ignore[attr-defined]
        if where:
            query = query.where(*where)
        return [loaded(kind, row) for row in self.connection.execute(query, equal)]

    def voices(
        self, person_id: str, first: datetime, last: datetime | None = None, *, roles: Iterable[Role] | None = None
    ) -> frozenset[str]:
        """For whom somebody spoke (`store/voices.py`): rules that ask for somebody else ask whether two of these meet."""
        return voices.of(self.connection, person_id, first, last, roles=roles)

    def mine(self, roles: Iterable[Role]) -> frozenset[str]:
        """For whom the reader speaks now in one of these roles."""
        return self.voices(self.actor.person_id, self.at, roles=roles)

    def rows(self, query: str | TextClause, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        made = text(query) if isinstance(query, str) else query
        return self.connection.execute(made, values or {}).all()


def loaded(kind: type[R], row: Any) -> R:
    """A row as the mapper loads one: a new one's defaults and events would take longer than the query."""
    made: R = manager_of_class(kind).new_instance()
    made.__dict__.update(zip(names(kind), row, strict=True))
    return made


@cache
def names(kind: type[Row]) -> tuple[str, ...]:
    return tuple(kind.__table__.columns.keys())  # type: ignore[attr-defined]


@cache
def _equal(table: Table, *columns: str) -> Select[Any]:
    return select(table).where(*(table.c[name] == bindparam(name) for name in columns)).order_by(table.c.id)

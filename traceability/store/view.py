"""Reading for somebody: rows of the record as this actor may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, TextClause, select, text

from traceability.domain.errors import NotFound
from traceability.domain.people import Actor
from traceability.store import sight
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
        row = self.connection.execute(query, {"one": row_id}).mappings().one_or_none()
        return kind(**row) if row else None

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
        return [kind(**row) for row in self.connection.execute(query).mappings()]

    def known(self, kind: type[R], *where: Any) -> list[R]:
        """Rows whoever they belong to: for rules that must know what the actor may not see. Never shown as they are."""
        table = kind.__table__  # type: ignore[attr-defined]
        query = select(table).where(*where).order_by(table.c.id)
        return [kind(**row) for row in self.connection.execute(query).mappings()]

    def rows(self, query: str | TextClause, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        made = text(query) if isinstance(query, str) else query
        return self.connection.execute(made, values or {}).all()

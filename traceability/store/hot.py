"""Reads on the hot path: SQL written once for both engines, run by the driver itself, without a statement built for it.

For a handful of reads that every scan, every act or every row of a trace makes. Rows are plain tuples; times are as the
driver gives them (`moment`). On SQLite what was read is kept until anybody commits anything: the database itself says
so (`PRAGMA data_version`).
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from sqlite3 import Connection as Lite
from typing import TYPE_CHECKING, Any

from traceability.store.engines import Engines

if TYPE_CHECKING:
    from traceability.store.view import View

FEW, MOST_KEPT = 8, 20_000
_LIST = re.compile(r"= ANY\(:(\w+)\)")
_NAME = re.compile(r"(?<!:):(\w+)")


class Hot:
    """One query with :names; `= ANY(:ids)` is a list of them, however long."""

    __slots__ = ("_few", "_many", "_postgresql", "_sql", "lists")

    def __init__(self, sql: str) -> None:
        self.lists = tuple(dict.fromkeys(_LIST.findall(sql)))
        self._sql = sql
        self._postgresql = _NAME.sub(r"%(\1)s", sql)
        self._many = _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", sql)
        self._few: dict[int, tuple[str, tuple[str, ...]]] = {}

    def __call__(self, driver: Any, **values: Any) -> list[Any]:
        found: list[Any] = self._ask(driver, values).fetchall()
        return found

    def named(self, driver: Any, **values: Any) -> list[dict[str, Any]]:
        """The rows by the names of their columns."""
        answer = self._ask(driver, values)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def _ask(self, driver: Any, values: dict[str, Any]) -> Any:
        if type(driver) is not Lite:
            return driver.execute(self._postgresql, values)
        sql = self._many
        if len(self.lists) == 1 and len(ids := values[self.lists[0]]) <= FEW:
            del values[self.lists[0]]
            sql, names = self._few.get(len(ids)) or self._spelled(len(ids))
            values.update(zip(names, ids, strict=True))
        else:
            values.update((name, json.dumps(values[name])) for name in self.lists)
        return driver.execute(sql, values)

    def _spelled(self, count: int) -> tuple[str, tuple[str, ...]]:
        """The statement for so few that each is named: SQLite looks them up without opening a list as a table."""
        (name,) = self.lists
        names = tuple(f"{name}_{at}" for at in range(count))
        made = _LIST.sub(f"IN ({', '.join(f':{one}' for one in names)})", self._sql), names
        self._few[count] = made
        return made


class Reader:
    """A driver's connection, and what it has read of this version of the record."""

    __slots__ = ("driver", "memo", "version")

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.memo: dict[Any, dict[Any, Any]] = {}
        self.version: int | None = None

    def settle(self) -> None:
        """Forget everything if anybody committed since, or if it has become much."""
        (version,) = self.driver.execute("PRAGMA data_version").fetchone()
        if version != self.version or sum(map(len, self.memo.values())) > MOST_KEPT:
            self.memo = {}
            self.version = version

    def grouped(self, query: Hot, ids: Iterable[str], make: Callable[[Any], Any], **more: Any) -> dict[str, list[Any]]:
        """Rows of a query over `:ids` by their first column; every id that was asked for is there."""
        memo = self.memo.setdefault((query, *more.values()), {})
        if missing := [one for one in ids if one not in memo]:
            for one in missing:
                memo[one] = []
            for row in query(self.driver, ids=missing, **more):
                memo[row[0]].append(make(row))
        return memo

    def once(self, query: Hot, make: Callable[[list[Any]], Any], **values: Any) -> Any:
        """What a query gives, made of all its rows."""
        memo = self.memo.setdefault(query, {})
        key = tuple(values.values())
        if key not in memo:
            memo[key] = make(query(self.driver, **values))
        return memo[key]


class Readers:
    """Connections that only read, each with what it has read. On SQLite they stay out of the pool: lending one costs nothing."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._idle: deque[Reader] = deque()

    @contextmanager
    def lend(self) -> Iterator[Reader]:
        """A reader in a transaction that only reads: one moment of the record."""
        if not self._engines.sqlite:
            fairy = self._engines.reader.raw_connection()
            try:
                yield Reader(fairy.driver_connection)
            finally:
                fairy.close()
            return
        try:
            reader = self._idle.pop()
        except IndexError:
            reader = self._open()
        try:
            reader.driver.execute("BEGIN")
            reader.settle()
            yield reader
        finally:
            reader.driver.rollback()
            self._idle.append(reader)

    def _open(self) -> Reader:
        fairy = self._engines.reader.raw_connection()
        driver = fairy.driver_connection
        fairy.detach()
        return Reader(driver)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().driver.close()


def reader_of(view: View) -> Reader:
    """The driver's connection under a view, in the view's own transaction."""
    return Reader(view.connection.connection.driver_connection)


def moment(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def known(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value

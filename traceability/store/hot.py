"""Reads on the hot path: SQL written once for both engines, run by the driver itself, without a statement built for it.

For a handful of reads that every scan, every act or every row of a trace makes. Rows are plain tuples; times are as the
driver gives them (`moment`). On SQLite what was read is kept until another act is entered, and what lies beside the record
(sessions) until anybody commits anything: the database itself says so (`PRAGMA data_version`).
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from sqlite3 import Connection as Lite
from sqlite3 import Cursor
from typing import TYPE_CHECKING, Any

from traceability.store.engines import Engines
from traceability.store.tables import BESIDE

if TYPE_CHECKING:
    from traceability.store.view import View

FEW, MOST_KEPT = 8, 20_000
_LIST = re.compile(r"= ANY\(:(\w+)\)")
_NAME = re.compile(r"(?<!:):(\w+)")
_BESIDE = re.compile(rf"\b(?:{'|'.join(map(str, BESIDE))})\b")
_ENTERED = "SELECT max(rowid) FROM entry"
"""Whatever changes the record is entered in the same commit, and nothing is taken out again."""


class Hot:
    """One query with :names; `= ANY(:ids)` is a list of them, however long."""

    __slots__ = ("_few", "_many", "_names", "_postgresql", "_sql", "beside", "lists")

    def __init__(self, sql: str) -> None:
        self.lists = tuple(dict.fromkeys(_LIST.findall(sql)))
        self.beside = bool(_BESIDE.search(sql))
        """It reads what changes without an entry."""
        self._sql = sql
        self._postgresql = _NAME.sub(r"%(\1)s", sql)
        self._names = tuple(dict.fromkeys(_NAME.findall(sql)))
        self._many = self._numbered(_LIST.sub(r"IN (SELECT value FROM json_each(:\1))", sql), self._names)
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
        if type(driver) is not Cursor and type(driver) is not Lite:
            return driver.execute(self._postgresql, values)
        if len(self.lists) == 1 and len(ids := values[self.lists[0]]) <= FEW:
            sql, others = self._few.get(len(ids)) or self._spelled(len(ids))
            return driver.execute(sql, (*ids, *[values[name] for name in others]))
        told = [json.dumps(values[name]) if name in self.lists else values[name] for name in self._names]
        return driver.execute(self._many, told)

    def _spelled(self, count: int) -> tuple[str, tuple[str, ...]]:
        """The statement for so few that each is named: SQLite looks them up without opening a list as a table."""
        (listed,) = self.lists
        each = tuple(f"{listed}_{at}" for at in range(count))
        others = tuple(name for name in self._names if name != listed)
        sql = _LIST.sub(f"IN ({', '.join(f':{one}' for one in each)})", self._sql)
        made = self._few[count] = self._numbered(sql, each + others), others
        return made

    @staticmethod
    def _numbered(sql: str, names: tuple[str, ...]) -> str:
        """Names as numbers: the driver looks every name up anew each time."""
        return _NAME.sub(lambda found: f"?{names.index(found[1]) + 1}", sql)


class Reader:
    """A driver's connection, and what it has read of this version of the record."""

    __slots__ = ("_beside", "_entered", "_kept", "_version", "driver", "is_sqlite", "memo")

    def __init__(self, driver: Any) -> None:
        self.is_sqlite = type(driver) in (Lite, Cursor)
        self.driver = driver.cursor() if type(driver) is Lite else driver
        self.memo: dict[Any, dict[Any, Any]] = {}
        self._beside: dict[Any, dict[Any, Any]] = {}
        self._version: int | None = None
        self._entered: int | None = None
        self._kept = 0

    def settle(self) -> None:
        """Forget what may have changed: everything if an act was entered since, or if it has become much."""
        (version,) = self.driver.execute("PRAGMA data_version").fetchone()
        if version == self._version and self._kept <= MOST_KEPT:
            return
        (entered,) = self.driver.execute(_ENTERED).fetchone()
        if entered != self._entered or self._kept > MOST_KEPT:
            self.memo, self._kept = {}, 0
        self._beside = {}
        self._version, self._entered = version, entered

    def grouped(self, query: Hot, ids: Iterable[str], make: Callable[[Any], Any], **more: Any) -> dict[str, list[Any]]:
        """Rows of a query over `:ids` by their first column; every id that was asked for is there."""
        key = (query, *more.values()) if more else query
        memo = self._of(query).setdefault(key, {})
        if missing := [one for one in ids if one not in memo]:
            for one in missing:
                memo[one] = []
            self._kept += len(missing)
            for row in query(self.driver, ids=missing, **more):
                memo[row[0]].append(make(row))
        return memo

    def once(self, query: Hot, make: Callable[[list[Any]], Any], **values: Any) -> Any:
        """What a query gives, made of all its rows."""
        memo = self._of(query).setdefault(query, {})
        key = tuple(values.values())
        if key not in memo:
            memo[key] = make(query(self.driver, **values))
            self._kept += 1
        return memo[key]

    def _of(self, query: Hot) -> dict[Any, dict[Any, Any]]:
        return self._beside if query.beside else self.memo


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
            reader.driver.connection.rollback()
            self._idle.append(reader)

    def _open(self) -> Reader:
        fairy = self._engines.reader.raw_connection()
        driver = fairy.driver_connection
        fairy.detach()
        return Reader(driver)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().driver.connection.close()


def reader_of(view: View) -> Reader:
    """The driver's connection under a view, in the view's own transaction."""
    return Reader(view.connection.connection.driver_connection)


def moment(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def known(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value

"""Reads on the hot path: SQL written once for both engines, run by the driver itself, without a statement built for it.

For a handful of reads that every scan makes. Rows are plain tuples; times are as the driver gives them (`moment`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from traceability.store import Store, View

_LIST = re.compile(r"= ANY\(:(\w+)\)")
_NAME = re.compile(r"(?<!:):(\w+)")


class Hot:
    """One query with :names; `= ANY(:ids)` is a list of them, however long."""

    __slots__ = ("lists", "postgresql", "sqlite")

    def __init__(self, sql: str) -> None:
        self.lists = tuple(dict.fromkeys(_LIST.findall(sql)))  # named twice, it is still given once
        self.sqlite = _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", sql)
        self.postgresql = _NAME.sub(r"%(\1)s", sql)

    def __call__(self, driver: Any, **values: Any) -> list[Any]:
        if type(driver).__module__ == "sqlite3":
            for name in self.lists:
                values[name] = json.dumps(values[name])
            found: list[Any] = driver.execute(self.sqlite, values).fetchall()
            return found
        return list(driver.execute(self.postgresql, values).fetchall())


@contextmanager
def reading(store: Store) -> Iterator[Any]:
    """A driver's connection in a transaction that only reads: one moment of the record."""
    lent = store.engines.reader.raw_connection()
    try:
        driver = lent.driver_connection
        if store.engines.sqlite:
            driver.execute("BEGIN")  # type: ignore[union-attr]
        yield driver
    finally:
        lent.close()


def driver_of(view: View) -> Any:
    """The driver's connection under a view, in the view's own transaction."""
    return view.connection.connection.driver_connection


def moment(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def known(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value

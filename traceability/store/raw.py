"""Rows as they lie in the database, before anything reads them: what no type can read must still be named by `verify`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, text

from traceability.domain.plain import canonical, plain
from traceability.store.tables.row import Json

_SQLITE = text("SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'")
_POSTGRESQL = text(
    "SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE n.nspname = 'trace' AND c.relkind IN ('r', 'p')"
)


def columns(connection: Connection) -> dict[str, set[str]]:
    """The tables that are there, each with its columns."""
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(_SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL):
        found.setdefault(str(table), set()).add(str(column))
    return found


def rows(connection: Connection, table: Table, order: str = "") -> Iterator[Mapping[str, Any]]:
    """Every row, its values as the driver gives them."""
    listed = ", ".join(f'"{column.name}"' for column in table.columns)
    query = f'SELECT {listed} FROM "{table.name}" {order}'  # noqa: S608  # names of our own tables
    found: Any = connection.execution_options(yield_per=5_000).exec_driver_sql(query).mappings()
    yield from found


def same(value: Any, told: Any, json: bool) -> bool:
    """Whether a value as it lies there is what the ledger says of it, letter by letter."""
    if json:
        return bool(value == (None if told is None else canonical(told)))
    if value is None or isinstance(value, (str, int)):
        return bool(value == told)
    try:
        return bool(plain(value) == told)
    except (TypeError, ValueError):  # a float, a time without zone: nothing of ours
        return False


@cache
def of_json(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.columns if isinstance(column.type, Json))


@contextmanager
def lenient(connection: Connection) -> Iterator[None]:
    """On SQLite, text that is no text is given as bytes, and does not end the reading. Slower than the driver's own way."""
    driver: Any = connection.connection.driver_connection
    before = driver.text_factory
    driver.text_factory = _text
    try:
        yield
    finally:
        driver.text_factory = before


def _text(told: bytes) -> str | bytes:
    try:
        return told.decode()
    except UnicodeDecodeError:
        return told

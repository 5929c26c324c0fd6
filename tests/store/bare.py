"""The database without the house: raw connections, rows made up from the metadata, guards taken off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Engine,
    Integer,
    LargeBinary,
    Table,
    create_engine,
    event,
    insert,
    text,
)
from sqlalchemy.pool import NullPool

from traceability.store import Store, guards
from traceability.store.ledger import append
from traceability.store.tables.row import Choice, Json, Utc

DRIVER_ERRORS = (sqlite3.Error, psycopg.Error)


def new_act() -> str:
    return uuid4().hex


def database(store: Store) -> str:
    return str(store.engines.writer.url.database)


def connect(store: Store, role: str = "app") -> Any:
    """As somebody who has the file, or the role's password, and none of our code or settings."""
    if store.engines.sqlite:
        return sqlite3.connect(database(store), isolation_level=None, timeout=5)
    url = store.engines.writer.url.set(drivername="postgresql", username=role)
    return psycopg.connect(url.render_as_string(), autocommit=True, options="-c search_path=trace")


@contextmanager
def bare(store: Store, role: str = "app") -> Iterator[Any]:
    connection = connect(store, role)
    try:
        yield connection
    finally:
        connection.close()


def engine(store: Store, role: str = "app", *, loose: bool = False) -> Engine:
    """The same for statements built from the metadata; on SQLite no act opens without foreign keys, unless they are loose."""
    if not store.engines.sqlite:
        url = store.engines.writer.url.set(username=role)
        return create_engine(url, poolclass=NullPool, connect_args={"options": "-c search_path=trace"})
    made = create_engine(store.engines.writer.url, poolclass=NullPool, connect_args={"isolation_level": None})

    @event.listens_for(made, "connect")
    def settle(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(f"PRAGMA foreign_keys={'OFF' if loose else 'ON'}")

    @event.listens_for(made, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return made


@contextmanager
def unguarded(store: Store) -> Iterator[Connection]:
    """The owner takes the guards off, does what is in the block, and puts them back as if nothing had been."""
    made = engine(store, "postgres", loose=True)
    with made.begin() as connection:
        guards.remove(connection)
        yield connection
        guards.install(connection, None if store.engines.sqlite else "app")
    made.dispose()


def loosen(store: Store) -> None:
    """Take every other constraint off, so that what refuses can only be the guard.

    SQLite has them off for the asking, but for the one guard that asks for them: it is bent not to.
    """
    if store.engines.sqlite:
        with bare(store) as connection:
            (told,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'open_ins'").fetchone()
            asks = "WHERE (SELECT foreign_keys FROM pragma_foreign_keys) IS NOT 1"
            assert asks in told
            connection.execute("DROP TRIGGER open_ins")
            connection.execute(told.replace(asks, "WHERE 0"))
        return
    with bare(store, "postgres") as connection:
        found = connection.execute(
            "SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'trace' AND k.contype IN ('f', 'c')"
        ).fetchall()
        for table, name in found:
            connection.execute(f'ALTER TABLE trace."{table}" DROP CONSTRAINT IF EXISTS "{name}"')


def made_up(table: Table, n: int, act: str) -> dict[str, Any]:
    """A row of this table, different for every `n` in every column that can be, and under every condition of what may not repeat."""
    row = {column.name: _value(column, n) for column in table.columns}
    empty = {where.removesuffix(" IS NULL"): None for _, where in guards._uniques(table) if where.endswith(" IS NULL")}
    return row | empty | {"act_id": act}


def _value(column: Any, n: int) -> Any:
    match column.type:
        case Choice():
            return next(iter(column.type.words))
        case Utc():
            return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n)
        case Json():
            return {"n": n}
        case Date():
            return date(2026, 1, 1) + timedelta(days=n)
        case LargeBinary():
            return n.to_bytes(4, "big")
        case Boolean():
            return False
        case Integer() | BigInteger():
            return n
    if enum := getattr(column.type, "enums", None):
        return enum[0]
    length = getattr(column.type, "length", None) or 32
    return f"{n:x}".rjust(min(length, 32), "d")


def opened(connection: Connection, act: str) -> str:
    connection.execute(text("INSERT INTO open(id) VALUES (:id)"), {"id": act})
    return act


def closed(connection: Connection, act: str, ledger: str = "e" * 32) -> int:
    """A true entry for a false act: what the application's own rights allow."""
    now = datetime(2026, 4, 1, tzinfo=UTC)
    body = {"act": "raw", "act_id": act, "person_id": "a" * 32, "noun_id": None, "occurred_at": now, "recorded_at": now}
    return append(connection, ledger, body)


def furnish(connection: Connection, table: Table, n: int, act: str) -> dict[str, Any]:
    row = made_up(table, n, act)
    connection.execute(insert(table), row)
    return row

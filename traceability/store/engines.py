"""Connections to either database: one engine that writes, one that only reads, settings asserted, never assumed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.pool import QueuePool


@dataclass(frozen=True, slots=True)
class Engines:
    """`turn` is a fair queue before BEGIN: without it SQLite's busy handler sleeps and starves (RELIABILITY.md 1)."""

    writer: Engine
    reader: Engine
    queue_path: str | None

    @property
    def sqlite(self) -> bool:
        return self.queue_path is not None

    @contextmanager
    def turn(self) -> Iterator[None]:
        if self.queue_path is None:
            yield
            return
        handle = os.open(self.queue_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def lone(self, name: str) -> Iterator[bool]:
        """Whether this is the one process that does a thing meanwhile. Nobody waits; the lock goes with who holds it."""
        if self.queue_path is not None:
            handle = os.open(f"{self.queue_path}-{name}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                mine = True
            except BlockingIOError:
                mine = False
            try:
                yield mine
            finally:
                os.close(handle)
            return
        with self.reader.connect() as connection:
            key = {"name": f"trace.lone:{name}"}
            mine = bool(connection.execute(_TAKE, key).scalar_one())
            connection.rollback()  # the lock is the session's: no transaction stays open behind it
            try:
                yield mine
            finally:
                if mine:
                    connection.execute(_GIVE, key)

    def dispose(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


_TAKE = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_GIVE = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")


def connect(url: str) -> Engines:
    return _sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _postgresql(url)


def _sqlite(url: str) -> Engines:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("the record needs a file")

    def engine(begin: str, *pragmas: str) -> Engine:
        made = create_engine(
            url, poolclass=QueuePool, pool_size=8, max_overflow=64,
            connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 15},
        )  # fmt: skip

        @event.listens_for(made, "connect")
        def settle(connection: Any, _: Any) -> None:
            for pragma in ("foreign_keys=ON", "recursive_triggers=ON", *pragmas):
                connection.execute(f"PRAGMA {pragma}")

        def start(dbapi_connection: Any) -> None:
            dbapi_connection.execute(begin)

        # Not an event of the engine: with one, SQLAlchemy looks for listeners around every statement.
        made.dialect.do_begin = start  # type: ignore[method-assign]
        return made

    # The writer trusts the schema: the guard of `open` asks a pragma, which is a virtual table.
    writer = engine("BEGIN IMMEDIATE", "journal_mode=WAL", "synchronous=FULL", "trusted_schema=ON")
    reader = engine("BEGIN", "query_only=ON", "trusted_schema=OFF")
    return Engines(writer, reader, f"{path}-queue")


def _postgresql(url: str) -> Engines:
    def engine(*options: str) -> Engine:
        settings = " ".join(f"-c {option}" for option in ("search_path=trace", "timezone=UTC", *options))
        return create_engine(url, pool_size=16, max_overflow=48, pool_pre_ping=True, connect_args={"options": settings})

    writer = engine("default_transaction_isolation=read\\ committed", "synchronous_commit=on")
    # A read is one view from beginning to end, as on SQLite: a report over two moments would find what never was.
    reader = engine("default_transaction_read_only=on", "default_transaction_isolation=repeatable\\ read")
    return Engines(writer, reader, None)

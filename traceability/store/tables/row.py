"""What every row of the record has, and the column types that both engines keep alike."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel

from traceability.domain.plain import canonical, moment

ID = String(32)


class Utc(TypeDecorator[datetime]):
    """An aware time in UTC. SQLite keeps it as sortable text, PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return moment(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A small value in canonical JSON, as text on both engines so that it hashes alike."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Choice(TypeDecorator[StrEnum]):
    """One word of a closed list, kept as the word."""

    impl = String(24)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Row(SQLModel):
    """A row of the record: written by an act, stamped with it, never deleted.

    `sealed` columns stand in the ledger as a salted digest only; such a row carries its own `salt` and can be erased.
    """

    sealed: ClassVar[frozenset[str]] = frozenset()

    id: str = Field(default="", primary_key=True, sa_type=ID)
    act_id: str = Field(default="", sa_type=ID)
    demonstration: bool = Field(default=False)


def key(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    """A reference to another row's id."""
    return Field(default=None if nullable else ..., foreign_key=target, sa_type=ID, nullable=nullable, index=index)


def when(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None if nullable else ..., sa_type=Utc, nullable=nullable, index=index)


def word(words: type[StrEnum], *, nullable: bool = False) -> Any:
    return Field(default=None if nullable else ..., sa_type=Choice(words), nullable=nullable)


def values(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_type=Json, nullable=nullable)


def text(*, nullable: bool = False) -> Any:
    return Field(default=None if nullable else ..., sa_type=Text, nullable=nullable)


BIG = BigInteger

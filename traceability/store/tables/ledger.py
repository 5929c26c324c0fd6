"""The ledger's own tables: entries, what they are about, signatures, and words that can be erased."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, Index, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from traceability.domain.people import Meaning, Role
from traceability.store.tables.row import BIG, ID, Row, key, text, when, word


class Entry(SQLModel, table=True):
    """One act, done or refused. `body` is the canonical JSON that is hashed; the other columns repeat it for searching.

    The leaf does not contain the number: it is given last, under the ledger's lock, without gaps.
    """

    __table_args__ = (
        UniqueConstraint("act_id"),
        Index("entry_noun", "noun_id", "number"),
        Index("entry_recorded", "ledger", "recorded_at", "number"),
        Index("entry_act", "ledger", "act", "number"),
        Index("entry_person", "person_id", "ledger", "number"),
        Index(
            "entry_refused",
            "ledger",
            "number",
            sqlite_where=sql("refused IS NOT NULL"),
            postgresql_where=sql("refused IS NOT NULL"),
        ),
    )

    ledger: str = Field(primary_key=True, sa_type=ID)
    number: int = Field(primary_key=True, sa_type=BIG)
    act_id: str = Field(sa_type=ID)
    act: str = Field(max_length=40)
    refused: str | None = Field(default=None, max_length=40)
    person_id: str = Field(sa_type=ID)
    noun_id: str | None = Field(default=None, sa_type=ID)
    occurred_at: datetime = when()
    recorded_at: datetime = when()
    body: str = text()
    leaf: bytes = Field(sa_type=LargeBinary)


class Mention(SQLModel, table=True):
    """An act is about this lot, vial or subject too. Derived from the entry's body, which `verify` compares."""

    about_id: str = Field(primary_key=True, sa_type=ID)
    act_id: str = Field(primary_key=True, sa_type=ID)


class Signature(Row, table=True):
    """Printed name, role, meaning, time, bound to the digest of what was signed (R56)."""

    __table_args__ = (Index("signature_act", "act_id"),)

    person_id: str = key("person.id", index=False)
    name: str
    role: Role = word(Role)
    meaning: Meaning = word(Meaning)
    behalf: str | None = Field(default=None, max_length=200)
    """For whom it was signed, where the role was handed over for a time."""
    noun_id: str | None = Field(default=None, sa_type=ID, index=True)
    digest: str = Field(max_length=64)
    signed_at: datetime = when()


class FreeText(Row, table=True):
    """Words a person wrote: a reason, a narrative. Erasable; the ledger keeps their salted digest."""

    __tablename__ = "free_text"
    sealed: ClassVar[frozenset[str]] = frozenset({"words"})
    __table_args__ = (Index("free_text_act", "act_id"),)

    noun_id: str | None = Field(default=None, sa_type=ID, index=True)
    kind: str = Field(max_length=24)
    words: str | None = Field(default=None, sa_type=Text)
    salt: str | None = Field(default=None, max_length=32)


open_acts = Table("open", SQLModel.metadata, Column("id", ID, primary_key=True))
"""The act a transaction is in. Rows may carry no other stamp (GUARD.md)."""

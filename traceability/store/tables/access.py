"""Beside the record: who is signed in, and what was scanned. Erasable, and no act writes here."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from traceability.store.tables.row import ID, key, when


class Login(SQLModel, table=True):
    """A session, found by the SHA-256 of its token: a copy of this table opens no door."""

    token_sha256: str = Field(primary_key=True, max_length=64)
    person_id: str = key("person.id")
    kind: str = Field(max_length=8)
    started_at: datetime = when()
    seen_at: datetime = when()
    ends_at: datetime = when()
    ended_at: datetime | None = when(nullable=True)


class Scan(SQLModel, table=True):
    """One verdict given. Its daily digest goes into the ledger."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = when(index=True)
    person_id: str = Field(sa_type=ID)
    vial_id: str | None = Field(default=None, sa_type=ID, index=True)
    purpose: str = Field(max_length=8)
    verdict: str = Field(max_length=12)
    findings: str = Field(default="", max_length=400)


class Viewing(SQLModel, table=True):
    """A page or an answer of the API that an inspector asked for, or a comparison of outcomes that anybody did. Its daily digest
    goes into the ledger.
    """

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = when(index=True)
    person_id: str = Field(sa_type=ID, index=True)
    path: str = Field(max_length=400)

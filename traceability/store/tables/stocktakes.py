"""The content of a place, counted by scanning and held against the record. A count moves nothing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from traceability.store.tables.row import Row, key, when, word


class Seen(StrEnum):
    """What a count says of one vial: there as recorded; there, and recorded elsewhere, as gone, or not at all; not there."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    OUT_OF_STOCK = "out_of_stock"
    UNKNOWN = "unknown"
    MISSING = "missing"


class Stocktake(Row, table=True):
    """One count of one place; it goes on until it is finished or dropped. Its first difference opens its case."""

    __table_args__ = (
        Index(
            "stocktake_open",
            "place_id",
            unique=True,
            sqlite_where=sql("ended_at IS NULL"),
            postgresql_where=sql("ended_at IS NULL"),
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= begun_at"),
        CheckConstraint("NOT dropped OR ended_at IS NOT NULL"),
    )

    number: str = Field(unique=True, max_length=20)
    organisation_id: str = key("organisation.id")
    place_id: str = key("place.id")
    begun_at: datetime = when()
    ended_at: datetime | None = when(nullable=True)
    dropped: bool = False
    case_id: str | None = key("cases.id", nullable=True, index=False)


class StocktakeLine(Row, table=True):
    """One vial of a count. `place_id` is where the record had it, if anywhere; one that is not on record has its code."""

    __tablename__ = "stocktake_line"
    __table_args__ = (
        UniqueConstraint("stocktake_id", "vial_id"),
        UniqueConstraint("stocktake_id", "code"),
        CheckConstraint("(vial_id IS NULL) <> (code IS NULL)"),
    )

    stocktake_id: str = key("stocktake.id", index=False)
    vial_id: str | None = key("vial.id", nullable=True)
    code: str | None = Field(default=None, max_length=200)
    seen: Seen = word(Seen)
    place_id: str | None = key("place.id", nullable=True, index=False)
    at: datetime = when()

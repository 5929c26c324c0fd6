"""The vial: its code, its labels, where it is and whether it was thawed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from traceability.domain.states import Custody
from traceability.store.tables.row import Row, key, when, word


class SerialKind(StrEnum):
    MAKER = "maker"
    INTERNAL = "internal"


class Vial(Row, table=True):
    """(gtin, serial) is unique for ever (R3). `organisation_id` is who holds it now: the maker, then the consignee."""

    __table_args__ = (UniqueConstraint("gtin", "serial"), Index("vial_lot_state", "lot_id", "state"))

    lot_id: str = key("lot.id", index=False)
    gtin: str = Field(max_length=14)
    serial: str = Field(max_length=20)
    serial_kind: SerialKind = word(SerialKind)
    state: Custody = word(Custody)
    organisation_id: str = key("organisation.id")


class Alias(Row, table=True):
    """Another code that is on the vial, by its scheme (R11)."""

    __table_args__ = (UniqueConstraint("scheme", "code"),)

    vial_id: str = key("vial.id")
    scheme: str = Field(max_length=24)
    code: str = Field(max_length=200)


class LabelPrint(Row, table=True):
    """A label was printed; the vial is known to carry it once it was scanned back (R12). Applied, spoiled, or left: one of them."""

    __tablename__ = "label_print"
    __table_args__ = (
        UniqueConstraint("vial_id", "version"),
        CheckConstraint("scanned_back_at IS NULL OR spoiled_at IS NULL"),
    )

    vial_id: str = key("vial.id", index=False)
    version: int
    layout: str = Field(max_length=20)
    printed_at: datetime = when()
    scanned_back_at: datetime | None = when(nullable=True)
    spoiled_at: datetime | None = when(nullable=True)


class Stay(Row, table=True):
    """A vial in a place, from one moment to another: half open, one of them without end."""

    __table_args__ = (
        Index(
            "stay_open",
            "vial_id",
            unique=True,
            sqlite_where=sql("until IS NULL"),
            postgresql_where=sql("until IS NULL"),
        ),
        Index("stay_place", "place_id", "since"),
        CheckConstraint("until IS NULL OR until >= since"),
    )

    vial_id: str = key("vial.id")
    place_id: str = key("place.id", index=False)
    consignment_id: str | None = key("consignment.id", nullable=True)
    since: datetime = when()
    until: datetime | None = when(nullable=True)


class Thaw(Row, table=True):
    """Thawing began: an act of its own that starts a clock (R28). Once in a vial's life."""

    vial_id: str = Field(foreign_key="vial.id", unique=True, max_length=32)
    at: datetime = when()

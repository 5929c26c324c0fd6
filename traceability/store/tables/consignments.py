"""A box on its way: what was shipped, who handed it over, what was found in it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from traceability.domain.states import ConsignmentState
from traceability.store.tables.row import Row, key, when, word


class Found(StrEnum):
    """What the count says of one vial. What was not scanned is absent; the shipped quantity is never edited (R17)."""

    SHIPPED = "shipped"
    OK = "ok"
    BROKEN = "broken"
    ABSENT = "absent"
    EXTRA = "extra"
    EXTRA_BROKEN = "extra_broken"


UNLISTED = frozenset({Found.EXTRA, Found.EXTRA_BROKEN})


class Consignment(Row, table=True):
    """`due_at`: the latest arrival. `given_up_at`: when it was given up as lost in transit, also where it came after all."""

    __table_args__ = (CheckConstraint("state <> 'given_up' OR given_up_at IS NOT NULL"),)

    number: str = Field(unique=True, max_length=20)
    sscc: str = Field(unique=True, max_length=18)
    shipper_id: str = key("organisation.id")
    consignee_id: str = key("organisation.id")
    from_site_id: str = key("site.id", index=False)
    to_site_id: str = key("site.id", index=False)
    place_id: str = key("place.id")
    shipped_at: datetime = when()
    due_at: datetime = when()
    given_up_at: datetime | None = when(nullable=True)
    state: ConsignmentState = word(ConsignmentState)


class Line(Row, table=True):
    """One vial of a consignment; `extra` is one that was in the box and on no list, `extra_broken` one of these in shards.

    A vial that the record does not know was in the box all the same: it has the code that was read, and is no vial.
    """

    __tablename__ = "consignment_line"
    __table_args__ = (
        UniqueConstraint("consignment_id", "vial_id"),
        UniqueConstraint("consignment_id", "code"),
        CheckConstraint("(vial_id IS NULL) <> (code IS NULL)"),
    )

    consignment_id: str = key("consignment.id", index=False)
    vial_id: str | None = key("vial.id", nullable=True)
    code: str | None = Field(default=None, max_length=200)
    found: Found = word(Found)
    counted_at: datetime | None = when(nullable=True)


class Handover(Row, table=True):
    """Giver, receiver, time, seal, condition and temperature at the door (R18)."""

    sealed: ClassVar[frozenset[str]] = frozenset({"carrier", "condition"})

    consignment_id: str = key("consignment.id")
    carrier: str | None = Field(nullable=True)
    seal: str
    seal_whole: bool
    condition: str | None = Field(nullable=True)
    temperature_mc: int | None = None
    at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)

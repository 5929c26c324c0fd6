"""Organisation ⊃ site ⊃ place, and what is assumed of a place that nobody measures."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from traceability.store.tables.row import Row, key, when, word


class OrganisationKind(StrEnum):
    MAKER = "maker"
    HOSPITAL = "hospital"
    AUTHORITY = "authority"
    INSTALLATION = "installation"


class PlaceKind(StrEnum):
    FREEZER = "freezer"
    FRIDGE = "fridge"
    ROOM = "room"
    BENCH = "bench"
    SHIPPER = "shipper"
    BEDSIDE = "bedside"


class Organisation(Row, table=True):
    """`release_signatures`: how many people of its QA sign a release."""

    __table_args__ = (CheckConstraint("release_signatures BETWEEN 1 AND 2"),)

    name: str
    kind: OrganisationKind = word(OrganisationKind)
    release_signatures: int = 1


class Site(Row, table=True):
    organisation_id: str = key("organisation.id")
    name: str
    gln: str | None = Field(default=None, unique=True, max_length=13)
    zone: str = Field(max_length=40)


class Place(Row, table=True):
    """Somewhere a vial can be. `longest_age_s`: how old the last reading may be before its temperature is unknown (R25).

    `parent_id` is none until holds and readings of a place reach the places in it.
    """

    __table_args__ = (UniqueConstraint("site_id", "code"),)

    site_id: str = key("site.id")
    parent_id: str | None = key("place.id", nullable=True)
    kind: PlaceKind = word(PlaceKind)
    name: str
    code: str = Field(max_length=20)
    quarantine: bool = False
    longest_age_s: int | None = None


class AssumedBand(Row, table=True):
    """The worst case assumed of a place without sensor, and the longest stay it covers (R21). The newest counts."""

    __tablename__ = "assumed_band"
    __table_args__ = (CheckConstraint("low_mc <= high_mc"), CheckConstraint("longest_s > 0"))

    place_id: str = key("place.id")
    low_mc: int
    high_mc: int
    longest_s: int
    decided_at: datetime = when()

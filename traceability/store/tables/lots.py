"""The lot, what it was made of, who vouches for it, and until when it may be used."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from traceability.domain.states import LotState
from traceability.store.tables.row import Row, key, when, word


class MaterialKind(StrEnum):
    DONOR = "donor"
    BANK = "bank"
    HARVEST = "harvest"
    REAGENT = "reagent"


class Route(StrEnum):
    """On which legal ground the lot is used (R16): it decides what label and certificate say."""

    MARKETED = "marketed"
    TRIAL = "trial"
    SERVICE = "service"


class Material(Row, table=True):
    """A donor, bank, harvest or reagent under its code. A code carries no name and no number of a person (R9)."""

    sealed: ClassVar[frozenset[str]] = frozenset({"description"})
    __table_args__ = (UniqueConstraint("organisation_id", "kind", "code"),)

    organisation_id: str = key("organisation.id")
    kind: MaterialKind = word(MaterialKind)
    code: str
    description: str | None = ""
    salt: str | None = Field(default=None, max_length=32)


class Ancestry(Row, table=True):
    """The child was made from the parent: a graph of materials whose ends are lots (see `LotAncestor`)."""

    __table_args__ = (UniqueConstraint("parent_id", "child_id"), CheckConstraint("parent_id <> child_id"))

    parent_id: str = key("material.id")
    child_id: str = key("material.id")


class Lot(Row, table=True):
    """A batch. Who may see it, its quality and its holds are rows elsewhere."""

    __table_args__ = (UniqueConstraint("maker_id", "number"), CheckConstraint("filled > 0"))

    maker_id: str = key("organisation.id")
    product_version_id: str = key("product_version.id")
    number: str = Field(max_length=20, index=True)
    made_on: date
    filled: int
    route: Route = word(Route)
    route_number: str = ""
    state: LotState = word(LotState)


class Consignee(Row, table=True):
    """This organisation may see the lot: it is, or was, to receive vials of it (MODEL.md, decision 7)."""

    __table_args__ = (UniqueConstraint("lot_id", "organisation_id"),)

    lot_id: str = key("lot.id")
    organisation_id: str = key("organisation.id")


class LotAncestor(Row, table=True):
    """Every material in the lot, however far up: written once, when the lot is announced."""

    __tablename__ = "lot_ancestor"
    __table_args__ = (UniqueConstraint("lot_id", "material_id"),)

    lot_id: str = key("lot.id")
    material_id: str = key("material.id")


class Certification(Row, table=True):
    """The maker's word for the lot; or, transcribed by the hospital, a copy of it that never says "certified"."""

    sealed: ClassVar[frozenset[str]] = frozenset({"statement"})

    lot_id: str = key("lot.id")
    transcribed: bool
    statement: str | None = Field(nullable=True)
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    certified_on: date
    salt: str | None = Field(default=None, max_length=32)


class ExpiryStatement(Row, table=True):
    """Until when the lot may be used, by version; the highest counts, the others are superseded (R3).

    `transcribed`: copied in by the hospital from the maker's document, not stated by the maker here.
    """

    __tablename__ = "expiry_statement"
    __table_args__ = (UniqueConstraint("lot_id", "version"),)

    lot_id: str = key("lot.id")
    version: int
    expires: date
    stated_at: datetime = when()
    transcribed: bool = False
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)

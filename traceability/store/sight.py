"""What a person may see: their organisation's rows, and what relations give (the consignee sees the lot).

A row out of sight is *not found*; nobody learns that it exists.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select, true

from traceability.domain.people import INSTALLATION, Actor
from traceability.store import tables as t

TABLE = {name: row.__table__ for name, row in t.GUARDED.items()}  # type: ignore[attr-defined]
LOT, VIAL, SITE, PLACE = TABLE["lot"], TABLE["vial"], TABLE["site"], TABLE["place"]
CONSIGNEE, CONSIGNMENT = TABLE["consignee"], TABLE["consignment"]
ORGANISATION, PERSON = TABLE["organisation"], TABLE["person"]

OPEN_TO_ALL = {"organisation", "site", "product", "product_version", "specification", "credential", "person"}
"""Who there is, what is made and under which papers: seen by everybody who signs in. No subject and no stock."""

THROUGH = {
    # table → (its column, the table that it belongs to)
    "certification": ("lot_id", "lot"),
    "expiry_statement": ("lot_id", "lot"),
    "lot_ancestor": ("lot_id", "lot"),
    "consignee": ("lot_id", "lot"),
    "result": ("lot_id", "lot"),
    "vial": ("lot_id", "lot"),
    "alias": ("vial_id", "vial"),
    "label_print": ("vial_id", "vial"),
    "stay": ("vial_id", "vial"),
    "thaw": ("vial_id", "vial"),
    "released_vial": ("vial_id", "vial"),
    "consignment_line": ("consignment_id", "consignment"),
    "handover": ("consignment_id", "consignment"),
    "sensor_file": ("place_id", "place"),
    "manual_reading": ("place_id", "place"),
    "assumed_band": ("place_id", "place"),
    "excursion": ("place_id", "place"),
    "block": ("sensor_file_id", "sensor_file"),
    "identity": ("subject_id", "subject"),
    "consent": ("subject_id", "subject"),
    "course": ("subject_id", "subject"),
    "dose": ("course_id", "course"),
    "orders": ("dose_id", "dose"),
    "reservation": ("dose_id", "dose"),
    "dose_start": ("dose_id", "dose"),
    "administration_vial": ("administration_id", "administration"),
    "observation": ("administration_id", "administration"),
    "score": ("subject_id", "subject"),
    "adjudication": ("subject_id", "subject"),
}


def visible(name: str, actor: Actor, at: datetime) -> ColumnElement[bool]:
    """The condition under which rows of this table are this actor's to see."""
    made: ColumnElement[bool] = _visible(name, *_scope(actor, at))
    return made


def one(name: str, actor: Actor, at: datetime) -> Select[Any]:
    """The row of this table whose id is :one, if it is this actor's to see."""
    return _one(name, *_scope(actor, at))


Scope = tuple[frozenset[str], frozenset[str]]
"""Organisations seen whole, and single lots."""


def _scope(actor: Actor, at: datetime) -> Scope:
    grants = [grant for grant in actor.grants if grant.holds(at)]
    if any(grant.organisation_id == INSTALLATION for grant in grants):
        return frozenset([INSTALLATION]), frozenset()
    whole = frozenset(grant.organisation_id for grant in grants if grant.lot_id is None)
    return whole, frozenset(grant.lot_id for grant in grants if grant.lot_id is not None)


# Kept as they were made: building a statement takes five times as long as running it, and every act reads by id.
@lru_cache(maxsize=2048)
def _one(name: str, organisations: frozenset[str], lots: frozenset[str]) -> Select[Any]:
    table: Any = TABLE[name]
    return select(table).where(_visible(name, organisations, lots), table.c.id == bindparam("one"))


@lru_cache(maxsize=2048)
def _visible(name: str, organisations: frozenset[str], lots: frozenset[str]) -> Any:
    if INSTALLATION in organisations:
        return true()
    if not organisations and not lots:
        return false()
    table: Any = TABLE[name]
    if name in OPEN_TO_ALL:
        return true()
    if name == "lot":
        consigned = select(CONSIGNEE.c.lot_id).where(CONSIGNEE.c.organisation_id.in_(organisations))
        return or_(LOT.c.maker_id.in_(organisations), LOT.c.id.in_(consigned), LOT.c.id.in_(lots))
    if name == "place":
        here = select(SITE.c.id).where(SITE.c.organisation_id.in_(organisations))
        shippers = select(CONSIGNMENT.c.place_id).where(CONSIGNMENT.c.consignee_id.in_(organisations))
        makers = select(SITE.c.id).join(ORGANISATION, ORGANISATION.c.id == SITE.c.organisation_id)
        # Of a maker that never signs in, whoever transcribes for it sees the places; of any other, only itself.
        makers = makers.where(
            ORGANISATION.c.kind == "maker", ORGANISATION.c.id.not_in(select(PERSON.c.organisation_id))
        )
        return or_(PLACE.c.site_id.in_(here), PLACE.c.site_id.in_(makers), PLACE.c.id.in_(shippers))
    if name == "consignment":
        return or_(CONSIGNMENT.c.shipper_id.in_(organisations), CONSIGNMENT.c.consignee_id.in_(organisations))
    if name in ("material", "ancestry"):
        return true() if organisations or lots else false()
    if name in THROUGH:
        column, parent = THROUGH[name]
        above: Any = TABLE[parent]
        return table.c[column].in_(select(above.c.id).where(_visible(parent, organisations, lots)))
    if "organisation_id" in table.c:
        mine = table.c.organisation_id.in_(organisations)
        return or_(mine, and_(table.c.lot_id.in_(lots), table.c.lot_id.is_not(None))) if "lot_id" in table.c else mine
    return false()

"""What a person may see: their organisation's rows, and what relations give (the consignee sees the lot).

A row out of sight is *not found*; nobody learns that it exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select, true

from traceability.domain.people import INSTALLATION, SEES_SUBJECTS, Actor, Role
from traceability.store import tables as t

TABLE = {name: row.__table__ for name, row in t.GUARDED.items()}  # type: ignore[attr-defined]
LOT, VIAL, SITE, PLACE = TABLE["lot"], TABLE["vial"], TABLE["site"], TABLE["place"]
CONSIGNEE, CONSIGNMENT = TABLE["consignee"], TABLE["consignment"]
ORGANISATION, PERSON = TABLE["organisation"], TABLE["person"]
OF_SUBJECTS = {"subject", "subject_merge", "administration", "adverse_event", "cases", "emergency_issue", "opening"}
"""Rows that name a subject, and what hangs on them below: for who treats, judges or inspects. Others see counts."""
OF_SUBJECTS_TO = SEES_SUBJECTS | {Role.MAKER_QA}
"""A maker has none, and its QA answers for its cases."""
ASSIGNMENT, SENSOR = TABLE["assignment"], TABLE["sensor"]
NAMELESS = ("release", "analysis", "shipment", "place", "vial", "recall", "mock_recall")
"""Printed records that name no subject."""
OF_A_RECALL = {"recall_notice", "retrieval", "recall_check"}
"""What is done about a recall: seen by whose it is, and by whoever started the recall."""
RECALL = TABLE["recall"]
DOCUMENT, RELEASE, STAY = TABLE["document"], TABLE["release"], TABLE["stay"]

OPEN_TO_ALL = {
    "organisation",
    "site",
    "product",
    "product_version",
    "budget_band",
    "specification",
    "credential",
    "suspension",
    "person",
}
"""Who there is, what is made and under which papers: seen by everybody who signs in. No subject and no stock."""

THROUGH = {
    # table → (its column, the table that it belongs to)
    "certification": ("lot_id", "lot"),
    "expiry_statement": ("lot_id", "lot"),
    "lot_ancestor": ("lot_id", "lot"),
    "consignee": ("lot_id", "lot"),
    "result": ("lot_id", "lot"),
    "conclusion": ("result_id", "result"),
    "vial": ("lot_id", "lot"),
    "alias": ("vial_id", "vial"),
    "label_print": ("vial_id", "vial"),
    "stay": ("vial_id", "vial"),
    "thaw": ("vial_id", "vial"),
    "released_vial": ("vial_id", "vial"),
    "consignment_line": ("consignment_id", "consignment"),
    "handover": ("consignment_id", "consignment"),
    "stocktake_line": ("stocktake_id", "stocktake"),
    "assignment": ("place_id", "place"),
    "calibration": ("sensor_id", "sensor"),
    "sensor_file": ("place_id", "place"),
    "manual_reading": ("place_id", "place"),
    "assumed_band": ("place_id", "place"),
    "excursion": ("place_id", "place"),
    "alarm_rule": ("place_id", "place"),
    "disposition": ("excursion_id", "excursion"),
    "block": ("sensor_id", "sensor"),
    "daily_extreme": ("sensor_id", "sensor"),
    "watch": ("sensor_id", "sensor"),
    "identity": ("subject_id", "subject"),
    "consent": ("subject_id", "subject"),
    "course": ("subject_id", "subject"),
    "dose": ("course_id", "course"),
    "orders": ("dose_id", "dose"),
    "reservation": ("dose_id", "dose"),
    "dose_start": ("dose_id", "dose"),
    "administration_vial": ("administration_id", "administration"),
    "observation": ("administration_id", "administration"),
    "correction": ("administration_id", "administration"),
    "score": ("subject_id", "subject"),
    "score_form": ("subject_id", "subject"),
    "reading": ("subject_id", "subject"),
    "form_link": ("subject_id", "subject"),
    "image": ("subject_id", "subject"),
    "adjudication": ("subject_id", "subject"),
    "subject_contact": ("subject_id", "subject"),
    "event_assessment": ("event_id", "adverse_event"),
    "event_report": ("event_id", "adverse_event"),
    **dict.fromkeys(
        (
            "investigation",
            "case_file",
            "case_lot",
            "case_injection",
            "case_disposition",
            "action",
            "case_reply",
            "case_step",
        ),
        ("case_id", "cases"),
    ),
    "planned_visit": ("protocol_version_id", "protocol_version"),
}


def visible(name: str, actor: Actor, at: datetime) -> ColumnElement[bool]:
    """The condition under which rows of this table are this actor's to see."""
    made: ColumnElement[bool] = _visible(name, *_scope(actor, at))
    return made


def one(name: str, actor: Actor, at: datetime) -> Select[Any]:
    """The row of this table whose id is :one, if it is this actor's to see."""
    return _one(name, *_scope(actor, at))


Granted = frozenset[tuple[str, str]]
Scope = tuple[frozenset[str], Granted, frozenset[str]]
"""Organisations seen whole; single lots, each with the organisation that granted it; and where subjects are seen."""


def _scope(actor: Actor, at: datetime) -> Scope:
    grants = [grant for grant in actor.grants if grant.holds(at)]
    if any(grant.organisation_id == INSTALLATION for grant in grants):
        return frozenset([INSTALLATION]), frozenset(), frozenset([INSTALLATION])
    whole = frozenset(grant.organisation_id for grant in grants if grant.lot_id is None)
    lots = frozenset((grant.organisation_id, grant.lot_id) for grant in grants if grant.lot_id is not None)
    treated = frozenset(
        grant.organisation_id for grant in grants if grant.lot_id is None and grant.role in OF_SUBJECTS_TO
    )
    return whole, lots, treated


# Kept as they were made: building a statement takes five times as long as running it, and every act reads by id.
@lru_cache(maxsize=2048)
def _one(name: str, organisations: frozenset[str], granted: Granted, treated: frozenset[str]) -> Select[Any]:
    table: Any = TABLE[name]
    return select(table).where(_visible(name, organisations, granted, treated), table.c.id == bindparam("one"))


@lru_cache(maxsize=2048)
def _visible(name: str, organisations: frozenset[str], granted: Granted, treated: frozenset[str]) -> Any:
    if INSTALLATION in organisations:
        return true()
    if not organisations and not granted:
        return false()
    table: Any = TABLE[name]
    lots = {lot_id for _, lot_id in granted}
    if name in OPEN_TO_ALL:
        return true()
    if name == "lot":
        consigned = _there(LOT.c.id, CONSIGNEE.c.lot_id, _any(CONSIGNEE.c.organisation_id, organisations))
        return or_(_any(LOT.c.maker_id, organisations), consigned, _any(LOT.c.id, lots))
    if name == "place":
        here = select(SITE.c.id).where(_any(SITE.c.organisation_id, organisations))
        shippers = _there(PLACE.c.id, CONSIGNMENT.c.place_id, _any(CONSIGNMENT.c.consignee_id, organisations))
        makers = select(SITE.c.id).join(ORGANISATION, ORGANISATION.c.id == SITE.c.organisation_id)
        # Of a maker that never signs in, whoever transcribes for it sees the places; of any other, only itself.
        makers = makers.where(
            ORGANISATION.c.kind == "maker", ORGANISATION.c.id.not_in(select(PERSON.c.organisation_id))
        )
        theirs = (_lay_there(owner, lot_id) for owner, lot_id in sorted(granted))
        return or_(PLACE.c.site_id.in_(here), PLACE.c.site_id.in_(makers), shippers, *theirs)
    if name == "sensor":
        hung = _there(SENSOR.c.id, ASSIGNMENT.c.sensor_id, _visible("assignment", organisations, granted, treated))
        return or_(_any(SENSOR.c.organisation_id, organisations), hung)
    if name == "consignment":
        return or_(_any(CONSIGNMENT.c.shipper_id, organisations), _any(CONSIGNMENT.c.consignee_id, organisations))
    if name in ("material", "ancestry"):
        return true()
    if name == "document":
        whole = _any(DOCUMENT.c.organisation_id, treated)
        nameless = and_(_any(DOCUMENT.c.organisation_id, organisations), DOCUMENT.c.kind.in_(NAMELESS))
        return or_(whole, nameless, *(_printed_of(*one) for one in sorted(granted)))
    if name in OF_A_RECALL:
        started = _there(table.c.recall_id, RECALL.c.id, _any(RECALL.c.organisation_id, organisations))
        return or_(_any(table.c.organisation_id, organisations), started)
    if name == "attachment":  # a maker's files of a lot go with it: its certificate, the document of its date
        theirs = and_(LOT.c.maker_id == table.c.organisation_id, _visible("lot", organisations, granted, treated))
        mine = _any(table.c.organisation_id, organisations)
        return or_(
            mine,
            _there(table.c.lot_id, LOT.c.id, theirs),
            *(_of_lot_by(table, *one) for one in sorted(granted)),
        )
    if name in THROUGH:
        column, parent = THROUGH[name]
        above: Any = TABLE[parent]
        return _there(table.c[column], above.c.id, _visible(parent, organisations, granted, treated))
    if "organisation_id" in table.c:
        mine = _any(table.c.organisation_id, treated if name in OF_SUBJECTS else organisations)
        return or_(mine, *(_of_lot_by(table, *one) for one in sorted(granted))) if "lot_id" in table.c else mine
    return false()


def _of_lot_by(table: Any, owner: str, lot_id: str) -> Any:
    """What whoever granted sight of a lot has written of it: another house's cases of the same lot were not theirs to show."""
    return and_(table.c.organisation_id == owner, table.c.lot_id == lot_id)


def _lay_there(owner: str, lot_id: str) -> Any:
    """Of who granted sight of a lot: the places and boxes in which its vials lay."""
    here = select(SITE.c.id).where(SITE.c.organisation_id == owner)
    stays = select(STAY.c.place_id).join(VIAL, VIAL.c.id == STAY.c.vial_id).where(VIAL.c.lot_id == lot_id)
    return and_(PLACE.c.id.in_(stays), or_(PLACE.c.site_id.in_(here), PLACE.c.kind == "shipper"))


def _printed_of(owner: str, lot_id: str) -> Any:
    """What whoever granted sight of a lot has printed of it. Another's print may name patients that are none of theirs."""
    releases = select(RELEASE.c.id).where(RELEASE.c.lot_id == lot_id)
    about = or_(DOCUMENT.c.noun_id == lot_id, and_(DOCUMENT.c.noun == "release", DOCUMENT.c.noun_id.in_(releases)))
    return and_(DOCUMENT.c.organisation_id == owner, about)


def _there(column: Any, other: Any, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A row with this value is there: looked up, where a list of all that may be seen would be made for one row's sake."""
    return select(other).where(other == column, which).correlate(column.table).exists()


def _any(column: ColumnElement[Any], ids: Iterable[str]) -> ColumnElement[bool]:
    """One of these, spelled out: a list in a parameter is written into the statement anew each time it is run."""
    return or_(false(), *(column == one for one in sorted(ids)))

"""Contingency sheets of a site and a day, from the calendar: printed ahead, for the day on which nothing else works (R45)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.errors import NotFound, Refused
from traceability.domain.records import ContingencyRecord, KeptVial, RecordKind, SheetPart
from traceability.services import calendar, courses, organisations
from traceability.services.calendar import Planned
from traceability.services.names import giais
from traceability.services.records import parts
from traceability.store import View
from traceability.store.tables import ExpiryStatement, Lot, Product, Site, Subject, Vial

AHEAD = timedelta(days=31)
"""So far ahead sheets are printed: what is further away will have changed."""


def build(view: View, site_id: str, number: str, version: int, period: str) -> ContingencyRecord:
    site, day, today = view.need(Site, site_id), date.fromisoformat(period), organisations.today(view)
    if site.organisation_id != view.actor.organisation_id:
        raise NotFound("site")
    if not today - timedelta(days=1) <= day <= today + AHEAD:
        raise Refused("document_period", period=period)
    found = [
        one for one in calendar.planned(view, day, day, site.id) if one.is_dose and not one.done and one.due <= day
    ]
    ids = sorted({one.subject_id for one in found})
    invented = any(one.demonstration for one in view.all(Subject, col(Subject.id).in_(ids)))
    return ContingencyRecord(
        head=parts.head(view, RecordKind.CONTINGENCY, number, version, demonstration=invented),
        site=site.name, day=day, sheets=tuple(_sheet(view, one) for one in found),
    )  # fmt: skip


def _sheet(view: View, one: Planned) -> SheetPart:
    _, course, protocol = courses.of_dose(view, one.dose_id or "")
    return SheetPart(
        pseudonym=one.pseudonym, joint=protocol.joint, laterality=course.laterality, k=one.k or 0, doses=protocol.doses,
        protocol=f"{protocol.name}, {protocol.version}", product=view.need(Product, protocol.product_id).name,
        volume_ul=protocol.volume_ul, observation_min=protocol.observation_min, due=one.due, ordered=one.ordered,
        verified=one.verified, vial=_vial(view, one.vial_id) if one.vial_id else None,
        entry=f"/subjects/{one.subject_id}/given?dose_id={one.dose_id}",
    )  # fmt: skip


def _vial(view: View, vial_id: str) -> KeptVial:
    vial = view.need(Vial, vial_id)
    lot = view.need(Lot, vial.lot_id)
    told = view.known(ExpiryStatement, ExpiryStatement.lot_id == lot.id)
    expires = told[-1].expires if told else None
    if over := giais(view, [vial.id]).get(vial.id):
        code = f"(8004){over}"
    else:
        elements = (
            gs1.vial_elements(vial.gtin, lot.number, expires, vial.serial)
            if expires
            else (("01", vial.gtin), ("21", vial.serial))
        )
        code = "".join(f"({ai}){value}" for ai, value in elements)
    return KeptVial(serial=vial.serial, lot=lot.number, expires=expires, code=code)

"""Contingency sheets that hang on a wall: what was told since they were printed and stands against a dose on them (R45).

Asked at each look, by the verdict and the calendar themselves, and kept nowhere: no act has to think of paper, another house's
recall reaches it from its first committed row, and what time alone does, an expiry, does too. Reads only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import col

from traceability.domain.records import RecordKind, SheetPart, as_kept
from traceability.domain.rules import Finding
from traceability.domain.sheets import Differs, differs, unsaid
from traceability.domain.states import DocumentState
from traceability.services import calendar, sites
from traceability.services.calendar import Planned
from traceability.services.records import contingency
from traceability.store import View
from traceability.store.tables import Document


@dataclass(frozen=True, slots=True)
class Struck:
    """A dose on a printed sheet that is not to be given as the sheet says: what differs, and what stands against it now. Or one of
    the day and the site that has no sheet.
    """

    dose_id: str
    pseudonym: str
    laterality: str
    k: int
    doses: int
    differs: tuple[Differs, ...]
    against: tuple[Finding, ...] = ()

    @property
    def unprinted(self) -> bool:
        return Differs.NOT_PRINTED in self.differs


@dataclass(frozen=True, slots=True)
class Outdated:
    """Sheets of a day that are to be printed anew. No dose named: their record was erased, and nobody can compare."""

    document: Document
    day: date
    struck: tuple[Struck, ...]

    @property
    def site_id(self) -> str:
        return self.document.noun_id


def to_print(view: View, site_id: str | None = None) -> list[Outdated]:
    """Current sheets of today and later days of the reader's house, or of one of its sites, that are to be printed anew, by day.

    Today is each site's own.
    """
    mine = view.actor.organisation_id
    found = view.known(
        Document, Document.kind == str(RecordKind.CONTINGENCY), Document.state == DocumentState.CURRENT,
        Document.organisation_id == mine, col(Document.period) >= (view.at.date() - timedelta(days=1)).isoformat(),
    )  # fmt: skip
    at = sites.known(view, {one.noun_id for one in found})
    coming = [one for one in found if _day(one) >= sites.day(at[one.noun_id], view.at)]
    made = told_since(view, [one for one in coming if site_id in (None, one.noun_id)])
    return sorted(made, key=lambda one: (one.day, one.site_id))


def told_since(view: View, documents: Sequence[Document]) -> list[Outdated]:
    """Those of these sheets of one house on which something holds no more, or a dose is missing.

    Yesterday's may still be in use where the night was long; older ones are the record of a day that is over.
    """
    if not documents:
        return []
    house = documents[0].organisation_id
    at = sites.known(view, {one.noun_id for one in documents})
    lasting = {one: sites.day(site, view.at) - timedelta(days=1) for one, site in at.items()}
    asked = [one for one in documents if _day(one) >= lasting[one.noun_id] and one.state is DocumentState.CURRENT]
    printed = {one.id: _printed(one) for one in asked}
    doses = {_dose_id(each["entry"]): date.fromisoformat(each["due"]) for told in printed.values() for each in told}
    days = {_day(one) for one in asked} or {view.at.date()}
    planned = calendar.doses(view, min(days | set(doses.values())), max(days), house=house)
    now = _now(view, house, [one for one in planned if one.dose_id in doses])
    made = []
    for one in asked:
        struck = [each for sheet in printed[one.id] if (each := _struck(sheet, now))]
        if one.record is not None:
            struck += _unprinted(one, {_dose_id(sheet["entry"]) for sheet in printed[one.id]}, planned)
        if struck or one.record is None:
            made.append(Outdated(one, _day(one), tuple(struck)))
    return made


def _unprinted(document: Document, printed: Collection[str], planned: Sequence[Planned]) -> list[Struck]:
    """Doses of its day and site that it has no sheet of: planned, or told not to be given, since. Once the day has come also what
    is late by it; before, that may still be given.
    """
    day = _day(document)
    return [
        Struck(one.dose_id, one.pseudonym, str(one.laterality), one.k or 0, one.doses or 0, (Differs.NOT_PRINTED,))
        for one in planned
        if one.dose_id is not None and one.dose_id not in printed and one.site_id == document.noun_id and not one.done
        if one.due == day or (one.due < day <= one.today)
    ]  # fmt: skip


def _day(document: Document) -> date:
    return date.fromisoformat(document.period)


def _printed(document: Document) -> list[dict[str, Any]]:
    """Its sheets as they are kept; none where its record was erased."""
    return list(json.loads(document.record)["sheets"]) if document.record else []


def _dose_id(entry: str) -> str:
    return entry.rpartition("dose_id=")[2]


def _now(view: View, house: str, found: Sequence[Planned]) -> Mapping[str, SheetPart | None]:
    """By dose the sheet that would be printed of it now; None: it was given. One that is not here is not planned any more."""
    made: dict[str, SheetPart | None] = {one.dose_id or "": None for one in found if one.done}
    for one in contingency.sheets(view, [one for one in found if not one.done], house):
        made[_dose_id(one.entry)] = one
    return made


def _struck(sheet: Mapping[str, Any], now: Mapping[str, SheetPart | None]) -> Struck | None:
    """What of one sheet holds no more; None: it holds, or its dose was given."""
    dose_id = _dose_id(sheet["entry"])
    if dose_id in now and now[dose_id] is None:
        return None
    part = now.get(dose_id)
    otherwise = differs(sheet, as_kept(part) if part else None)
    against = unsaid(sheet, part.against if part else ())
    if not otherwise and not against:
        return None
    told = {name: sheet[name] for name in ("pseudonym", "laterality", "k", "doses")}
    return Struck(dose_id=dose_id, **told, differs=otherwise, against=against)

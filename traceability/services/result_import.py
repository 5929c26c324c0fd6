"""A laboratory's file of results: understood and shown, each line that cannot be read named; then one act, all of it or nothing (R32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from traceability.domain import result_files
from traceability.domain.errors import Refused
from traceability.domain.papers import FileKind
from traceability.domain.plain import digest
from traceability.domain.result_files import Column, Sheet, Told
from traceability.services import Answer, performs
from traceability.services.organisations import zone_of
from traceability.services.results import asked_on, checked, write
from traceability.services.specifications import specifications
from traceability.store import Tx, View
from traceability.store.tables import Attachment, Lot, Specification

MOST_BYTES = result_files.MOST_BYTES
MEDIA = {"CSV": "text/csv", "JSON": "application/json"}


@dataclass(frozen=True)
class ResultFile:
    """A file as it came, read before the act; its digest is what the act was asked with, and what a person confirms."""

    name: str
    size: int
    sha256: str
    sheet: Sheet

    @cached_property
    def digest(self) -> str:
        return self.sha256


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was understood, or why it was not."""

    told: Told
    specification: Specification | None = None
    tested_on: datetime | None = None
    against: Refused | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a file would enter into a lot, line by line. `digest`: of exactly this, for whoever confirms it."""

    file: ResultFile
    lines: tuple[Line, ...]

    @property
    def refused(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.against is not None)

    @property
    def digest(self) -> str:
        told = [
            (one.told.line, one.told.cells, one.specification.id if one.specification else None, one.tested_on)
            for one in self.lines
        ]
        return digest([self.file.sha256, told])


def read(name: str, data: bytes) -> ResultFile:
    """Raises Refused with why it is no table of results; nothing of it is half read."""
    return ResultFile(name[:200], len(data), sha256(data).hexdigest(), result_files.read(data))


def understood(view: View, lot_id: str, file: ResultFile) -> Understood:
    """Which test each line is of and whether it could be entered now. Nothing is written."""
    lot = view.need(Lot, lot_id)
    same = (Attachment.lot_id == lot.id, Attachment.sha256 == file.sha256)
    if any(one.kind == FileKind.RESULTS for one in view.known(Attachment, *same)):
        raise Refused("results_imported_already", name=file.name)
    versions = specifications(view, lot.product_version_id)
    zone = zone_of(view, view.actor.organisation_id)
    tests = {one.test.casefold(): one.test for one in versions}
    seen: set[str] = set()
    lines = []
    for told in file.sheet.rows:
        try:
            lines.append(_line(view, lot, versions, tests, zone, told, seen))
        except Refused as against:
            lines.append(Line(told, against=against))
    return Understood(file, tuple(lines))


def _line(
    view: View,
    lot: Lot,
    versions: Sequence[Specification],
    tests: dict[str, str],
    zone: ZoneInfo,
    told: Told,
    seen: set[str],
) -> Line:
    cells = told.cells
    if (named := cells.get(Column.LOT, lot.number)) != lot.number:
        raise Refused("results_other_lot", lot=named)
    test = tests.get(cells[Column.TEST].casefold())
    if test is None:
        raise Refused("test_unknown", test=cells[Column.TEST])
    if test in seen:
        raise Refused("results_test_twice", test=test)
    seen.add(test)
    tested_on = _moment(cells[Column.TESTED_ON], zone)
    specification = asked_on(view, lot, versions, test, tested_on.astimezone(zone).date())
    if specification is None:
        raise Refused("specification_not_in_force", test=test)
    unit = cells.get(Column.UNIT, "")
    if unit != specification.unit:
        raise Refused("unit_differs", test=test, unit=unit, asks=specification.unit)
    method = cells.get(Column.METHOD, "")
    if method and specification.method and method.casefold() != specification.method.casefold():
        raise Refused("method_differs", test=test, method=method, asks=specification.method)
    checked(view, lot, versions, specification, cells[Column.VALUE], tested_on)
    return Line(told, specification, tested_on)


def _moment(told: str, zone: ZoneInfo) -> datetime:
    """A day, or a day and time, in ISO 8601; without a zone it is the site's. A day alone is its noon."""
    try:
        if len(told) == len("2026-04-01"):
            return datetime.combine(date.fromisoformat(told), time(12), zone)
        made = datetime.fromisoformat(told)
    except ValueError:
        raise Refused("field_not_a_date", value=told) from None
    if not 1990 <= made.year <= 2150:
        raise Refused("field_not_a_date", value=told)
    return made if made.tzinfo else made.replace(tzinfo=zone)


@performs("result.import_file")
def import_file(tx: Tx, lot_id: str, file: ResultFile) -> Answer:
    """Every line of a laboratory's file as a result, or none of them; the file is kept under its SHA-256."""
    found = understood(tx, lot_id, file)
    if found.refused:
        raise Refused("results_refused", count=len(found.refused), errors=errors(found))
    lot = tx.need(Lot, lot_id)
    kept = tx.add(
        Attachment(
            sha256=file.sha256, name=file.name, media_type=MEDIA[file.sheet.kind], size=file.size,
            organisation_id=tx.actor.organisation_id, lot_id=lot.id, kind=FileKind.RESULTS,
        )
    )  # fmt: skip
    told = [(one.specification, one.told.cells[Column.VALUE], one.tested_on) for one in found.lines]
    rows = write(tx, lot, [(spec, value, at) for spec, value, at in told if spec and at], attachment_id=kept.id)
    outside = sum(row.case_id is not None for row, _ in rows)
    return {"id": kept.id, "lot_id": lot.id, "results": len(rows), "outside": outside}


def errors(found: Understood) -> list[dict[str, Any]]:
    """The lines that were refused: where, with which code, and its values."""
    return [
        {"line": one.told.line, "code": one.against.code, "values": dict(one.against.values)}
        for one in found.refused
        if one.against is not None
    ]


def understanding(found: Understood) -> dict[str, Any]:
    """What a program is shown before it confirms: how headings were read, and each line as it would be entered."""
    return {
        "format": found.file.sheet.kind, "sha256": found.file.sha256, "mapping": dict(found.file.sheet.mapping),
        "unread": list(found.file.sheet.unread),
        "lines": [
            {
                "line": one.told.line, "specification_id": one.specification.id, "test": one.specification.test,
                "value": one.told.cells[Column.VALUE], "tested_on": one.tested_on,
            }
            for one in found.lines
            if one.specification is not None
        ],
    }  # fmt: skip

"""On what each rule of a release rests: the rows of the record, one by one, and the ledger's entry that wrote each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import String, bindparam, text
from sqlmodel import col

from traceability.domain.papers import DESIGNATION, ROUTE_PAPERS
from traceability.services.credentials import of_product
from traceability.services.progress import told_of
from traceability.services.releases import Dossier
from traceability.services.results import Judged, judged
from traceability.store import View
from traceability.store.tables import (
    Attachment,
    Case,
    Certification,
    Consignment,
    Credential,
    Disposition,
    Excursion,
    ExpiryStatement,
    Hold,
    Line,
    Place,
    ProductVersion,
    Recall,
    Release,
    ReleasedVial,
    Row,
    SensorFile,
    Stay,
)

MOST = 12
"""So many rows of one rule are named one by one; of vials beyond them the page that lists all is enough."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One row that a rule rests on. `name`: what people call it; `entry`: its last entry in the asker's own ledger, if it is there."""

    noun: str
    id: str
    name: str
    act_id: str
    entry: int | None = None


def of(view: View, dossier: Dossier) -> dict[str, tuple[Ground, ...]]:
    """Code of a rule → the rows behind its finding; none where there are none: then the finding says what is missing."""
    asked = _Asked(view, dossier)
    found = {one.code: tuple(RESTS_ON[one.code](asked, one.values)) for one in dossier.findings if one.code in RESTS_ON}
    numbers = _entries(view, {row.act_id for rows in found.values() for row in rows})
    return {
        code: tuple(replace(row, entry=numbers.get(row.act_id)) for row in rows) for code, rows in found.items() if rows
    }


class _Asked:
    """What several rules rest on, read once."""

    def __init__(self, view: View, dossier: Dossier) -> None:
        self.view = view
        self.lot = dossier.lot
        self.vials = dossier.vials
        self.ids = [one.id for one in dossier.vials]
        self.boxes = sorted({line.consignment_id for line in view.known(Line, col(Line.vial_id).in_(self.ids))})
        self.tests: list[Judged] = judged(view, dossier.lot, view.actor.organisation_id)


Values = Mapping[str, Any]
Rows = Iterable[Ground]


def _row(noun: str, row: Row, name: str) -> Ground:
    return Ground(noun, row.id, name, row.act_id)


def _certifications(asked: _Asked, _: Values) -> Rows:
    for one in asked.view.all(Certification, Certification.lot_id == asked.lot.id):
        yield _row("certification", one, one.certified_on.isoformat())


def _certificates(asked: _Asked, told: Values) -> Rows:
    for one in asked.view.all(Attachment, col(Attachment.id).in_(list(told.get("attachments", ())))):
        yield _row("attachment", one, one.name or one.sha256[:12])


def _papers(*kinds: str) -> Callable[[_Asked, Values], Rows]:
    def found(asked: _Asked, _: Values) -> Rows:
        theirs = Credential.organisation_id == asked.lot.maker_id
        for one in asked.view.all(Credential, theirs, col(Credential.kind).in_(kinds)):
            yield _row("credential", one, one.number)

    return found


def _route(asked: _Asked, _: Values) -> Rows:
    kinds = ROUTE_PAPERS.get(asked.lot.route, DESIGNATION)
    mine = Credential.organisation_id == asked.view.actor.organisation_id
    if asked.lot.route == "marketed":
        yield _row("lot", asked.lot, asked.lot.route_number or asked.lot.number)
        return
    product_id = asked.view.need(ProductVersion, asked.lot.product_version_id).product_id
    for one in of_product(asked.view.all(Credential, mine, col(Credential.kind).in_(kinds)), product_id):
        yield _row("credential", one, one.number)


def _expiry(asked: _Asked, _: Values) -> Rows:
    for one in asked.view.all(ExpiryStatement, ExpiryStatement.lot_id == asked.lot.id, order=ExpiryStatement.version):
        yield _row("expiry_statement", one, one.expires.isoformat())


def _boxes(asked: _Asked, _: Values) -> Rows:
    for one in asked.view.all(Consignment, col(Consignment.id).in_(asked.boxes)):
        yield _row("consignment", one, one.number)


def _logs(asked: _Asked, _: Values) -> Rows:
    yield from _boxes(asked, _)
    for one in asked.view.all(SensorFile, col(SensorFile.consignment_id).in_(asked.boxes)):
        yield replace(_row("sensor_file", one, one.sha256[:12]), id=str(one.consignment_id))


def _vials(asked: _Asked, told: Values) -> Rows:
    """Those that the finding names, else all that were chosen; as many as somebody reads."""
    named = set(told.get("serials", ()))
    chosen = [one for one in asked.vials if not named or one.serial in named]
    for one in chosen[:MOST]:
        yield _row("vial", one, one.serial)


def _excursions(asked: _Asked, told: Values) -> Rows:
    """Those that the finding names, and those of which something was decided for a chosen vial."""
    decided = asked.view.known(Disposition, col(Disposition.vial_id).in_(asked.ids))
    where = col(Excursion.id).in_({one.excursion_id for one in decided}) | col(Excursion.number).in_(
        list(told.get("excursions", ()))
    )
    for one in asked.view.all(Excursion, where, order=Excursion.number):
        yield _row("excursion", one, one.number)
    for case in asked.view.all(Case, col(Case.number).in_(list(told.get("excursions", ()))), order=Case.id):
        yield _row("case", case, case.number)


def _stops(asked: _Asked, told: Values) -> Rows:
    numbers = list(told.get("stops", ()))
    for one in asked.view.known(Hold, col(Hold.number).in_(numbers)):
        yield _row("hold", one, one.number)
    for recall in asked.view.known(Recall, told_of(asked.view), col(Recall.number).in_(numbers)):
        yield _row("recall", recall, recall.number)


def _results(asked: _Asked, told: Values) -> Rows:
    """Every result of the tests that the finding names, else every one that stands; specifications where there is none."""
    tests = told.get("tests", ())  # of `results_complete` how many there are
    named = {*(() if isinstance(tests, int) else tests), *told.get("missing", ())}
    for test in asked.tests:
        if named and test.test not in named:
            continue
        shown = test.tried if named else [test.stands] if test.stands else []
        for one in shown:
            yield _row("result", one.row, f"{test.test}: {one.row.value}")
        if not shown:
            yield _row("specification", test.specification, test.test)


def _outside(asked: _Asked, _: Values) -> Rows:
    """Every result that was outside, answered for or not, with what was concluded."""
    for test in asked.tests:
        for one in test.tried:
            if one.fact.conforms is False:
                yield _row("result", one.row, f"{test.test}: {one.row.value}")
                if one.conclusion is not None:
                    yield _row("conclusion", one.conclusion, one.fact.case or test.test)


def _hands(asked: _Asked, told: Values) -> Rows:
    yield from _certifications(asked, told)
    yield from _results(asked, {"tests": list(told.get("tests", ()))})


def _releases(asked: _Asked, _: Values) -> Rows:
    mine = Release.organisation_id == asked.view.actor.organisation_id
    under = {one.release_id for one in asked.view.known(ReleasedVial, col(ReleasedVial.vial_id).in_(asked.ids))}
    for one in asked.view.all(Release, mine, col(Release.id).in_(under)):
        yield _row("release", one, one.number)


def _stays(asked: _Asked, told: Values) -> Rows:
    """Where the vials lay, place by place, for those that the finding names."""
    named = set(told.get("serials", ()))
    ids = [one.id for one in asked.vials if not named or one.serial in named]
    places = {one.place_id for one in asked.view.known(Stay, col(Stay.vial_id).in_(ids))}
    for one in asked.view.all(Place, col(Place.id).in_(places), order=Place.code):
        yield _row("place", one, one.code)
    if named:
        yield from _vials(asked, told)


RESTS_ON: Mapping[str, Callable[[_Asked, Values], Rows]] = {
    "lot_certified": _certifications,
    "certificate_attached": _certificates,
    "gmp_valid": _papers("gmp"),
    "licence_valid": _papers("licence"),
    "route_allowed": _route,
    "still_fresh": _expiry,
    "count_cleared": _boxes,
    "in_stock": _vials,
    "labels_back": _vials,
    "transport_measured": _logs,
    "storage_known": _stays,
    "excursions_decided": _excursions,
    "none_rejected": _excursions,
    "budgets_left": _vials,
    "no_stop": _stops,
    "results_complete": _results,
    "results_conform": _results,
    "results_reviewed": _results,
    "outside_answered": _outside,
    "independent": _hands,
    "not_released_yet": _releases,
}
"""Rule → what it rests on. The audit trail is its own evidence."""

_ENTRIES = text("SELECT act_id, number FROM entry WHERE ledger = :mine AND act_id IN :ids").bindparams(
    bindparam("ids", type_=String, expanding=True)
)


def _entries(view: View, act_ids: Iterable[str]) -> dict[str, int]:
    ids: Sequence[str] = sorted(act_ids)
    rows = view.rows(_ENTRIES, {"mine": view.actor.organisation_id, "ids": ids}) if ids else ()
    return {row.act_id: int(row.number) for row in rows}

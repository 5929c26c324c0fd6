"""Vials that are labelled together: which they are, how far their labels are, and the file of what waits (R12, R13). Reads only;
what is printed, spoiled and read back are acts, in `labels`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from traceability.domain.errors import Refused
from traceability.domain.labels import Label, Layout, VialLabel
from traceability.domain.states import GONE
from traceability.domain.tags import OVERLABEL, VIALS, OverLabel
from traceability.services import names, printing
from traceability.services.lots import expiries
from traceability.services.organisations import stands_for
from traceability.services.printing import File, file
from traceability.store import View
from traceability.store.tables import Consignment, Lot, Organisation, Product, ProductVersion
from traceability.store.tables.vials import SerialKind


@dataclass(frozen=True, slots=True)
class Job:
    """The vials that are labelled together: those of a lot, or those that came with a consignment, of whatever lots."""

    noun: Literal["lot", "consignment"]
    id: str

    def need(self, view: View) -> Lot | Consignment:
        return view.need(Lot, self.id) if self.noun == "lot" else view.need(Consignment, self.id)


def of_one(lot_id: str | None, consignment_id: str | None) -> Job:
    """The job that was asked for, by one of the two."""
    if lot_id and not consignment_id:
        return Job("lot", lot_id)
    if consignment_id and not lot_id:
        return Job("consignment", consignment_id)
    raise Refused("label_job_unclear")


_OF = {
    "lot": "v.lot_id = :of",
    "consignment": "v.id IN (SELECT c.vial_id FROM consignment_line c WHERE c.consignment_id = :of AND c.found IN ('ok', 'extra'))",
}
"""Whose vials a job has, by its noun; of a consignment those that were in it and whole."""

_NEVER = "NOT EXISTS (SELECT 1 FROM label_print p WHERE p.vial_id = v.id) AND v.state NOT IN ({gone})"

_GONE = ", ".join(f"'{state}'" for state in sorted(GONE))


def _ask(view: View, job: Job, query: str, **values: str) -> Sequence[Any]:
    """`{whose}` in a query stands for the vials of the job."""
    return view.rows(query.replace("{whose}", _OF[job.noun]), {"of": job.id, **values})


def _rows(view: View, job: Job, condition: str = "TRUE") -> Sequence[Any]:
    """Vials of a job in the order in which their labels are printed; of each the label that waits, if one does."""
    query = (
        "SELECT v.id, v.lot_id, v.gtin, v.serial, v.serial_kind, v.organisation_id, l.number AS lot,"
        " p.act_id AS printing, p.layout, p.printed_at"
        " FROM vial v JOIN lot l ON l.id = v.lot_id LEFT JOIN label_print p ON p.vial_id = v.id"
        " AND p.scanned_back_at IS NULL AND p.spoiled_at IS NULL"
        " WHERE {whose} AND {condition} ORDER BY l.number, v.lot_id, v.serial, v.gtin"
    )
    return _ask(view, job, query.replace("{condition}", condition).replace("{gone}", _GONE))


def bare(view: View, job: Job) -> Sequence[Any]:
    """Those that never had a label, and can have one."""
    return _rows(view, job, _NEVER)


def _takes(layout: str, row: Any) -> bool:
    """A vial without a serial of its maker's gets the over-label, and only such a vial does."""
    return (layout == OVERLABEL) is (row.serial_kind == SerialKind.INTERNAL)


def of_kind(rows: Sequence[Any], layout: str) -> Sequence[Any]:
    """Those that this layout is for; where it is for none of them, all, to be refused."""
    return [row for row in rows if _takes(layout, row)] or rows


class Printing(NamedTuple):
    """The labels of a job that one act printed and that wait; its act is what a file of just these is asked for by."""

    act_id: str
    layout: str
    printed_at: Any
    labels: int


def _printings(rows: Sequence[Any]) -> tuple[Printing, ...]:
    """The newest first."""
    told: dict[tuple[Any, str], list[Any]] = {}
    for row in rows:
        if row.printing:
            told.setdefault((row.printed_at, row.printing), []).append(row)
    return tuple(
        Printing(act_id, told[at, act_id][0].layout, at, len(told[at, act_id]))
        for at, act_id in sorted(told, reverse=True)
    )


class Left(NamedTuple):
    """A vial whose label was printed and not yet read from it."""

    id: str
    gtin: str
    serial: str
    lot: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many vials of a job there are, have a label printed, and had none yet (`bare`); the last layout used.

    `missing`: those whose label was not read from them yet, in the order of the job; `last`: the serial that was read last.
    `printings`: the acts whose labels wait, the newest first. And of all labels that were ever printed for them: applied + spoiled + left.
    """

    vials: int
    printed: int
    bare: int
    missing: tuple[Left, ...]
    layout: str | None
    applied: int
    spoiled: int
    last: str | None
    labels: int
    printings: tuple[Printing, ...]

    @property
    def waiting(self) -> int:
        return len(self.missing)

    @property
    def back(self) -> int:
        return self.printed - self.waiting

    @property
    def left(self) -> int:
        return self.labels - self.applied - self.spoiled


def holds(view: View, job: Job, vial_id: str) -> bool:
    """Whether the vial is one of this job: the label of another lies there by mistake."""
    return bool(_ask(view, job, "SELECT 1 FROM vial v WHERE v.id = :id AND {whose}", id=vial_id))


def progress(view: View, job: Job) -> Progress:
    job.need(view)
    rows = _rows(view, job)
    printed_for = "FROM label_print p JOIN vial v ON v.id = p.vial_id WHERE {whose}"
    counted = "SELECT count(DISTINCT v.id), count(*), count(p.scanned_back_at), count(p.spoiled_at) "
    ((printed, labels, applied, spoiled),) = _ask(view, job, counted + printed_for)
    newest = _ask(view, job, f"SELECT p.layout {printed_for} ORDER BY p.printed_at DESC, p.id DESC LIMIT 1")
    read = f"SELECT v.serial {printed_for} AND p.scanned_back_at IS NOT NULL"
    last = _ask(view, job, f"{read} ORDER BY p.scanned_back_at DESC, p.id DESC LIMIT 1")
    return Progress(
        len(rows), printed, len(bare(view, job)),
        tuple(Left(one.id, one.gtin, one.serial, one.lot) for one in rows if one.printing),
        newest[0][0] if newest else None, applied, spoiled, last[0][0] if last else None, labels, _printings(rows),
    )  # fmt: skip


def drawn(
    view: View, job: Job, layout: str, *, domain: str, paper: str = "A4", start: int = 0, after: str = "", only: str = "",
    printing: str = "",
) -> File:  # fmt: skip
    """The labels that one act printed for this job and that wait to be scanned back, on this paper, part by part.

    A PDF, or a file for a Zebra printer; no part is kept. `printing`: that act, else the newest; so the file of a reprint
    holds what was reprinted and no second paper of the others. `layout`: else as they were printed. `after`: the last serial
    that came out well where a job was interrupted; it goes on with the next. `only`: of the vials with this serial, as after
    one label was spoiled. What does not fit is refused before the first part, naming the smallest layout that does;
    afterwards nothing more is asked of the record. A label that was scanned back is printed again only by `label.reprint`.
    """
    rows = _chosen(view, job, after, only, printing)
    layout = layout or rows[0].layout
    checked(view, rows, layout, domain, paper, start)
    return file(_told(view, rows, domain), len(rows), layout, paper=paper, start=start)


def fitting(view: View, job: Job, layout: str, *, domain: str, paper: str = "A4", start: int = 0) -> None:
    """Refuse a job of vials that have no label yet if it could not be drawn."""
    checked(view, of_kind(bare(view, job), layout), layout, domain, paper, start)


def sizes(view: View, job: Job) -> dict[str, Layout]:
    """The layouts that vials of this job still without a label can have."""
    rows = bare(view, job)
    return {name: layout for name, layout in VIALS.items() if any(_takes(name, row) for row in rows)}


def checked(view: View, rows: Sequence[Any], layout: str, domain: str, paper: str, start: int) -> None:
    """Refuse where not all of these vials have a label of this layout, or not all of their labels fit on the paper."""
    if layout in VIALS and (other := next((row for row in rows if not _takes(layout, row)), None)):
        if layout == OVERLABEL:
            raise Refused("label_layout_of_others", serial=other.serial, layout=layout)
        raise Refused("label_layout_of_others", serial=other.serial, layout=layout, needs=OVERLABEL)
    if not rows:
        raise Refused("nothing_chosen")
    printing.checked(_told(view, rows, domain), layout, paper=paper, start=start, layouts=VIALS)


def _chosen(view: View, job: Job, after: str, only: str, printing: str) -> Sequence[Any]:
    """The vials whose label waits, of one printing; those behind `after`, which itself may be on its vial by now.

    Where two lots of a consignment have the serial, it is the first: a label may come twice, and none is left out.
    """
    rows = _rows(view, job, "v.state NOT IN ({gone})")
    if rows:
        rows = _in_hand(view, rows)
    if only:
        found = [row for row in rows if row.printing and row.serial == only]
        if not found:
            raise Refused("label_not_waiting", serial=only)
        return found
    if after:
        serials = [row.serial for row in rows]
        moments = _printed_at(view, job, after)
        if not moments:
            raise Refused("label_not_waiting", serial=after)
        rows = [row for row in rows[serials.index(after) + 1 :] if row.printed_at in moments]
    printing = printing or next((one.act_id for one in _printings(rows)), "")
    waiting = [row for row in rows if row.printing and row.printing == printing]
    if not waiting:
        raise Refused("nothing_chosen")
    return waiting


def _in_hand(view: View, rows: Sequence[Any]) -> Sequence[Any]:
    """Those that one holds, as for the acts: of the others no paper is made, and where none is left it is refused."""
    mine = set()
    for holder in sorted({row.organisation_id for row in rows}):
        try:
            stands_for(view, holder)
        except Refused as refused:
            refusal = refused
        else:
            mine.add(holder)
    if not mine:
        raise refusal
    return [row for row in rows if row.organisation_id in mine]


def _printed_at(view: View, job: Job, serial: str) -> set[Any]:
    """When labels of this vial were printed, whatever became of them: a label that was touched since says no more by which act."""
    asked = (
        "SELECT p.printed_at FROM label_print p JOIN vial v ON v.id = p.vial_id WHERE v.serial = :serial AND {whose}"
    )
    return {row[0] for row in _ask(view, job, asked, serial=serial)}


def _told(view: View, rows: Sequence[Any], domain: str) -> Iterator[Label]:
    """Their labels, one after the other. The record is read now, not while they are drawn."""
    lots = {lot_id: of_lot(view, lot_id, domain) for lot_id in dict.fromkeys(row.lot_id for row in rows)}
    return (lots[row.lot_id](row, row.serial) for row in rows)


def of_lot(view: View, lot_id: str, domain: str) -> Callable[[Any, str], Label]:
    """What makes the label of a vial of this lot, with this serial; all that its vials share is looked up here, once."""
    lot = view.need(Lot, lot_id)
    version = view.need(ProductVersion, lot.product_version_id)
    product = view.need(Product, version.product_id)
    told = VialLabel(
        name=product.name, volume_ul=version.volume_ul, lot=lot.number, expires=expiries(view, lot.id)[-1].expires,
        serial="", gtin=product.gtin, storage=f"{_celsius(version.low_mc)} to {_celsius(version.high_mc)} °C",
        maker=view.need(Organisation, lot.maker_id).name, route=ROUTE[lot.route], strength=version.strength or None,
        demonstration=lot.demonstration, domain=domain,
    )  # fmt: skip
    over = names.giais_of_lot(view, lot.id)

    def label(vial: Any, serial: str) -> Label:
        if vial.id not in over:
            return replace(told, gtin=vial.gtin, serial=serial)
        giai = over[vial.id].removesuffix(vial.serial) + serial
        return OverLabel(
            serial=serial,
            giai=giai,
            name=told.name,
            lot=told.lot,
            expires=told.expires,
            demonstration=told.demonstration,
        )

    return label


def preview(view: View, job: Job, layout: str, *, domain: str) -> str | None:
    """The label as SVG, with a serial that no vial has, so that a screen is never scanned back; None: it does not fit.

    Of a consignment with several lots the first, if all of them fit.
    """
    first: dict[str, Any] = {}
    for row in of_kind(_rows(view, job), layout):
        first.setdefault(row.lot_id, row)
    looks = [
        printing.look(of_lot(view, lot_id, domain)(row, "SAMPLE"[: len(row.serial)]), layout)
        for lot_id, row in first.items()
    ]
    return looks[0] if looks and all(looks) else None


ROUTE = {
    "marketed": "",
    "trial": "for clinical trial use only",
    "service": "for research-based service only",
}
"""What a full label says of the legal route (R13, R16); a marketed product shows its number instead."""


def _celsius(mc: int) -> str:
    return f"{mc / 1000:g}".replace("-", "−")

"""The trace drawn on a page: its words in the reader's language, where its parts lead, once wide and once narrow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from traceability import formats
from traceability.domain.records.graph import (
    GraphBox,
    GraphLot,
    GraphMaterial,
    GraphRow,
    GraphStop,
    RowKind,
    StopKind,
    TraceGraph,
)
from traceability.domain.trace_layout import TALL, WIDE, Layout, layout
from traceability.domain.trace_picture import MOST_STRIPS, picture
from traceability.formats import number
from traceability.words import choice_word
from traceability.words.shown import within


class Spoken:
    """What the drawing says (`domain.trace_picture.Speech`), to who asks for this page."""

    def material(self, kind: str) -> str:
        return choice_word("MaterialKind", kind)

    def custody(self, stored: str) -> str:
        return choice_word("Custody", stored)

    def side(self, laterality: str) -> str:
        return {"right": _("Right knee"), "left": _("Left knee")}.get(laterality, laterality)

    def stop(self, stop: GraphStop) -> str:
        word = {
            StopKind.HOLD: _("on hold %(number)s", number=stop.number),
            StopKind.RECALL: _("recalled %(number)s", number=stop.number),
            StopKind.EXCURSION: _("out of limits %(number)s", number=stop.number),
        }[stop.kind]
        return word if stop.vials is None else f"{word}: {self.vials(stop.vials)}"

    def filled(self, count: int) -> str:
        return _("%(count)s filled", count=number(count))

    def expires(self, day: date) -> str:
        return _("expires %(day)s", day=formats.day(day))

    def box(self, box: GraphBox) -> str:
        return _("Consignment %(number)s", number=box.number) if box.number else _("In no consignment")

    def shipped(self, at: datetime, state: str) -> str:
        return f"{formats.day(at)}, {within(choice_word('ConsignmentState', state))}"

    def vials(self, count: int) -> str:
        return str(ngettext("%(num)d vial", "%(num)d vials", count))

    def knees(self, count: int) -> str:
        return str(ngettext("%(num)d knee", "%(num)d knees", count))

    def injections(self, count: int) -> str:
        return str(ngettext("%(num)d injection", "%(num)d injections", count))

    def unnamed(self) -> str:
        return _("Given")

    def nowhere(self) -> str:
        return _("in no place")

    def findings(self) -> str:
        return _("with findings")

    def more(self, count: int) -> str:
        return _("and %(count)s more", count=number(count))


@dataclass(frozen=True, slots=True)
class Drawing:
    """For `trace/_drawn.html`. `said`: what it shows in a sentence; `way`: what is marked."""

    layouts: tuple[Layout, ...]
    said: str
    way: str


def drawing(graph: TraceGraph, about: str, *, chosen: Collection[str] = (), most: int = MOST_STRIPS) -> Drawing:
    """`about`: what the trace is of, in words. `most` 0: knees are only counted."""
    heads = (_("Where it comes from"), _("Lot"), _("Consignments"), _("Vials"), _("Subjects and places"))
    found = picture(
        graph, Spoken(), link=_link, opens=_opens, opened=request.args.getlist("open"), most=most,
        chosen=frozenset(one for one in chosen if one),
    )  # fmt: skip
    rows = [row for _lot, _box, row in graph.rows()]
    people = {row.name for row in rows if row.kind is RowKind.SUBJECT}
    said = _(
        "Drawing of %(about)s: %(materials)s materials, %(lots)s lots, %(boxes)s boxes, %(vials)s vials, %(subjects)s subjects."
        " The tables below hold the same.",
        about=about, materials=len(graph.materials), lots=len(graph.lots), subjects=len(people),
        boxes=sum(1 for lot in graph.lots for box in lot.boxes if box.number), vials=sum(len(row.serials) for row in rows),
    )  # fmt: skip
    marked = any(lot.card.chosen for lot in found.lots)
    way = ", ".join(sorted(one for one in chosen if one)) if marked else ""
    return Drawing((layout(found, WIDE, heads), layout(found, TALL)), said, way)


def _link(lot: GraphLot | None, of: GraphMaterial | GraphLot | GraphBox | GraphRow) -> str | None:
    """Vials lead to their rows in the tables, everything else to its own page; what one may not open leads nowhere."""
    if isinstance(of, GraphRow):
        if of.kind is RowKind.VIALS and lot is not None:
            return url_for("web.lot_trace", lot_id=lot.ref, custody=of.custody) + "#vials"
        return url_for("web.subject_trace", subject_id=of.ref) if of.ref else None
    if of.ref is None:
        return None
    if isinstance(of, GraphMaterial):
        return url_for("web.material_trace", material_id=of.ref)
    if isinstance(of, GraphLot):
        here = request.view_args or {}
        return url_for("web.lot" if here.get("lot_id") == of.ref else "web.lot_trace", lot_id=of.ref)
    return url_for("web.consignment", consignment_id=of.ref)


def _opens(box: GraphBox) -> str | None:
    """The same page with every knee of that box."""
    told: Mapping[str, Any] = request.args.to_dict(flat=False) | {
        "open": [*request.args.getlist("open"), box.number or box.name]
    }
    return url_for(str(request.endpoint), **(request.view_args or {}), **told) + "#drawn"

"""Where a lot came from and where it went, what a subject was given, what became of a material: drawn, and as tables."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, store
from traceability.domain.states import BUCKET, Custody
from traceability.services import lots, subjects, trace, trace_graph, vials
from traceability.web import blueprint, roles, tracing
from traceability.web.lots import BAR
from traceability.web.outcomes import ORDER
from traceability.web.subjects import SEEN_BY

PAGE = 60
GROUPED = 24
"""So many serials of one group are named; of more, how many: the table below has them all."""


@blueprint.get("/lots/<lot_id>/trace")
def lot_trace(lot_id: str) -> ResponseReturnValue:
    """Up to the donor, down to every vial and whom it was given to; the maker sees how many, not whom."""
    asked = {key: request.args.get(key, "").strip() for key in ("custody", "serial", "subject")}
    with store().read(actor()) as view:
        told = trace.of_lot(view, lot_id)
        lineage = lots.lineage(view, lot_id)
        graph = trace_graph.of_lot(view, told)
    chosen = (asked["subject"].upper(), asked["serial"].upper())
    found = [vial for vial in told["vials"] if wanted(vial, asked)]
    for vial in found:
        vial["path"] = [code for code, _same in groupby(stay["code"] for stay in vial["stays"])]
    for outcome in told["outcomes"].values():
        outcome["scores"].sort(key=in_time)
    start = max(0, request.args.get("start", 0, int))
    more: dict[str, Any] = {"start": start + PAGE, **asked}
    after = url_for("web.lot_trace", lot_id=lot_id, **more) + "#vials"
    return render_template(
        "trace/lot.html", **told, lineage=lineage, people=treated(told["given"]), elsewhere=counted(told["given"]),
        groups=together(told["vials"]), asked=asked, found=found[start : start + PAGE], total=len(found), bar=BAR,
        following=after if start + PAGE < len(found) else None, custodies=list(Custody), most=GROUPED,
        opens=bool(roles() & set(SEEN_BY)), materials={one.code: one.ref for one in graph.materials},
        drawing=tracing.drawing(graph, _("lot %(number)s", number=told["lot"].number), chosen=chosen),
    )  # fmt: skip


def in_time(score: dict[str, Any]) -> tuple[str, int]:
    return score["instrument"], ORDER.index(score["time_point"])


def wanted(vial: dict[str, Any], asked: dict[str, str]) -> bool:
    names = {row["pseudonym"] for row in vial["given"]}
    return (
        asked["custody"] in ("", vial["state"])
        and asked["serial"].casefold() in vial["serial"].casefold()
        and (not asked["subject"] or asked["subject"].upper() in names)
    )


def treated(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line a subject and knee, with every vial in the order in which they were given."""
    made: dict[tuple[str, str], dict[str, Any]] = {}
    for row in given:
        if row["subject_id"]:
            key = (row["subject_id"], str(row["laterality"]))
            one = made.setdefault(
                key,
                {
                    "id": key[0],
                    "pseudonym": row["pseudonym"],
                    "laterality": key[1],
                    "where": row["organisation"],
                    "rows": [],
                },
            )
            one["rows"].append(row)
    return list(made.values())


def counted(given: list[dict[str, Any]]) -> dict[str, int]:
    """Injections in organisations whose subjects are not this reader's to see."""
    made: dict[str, set[str]] = defaultdict(set)
    for row in given:
        if not row["subject_id"]:
            made[row["organisation"]].add(row["administration_id"])
    return {name: len(found) for name, found in made.items()}


def together(vials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Vials that were not given, those with the same custody, holder and place on one line."""
    made: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for vial in vials:
        if vial["state"] != Custody.GIVEN:
            last = vial["stays"][-1] if vial["stays"] else None
            place = "" if last is None or last["until"] else f"{last['code']}, {last['site']}"
            made[vial["state"], vial["holder"], place].append(vial["serial"])
    order = {str(custody): n for n, custody in enumerate(BUCKET)}
    return [
        {"state": state, "holder": holder, "place": place, "serials": serials}
        for (state, holder, place), serials in sorted(
            made.items(), key=lambda item: (order[str(item[0][0])], item[0][1:])
        )
    ]


@blueprint.get("/subjects/<subject_id>/trace")
def subject_trace(subject_id: str) -> ResponseReturnValue:
    """Back from the injections to vials, lots, banks and donors, and whoever made them."""
    with store().read(actor()) as view:
        subjects.subject(view, subject_id)
        told = trace.of_subject(view, subject_id)
        graph = trace_graph.of_subject(view, told)
    told["outcomes"][subject_id]["scores"].sort(key=in_time)
    name = told["subject"].pseudonym
    drawing = tracing.drawing(graph, _("subject %(name)s", name=name), chosen=(name,))
    return render_template("trace/subject.html", **told, outcome=told["outcomes"][subject_id], drawing=drawing)


@blueprint.get("/vials/<vial_id>/trace")
def vial_trace(vial_id: str) -> ResponseReturnValue:
    """The trace of its lot, with the way to this vial marked."""
    with store().read(actor()) as view:
        told = vials.described(view, vial_id)
    return redirect(url_for("web.lot_trace", lot_id=told["lot"].id, serial=told["vial"].serial) + "#drawn")


@blueprint.get("/materials/<material_id>/trace")
def material_trace(material_id: str) -> ResponseReturnValue:
    """From a donor, bank, harvest or reagent through every lot made of it to how many had it."""
    with store().read(actor()) as view:
        told = trace_graph.of_material(view, material_id)
    code = told["material"].code
    drawing = tracing.drawing(told["graph"], _("material %(code)s", code=code), chosen=(code,), most=0)
    return render_template("trace/material.html", **told, drawing=drawing)

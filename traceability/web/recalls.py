"""Recalls and holds: what is stopped, where those vials are now, and who had them. How a recall runs is in `recalling`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import View, actor, store
from traceability.domain.recalling import CLASSES, Step
from traceability.domain.states import BUCKET, Custody
from traceability.services import choices, clocks, covering, lots, signatures, stops, trace
from traceability.services.organisations import named
from traceability.web import blueprint, forms, posting, roles
from traceability.web.lots import BAR
from traceability.web.posting import Trouble
from traceability.web.subjects import SEEN_BY
from traceability.words import act_words

PAGE = 60


@blueprint.get("/recalls", endpoint="recalls")
def list_() -> ResponseReturnValue:
    """Everybody's, open first: they stop use everywhere. Mock ones below, and the clocks that the next one starts with."""
    with store().read(actor()) as view:
        found = stops.recalls(view)
        names = named(view, [one.organisation_id for one in found])
        standing = {class_: clocks.of_recall(view, class_) for class_ in CLASSES}
    return render_template("recalls/list.html", found=found, names=names, clocks=standing, steps=list(Step))


@blueprint.get("/holds", endpoint="holds")
def list_of_holds() -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = stops.holds(view)
        others = named(view, {one.organisation_id for one in found} - {view.actor.organisation_id})
        return render_template("recalls/holds.html", found=found, others=others)


@blueprint.get("/holds/<hold_id>")
def hold(hold_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        one, case = stops.hold_of(view, hold_id)
        mine = any(grant.organisation_id == one.organisation_id and grant.holds(view.at) for grant in view.actor.grants)
        return render_template(
            "recalls/hold.html", stop=one, case=case, mine=mine, is_recall=False, names=named(view, [one.organisation_id]),
            **covers(view, one.id, stops.scopes(view, hold_id=one.id), mine),
        )  # fmt: skip


def covers(view: View, stop_id: str, scopes: Sequence[Any], told: bool) -> dict[str, Any]:
    """What it names, its vials where they are now, and who had any of them. `told`: who signed, and why."""
    vials = stops.covered(view, stop_id)
    exposed = trace.exposed(view, [vial["id"] for vial in vials], covering.whole_lots(view, stop_id))
    states = Counter(Custody(vial["state"]) for vial in vials)
    buckets = dict.fromkeys(BUCKET.values(), 0)
    for state, count in states.items():
        buckets[BUCKET[state]] += count
    held: dict[tuple[str, str, str | None], list[dict[str, Any]]] = defaultdict(list)
    for vial in vials:
        held[vial["holder"], vial["state"], vial["place"]].append(vial)
    start = max(0, request.args.get("start", 0, int))
    return {
        "scopes": scopes, "targets": choices.names(view, [scope.target_id for scope in scopes]), "vials": vials[start : start + PAGE],
        "total": len(vials), "buckets": buckets, "bar": BAR, "start": start, "more": len(vials) > start + PAGE,
        "held": sorted(held.items(), key=lambda item: (item[0][0], list(Custody).index(Custody(item[0][1])), item[0][2] or "")),
        "had": had(exposed), "unnamed": unnamed(view, exposed),
        "signed": signatures.about(view, [stop_id]).get(stop_id, []) if told else [],
        "reasons": signatures.reasons(view, [stop_id]).get(stop_id, []) if told else [], "opens": bool(roles() & set(SEEN_BY)),
    }  # fmt: skip


def had(exposed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line a subject: how many of these vials, and when the last was given."""
    made: dict[str, dict[str, Any]] = {}
    for row in exposed:
        if row["pseudonym"] is not None:
            one = made.setdefault(
                row["id"], {"id": row["id"], "pseudonym": row["pseudonym"], "serials": [], "last": row["given_at"]}
            )
            one["serials"].append(row["serial"])
            one["last"] = max(one["last"], row["given_at"])
    return list(made.values())


def unnamed(view: View, exposed: list[dict[str, Any]]) -> dict[str, int]:
    """Of subjects whom this reader does not see: how many, where."""
    made: dict[str, set[str]] = defaultdict(set)
    for row in exposed:
        if row["pseudonym"] is None:
            made[row["organisation_id"]].add(row["id"])
    names = named(view, made)
    return {names[one]: len(found) for one, found in made.items()}


@blueprint.route("/recalls/start", methods=["GET", "POST"])
def recall_start() -> ResponseReturnValue:
    """Lots, serials of one, a box, a material, or what lay in a place: class, mandatory or not, why; signed. It stops use at once."""
    return _begin("recall.start")


@blueprint.route("/recalls/rehearse", methods=["GET", "POST"])
def recall_rehearse() -> ResponseReturnValue:
    """The same as a mock recall, which stops nothing."""
    return _begin("recall.rehearse")


KINDS = ("lot", "vial", "consignment", "place", "material")
"""What this form asks for; the rest of what a recall may name is asked for by its act alone (`recall.extend`, the API)."""


def _begin(name: str) -> ResponseReturnValue:
    given: dict[str, Any] = posting.form(
        "kind", "title", "hazard", "class_", "mandatory", "reason", "lot_id", "serials", "since", "until"
    )
    kind = request.values.get("kind") or "lot"
    given |= {
        "kind": kind if kind in KINDS else "lot",
        "target_ids": request.form.getlist("lot_ids" if kind == "lot" else "target_ids")
        or request.args.getlist("lot_id"),
    }
    trouble = None
    if request.method == "POST":
        posting.permitted(name)
        with store().read(actor()) as view:
            chosen, errors = named_vials(view, given) if given["kind"] == "vial" else (given["target_ids"], {})
        if not chosen and not errors:
            box = {"vial": "serials", "lot": "lot_ids"}.get(given["kind"], "target_ids")
            errors = {box: _("Choose what is recalled.")}
        asked = {key: given[key] for key in ("title", "class_", "kind")}
        if name == "recall.start":
            asked |= {key: given[key] for key in ("hazard", "mandatory", "reason")}
        if given["kind"] == "place":
            asked |= {key: forms.moment(given[key]) for key in ("since", "until") if given[key]}
        found = Trouble(422, errors) if errors else posting.perform(name, **asked, target_ids=chosen)
        if not isinstance(found, Trouble):
            flash(act_words(name).done)
            return redirect(url_for("web.recall", recall_id=found.id), 303)
        trouble = found
    with store().read(actor()) as view:
        posting.permitted(name)
        listed = lots.lots(view, limit=200)
        targets = choices.choices(view, "target_ids", {"kind": given["kind"]}) or []
        made = render_template(
            "recalls/start.html", given=given, trouble=trouble, listed=listed, targets=targets, name=name, kinds=KINDS
        )
    return made, trouble.status if trouble else 200


def named_vials(view: View, given: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The vials of a lot by the serials that were pasted; one that is not of it is named."""
    if not given["lot_id"]:
        return [], {"lot_id": _("Choose the lot.")}
    known = {vial.serial: vial.id for vial in lots.vials(view, given["lot_id"])}
    serials = given["serials"].replace(",", " ").split()
    strange = [serial for serial in serials if serial not in known]
    if strange:
        return [], {"serials": _("Not of this lot: %(serials)s.", serials=", ".join(strange[:12]))}
    return [known[serial] for serial in serials], {}

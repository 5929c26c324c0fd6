"""Vial after vial for one act: the place, the dose or the reason once, then each scan an act of its own, told in a list.

Which modes there are stands here; the check of a single vial is in `scan`, counts of boxes and of places have pages of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel import lazy_pgettext as pgettext

from traceability.asking import View, actor, store
from traceability.domain import gs1
from traceability.domain.acts import ACTS
from traceability.domain.errors import Refused
from traceability.domain.states import Custody
from traceability.services import by_label, consignments, courses, organisations, vials
from traceability.web import blueprint, posting, scanning
from traceability.web.links import may
from traceability.words import sentence

AHEAD_D = 7
"""So many days ahead doses are offered for which a vial may be kept."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One act over a pile of vials. `places`: where it may go, None where it goes nowhere; `state`: how it is afterwards."""

    act: str
    word: Any
    done: Any
    state: Custody | None = None
    places: Callable[[View], list[Any]] | None = None
    reason: bool = False


MODES = {
    "put_away": Mode(
        "vial.put_away", pgettext("mode", "Put away"), lazy_gettext("Put away"), Custody.IN_STOCK, organisations.shelves, reason=True
    ),
    "move": Mode("vial.move", pgettext("mode", "Move"), lazy_gettext("Moved"), None, organisations.shelves),
    "reserve": Mode("vial.reserve", pgettext("mode", "Reserve"), lazy_gettext("Kept for the dose"), Custody.RESERVED, reason=True),
    "issue": Mode(
        "vial.issue", pgettext("mode", "Issue"), lazy_gettext("Issued"), Custody.ISSUED, partial(organisations.handing, bedside_too=True)
    ),
    "take_back": Mode(
        "vial.take_back", pgettext("mode", "Back in pharmacy"), lazy_gettext("Back in the pharmacy"), Custody.BACK_IN_PHARMACY,
        organisations.shelves, reason=True,
    ),
}  # fmt: skip
ELSEWHERE = (
    # endpoint, act, word: modes with pages of their own, before and after those above
    ("web.scan", None, pgettext("mode", "Check")),
    ("web.scan_arrive", "consignment.count", pgettext("mode", "Receive")),
    ("web.scan_count", "stocktake.begin", pgettext("mode", "Count a place")),
)


@blueprint.app_template_global("scan_modes")
def scan_modes() -> list[tuple[str, Any, bool]]:
    """The ways to scan that are open to this person, each with its page, in the order of a vial's life."""
    check, arrive, count = ELSEWHERE
    mine = [check, arrive, *((f"web.scan_{key}", mode.act, mode.word) for key, mode in MODES.items()), count]
    return [
        (url_for(endpoint), word, request.endpoint == endpoint) for endpoint, act, word in mine if act is None or may(act)
    ]  # fmt: skip


def page(key: str) -> ResponseReturnValue:
    """Without a posted code only what is set for the pile changes; with one, one act."""
    mode, outcome = MODES[key], None
    posting.permitted(mode.act)
    given = posting.form("place_id", "place_how", "dose_id", "reason")
    given["place_id"] = given["place_id"] or request.args.get("place_id", "")
    if posting.posted() and "code" in request.form:
        outcome, given = heard(key, given)
    with store().read(actor()) as view:
        places = mode.places(view) if mode.places else []
        doses = (
            [row for row in courses.due(view, AHEAD_D) if row["verified_at"] and row["lacks_ul"]]
            if key == "reserve"
            else []
        )
        chosen = next((one for one in places if one.id == given["place_id"]), None)
        dose = next((one for one in doses if one["dose_id"] == given["dose_id"]), None)
    body = render_template(
        "scan/batch.html", key=key, mode=mode, outcome=outcome, given=given, places=places, chosen=chosen, doses=doses, dose=dose,
        owed=ACTS[mode.act].reason, batch=scanning.batch(outcome),
    )  # fmt: skip
    return body, outcome.status if outcome else 200


def heard(key: str, given: dict[str, str]) -> tuple[scanning.Outcome, dict[str, str]]:
    """A place is set, or asked about where another is set already; anything else is the vial of one act.

    Also for the put-away of one box, which shows more around it.
    """
    mode = MODES[key]
    with store().read(actor()) as view:
        code, instead = scanning.heard(view)
        place = organisations.place_of(view, code) if mode.places else None
        known = {one.id: one for one in mode.places(view)} if mode.places else {}
    if instead is not None:
        return instead, given
    if place is not None and place.id in known:
        return _place(place, known.get(given["place_id"]), given)
    if place is not None:
        return scanning.Outcome(
            "stop", "", (_("Nothing of this kind goes to %(place)s.", place=place.code),), "", 422
        ), given
    if mode.places and given["place_id"] not in known:
        return scanning.Outcome("stop", "", (_("Scan the place first, or choose it."),), "", 422), given
    if key == "reserve" and not given["dose_id"]:
        return scanning.Outcome("stop", "", (_("Choose the dose first."),), "", 422), given
    outcome = _vial(key, code, given)
    if key == "reserve" and outcome.kind in ("ok", "already"):
        given = given | {"dose_id": "", "reason": ""}  # one vial, one dose
    return outcome, given


def _place(place: Any, before: Any, given: dict[str, str]) -> tuple[scanning.Outcome, dict[str, str]]:
    """What was set is not overwritten by what was read: somebody says which holds."""
    if before is not None and before.id != place.id:
        why = _("%(before)s is set; the code says %(place)s.", before=before.code, place=place.code)
        ways = (
            (place.id, _("Go on in %(place)s", place=place.code)),
            (before.id, _("Stay with %(place)s", place=before.code)),
        )
        return scanning.Outcome("asks", _("Which place?"), (why,), "", asks=ways), given
    return scanning.Outcome("place", place.name, (), ""), given | {"place_id": place.id, "place_how": "code"}


def _vial(key: str, code: str, given: dict[str, str]) -> scanning.Outcome:
    mode = MODES[key]
    try:
        with store().read(actor()) as view:
            vial = vials.by_code(view, code)
            done_before = _is_so(view, key, vial, given)
            label = by_label.said(view, vial, gs1.read(code, view.at.date())) if done_before else by_label.UNREAD
    except Refused as refused:
        return scanning.outcome(posting.refusal(refused), code, already=set(), word="").of(
            str(refused.values.get("serial", ""))
        )
    if label.contradicts:  # one vial is there already, and this is another with its name
        why = tuple(sentence(one.code, one.values) for one in label.contradicts)
        return scanning.Outcome("stop", "", why, "", 422).of(vial.serial)
    if done_before:
        return scanning.Outcome("already", "", (vial.serial,), code)
    told = {name: given[name] for name in ("place_id", "dose_id", "reason") if given[name]}
    if not mode.reason:
        told.pop("reason", None)
    done = posting.perform(mode.act, vial.id, code=code, **told)
    outcome = scanning.outcome(done, code, already=set(), word=str(mode.done))
    if isinstance(done, posting.Trouble):
        return outcome.of(vial.serial)
    if findings := done.answer.get("findings"):
        number = done.answer.get("case")
        case = _("It differs from what was on record: case %(number)s is open.", number=number) if number else ""
        return scanning.Outcome(
            "warn",
            outcome.word,
            (vial.serial, *(sentence(one, {"serial": vial.serial}) for one in findings), case),
            code,
        )
    return outcome


def _is_so(view: View, key: str, vial: Any, given: dict[str, str]) -> bool:
    """It is in this state and place already: the scan says nothing new."""
    mode = MODES[key]
    if mode.state is not None and vial.state is not mode.state:
        return False
    if key == "reserve":
        kept = courses.reservation(view, vial)
        return kept is not None and kept.dose_id == given["dose_id"]
    here = consignments.lying(view, [vial.id]).get(vial.id)
    return here is not None and here.id == given["place_id"]


for _key in MODES:
    blueprint.add_url_rule(f"/scan/{_key}", f"scan_{_key}", page, methods=["GET", "POST"], defaults={"key": _key})


@blueprint.route("/scan/arrive", methods=["GET", "POST"], endpoint="scan_arrive")
def arrive() -> ResponseReturnValue:
    """The box's own code leads to what it waits for: its arrival, its count, its put-away."""
    posting.permitted("consignment.count")
    outcome = None
    if posting.posted():
        code = request.form.get("code", "")
        try:
            with store().read(actor()) as view:
                box = consignments.by_code(view, code)
            step = {"expected": "web.arrive", "arrived": "web.count", "checked_in": "web.put_away"}.get(
                str(box.state), "web.consignment"
            )
            return scanning.onward(url_for(step, consignment_id=box.id))
        except Refused as refused:
            outcome = scanning.outcome(posting.refusal(refused), code, already=set(), word="")
    with store().read(actor()) as view:
        rows = [
            one
            for one in consignments.consignments(view)
            if one["consignment"].consignee_id == view.actor.organisation_id
        ]
    waiting = [one for one in rows if str(one["consignment"].state) in ("expected", "arrived", "checked_in")]
    return render_template("scan/arrive.html", outcome=outcome, waiting=waiting), outcome.status if outcome else 200

"""A course: its doses from order to injection with the one next act of each, and the pick list."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from traceability.asking import View, actor, store
from traceability.domain import timers
from traceability.domain.acts import ACTS
from traceability.domain.checks import Purpose
from traceability.problems import told
from traceability.services import (
    administrations,
    calendar,
    courses,
    lots,
    organisations,
    people,
    persons,
    protocols,
    reserving,
    sites,
    subjects,
    supply,
)
from traceability.services.verdicts import facts
from traceability.web import blueprint, posting, today
from traceability.web.posting import Trouble
from traceability.web.protocols import why_not
from traceability.words import act_words, choice_word, rule_title

MOST_OFFERED = 12


@blueprint.get("/courses/<course_id>")
def course(course_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        one, protocol, subject = courses.course(view, course_id)
        rows, planned = doses_of(view, course_id), calendar.of_course(view, course_id)
        return render_template(
            "courses/course.html", course=one, protocol=protocol, subject=subject, doses=rows,
            planned={one.dose_id: one for one in planned if one.is_dose}, visits=[one for one in planned if not one.is_dose],
            now_at=next((row["k"] for row in rows if not row["given_at"]), None), physician=people.names(view, [one.physician_id]),
        )  # fmt: skip


def doses_of(view: View, course_id: str) -> list[dict[str, Any]]:
    """Each dose with its vials as they are now, its injections, and which act comes next; the zone and the day of its site."""
    given: dict[str, list[dict[str, Any]]] = {}
    for row in administrations.administrations(view, course_id=course_id):
        given.setdefault(str(row["administration"].dose_id), []).append(row)
    rows = {row["id"]: row for row in courses.doses(view, course_id)}
    kept = [one.vial_id for row in rows.values() for one in row["kept"]]
    known = dict(zip(kept, facts(view, kept, Purpose.STOCK), strict=True))
    site = sites.of_course(view, courses.course(view, course_id)[0])
    for row in rows.values():
        row |= {"zone": site.zone, "today": sites.day(site, view.at)}
        thawed = {one.vial_id for one in row["kept"] if known[one.vial_id].thawed_at}
        row |= courses.next_of(supply.turn(row["kept"], thawed)) | {"injections": given.get(row["id"], [])}
        vials = [(one, known[one.vial_id], timers.of_vial(known[one.vial_id])) for one in row["kept"]]
        row |= {"vials": vials, "next": following(row, thawed)}
    return list(rows.values())


def following(row: dict[str, Any], thawed: Collection[str]) -> str | None:
    """The act that the dose waits for; None when it was given and watched."""
    if row["injections"]:
        return None if all(one["observations"] for one in row["injections"]) else "administration.observe"
    if not row["order_id"]:
        return "order.prescribe"
    if not row["verified_at"]:
        return "order.verify"
    if row["lacks_ul"]:
        return "vial.reserve"
    if row["state"] == "reserved":
        return "vial.issue"
    return "dose.start" if row["vial_id"] in thawed else "vial.thaw"


@blueprint.route("/courses/plan", methods=["GET", "POST"])
def course_plan() -> ResponseReturnValue:
    """Protocol, knee and first day; the knee is never chosen beforehand."""
    subject_id = request.values.get("subject_id", "")
    given, trouble = posting.form("protocol_version_id", "laterality", "first_on", "compartment", "site_id"), None
    if request.method == "POST":
        done = posting.perform("course.plan", subject_id=subject_id, **given)
        if not isinstance(done, Trouble):
            flash(act_words("course.plan").done)
            return redirect(url_for("web.course", course_id=done.id), 303)
        trouble = done
    with store().read(actor()) as view:
        page = render_template(
            "courses/plan.html", subject=subjects.subject(view, subject_id), given=given, trouble=trouble,
            protocols=protocols.protocols(view), today=today(), why_not=why_not,
            sites=calendar.sites(view),
        )  # fmt: skip
    return page, trouble.status if trouble else 200


# ------------------------------------------------------------------------------------------ order, verify, issue, thaw


@blueprint.route("/orders/prescribe", methods=["GET", "POST"])
def order_prescribe() -> ResponseReturnValue:
    return _of_dose("order.prescribe", request.values.get("dose_id", ""), dose_id=request.values.get("dose_id", ""))


@blueprint.route("/orders/<order_id>/verify", methods=["GET", "POST"])
def order_verify(order_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        order = courses.order(view, order_id)
    return _of_dose("order.verify", order.dose_id, order_id)


@blueprint.route("/vials/<vial_id>/issue", methods=["GET", "POST"])
def vial_issue(vial_id: str) -> ResponseReturnValue:
    return _of_vial("vial.issue", vial_id)


@blueprint.route("/vials/<vial_id>/thaw", methods=["GET", "POST"])
def vial_thaw(vial_id: str) -> ResponseReturnValue:
    return _of_vial("vial.thaw", vial_id)


def _of_vial(name: str, vial_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        kept = courses.kept_for(view, vial_id)
    return _of_dose(name, kept.dose_id, vial_id, place_id=request.form.get("place_id", ""))


def _of_dose(name: str, of: str, target: str | None = None, **told: str) -> ResponseReturnValue:
    """One act on the way of a dose: what it is about, its place or signature, and back to the course."""
    trouble = None
    with store().read(actor()) as view:
        dose, one, protocol = courses.of_dose(view, of)
    if request.method == "POST":
        done = posting.perform(name, target, **told)
        if not isinstance(done, Trouble):
            flash(act_words(name).done)
            return redirect(url_for("web.course", course_id=one.id), 303)
        trouble = done
    with store().read(actor()) as view:
        row = next(row for row in doses_of(view, one.id) if row["id"] == of)
        vial = next(((one, fact) for one, fact, _clocks in row["vials"] if one.vial_id == target), None)
        page = render_template(
            "courses/act.html", vial=vial, name=name, target=target, act=ACTS[name], dose=dose, course=one, protocol=protocol, row=row,
            subject=persons.subject(view, one.subject_id), trouble=trouble, told=told,
            places=organisations.handing(view, bedside_too=name == "vial.issue") if "place_id" in told else [],
        )  # fmt: skip
    return page, trouble.status if trouble else 200


@blueprint.route("/doses/<dose_id>/reserve", methods=["GET", "POST"])
def dose_reserve(dose_id: str) -> ResponseReturnValue:
    """The pick list: first to expire first. Another than the first asks why; what is not offered says why."""
    given, trouble = posting.form("vial_id", "reason"), None
    with store().read(actor()) as view:
        dose, one, protocol = courses.of_dose(view, dose_id)
    if request.method == "POST":
        done: Any = Trouble(422, {"vial_id": _("Choose a vial.")})
        if given["vial_id"]:
            done = posting.perform("vial.reserve", given["vial_id"], dose_id=dose_id, reason=given["reason"])
        if not isinstance(done, Trouble):
            flash(act_words("vial.reserve").done)
            return redirect(url_for("web.course", course_id=one.id), 303)
        trouble = done
        if trouble.code == "not_first_to_expire":
            trouble.fields["reason"], trouble.general[:] = trouble.general[0], []
    asked = request.values.get("serial", "").strip()
    with store().read(actor()) as view:
        listed = courses.offer(view, dose_id)
        places = {lot: lots.placed(view, lot) for lot in {row["vial"].lot_id for row in listed}}
        for row in listed:
            row["place"] = places[row["vial"].lot_id].get(row["vial"].id)
            row["why"] = [told(finding)["message"] for finding in row["findings"]]
        offered = [row for row in listed if row["offered"]]
        page = render_template(
            "courses/reserve.html", dose=dose, course=one, protocol=protocol, subject=persons.subject(view, one.subject_id),
            first=offered[0] if offered else None, total=len(offered), asked=asked, given=given, trouble=trouble,
            offered=[row for row in offered if asked.casefold() in row["vial"].serial.casefold()][:MOST_OFFERED],
            others=alike(row for row in listed if not row["offered"] and asked.casefold() in row["vial"].serial.casefold()),
        )  # fmt: skip
    return page, trouble.status if trouble else 200


@blueprint.route("/courses/<course_id>/reserve", methods=["GET", "POST"])
def course_reserve(course_id: str) -> ResponseReturnValue:
    """Every dose without a vial: which would be kept for it now, or why none. Kept at once; what stays open is told."""
    posting.permitted("course.reserve")
    trouble = None
    if request.method == "POST":
        done = posting.perform("course.reserve", course_id)
        if not isinstance(done, Trouble):
            reserved, of, left = done.answer["reserved"], done.answer["of"], done.answer["open"]
            told = ngettext("Kept for %(n)s of %(num)d dose.", "Kept for %(n)s of %(num)d doses.", of, n=reserved)
            if left:
                told = " ".join([told, *(_still_open(one) for one in left)])
            flash(told, "info" if left else "success")
            return redirect(url_for("web.course", course_id=course_id), 303)
        trouble = done
    with store().read(actor()) as view:
        one, protocol, subject = courses.course(view, course_id)
        found = reserving.shares(view, course_id)
        page = render_template(
            "courses/reserve_all.html", course=one, protocol=protocol, subject=subject, found=found, trouble=trouble, rule_title=rule_title,
        )  # fmt: skip
    return page, trouble.status if trouble else 200


def _still_open(one: dict[str, Any]) -> str:
    return _("Dose %(k)s stays open: %(why)s.", k=one["k"], why=choice_word("WhyOpen", one["why"]))


def alike(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Vials of one lot in one place that the same reasons keep back share a line."""
    made: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row["vial"].lot_id, row["place"].id if row["place"] else None, *row["why"])
        made.setdefault(key, row | {"serials": []})["serials"].append(row["vial"].serial)
    return list(made.values())

"""The first page: what waits for this person, by their roles, with one button each to where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext, pgettext
from flask_babel import gettext as _

from traceability.asking import actor, store
from traceability.domain.acts import ACTS
from traceability.domain.people import Role
from traceability.formats import day, moment, temperature, volume_ml
from traceability.services import shifts, worklist
from traceability.services.board import board as places
from traceability.services.worklist import Waiting
from traceability.web import blueprint, now, roles
from traceability.web.links import act_url, may
from traceability.words import act_words, choice_word, role_word, told_title


@dataclass(frozen=True, slots=True)
class Line:
    """How one kind of work reads: its shape, its sentences, and the act or page that does it."""

    kind: str
    title: str
    note: str
    href: str
    word: str
    pressing: bool = False


@blueprint.get("/")
def home() -> ResponseReturnValue:
    held = roles()
    with store().read(actor()) as view:
        found = worklist.waiting(view, held)
        numbers = worklist.numbers(view)
        called = shifts.on_call(view) if held & STAFF_ROLES else []
        board = [one for one in places(view) if one.ours and one.kind != "shipper"] if held & WATCHERS else []
    lines = [(line(one), one.since) for one in found]
    groups = [
        (_("Now"), [item(each, since) for each, since in lines if each.pressing]),
        (_("Waiting"), [item(each, since) for each, since in lines if not each.pressing and each.kind != "idle"]),
        (_("Lots"), [item(each, since) for each, since in lines if each.kind == "idle"]),
        (_("Evidence"), evidence() if Role.INSPECTOR in held else []),
    ]
    return render_template(
        "home/home.html", groups=[group for group in groups if group[1]], count=len(found), tiles=tiles(held, numbers),
        board=board, begins=[(act_url(name), act_words(name).title) for name in BEGIN if may(name)],
        today=format_date(now().astimezone(g.zone).date(), "EEEE d MMMM"),
        inspector=Role.INSPECTOR in held, called=called,
    )  # fmt: skip


STAFF_ROLES = frozenset(Role) - {Role.INSPECTOR, Role.DEVICE, Role.SYSTEM}
WATCHERS = frozenset({Role.STOREKEEPER, Role.PHARMACIST, Role.QUALITY})

BEGIN = tuple(
    name
    for name in (
        "lot.announce", "consignment.ship",
        "recall.start", "material.report_result",  # what cannot wait is not looked for
        "product.register", "product.revise", "specification.issue", "material.record",
        "credential.record", "credential.suspend", "result.enter", "case.open", "hold.place", "recall.withdraw",
        "release.void", "subject.enrol", "protocol.issue", "consent_form.draft",
        "place.open", "place.assume", "person.enrol", "grant.give", "grant.hand_over", "shift.plan", "organisation.register", "site.open",
    )
    if name in ACTS
)  # fmt: skip
"""Acts that nothing waits for: they are begun by somebody who knows why."""


KINDS = {"within_7": "stop", "within_30": "warn", "within_90": "due"}
"""The shape of what ends in so many days."""


def evidence() -> list[dict[str, Any]]:
    """What an inspector reads besides the lots."""
    return [
        item(Line("info", _("Audit trail"), _("Every act, done or refused."), url_for("web.audit"), _("Search")), None),
        item(Line("info", _("People"), _("Who may do what, and since when."), url_for("web.people"), _("Open")), None),
    ]


def _answer_by(v: dict[str, Any]) -> list[str]:
    """By when the houses of a recall have to have answered, or had to."""
    if v["due"] is None:
        return []
    when = moment(v["due"])
    return [
        _("The answer was due by %(when)s.", when=when) if v["late"] else _("The answer is due by %(when)s.", when=when)
    ]


def item(told: Line, since: datetime | None) -> dict[str, Any]:
    return {
        "kind": told.kind, "title": told.title, "note": told.note, "href": told.href, "act": told.word, "now": told.pressing,
        "when": _("since %(when)s", when=day(since.astimezone(g.zone).date())) if since else "",
    }  # fmt: skip


def line(one: Waiting) -> Line:
    """The sentences of one kind of work. What somebody may not do themselves leads to where it stands."""
    v = one.values
    lot = url_for("web.lot", lot_id=one.noun_id)

    def act(name: str, word: str, noun_id: str | None = one.noun_id, **query: str) -> tuple[str, str]:
        return (act_url(name, noun_id, **query), word) if may(name) else ("", "")

    def page(name: str, word: str, endpoint: str) -> tuple[str, str]:
        return (url_for(endpoint, dose_id=one.noun_id), word) if may(name) else ("", "")

    match one.code:
        case "recall":
            title = _("Recall %(number)s: %(title)s", number=v["number"], title=v["title"])
            said = [_("Class %(class_)s. Use is stopped everywhere.", class_=v["class"])]
            if v.get("silent"):
                silent = ngettext(
                    "%(num)d organisation has not answered.", "%(num)d organisations have not answered.", v["silent"]
                )
                said += [silent, *_answer_by(v)]
            page_of = url_for("web.recall", recall_id=one.noun_id)
            return Line("recall", title, " ".join(said), page_of, _("Open"), pressing=True)
        case "notice":
            called = {"number": v["number"], "title": v["title"]}
            title = (
                _("Answer mock recall %(number)s: %(title)s", **called)
                if v["mock"]
                else _("Answer recall %(number)s: %(title)s", **called)
            )
            said = [_("Scan what your organisation holds, then say what you found."), *_answer_by(v)]
            if not v["mock"]:
                said.insert(0, _("Class %(class_)s. Use is stopped everywhere.", class_=v["class"]))
            page_of = url_for("web.recall", recall_id=one.noun_id)
            return Line("due" if v["mock"] else "recall", title, " ".join(said), page_of, _("Open"), pressing=True)
        case "unreported":
            title = _("Report event %(number)s to the authority", number=v["number"])
            by = day(v["due"])
            note = _("It was due on %(day)s.", day=by) if v["late"] else _("It is due on %(day)s.", day=by)
            note = f"{choice_word('Expedited', v['kind'])}. {note}"
            page_of = url_for("web.event", event_id=one.noun_id)
            return Line("stop" if v["late"] else "due", title, note, page_of, _("Open"), pressing=True)
        case "ungraded":
            title = _("Say how grave event %(number)s is", number=v["number"])
            note = _("Neither grade nor seriousness was told, so nobody knows whether a report is owed.")
            return Line("ask", title, note, url_for("web.event", event_id=one.noun_id), _("Open"))
        case "excursion":
            title = _("%(place)s is out of limits", place=v["place"])
            note = _(
                "%(number)s, furthest %(peak)s. Its vials ask QA.", number=v["number"], peak=temperature(v["peak_mc"])
            )
            return Line(
                "stop", title, note, url_for("web.excursion", excursion_id=one.noun_id), _("Open"), pressing=True
            )
        case "undecided":
            title = _("%(place)s was out of limits", place=v["place"])
            note = _(
                "%(number)s, furthest %(peak)s. Its vials ask QA.", number=v["number"], peak=temperature(v["peak_mc"])
            )
            word = _("Decide") if may("excursion.dispose") else _("Open")
            href = url_for("web.excursion", excursion_id=one.noun_id)
            return Line("hold", title, note, href, word, pressing=may("excursion.dispose"))
        case "alarm":
            title = (
                _("Alarm %(number)s: the sensor in %(place)s is silent", number=v["number"], place=v["place"])
                if v["kind"] == "silent"
                else _("Alarm %(number)s: %(place)s is out of limits", number=v["number"], place=v["place"])
            )
            note = _("It is over. Nobody has acknowledged it.") if v["over"] else _("Nobody has acknowledged it.")
            kind = "ask" if v["over"] else "stop"
            return Line(kind, title, note, *act("alarm.acknowledge", _("Acknowledge")), pressing=True)
        case "untold":
            title = _("Alarm %(number)s could not be told", number=v["number"])
            note = ngettext("%(num)d message was given up.", "%(num)d messages were given up.", v["messages"])
            return Line("missing", title, note, url_for("web.alarm", alarm_id=one.noun_id), _("Open"), pressing=True)
        case "hold":
            title = _("Hold %(number)s waits for a decision", number=v["number"])
            return Line("hold", title, told_title(v["title"]), *act("hold.lift", _("Decide")), pressing=True)
        case "case" | "case_overdue":
            late = one.code == "case_overdue"
            title = (
                _("Case %(number)s is overdue", number=v["number"])
                if late
                else _("Case %(number)s is open", number=v["number"])
            )
            due = _("Due on %(day)s.", day=day(v["due"].astimezone(g.zone).date()))
            grave = choice_word("CaseSeverity", v["severity"])
            note = f"{told_title(v['title'])}. {grave}. {due}"
            return Line(
                "missing" if late else "ask", title, note, url_for("web.case", case_id=one.noun_id), _("Open"), late
            )
        case "emergency":
            title = _("Vial %(serial)s was handed out without QA", serial=v["serial"])
            note = _("Case %(number)s. The review is owed by %(when)s.", number=v["number"], when=moment(v["due"]))
            word = _("Review") if may("case.review") else _("Open")
            return Line(
                "missing" if v["late"] else "ask", title, note, url_for("web.case", case_id=one.noun_id), word, True
            )
        case "opened":
            title = _("The identity of %(pseudonym)s was opened", pseudonym=v["pseudonym"])
            note = _(
                "Broken glass %(number)s. The review is owed by %(when)s.", number=v["number"], when=moment(v["due"])
            )
            href = url_for("web.subject", subject_id=v["subject_id"], _anchor="opened")
            return Line("missing" if v["late"] else "ask", title, note, href, _("Review"), True)
        case "action_do" | "action_check":
            judge = one.code == "action_check"
            title = (
                _("Action %(number)s is to be judged", number=v["number"])
                if judge
                else _("Action %(number)s is to be done", number=v["number"])
            )
            note = f"{v['title'] or ''}. " + _("Due on %(day)s.", day=day(v["due"]))
            href = url_for("web.case", case_id=v["case_id"], _anchor="actions")
            return Line("missing" if v["late"] else "due", title, note, href, _("Open"), v["late"])
        case "unconfirmed":
            person = url_for("web.person", person_id=one.noun_id)
            if not v["chosen"]:
                title = _("The password of %(name)s was reset", name=v["name"])
                return Line("wait", title, _("They have not chosen their own yet."), person, _("Open"))
            title = _("%(name)s has chosen a password", name=v["name"])
            note = _("Somebody else had set the one before. Is it they? Ask them, then confirm.")
            return Line("ask", title, note, person, _("Open"), pressing=True)
        case "expected":
            title = _("Consignment %(number)s is on its way", number=v["consignment"])
            note = ngettext("%(num)d vial.", "%(num)d vials.", v["vials"])
            return Line("move", title, note, *act("consignment.arrive", _("Receive")))
        case "box_overdue":
            title = _("Consignment %(number)s has not arrived in time", number=v["consignment"])
            by = day(v["due"].astimezone(g.zone).date())
            note = (
                _("It was to be here by %(day)s. Ask its sender and the carrier.", day=by)
                if v["to_us"]
                else _("It was to be there by %(day)s. Ask its receiver and the carrier.", day=by)
            )
            return Line("missing", title, note, consignment(one), _("Open"), pressing=True)
        case "to_count":
            title = _("Consignment %(number)s has arrived", number=v["consignment"])
            note = ngettext("%(num)d vial to count by scanning.", "%(num)d vials to count by scanning.", v["vials"])
            href = act_url("consignment.count", one.noun_id) if may("consignment.count") else consignment(one)
            return Line("move", title, note + logged(v), href, _("Count"), pressing=True)
        case "to_put_away":
            title = _("Consignment %(number)s is still in its box", number=v["consignment"])
            note = ngettext("%(num)d vial to put away.", "%(num)d vials to put away.", v["vials"])
            href = url_for("web.put_away", consignment_id=one.noun_id)
            return Line("box", title, note + logged(v), href, _("Put away"), pressing=True)
        case "to_close":
            title = _("Consignment %(number)s is put away", number=v["consignment"])
            note = _("Close it when nothing of it is owed any more.") + logged(v)
            return Line(
                "ok",
                title,
                note,
                *(act("consignment.close", _("Close")) if v["logged"] else (consignment(one), _("Open"))),
            )
        case "labels":
            title = ngettext("%(num)d label is not scanned back", "%(num)d labels are not scanned back", v["labels"])
            return Line(
                "box",
                title,
                _("Lot %(lot)s. Its vials ask QA until then.", lot=v["lot"]),
                url_for("web.lot_scan_back", lot_id=one.noun_id),
                _("Scan back"),
            )
        case "relabel":
            title = ngettext(
                "%(num)d label shows a date that counts no more",
                "%(num)d labels show a date that counts no more",
                v["vials"],
            )
            note = _("Lot %(lot)s. Its vials ask QA until they carry a new one.", lot=v["lot"])
            return Line("box", title, note, url_for("web.lot_labels", lot_id=one.noun_id), _("Print"))
        case "unlabelled":
            title = ngettext("%(num)d vial has no label", "%(num)d vials have no label", v["vials"])
            return Line(
                "box", title, _("Lot %(lot)s.", lot=v["lot"]), url_for("web.lot_labels", lot_id=one.noun_id), _("Print")
            )
        case "uncertified":
            title = _("Lot %(lot)s is announced, not certified", lot=v["lot"])
            note = ngettext("%(num)d vial filled.", "%(num)d vials filled.", v["vials"])
            return Line("wait", title, note, *act("lot.certify", _("Certify")))
        case "untranscribed":
            title = _("Lot %(lot)s is not certified by its maker", lot=v["lot"])
            note = _("If its certificate came on paper, two people may copy it in.")
            return Line("wait", title, note, *act("lot.transcribe", _("Transcribe")))
        case "unshipped":
            title = _("Lot %(lot)s is certified and still here", lot=v["lot"])
            note = ngettext("%(num)d vial has not left.", "%(num)d vials have not left.", v["vials"])
            return Line("ok", title, note, *act("consignment.ship", _("Ship"), None, lot_id=one.noun_id))
        case "unreleased":
            title = _("Lot %(lot)s waits for release", lot=v["lot"])
            note = ngettext(
                "%(num)d vial in stock without a release.", "%(num)d vials in stock without a release.", v["vials"]
            )
            return Line("wait", title, note, *act("lot.release", _("Check")))
        case "review":
            title = _("Results of lot %(lot)s wait for review", lot=v["lot"])
            note = ngettext(
                "%(num)d result that nobody else has looked at.",
                "%(num)d results that nobody else has looked at.",
                v["results"],
            )
            return Line("due", title, note, url_for("web.lot_tests", lot_id=one.noun_id), _("Review"))
        case "outside":
            title = _("%(test)s of lot %(lot)s is outside its specification", test=v["test"], lot=v["lot"])
            note = _(
                "Reported: %(value)s. Case %(number)s: nobody said which result stands.",
                value=v["value"],
                number=v["case"],
            )
            return Line(
                "stop", title, note, *act("result.conclude", _("Conclude"), result_id=one.noun_id), pressing=True
            )
        case "untested":
            title = _("Lot %(lot)s has tests without a result", lot=v["lot"])
            note = ngettext("%(num)d test.", "%(num)d tests.", v["tests"])
            return Line("due", title, note, *act("result.enter", _("Enter"), None, lot_id=one.noun_id))
        case "paper":
            kind = choice_word("CredentialKind", v["kind"])
            title = _("%(kind)s of %(holder)s", kind=kind, holder=v["holder"])
            href, word = url_for("web.papers", organisation_id=v["owner"]), _("Open")
            if v["standing"] == "suspended":
                told = _("%(number)s is suspended from %(day)s.", number=v["number"], day=day(v["suspended"]))
                return Line("stop", title, told, href, word, pressing=True)
            if v["standing"] == "over":
                told = _("%(number)s ended on %(until)s.", number=v["number"], until=day(v["until"]))
                return Line("stop", title, told, href, word, pressing=True)
            told = _("%(number)s ends on %(until)s.", number=v["number"], until=day(v["until"]))
            told += " " + ngettext("%(num)d day left.", "%(num)d days left.", v["days"])
            return Line(KINDS[v["standing"]], title, told, href, word, pressing=v["standing"] == "within_7")
        case "training":
            title = _("Training of %(person)s: %(topic)s", person=v["person"], topic=v["topic"])
            href, word = url_for("web.person", person_id=v["person_id"], _anchor="training"), _("Open")
            shut = _(
                "Nothing but facts is taken in the role: %(roles)s.",
                roles=", ".join(role_word(one) for one in v["roles"]),
            )
            match v["standing"]:
                case "none":
                    return Line("stop", title, _("None is on record.") + " " + shut, href, word, pressing=True)
                case "undated":
                    told = _("It is not known how long it counts.")
                    return Line("stop", title, told + " " + shut, href, word, pressing=True)
                case "over":
                    told = _("It ended on %(until)s.", until=day(v["until"]))
                    return Line("stop", title, told + " " + shut, href, word, pressing=True)
            told = _("It ends on %(until)s.", until=day(v["until"]))
            told += " " + ngettext("%(num)d day left.", "%(num)d days left.", v["days"])
            return Line(KINDS[v["standing"]], title, told, href, word, pressing=v["standing"] == "within_7")
        case "shortage":
            title = _("The stock of %(product)s does not last", product=v["product"])
            note = _("Short from %(day)s.", day=day(v["day"])) + " " + ngettext(
                "%(num)d vial is missing until %(day)s.", "%(num)d vials are missing until %(day)s.", v["missing"], day=day(v["until"])
            )  # fmt: skip
            return Line("warn", title, note, url_for("web.calendar", _anchor="stock"), _("Open"))
        case "outdated_sheets":
            title = _("Print the contingency sheets anew, %(site)s", site=v["site"])
            count = ngettext(
                "%(num)d sheet does not hold any more as it was printed",
                "%(num)d sheets do not hold any more as they were printed",
                v["sheets"],
            )
            missing = ngettext("%(num)d dose has no sheet", "%(num)d doses have no sheet", v["unprinted"])
            if v["unprinted"]:
                count = f"{count}, {missing}" if v["sheets"] else missing
            days = ngettext("on %(day)s.", "on %(num)d days from %(day)s on.", len(v["days"]), day=day(v["days"][0]))
            href = url_for("web.calendar", site_id=one.noun_id, _anchor=f"sheets-{one.noun_id}")
            return Line("stop", title, f"{count}, {days}", href, _("Print"), pressing=True)
        case "stranded":
            title = _("Vial %(serial)s is kept for a course that has ended", serial=v["serial"])
            note = _(
                "%(subject)s, dose %(k)s. It thaws or was handed out: take it back, or discard it.",
                subject=v["subject"],
                k=v["k"],
            )
            href = url_for("web.course", course_id=v["course_id"], _anchor=f"noshow-{v['k']}")
            return Line("stop", title, note, href, _("Open"), pressing=True)
        case "access":
            title = _("Who may do what is to be reviewed")
            note = ngettext("%(num)d role.", "%(num)d roles.", v["grants"])
            return Line("due", title, note, *act("grant.review", _("Review")))
        case "watch":
            title = _("%(subject)s is to be watched", subject=v["subject"])
            note = (
                _("Given %(when)s, no observation on record.", when=moment(v["given_at"]))
                if v["over"]
                else _(
                    "Given %(when)s, to be watched until %(until)s.",
                    when=moment(v["given_at"]),
                    until=moment(v["until"]),
                )
            )
            href = url_for("web.administration", administration_id=one.noun_id, _anchor="watch")
            return Line("ask", title, note, href, pgettext("act", "Watch"), pressing=True)
        case "dose_order":
            return dose(
                v, _("Not ordered."), act("order.prescribe", pgettext("act", "Order"), None, dose_id=one.noun_id)
            )
        case "dose_verify":
            return dose(v, _("Ordered, not verified."), act("order.verify", pgettext("act", "Verify")))
        case "dose_choose":
            lacks = (
                _("Verified; vials for %(volume)s more are to be chosen.", volume=volume_ml(v["lacks_ul"]))
                if v["kept"]
                else _("Verified, no vial chosen.")
            )
            return dose(v, lacks, page("vial.reserve", _("Choose"), "web.dose_reserve"))
        case "dose_issue":
            note = _("Vial %(serial)s is kept for it.", serial=v["serial"])
            return dose(v, note, act("vial.issue", _("Issue")))
        case "dose_thaw":
            note = _("Vial %(serial)s is issued, not thawed.", serial=v["serial"])
            return dose(v, note, act("vial.thaw", pgettext("act", "Thaw")))
        case "dose_give":
            note = _("Vial %(serial)s is thawed. Two people sign what is given.", serial=v["serial"])
            return dose(v, note, page("dose.start", _("Start"), "web.bedside_dose"))
        case "lot":
            note = ngettext("%(num)d vial filled.", "%(num)d vials filled.", v["vials"])
            return Line(
                "idle", _("Lot %(lot)s", lot=v["lot"]), f"{choice_word('LotState', v['state'])}. {note}", lot, _("Open")
            )
    raise AssertionError(f"no words for {one.code}")


def dose(v: dict[str, Any], note: str, step: tuple[str, str]) -> Line:
    """A dose that waits for its next step: whose, which, when. Who may not do the step is led to the course."""
    told = {"subject": v["pseudonym"], "k": v["k"], "doses": v["doses"], "day": day(v["due"])}
    if v["days"] == 0:
        title = _("%(subject)s: dose %(k)s of %(doses)s is due today", **told)
    elif v["days"] < 0:
        title = _("%(subject)s: dose %(k)s of %(doses)s was due on %(day)s", **told)
    else:
        title = _("%(subject)s: dose %(k)s of %(doses)s is due on %(day)s", **told)
    knee = {"right": _("Right knee"), "left": _("Left knee")}[str(v["laterality"])]
    href, word = step if step[0] else (url_for("web.course", course_id=v["course_id"]), _("Course"))
    due = v["days"] <= 0
    return Line("due" if due else "wait", title, f"{knee}. {note}", href, word, pressing=due and bool(step[0]))


def consignment(one: Waiting) -> str:
    return url_for("web.consignment", consignment_id=one.noun_id)


def logged(values: dict[str, Any]) -> str:
    return "" if values["logged"] else " " + _("The logger’s file is missing.")


def tiles(held: frozenset[Role], n: dict[str, int]) -> list[dict[str, Any]]:
    """The numbers at the side: those that somebody in these roles acts on."""
    made: list[dict[str, Any]] = []
    if held & {Role.STOREKEEPER, Role.PHARMACIST, Role.QUALITY, Role.PHYSICIAN, Role.NURSE}:
        made.append({"label": _("In stock"), "value": n["in_stock"], "note": ngettext("vial", "vials", n["in_stock"])})
        made.append(
            {"label": _("Of them released"), "value": n["released"], "note": ngettext("vial", "vials", n["released"])}
        )
    if Role.MAKER_QA in held:
        made.append({"label": _("Lots"), "value": n["lots"], "note": _("made by us")})
        made.append({"label": _("Not shipped"), "value": n["made"], "note": ngettext("vial", "vials", n["made"])})
    if held & {Role.STOREKEEPER, Role.PHARMACIST, Role.MAKER_QA}:
        made.append(
            {"label": _("On the way"), "value": n["in_transit"], "note": ngettext("vial", "vials", n["in_transit"])}
        )
    if held & {Role.PHARMACIST, Role.QUALITY, Role.MAKER_QA}:
        made.append({"label": _("Open holds"), "value": n["holds"], "kind": "hold" if n["holds"] else ""})
    if held & {Role.STOREKEEPER, Role.PHARMACIST, Role.QUALITY}:
        made.append(
            {"label": _("Open excursions"), "value": n["excursions"], "kind": "stop" if n["excursions"] else ""}
        )
    if Role.QUALITY in held:
        made.append({"label": _("Open cases"), "value": n["cases"], "kind": "warn" if n["cases"] else ""})
    return made

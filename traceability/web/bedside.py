"""At the bedside: whose wristband, which vial, which knee, every stop at once; then the record.

What was found out on the way (never the wristband itself) travels signed from page to page; the record knows only acts.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from traceability import asking
from traceability.asking import View, actor, new_id, store
from traceability.domain import bedside as stops
from traceability.domain import checks, rules, timers
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.states import Custody
from traceability.problems import told
from traceability.services import administrations, courses, names, persons, scans, subjects, supply, vials
from traceability.services.bedside import ask
from traceability.services.verdicts import facts, scan
from traceability.web import CARE, blueprint, now, only, posting, scanning
from traceability.web.administrations import RECORD, kept, owed
from traceability.web.courses import doses_of
from traceability.web.posting import Trouble
from traceability.words import act_words, sentence

MATCHED_FOR = timedelta(minutes=30)
"""So long after the wristband was read the patient in the chair is taken to be the same."""
IDENTIFIERS = ("name", "birth date", "address", "record number")
"""What a patient can say of themselves; the wristband is read besides. Kept by these words."""
NEEDED = 2
SOON_D = 7
STOPS = len(stops.BEDSIDE) + len(checks.USE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one person found at one bedside so far. `give`: the act id of the record to come, the same on every reload."""

    dose_id: str
    person_id: str
    subject_id: str
    matched_at: str
    start: str
    give: str
    identifiers: str = ""
    code: str = ""
    side: str = ""
    before: str = ""
    """The codes of the vials that were started for this dose before this one, a line each."""

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.matched_at)


def signer() -> URLSafeSerializer:
    return URLSafeSerializer(hmac.new(store().keys.inputs, b"bedside", sha256).digest(), salt="bedside")


def seen(dose_id: str) -> Seen | None:
    """What was found before, if it was found by this person, for this dose; anything else is as if nothing was."""
    try:
        made = Seen(**signer().loads(request.values.get("seen", "")))
    except (BadSignature, TypeError):
        return None
    return made if (made.dose_id, made.person_id) == (dose_id, actor().person_id) else None


def onward(state: Seen) -> Response:
    made: Response = redirect(
        url_for("web.bedside_dose", dose_id=state.dose_id, seen=signer().dumps(asdict(state))), 303
    )
    return made


@blueprint.get("/bedside")
def bedside() -> ResponseReturnValue:
    """Today's doses and those that are late, who is still to be watched, and what comes in the next days."""
    only(*CARE)
    with store().read(actor()) as view:
        due = courses.due(view, SOON_D)
        kept = [one.vial_id for row in due for one in row["kept"]]
        known = dict(zip(kept, facts(view, kept, Purpose.BEDSIDE), strict=True))
        for row in due:
            found = [(one, known[one.vial_id]) for one in row["kept"]]
            clocks = sorted((each for _, fact in found for each in timers.of_vial(fact)), key=lambda one: one.until)
            thawed = [fact for one, fact in found if one.state is Custody.ISSUED and fact.thawed_at]
            row |= {"timers": clocks, "ready": len(thawed) == len(found) > 0 and not row["lacks_ul"]}
            row |= courses.next_of(supply.turn(row["kept"], {one.vial_id for one, fact in found if fact.thawed_at}))
            row["against"] = [
                sentence(one.code, one.values, holds=one.holds) for fact in thawed for one in checks.use(fact)
            ]
        return render_template(
            "bedside/list.html", due=[row for row in due if row["due"] <= row["today"]],
            later=[row for row in due if row["due"] > row["today"]],
            watched=administrations.watched(view), today=now().astimezone(g.zone).date(),
        )  # fmt: skip


@blueprint.route("/bedside/<dose_id>", methods=["GET", "POST"])
def bedside_dose(dose_id: str) -> ResponseReturnValue:
    """One step after another; each is posted, and the page after it can be loaded again."""
    only(*CARE)
    state = seen(dose_id)
    with store().read(actor()) as view:
        head = headed(view, dose_id)
        given = next((row["administration"] for row in head["row"]["injections"]), None)
        cleared = state is not None and _cleared(view, state)
    if given is not None:
        if request.method == "POST":
            flash(_("This dose is on record already. It was not recorded twice."), "info")
        return redirect(url_for("web.administration", administration_id=given.id), 303)
    if state is None or (not cleared and now() - state.at > MATCHED_FOR):
        return wristband(head) if request.form.get("step") == "wristband" else page(head, "wristband")
    steps = {"vial": vial, "start": start, "give": give, "another": another}
    if request.method == "POST" and (step := steps.get(request.form.get("step", ""))):
        return step(head, state)
    if not state.code:
        return page(head, "vial", state)
    return record(head, state, {}) if cleared else verdict(head, state)


def headed(view: View, dose_id: str) -> dict[str, Any]:
    dose, course, protocol = courses.of_dose(view, dose_id)
    rows = doses_of(view, course.id)
    subject = persons.subject(view, course.subject_id)
    row = next(row for row in rows if row["id"] == dose_id)
    return {"dose": dose, "course": course, "protocol": protocol, "subject": subject, "rows": rows, "row": row}


def page(
    head: dict[str, Any], name: str, state: Seen | None = None, status: int = 200, **shown: Any
) -> ResponseReturnValue:
    token = signer().dumps(asdict(state)) if state else ""
    context = {"errors": {}, "general": [], "unknown": None} | shown
    made = render_template(
        f"bedside/{name}.html",
        **head,
        state=state,
        token=token,
        identifiers=IDENTIFIERS,
        stops=STOPS,
        **context,
    )
    return made, status


def wristband(head: dict[str, Any]) -> ResponseReturnValue:
    """The code is compared by its keyed digest and forgotten; another's wristband stops here, and that it did is on record."""
    done = posting.perform("dose.identify", head["dose"].id, wristband=request.form.get("code", ""))
    if not isinstance(done, Trouble):
        return onward(
            Seen(head["dose"].id, actor().person_id, head["course"].subject_id, now().isoformat(), new_id(), new_id())
        )
    if done.code == "dose_refused":
        return page(head, "wristband", status=done.status, wrong=sentence("wrong_patient", {}, holds=False))
    why = next(iter((*done.fields.values(), *done.general)))
    return page(head, "wristband", status=done.status, errors={"code": why})


def vial(head: dict[str, Any], state: Seen) -> ResponseReturnValue:
    """Two things the patient said, the knee the patient showed, the vial in the hand: then every stop is asked."""
    said = [one for one in IDENTIFIERS if one in request.form.getlist("identifiers")]
    side = request.form.get("laterality", "")
    errors, unread = {}, False
    if len(said) < NEEDED:
        errors["identifiers"] = _("Tick two things at least that the patient said and that agree.")
    if side not in ("right", "left"):
        errors["laterality"] = _("Choose the knee.")
    told_so = replace(state, identifiers=", ".join(["wristband", *said]), side=side, code="")
    code, instead = scanning.listen()
    if instead is not None:
        half = instead.kind == "part"
        errors |= {} if half else {"code": instead.why[0]}
        shown = {"part": instead} if half else {"unread": instead.unread}
        return page(head, "vial", told_so, 422 if errors else 200, errors=errors, **shown)
    try:
        with store().read(actor()) as view:
            scanned = scan(view, code, Purpose.BEDSIDE)
            try:
                asked = ask(view, state.dose_id, state.subject_id, code, courses.Laterality(side or "right"))
                answer = rules.verdict(asked.findings)
                scanned = replace(scanned, verdict=answer, findings=asked.findings)
            finally:
                scans.log(store(), actor(), scanned)
    except Refused as refused:  # not repeated: whatever was scanned here may be a person's code
        errors["code"], unread = scanning.why_not(refused)
    except ValueError:
        errors["code"] = _("Scan the vial.")
    if not errors and asked.vial.id in _started_before(state):
        errors["code"] = sentence("started_already", {"serial": asked.vial.serial})
    if errors:
        return page(head, "vial", told_so, 422, errors=errors, unread=unread)
    # in the address stands what names the vial, and nothing else that a code may say
    return onward(replace(told_so, code=names.of_vial(scanned.identity)))


def verdict(head: dict[str, Any], state: Seen, trouble: Trouble | None = None) -> ResponseReturnValue:
    """What `dose.start` will say, asked anew each time the page is loaded."""
    with store().read(actor()) as view:
        asked = ask(view, state.dose_id, state.subject_id, state.code, courses.Laterality(state.side))
    return page(
        head, "verdict", state, trouble.status if trouble else 200, answer=rules.verdict(asked.findings), vial=asked.vial,
        findings=[told(one) for one in asked.findings], general=trouble.general if trouble else [], asked_at=now(),
    )  # fmt: skip


def start(head: dict[str, Any], state: Seen) -> ResponseReturnValue:
    """The one permit. Asked twice it is the same; refused it stands in the record, and a new try has a new id."""
    with store().read(actor()) as view:
        band = subjects.band_of(
            view, state.subject_id
        )  # the one that this server compared, in the state that it signed
    told_so = {"wristband": band, "code": state.code, "laterality": courses.Laterality(state.side)}
    try:
        asking.ask("dose.start", state.dose_id, told_so, request.form.get("act_id", ""))
    except Refused as refused:
        return verdict(head, replace(state, start=new_id()), posting.refusal(refused))
    return onward(state)


def record(
    head: dict[str, Any], state: Seen, given: dict[str, str], status: int = 200, **shown: Any
) -> ResponseReturnValue:
    """What was given, below what is known now: a recall or a hold since the start is told, and the fact is kept all the same."""
    side = courses.Laterality(state.side)
    with store().read(actor()) as view:
        asked = [ask(view, state.dose_id, state.subject_id, code, side) for code in codes_of(state)]
    found = list({(one.code, str(one.values)): one for each in asked for one in each.findings}.values())
    told_now = {
        "answer": rules.verdict(found),
        "findings": [told(one) for one in found],
        "more": asked[0].vials_needed > len(asked),
    }
    serials = [one.vial.serial for one in asked]
    told_now["kept_since"] = posting.kept_since()
    return page(head, "record", state, status, given=given, serials=serials, asked_at=now(), **told_now, **shown)


def another(head: dict[str, Any], state: Seen) -> ResponseReturnValue:  # noqa: ARG001 - as every step is called
    """The dose takes more than one vial: this one was started, the next is scanned and asked about like the first."""
    return onward(replace(state, code="", before="\n".join(codes_of(state)), start=new_id()))


def codes_of(state: Seen) -> list[str]:
    return [code for code in (*state.before.split("\n"), state.code) if code]


def give(head: dict[str, Any], state: Seen) -> ResponseReturnValue:
    """What was injected, signed by two people on this device."""
    given = posting.form(*RECORD, "withdrawn_ul")
    if errors := owed(given):
        return record(head, state, given, 422, errors=errors)
    asked = {key: given[key] for key in RECORD}
    found = posting.perform(
        "dose.give", subject_id=state.subject_id, laterality=state.side, codes=codes_of(state), dose_id=state.dose_id,
        identifiers=state.identifiers, **asked,
    )  # fmt: skip
    if isinstance(found, Trouble) and (done := kept(found)):
        flash(_("This was on record already. It was not recorded twice."), "info")
        return redirect(url_for("web.administration", administration_id=done), 303)
    if isinstance(found, Trouble):
        shown = {"errors": found.fields, "general": found.general, "unknown": found.act_id}
        return record(head, replace(state, give=found.act_id or new_id()), given, found.status, **shown)
    flash(act_words("dose.give").done)
    return redirect(url_for("web.administration", administration_id=found.id), 303)


def _started_before(state: Seen) -> set[str]:
    with store().read(actor()) as view:
        return {vials.by_code(view, code).id for code in state.before.split("\n") if code}


def _cleared(view: View, state: Seen) -> bool:
    """The vial that was scanned last has its permit for this dose."""
    if not state.code:
        return False
    try:
        vial = vials.by_code(view, state.code)
    except Refused:
        return False
    return any(one.vial_id == vial.id for one in courses.started(view, state.dose_id))

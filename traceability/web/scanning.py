"""What became of one scan among many: done, done before, or not accepted and kept on the page until it is acknowledged."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import Done, View, actor, store
from traceability.domain import bpom, gs1
from traceability.domain.errors import Refused
from traceability.services import by_label, names, organisations
from traceability.web import blueprint, now, posting
from traceability.web.posting import Trouble
from traceability.words import sentence

READ_ALL_THE_SAME = frozenset(
    {
        "code_not_a_vial",
        "code_not_a_box",
        "code_without_serial",
        "code_pieces",
        "code_typed_differs",
        "code_empty",
        "code_joined_apart",
        "code_joined_differs",
        "code_of_a_person",
    }
)
"""Refusals that speak of a code and not of a scan that went wrong."""


OF_A_VIAL = frozenset({"01", "10", "11", "13", "15", "16", "17", "21", "240", "7003"})
"""What a part of a vial's label may say to be kept and shown until the other part comes; anything else may be a person's."""
OF_A_THING = OF_A_VIAL | {"00", "414", "254", "8003", "8004", "90"}

TYPED = re.compile(r"\s*(?:\][A-Za-z]\d)?\(")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` ok, warn, already or stop; place where only the place was set, asks where somebody has to choose.

    stop and asks hold the box. `word` is large, `why` below it; `asks` are the answers, (value, word). `unread`: it
    could not be read at all, so its second piece may follow. `subject` is what a refusal is about, where that is known.
    `first` of kind part is one code of a vial that has two, `typed` what a hand has typed once: kept until the other comes.
    Both, where the second of two is typed.
    """

    kind: str
    word: str
    why: tuple[str, ...]
    code: str
    status: int = 200
    act_id: str | None = None
    unread: bool = False
    asks: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    first: str = ""
    typed: str = ""

    @property
    def held(self) -> bool:
        return self.kind in ("stop", "asks")

    def of(self, subject: str) -> Outcome:
        """The same, with the vial that it is about."""
        return replace(self, subject=subject)


@dataclass(frozen=True, slots=True)
class Noted:
    """One line of the list below the box: how it went, with what, why, and when."""

    kind: str
    what: str
    why: str
    at: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


KINDS, MOST_NOTED = ("ok", "warn", "already", "stop"), 300
YEARS = (1, 9999)
"""Moments between them can be shown in any zone; at the ends the calendar is left."""


def batch(outcome: Outcome | None) -> list[Noted]:
    """What this page has scanned so far, the newest last: it travels in the page's own form and is kept nowhere else."""
    told: list[Noted] = []
    for line in request.form.getlist("batch"):
        try:
            one = Noted(*map(str, json.loads(line)))
            told += [one] if one.kind in KINDS and one.moment.tzinfo and YEARS[0] < one.moment.year < YEARS[1] else []
        except (ValueError, TypeError):  # not a line that this page has written
            continue
    if outcome is not None and outcome.kind in KINDS:
        first, *rest = [*outcome.why, ""]
        what, why = (outcome.subject, " ".join(outcome.why)) if outcome.kind == "stop" else (first, " ".join(rest))
        told.append(Noted(outcome.kind, what, why.strip(), now().isoformat()))
    return told[-MOST_NOTED:]


def refusals(outcome: Outcome | None) -> list[Noted]:
    """Of the same only what was refused: for pages that list what was done from the record."""
    return [one for one in batch(outcome) if one.kind == "stop"]


@blueprint.app_template_filter("kept")
def kept(noted: Noted) -> str:
    """One line as it travels."""
    return json.dumps([noted.kind, noted.what, noted.why, noted.at], ensure_ascii=False)


def onward(address: str) -> ResponseReturnValue:
    """A box or a place was scanned: go there, with or without script."""
    if request.headers.get("HX-Request"):
        return "", 204, {"HX-Redirect": address}
    return redirect(address, 303)


def unreadable(code: str) -> bool:
    """Whether a refusal says that nothing was understood of what was sent."""
    return code.startswith("code_") and code not in READ_ALL_THE_SAME


def why_not(refused: Refused) -> tuple[str, bool]:
    """What is said at the box of a code that was refused, and whether its second piece may follow; never the code itself."""
    unread = unreadable(refused.code)
    if unread and request.form.get("piece"):
        refused, unread = Refused("code_pieces"), False
    return sentence(refused.code, refused.values), unread


def heard(view: View, *, acts: bool = True) -> tuple[str, Outcome | None]:
    """The posted code, put together where it came in pieces or stands in two symbols; or what is said instead of acting.

    `acts`: something is done with it, so what was typed by hand is asked for twice.
    """
    code, first = request.form.get("code", ""), unquote(request.form.get("first", ""))
    try:
        _together(view)
        if acts and _once(view, code, request.form.get("typed", "")):
            why = _("Type it once more from the label; best is that somebody else does.")
            word = _("Typed by hand: second check")
            return code, Outcome("part", word, (why,), "", first=quote(first, safe=""), typed=_digest(view, code))
        code, part = _joined(view, code, first)
    except Refused as refusal:
        return code, outcome(posting.refusal(refusal), code, already=set(), word="")
    if part is None:
        return code, None
    told = " ".join(f"({ai}){value}" for ai, value in part.elements)
    return code, Outcome(
        "part", _("One code of two"), (told, _("Scan the other code of this vial.")), "", first=quote(code, safe="")
    )


def listen() -> tuple[str, Outcome | None]:
    """The same for a page that has no view open."""
    with store().read(actor()) as view:
        return heard(view)


def _together(view: View) -> None:
    """Where a page put two pieces together, the second alone must not say anything else than both: it would be another thing.

    That the first could not be read, this server has said before (`Outcome.unread`); that both can, is seen next.
    """
    if not (piece := request.form.get("piece", "")):
        return
    both = _elements(view, request.form["code"])
    # one code of two is a code as well: the rest of a torn scan would make a third vial of it
    other = any(alone is not None and alone != both for alone in (_elements(view, piece), _part(view, piece)))
    if organisations.place_of(view, piece) is not None or other:
        raise Refused("code_pieces")


def _joined(view: View, code: str, first: str) -> tuple[str, gs1.Identity | None]:
    """The code with the one before it, if that was one of two on a vial; what is only one of two itself is given beside it."""
    today = view.at.date()
    if first:
        before, whole = gs1.read_part(first, today), _whole(view, code)
        # an over-label names its vial by itself; its maker's code says the lot, no serial
        if whole and whole.other_name:
            _agrees(view, before, whole)
            return code, None
        both = gs1.join(before, gs1.read_part(code, today))
        if not both.serial and not _is_of_a_vial(both):
            raise Refused("code_without_serial")
        return gs1.element_string(both.elements), None if both.serial else both
    try:
        part = gs1.read_part(code, today)
    except Refused:
        return code, None  # whoever acts on it says what is wrong
    waits = part.kind == "part" or (part.kind == "vial" and not part.serial)
    return code, part if waits and _is_of_a_vial(part) else None


def _is_of_a_vial(part: gs1.Identity) -> bool:
    return {ai for ai, _value in part.elements} <= OF_A_VIAL


def _agrees(view: View, makers: gs1.Identity, over: gs1.Identity) -> None:
    """Refuse an over-label on a vial of another product or lot than that for which it was printed, or on one with a serial."""
    try:
        vial = names.vial_of(view, over)
    except Refused:
        return  # whoever acts on it says what is wrong
    if makers.serial or makers.gtin not in (None, vial.gtin):
        raise Refused("code_joined_differs", ai="21" if makers.serial else "01")
    if by_label.said(view, vial, makers).contradicts:
        raise Refused("code_joined_differs", ai="10")


def _once(view: View, code: str, before: str) -> bool:
    """Whether a hand has typed it, and not twice the same (R58). No scanner sends brackets, but of BPOM's code: that is how
    it is known. One code of two counts as well. Of the first entry a digest is kept: who types the second reads the label,
    and best is somebody else.
    """
    if before and before != _digest(view, code):
        raise Refused("code_typed_differs")
    said = _part(view, code)
    return not before and said is not None and bpom.scheme(said) is None and bool(TYPED.match(code))


def _digest(view: View, code: str) -> str:
    """Of what it says, in whichever order. Nobody learns from it what was typed."""
    return store().keys.digest(json.dumps(sorted(_part(view, code) or ())))


def _whole(view: View, raw: str) -> gs1.Identity | None:
    try:
        return gs1.read(raw, view.at.date())
    except Refused:
        return None


def _elements(view: View, raw: str) -> gs1.Elements | None:
    found = _whole(view, raw)
    return found.elements if found else None


def _part(view: View, raw: str) -> gs1.Elements | None:
    try:
        return gs1.read_part(raw, view.at.date()).elements
    except Refused:
        return None


def naming(code: gs1.Identity) -> str:
    """Of a code what names a thing, as people read it: anything else that it says may be a person's."""
    return " ".join(f"({ai}){value}" for ai, value in code.elements if ai in OF_A_THING)


def _naming(code: str) -> str:
    try:
        return naming(gs1.read(code, now().date()))
    except Refused:
        return ""


def outcome(done: Done | Trouble, code: str, *, already: set[str], word: str, kind: str = "ok") -> Outcome:
    """A scanner sends twice what is read twice: a repetition is shown, not done again, and holds nothing up."""
    if isinstance(done, Trouble):
        repeated, unread = done.code in already, unreadable(done.code)
        if unread and request.form.get("piece"):
            done, unread = posting.refusal(Refused("code_pieces")), False
        why = (*done.general, *done.fields.values())
        # what is no code of ours may be a person's number
        code = "" if done.code.startswith("code_") else _naming(code)
        kind, status = ("already", 200) if repeated else ("stop", done.status)
        return Outcome(kind, "", why, code, status, done.act_id, unread)
    answer: dict[str, Any] = dict(done.answer)
    return Outcome("already" if done.repeated else kind, word, (str(answer.get("serial", "")),), _naming(code))

"""Scanner set-up: what a scanner made of the self-test sheet, sign by sign, and how that is set right."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from traceability.domain.gs1 import GS
from traceability.domain.selftest import SYMBOLS, Judged, Notice, judge
from traceability.web import blueprint, paper
from traceability.words import sentence

CAME = ("character", "ctrl", "alt")
"""How a separator reached the page: as itself, as Ctrl+], as Alt and 029."""


@blueprint.route("/scan/setup", methods=["GET", "POST"], endpoint="scanner")
def setup() -> ResponseReturnValue:
    """Ready when both symbols of the sheet came exactly. Nothing is kept: another scanner may hang here tomorrow."""
    exact = {symbol.kind for symbol in SYMBOLS} & set(request.form.getlist("exact"))
    told: dict[str, Any] = {"judged": None, "points": [], "notices": [], "came": "", "separator": ""}
    if request.method == "POST":
        raw = request.form.get("code", "")
        judged = judge(raw)
        notices = [*judged.notices, *([Notice("scanner_no_enter")] if request.form.get("enter") == "no" else [])]
        if judged.symbol:
            exact = exact - {judged.symbol.kind} | (
                {judged.symbol.kind} if judged.exact and len(notices) == len(judged.notices) else set()
            )
        came = request.form.get("came", "")
        told = {
            "judged": judged, "points": points(raw, judged), "came": came if came in CAME else "",
            "notices": [(one, _said(one)) for one in sorted(notices, key=lambda one: not one.stops)],
            "separator": written(judged.separator),
        }  # fmt: skip
    return render_template(
        "scan/setup.html", symbols=SYMBOLS, exact=exact, ready=len(exact) == len(SYMBOLS), papers=paper.papers(), **told
    )


def points(raw: str, judged: Judged) -> list[tuple[str, str]]:
    """Each character with its code point. Of anything but the sheet nothing is shown: it may be a person's number (R8)."""
    if judged.symbol is None:
        return []
    return [(written(one), f"{ord(one):04X}") for one in raw]


def written(text: str) -> str:
    """Signs as they are shown: GS by its name, others that print nothing by their number, so that none is an empty cell."""
    return "".join(
        "GS" if one == GS else one if one.isprintable() and one != " " else f"U+{ord(one):04X}" for one in text
    )


def _said(notice: Notice) -> str:
    return sentence(
        notice.code, {name: written(value) if name == "came" else value for name, value in notice.values.items()}
    )

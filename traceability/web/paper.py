"""The frame in which any label is printed: which paper, from which cell on, and the file that comes of it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response
from markupsafe import Markup

from traceability.domain.labels import PAPERS
from traceability.web import posting
from traceability.words import choice_word

FIELDS = ("layout", "paper", "start")


def papers() -> list[tuple[str, str]]:
    return [(name, choice_word("Paper", name)) for name in PAPERS]


def picture(drawn: str | None) -> Markup | None:
    return Markup(drawn) if drawn else None  # noqa: S704 - drawn by us, its words escaped


def start_cell(typed: str) -> int:
    """So many cells of the first sheet are gone; what is no number is refused as a cell that no sheet has."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else -1


def at_field(trouble: posting.Trouble) -> posting.Trouble:
    """A sheet that cannot be drawn is a matter of its layout, or of the cell it begins at."""
    name = {"label_start": "start", "label_paper_unknown": "paper", "label_not_waiting": "after"}.get(
        trouble.code, "layout"
    )
    return posting.Trouble(422, {name: " ".join(trouble.general)}, [], trouble.code)


def sent(file: bytes | Iterator[bytes], paper: str, name: str, *, pages: int | None = None) -> Response:
    """A PDF is looked at before it is printed; what a printer reads is saved."""
    zpl = paper.startswith("zpl")
    kind, shown, ending = (
        ("text/plain; charset=utf-8", "attachment", "zpl") if zpl else ("application/pdf", "inline", "pdf")
    )
    told = {"Content-Disposition": f'{shown}; filename="{name}.{ending}"'}
    if pages is not None:
        told["X-Pages"] = str(pages)
    return Response(file, content_type=kind, headers=told)

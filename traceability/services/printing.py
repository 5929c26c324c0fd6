"""Labels on paper, whatever they are of: sheets and rolls as PDF, a file for a Zebra printer, one on a screen."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO, StringIO

from traceability.domain.errors import Refused
from traceability.domain.labels import PAPERS, Label
from traceability.domain.tags import EVERY


def printed(labels: Iterable[Label], layout: str, *, paper: str = PAPERS[0], start: int = 0) -> bytes:
    """These labels on this paper. Refuses what does not fit, naming the smallest layout that does."""
    from reports import labels as drawn
    from reports import zpl

    if layout not in EVERY:
        raise Refused("label_layout_unknown", layout=layout)
    if paper not in PAPERS:
        raise Refused("label_paper_unknown", paper=paper)
    kind, _, dpi = paper.partition("_")
    if kind == "zpl":
        text = StringIO()
        zpl.roll(text, labels, EVERY[layout], dpi=int(dpi))
        return text.getvalue().encode()
    out = BytesIO()
    if kind == "roll":
        drawn.roll(out, labels, layout, dpi=int(dpi))
    else:
        drawn.sheet_to(out, labels, layout, page=paper, start=start)
    return out.getvalue()


def look(label: Label, layout: str) -> str | None:
    """The label as SVG; None: it does not fit."""
    from reports.labels import picture

    return picture(label, layout)

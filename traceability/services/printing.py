"""Labels on paper, whatever they are of: sheets and rolls as PDF, a file for a Zebra printer, one on a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, NamedTuple, TextIO, cast

from traceability.domain.errors import Refused
from traceability.domain.labels import PAPERS, Label, Layout
from traceability.domain.tags import EVERY


class File(NamedTuple):
    """A file of labels, part by part, and how many pages or labels of a roll it will have."""

    parts: Iterator[bytes]
    pages: int


def checked(
    labels: Iterable[Label], layout: str, *, paper: str, start: int = 0, layouts: Mapping[str, Layout] = EVERY
) -> None:
    """Refuse what cannot be drawn on this paper: what does not fit, naming the smallest layout that does; what is unknown."""
    from reports import labels as drawn

    if layout not in layouts:
        raise Refused("label_layout_unknown", layout=layout)
    kind, dpi = _kind(paper)
    if kind == "sheet":
        drawn.begins(layout, paper, start)
    drawn.check(labels, layout, dpi=dpi)


def file(labels: Iterable[Label], count: int, layout: str, *, paper: str = PAPERS[0], start: int = 0) -> File:
    """These labels, drawn as they are asked for; no part is kept. `count`: how many they are."""
    from reports import labels as drawn
    from reports import zpl

    if layout not in EVERY:
        raise Refused("label_layout_unknown", layout=layout)
    (kind, dpi), sink, pages = _kind(paper), _Sink(), count
    if kind == "zpl":
        steps = zpl.roll_steps(cast(TextIO, _Text(sink)), labels, EVERY[layout], dpi=dpi)
    elif kind == "roll":
        steps = drawn.roll_steps(cast(BinaryIO, sink), labels, layout, dpi=dpi)
    else:
        steps = drawn.sheet_steps(cast(BinaryIO, sink), labels, layout, page=paper, start=start)
        pages = -(-(start + count) // drawn.begins(layout, paper, start).cells)
    return File((sink.taken() for _ in steps), pages)


def printed(label: Label, layout: str, *, paper: str = PAPERS[0], start: int = 0) -> bytes:
    """One label on this paper. Refused where it does not fit."""
    checked([label], layout, paper=paper, start=start)
    return b"".join(file([label], 1, layout, paper=paper, start=start).parts)


def look(label: Label, layout: str) -> str | None:
    """The label as SVG; None: it does not fit."""
    from reports.labels import picture

    return picture(label, layout)


def _kind(paper: str) -> tuple[str, int]:
    """zpl, roll or sheet, and the dots of its printer per inch."""
    from reports.labels import SHEET_DPI

    if paper not in PAPERS:
        raise Refused("label_paper_unknown", paper=paper)
    kind, _, dots = paper.partition("_")
    return (kind, int(dots)) if dots else ("sheet", SHEET_DPI)


class _Sink:
    """Takes what is written, and gives it away: a file that is being sent, and kept nowhere."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        told = b"".join(self._parts)
        self._parts.clear()
        return told


class _Text:
    def __init__(self, sink: _Sink) -> None:
        self._sink = sink

    def write(self, part: str) -> int:
        return self._sink.write(part.encode())

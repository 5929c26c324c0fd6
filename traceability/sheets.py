"""A drawing as a table file (CSV, RFC 4180): every point, nothing rounded, and no cell that a spreadsheet would run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from csv import writer
from datetime import datetime
from decimal import Decimal
from io import StringIO
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from traceability.domain.plots import Bucket, Plot

HEAD = ("what", "from", "until", "of", "least_c", "most_c", "value_c", "readings", "note")
MEDIA_TYPE = "text/csv; charset=utf-8"
_RUN, _CONTROL = frozenset("=+-@"), ("\t", "\r", "\n")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def safe(cell: object) -> str:
    """Text that a spreadsheet would take for a formula begins with an apostrophe; a number below zero stays a number.

    What is seen first counts, whatever blank or unseen stands before it, and "＝" as "=": some programs drop the one and fold the other.
    """
    told = "" if cell is None else str(cell)
    if not told or told[0].isalnum():
        return told
    seen = next((one for one in told if not one.isspace() and category(one) not in {"Cc", "Cf"}), "")
    runs = told.startswith(_CONTROL) or normalize("NFKC", seen)[:1] in _RUN
    return f"'{told}" if runs and not _NUMBER.fullmatch(told) else told


def written(rows: Iterable[Iterable[object]]) -> str:
    out = StringIO()
    writer(out, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def sheet(plot: Plot) -> str:
    """The record as rows, in the order of time within each kind; times with the offset of its zone."""
    zone = ZoneInfo(plot.zone)

    def at(moment: datetime | None) -> str:
        return "" if moment is None else moment.astimezone(zone).isoformat(timespec="seconds")

    def points(sensor: str, buckets: Iterable[Bucket]) -> Iterable[tuple[object, ...]]:
        for one in buckets:
            yield (
                "reading",
                at(one.since),
                at(one.until),
                sensor,
                celsius(one.low_mc),
                celsius(one.high_mc),
                "",
                one.n,
                "",
            )

    rows: list[Iterable[object]] = [HEAD]
    if plot.limits is not None:
        limits = celsius(plot.limits.low_mc), celsius(plot.limits.high_mc)
        rows.append(("limits", at(plot.since), at(plot.until), "", *limits, "", "", ""))
    if len(plot.traces) > 1:
        rows += [row for trace in plot.traces for row in points(trace.sensor, trace.buckets)]
    else:
        rows += points(plot.traces[0].sensor if plot.traces else "", plot.worst)
    rows += [
        (
            "by_hand",
            at(one.since),
            at(one.at),
            "",
            celsius(one.low_mc),
            celsius(one.high_mc),
            celsius(one.now_mc),
            1,
            "",
        )
        for one in plot.by_hand
    ]
    rows += [
        ("out", at(one.since), at(one.until), one.place, "", "", celsius(one.peak_mc), "", one.number)
        for one in plot.outs
    ]
    rows += [
        ("assumed", at(one.since), at(one.until), "", celsius(one.low_mc), celsius(one.high_mc), "", "", "")
        for one in plot.assumed
    ]
    rows += [("unknown", at(one.since), at(one.until), "", "", "", "", "", one.reason) for one in plot.unknown]
    rows += [(str(one.kind), at(one.at), "", one.about, "", "", "", one.count or "", "") for one in plot.marks]
    return written(rows)


def celsius(mc: int) -> str:
    """−20.4 from thousandths: exact, with a hyphen and a point, as programs read it."""
    return f"{(Decimal(mc) / 1000).normalize():f}"

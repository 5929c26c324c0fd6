"""A table file gives every point exactly, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from traceability.domain.coldchain import Limits, Reading
from traceability.domain.plots import Band, Bucket, Mark, MarkKind, Out, Plot, Trace, Unknown
from traceability.sheets import HEAD, safe, sheet

AT = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


def a_plot(**other: object) -> Plot:
    told: dict[str, object] = {
        "since": AT, "until": AT + timedelta(hours=9), "zone": "Asia/Jakarta", "bucket_s": 0, "limits": Limits(-25_000, -15_000),
        "worst": (Bucket(AT, AT, 1, -20_400, -20_400), Bucket(AT + timedelta(minutes=5), AT + timedelta(minutes=9), 2, -21_000, 125)),
        "traces": (Trace("S-1", True, ()),), "by_hand": (Reading(AT, AT, -22_000, -20_000, -18_000),),
        "outs": (Out(AT, None, -9_600, "EX-1", "=F-02"),), "marks": (Mark(AT, MarkKind.CAME, "@SUM(A1)", 12),),
        "unknown": (Unknown(AT, AT, "reading_gap"),), "assumed": (Band(AT, AT, -25_000, -15_000),), "rows": (),
    }  # fmt: skip
    return Plot(**(told | other))  # type: ignore[arg-type]


def read(plot: Plot) -> list[list[str]]:
    return list(csv.reader(StringIO(sheet(plot), newline="")))


def test_every_kind_of_thing_is_a_row() -> None:
    head, *rows = read(a_plot())
    assert head == list(HEAD)
    assert [row[0] for row in rows] == ["limits", "reading", "reading", "by_hand", "out", "assumed", "unknown", "came"]
    assert rows[1] == [
        "reading",
        "2026-04-01T10:00:00+07:00",
        "2026-04-01T10:00:00+07:00",
        "S-1",
        "-20.4",
        "-20.4",
        "",
        "1",
        "",
    ]
    assert rows[2][4:6] == ["-21", "0.125"]
    assert (rows[3][4:7], rows[4][2:7], rows[6][8]) == (
        ["-22", "-18", "-20"],
        ["", "'=F-02", "", "", "-9.6"],
        "reading_gap",
    )


def test_of_several_sensors_each_is_there_by_itself() -> None:
    bucket = Bucket(AT, AT, 1, -20_000, -20_000)
    rows = read(a_plot(traces=(Trace("S-1", True, (bucket,)), Trace("-S2", False, (bucket, bucket)))))
    assert [row[3] for row in rows if row[0] == "reading"] == ["S-1", "'-S2", "'-S2"]


@pytest.mark.parametrize("cell, told", [
    ("=1+1", "'=1+1"), ("+62", "'+62"), ("-2+3", "'-2+3"), ("@x", "'@x"), ("\tx", "'\tx"), ("\r=x", "'\r=x"), (" =x", "' =x"), ("-cmd", "'-cmd"),
    ("-20.4", "-20.4"), (-20, "-20"), ("-", "'-"), ("F-02", "F-02"), (None, ""), ("−20.4", "−20.4"), ("a=b", "a=b"),
    ("\u00a0=x", "'\u00a0=x"), ("\u200b=x", "'\u200b=x"), ("\ufeff@x", "'\ufeff@x"), ("＝x", "'＝x"), ("\u3000＋1", "'\u3000＋1"), ("\u200b", "\u200b"), ("(=x)", "(=x)"),
])  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_run_is_quoted_and_a_number_is_a_number(cell: object, told: str) -> None:
    assert safe(cell) == told

"""A calendar is written as RFC 5545 asks: whatever a text holds, no line is torn apart and none is longer than 75 octets."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.icalendar import Event, written

LINE = re.compile(r"[A-Z-]+(;[A-Z-]+=[^:;,]+)*:[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")
NOW = datetime(2026, 4, 1, 2, 3, 4, tzinfo=UTC)


def unfolded(body: bytes) -> list[tuple[str, str]]:
    """Its content lines as name with parameters, and value with what was escaped read back."""
    assert body.endswith(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 75
    lines = body.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert all(LINE.fullmatch(line) for line in lines), lines
    said = {"n": "\n", "N": "\n"}
    pairs = (line.split(":", 1) for line in lines)
    return [(name, re.sub(r"\\(.)", lambda found: said.get(found[1], found[1]), value)) for name, value in pairs]


def event(text: str) -> Event:
    return Event("dose-1@here", date(2026, 12, 31), text, text, text, "https://here/courses/1")


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=200))
def test_whatever_a_text_holds_it_is_read_back_as_it_was(text: str) -> None:
    found = unfolded(written(text, [event(text)], NOW))
    assert [value for name, value in found if name in ("NAME", "SUMMARY", "DESCRIPTION", "LOCATION")] == [text] * 4


def test_a_day_ends_with_the_next_and_begins_and_ends_stand_in_pairs() -> None:
    found = unfolded(written("x", [event("a"), event("b; c, d\\ e\nf\r\ng\x07")], NOW))
    assert ("DTSTART;VALUE=DATE", "20261231") in found
    assert ("DTEND;VALUE=DATE", "20270101") in found
    assert ("DTSTAMP", "20260401T020304Z") in found
    assert [value for name, value in found if name == "SUMMARY"] == ["a", "b; c, d\\ e\nf\ng"]
    assert [pair for pair in found if pair[0] in ("BEGIN", "END")] == [
        ("BEGIN", "VCALENDAR"), *[("BEGIN", "VEVENT"), ("END", "VEVENT")] * 2, ("END", "VCALENDAR"),
    ]  # fmt: skip

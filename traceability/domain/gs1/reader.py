"""The one reader: raw scan or typed text in, checked identity out, or `Refused` with a stable code. It never guesses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from traceability.domain import bpom, isbt128, own_codes
from traceability.domain.errors import Refused
from traceability.domain.gs1.links import is_link, of_link
from traceability.domain.gs1.linters import day_of
from traceability.domain.gs1.rules import REPEATED, content, content_again, together
from traceability.domain.gs1.strings import of_brackets, of_string, refuse_retail_number
from traceability.domain.identity import KEYS, Element, Elements, Identity

LONGEST, MOST_AI = 512, 5
ELEMENT_STRING = frozenset(("]d2", "]Q3", "]C1", "]e0", "]e1", "]e2", "]J1"))  # R5
PLAIN = frozenset(("]Q1", "]d1"))
RETAIL = {"]E0": 13, "]E4": 8}
"""EAN-13 with UPC, and EAN-8: a product's number, and no more."""
_KNOWN = ELEMENT_STRING | PLAIN | isbt128.SYMBOLOGIES


def read(raw: str, today: date) -> Identity:
    """What a scan names: element string, text with brackets, Digital Link, ISBT 128, a code of BPOM or of our own (R1 to R11).

    `today` moves the window of two-digit years (R4). Raises `Refused("code_…")`, nothing else, and with nothing of the
    text but application identifiers: what does not fit may be a person's number, whoever typed it (R8).
    """
    try:
        found = _read(raw, today)
        if found.kind == "other":
            raise Refused("code_ai_missing", ai=found.elements[0][0], needs=tuple(KEYS))
        return found
    except Refused as refused:
        raise _discreet(refused) from None


def read_any(raw: str, today: date) -> Identity:
    """The same, and any code that its standard allows although it names nothing here: kind `other`."""
    try:
        return _read(raw, today)
    except Refused as refused:
        raise _discreet(refused) from None


def read_part(raw: str, today: date) -> Identity:
    """One of several codes on one thing: what it needs may stand in the other, then its kind is `part`. See `join`.

    A part is never a vial by itself. The number of a product in its retail symbol (`]E0`, `]E4`) is one: a vial
    without lot and serial.
    """
    try:
        return _read(raw, today, alone=False)
    except Refused as refused:
        raise _discreet(refused) from None


def join(first: Identity, second: Identity) -> Identity:
    """Two codes on one vial as one; `Refused` where they contradict each other or are not of one vial together."""
    apart = {first.kind, second.kind} - {"vial", "part"}
    if apart:
        raise Refused("code_joined_apart", first=first.kind, second=second.kind)
    values = dict(first.elements)
    for ai, value in second.elements:
        if values.setdefault(ai, value) != value and not (ai == "17" and first.expires == second.expires):
            raise Refused("code_joined_differs", ai=ai)
    elements = tuple(values.items())
    expires, at = first.expires or second.expires, first.expires_at or second.expires_at
    if expires and at and at.date() != expires:
        raise Refused("code_joined_differs", ai="7003")
    together(elements)
    if "01" not in values:
        raise Refused("code_ai_missing", ai=elements[0][0], needs=("01",))
    return Identity(first.symbology if first.symbology == second.symbology else None, elements, expires, at)


def _discreet(refused: Refused) -> Refused:
    refused.values.pop("value", None)
    if len(str(refused.values.get("ai", ""))) > MOST_AI:
        del refused.values["ai"]
    return refused


def _read(raw: str, today: date, *, alone: bool = True) -> Identity:
    if len(raw) > LONGEST:
        raise Refused("code_too_long", length=len(raw), limit=LONGEST)
    text = raw.strip(" \r\n\t")  # never strip(): GS counts as white space
    if not text:
        raise Refused("code_empty")
    symbology, body = (text[:3], text[3:]) if text[0] == "]" and len(text) > 2 else (None, text)
    if body[:1].isdigit() and symbology not in PLAIN:
        if symbology in RETAIL and not alone:
            return _retail(symbology, body, today)
        if symbology is None:
            refuse_retail_number(body)
        elif symbology not in ELEMENT_STRING:
            raise Refused("code_unreadable") if symbology in _KNOWN else Refused("code_symbology", symbology=symbology)
        return _gs1(symbology, of_string(body, alone=alone), today, alone=alone)
    if symbology is not None and symbology not in _KNOWN:
        raise Refused("code_symbology", symbology=symbology)
    return _other(symbology, body, today, alone=alone)


def _other(symbology: str | None, body: str, today: date, *, alone: bool) -> Identity:
    """Whatever does not begin with a digit: a link, brackets, ISBT 128, our own, FNC1, or nothing at all."""
    if body.startswith("("):
        return _gs1(symbology, of_brackets(body), today, alone=alone)
    if symbology in ELEMENT_STRING:
        return _gs1(symbology, of_string(body, alone=alone), today, alone=alone)
    if is_link(body):
        return _gs1(symbology, of_link(body), today, alone=alone)
    if own := own_codes.of(body):
        return Identity(symbology, (own,))
    if isbt128.is_isbt(body):
        return isbt128.read(symbology, body)
    if symbology is not None:
        raise Refused("code_unreadable")  # a plain QR with element text is not GS1
    return _gs1(None, of_string(body, alone=alone), today, alone=alone)


def _gs1(symbology: str | None, found: Iterable[Element], today: date, *, alone: bool) -> Identity:
    elements = tuple(found)
    expires, at = checked(elements, today)
    alias = bpom.scheme(elements) is not None
    together(elements, alone=alone and not alias)
    return Identity(symbology, elements, expires, at, partial=not alone and not alias and not _stands(elements))


def checked(elements: Elements, today: date) -> tuple[date | None, datetime | None]:
    """Refuse what no such element may hold; the day (17) and the minute (7003) of expiry."""
    expires: date | None = None
    at: datetime | None = None
    for ai, value in elements:
        if ai in REPEATED:
            content_again(ai, value, today)
        else:
            content(ai, value, today)
        if ai == "17":
            expires = day_of(value, today)
        elif ai == "7003":
            day = day_of(value[:6], today)
            assert day is not None
            at = datetime(day.year, day.month, day.day, int(value[6:8]), int(value[8:]))  # noqa: DTZ001 - no zone in it
    return expires, at


def _stands(elements: Elements) -> bool:
    """Whether it would be read alone, too, as something that it names."""
    try:
        together(elements)
    except Refused:
        return False
    return not KEYS.keys().isdisjoint(ai for ai, _ in elements)


def _retail(symbology: str, body: str, today: date) -> Identity:
    if len(body) != RETAIL[symbology]:
        raise Refused("code_length", ai="01", value=body, low=RETAIL[symbology], high=RETAIL[symbology])
    elements = (("01", body.zfill(14)),)
    checked(elements, today)
    return Identity(symbology, elements)

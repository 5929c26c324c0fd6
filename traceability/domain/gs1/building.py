"""GS1 codes as we print them. What could not be read back is refused here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import quote

from traceability.domain.errors import Refused
from traceability.domain.gs1.reader import checked
from traceability.domain.gs1.rules import AIS, together
from traceability.domain.gs1.separators import GS, doubtful, swallows
from traceability.domain.gs1.strings import of_brackets
from traceability.domain.identity import KEYS, Element, Elements


def vial_elements(gtin: str, lot: str, expires: date, serial: str) -> Elements:
    """What our vial label encodes (R1); refuses what could not be read back."""
    elements = (("01", gtin), ("17", f"{expires:%y%m%d}"), ("10", lot), ("21", serial))
    checked(elements, expires)
    together(elements)
    for ai, value in elements[2:]:
        if doubtful(value) or swallows(ai, value, [one for one, _ in elements]):
            raise Refused("code_hides", ai=ai, text=value)
    return elements


def element_string(elements: Iterable[Element], gs: str = GS) -> str:
    """Predefined lengths first, then the others, each but the last closed by a separator (R6)."""
    ordered = sorted(elements, key=lambda element: not AIS[element[0]].ends)
    closed = [ai + value + ("" if AIS[ai].ends else gs) for ai, value in ordered]
    return "".join(closed).removesuffix(gs)


def bracketed(elements: Iterable[Element]) -> str:
    """Text for people and for symbol writers; refuses a value that would itself read as `(10)`."""
    told = tuple(elements)
    text = "".join(f"({ai}){value}" for ai, value in told)
    if tuple(of_brackets(text)) != told:
        raise Refused("code_brackets", text=text)
    return text


def unambiguous(elements: Iterable[Element]) -> str:
    """What is kept of a vial's code, and reads back: with brackets, or where a value would itself read as `(10)` as a Digital Link."""
    told = tuple(elements)
    try:
        return bracketed(told)
    except Refused:
        return digital_link("https://id.gs1.org", told)


def digital_link(domain: str, elements: Iterable[Element]) -> str:
    """`https://DOMAIN/01/…/10/…/21/…?17=…` (R7). `domain` may carry its scheme and a path prefix."""
    values = dict(elements)
    key = next(ai for ai in KEYS if ai in values)
    path = [key, *_qualifying(key, values)]
    query = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in values.items() if ai not in path)
    origin = domain.rstrip("/") if "://" in domain else "https://" + domain.rstrip("/")
    told = "/".join(f"{ai}/{quote(values[ai], safe='')}" for ai in path)
    return f"{origin}/{told}" + (f"?{query}" if query else "")


def _qualifying(key: str, values: dict[str, str]) -> list[str]:
    """Of the orders that may follow the key the one that says most."""
    orders = [[ai for ai in order if ai in values] for order in AIS[key].qualifiers or ()]
    return max(orders, key=len, default=[])

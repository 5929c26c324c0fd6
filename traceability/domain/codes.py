"""What a symbol holds, and the exact text a scanner says of it: GS1 DataMatrix, GS1 QR, Digital Link in plain QR."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from traceability.domain.gs1 import GS, Element, Elements

__all__ = [
    "Code",
    "Element",
    "Elements",
    "Form",
    "datamatrix",
    "element_text",
    "gs1_qr",
    "in_order",
    "link_qr",
    "plain",
]

Form = Literal["datamatrix", "qr"]
PREDEFINED = frozenset(("00", "01", "02", "03", "04", *map(str, range(11, 21)), *map(str, range(31, 37)), "41"))
"""First two digits of the identifiers whose length is predefined: no separator follows them (R6)."""


@dataclass(frozen=True, slots=True)
class Code:
    """`content` as the symbol writer wants it, `reads` as a scanner that tells the symbology says it (R5)."""

    form: Form
    content: str
    reads: str
    gs1: bool = True


def datamatrix(elements: Iterable[Element]) -> Code:
    """GS1 DataMatrix, `]d2`."""
    told = in_order(elements)
    return Code("datamatrix", _bracketed(told), "]d2" + element_text(told))


def gs1_qr(elements: Iterable[Element]) -> Code:
    """GS1 QR, `]Q3`: the element string, which a phone does not open."""
    told = in_order(elements)
    return Code("qr", _bracketed(told), "]Q3" + element_text(told))


def link_qr(link: str) -> Code:
    """A Digital Link in plain QR, `]Q1`."""
    return Code("qr", link, "]Q1" + link, gs1=False)


def plain(form: Form, text: str) -> Code:
    """Text that is no GS1 code, `]d1` or `]Q1`: the code of a place as it hangs on the door."""
    return Code(form, text, ("]d1" if form == "datamatrix" else "]Q1") + text, gs1=False)


def in_order(elements: Iterable[Element]) -> tuple[Element, ...]:
    """Predefined lengths first: the fewest separators, and the shortest symbol."""
    return tuple(sorted(elements, key=lambda one: one[0][:2] not in PREDEFINED))


def element_text(elements: tuple[Element, ...], separator: str = GS) -> str:
    """Identifiers and values in this order, a separator after each that needs one, none at the end."""
    return "".join(ai + value + ("" if ai[:2] in PREDEFINED else separator) for ai, value in elements).removesuffix(
        separator
    )


def _bracketed(elements: tuple[Element, ...]) -> str:
    # square brackets, which no value of GS1 can hold: a lot A(1) would read as another element in round ones
    return "".join(f"[{ai}]{value}" for ai, value in elements)

"""A keyboard wedge, as scanners are: it types, and what it types ends with Enter."""

from __future__ import annotations

from typing import Any

from traceability.domain import gs1


def keys(page: Any, code: str, separator: str = "ctrl") -> None:
    """The characters of a code; each separator as Ctrl+], as Alt and 029 on the number pad, or not at all."""
    for number, part in enumerate(code.split(gs1.GS)):
        if number and separator == "ctrl":
            page.keyboard.press("Control+]")
        elif number and separator == "alt":
            page.keyboard.down("Alt")
            for digit in "029":
                page.keyboard.press(f"Numpad{digit}")
            page.keyboard.up("Alt")
        page.keyboard.type(part)


def wedge(page: Any, code: str, separator: str = "ctrl") -> None:
    page.wait_for_load_state()
    keys(page, code, separator)
    page.keyboard.press("Enter")


def in_two(page: Any, code: str, at: int) -> None:
    """A scanner that ends too early: one code as two pieces, each with its Enter."""
    wedge(page, code[:at])
    wedge(page, code[at:])

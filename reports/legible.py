"""A record whose every character can be drawn: what no glyph is for stands as its code point, [U+1F622], and is never left out.

For papers that a clock waits for. Everything else refuses such a character (`fonts.printable`).
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from reports import fonts

R = TypeVar("R")


def legible(record: R) -> tuple[R, bool]:
    """The same record in characters that are there, and whether any was not."""
    made: R = _legible(record)
    return made, made != record


def _legible(value: Any) -> Any:
    if isinstance(value, str):
        return fonts.spelled(value)
    if isinstance(value, tuple):
        return tuple(map(_legible, value))
    if is_dataclass(value) and not isinstance(value, type):
        told = {one.name: getattr(value, one.name) for one in fields(value)}
        found = {name: _legible(each) for name, each in told.items()}
        changed = {name: each for name, each in found.items() if each is not told[name] and each != told[name]}
        return replace(value, **changed) if changed else value
    return value

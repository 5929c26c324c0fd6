"""The shape of a row of the GS1 Syntax Dictionary: which parts a value has, what stands beside it, where a link may carry it."""

from __future__ import annotations

from typing import NamedTuple

Group = tuple[str, ...]
"""Application identifiers, or patterns of them like 31nn, that have to be there together."""


class Part(NamedTuple):
    """One component of a value: N digits, X of CSET 82, Y of CSET 39, Z base64url; its length, and who looks at it."""

    kind: str
    low: int
    high: int
    optional: bool = False
    linters: tuple[str, ...] = ()


class Row(NamedTuple):
    """One application identifier, or a range of them that differ in the last digit."""

    first: str
    last: str
    ends: bool
    """Of predefined length: no separator follows."""
    attribute: bool
    """May stand in the query of a Digital Link."""
    parts: tuple[Part, ...]
    needs: tuple[tuple[Group, ...], ...] = ()
    """Of each of these one group has to be there."""
    never: Group = ()
    qualifiers: tuple[Group, ...] | None = None
    """A key of a Digital Link: what may follow it there, in which order. None: no key."""
    title: str = ""

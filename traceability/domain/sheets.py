"""A contingency sheet that was printed, against what would be printed of the same dose now: what it says that holds no more (R45)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from traceability.domain.rules import Finding


class Differs(StrEnum):
    """What a sheet says of its dose and is not so any more, or that a dose has none. What was only added to one, an order or a vial,
    is written by hand.
    """

    NOT_PLANNED = "not_planned"
    NOT_ORDERED = "not_ordered"
    OTHER_VIAL = "other_vial"
    OTHERWISE = "otherwise"
    NOT_PRINTED = "not_printed"


BY_ITSELF = frozenset({"ordered", "verified", "vials", "entry", "against"})
"""Parts that are compared in a way of their own; `entry` leads to the same dose under any address."""


def differs(printed: Mapping[str, Any], now: Mapping[str, Any] | None) -> tuple[Differs, ...]:
    """Both in JSON's types, as a sheet is kept; `now` None: no such dose is planned."""
    if now is None:
        return (Differs.NOT_PLANNED,)
    made = []
    if any(printed[step] and not now[step] for step in ("ordered", "verified")):
        made.append(Differs.NOT_ORDERED)
    if any(one not in now["vials"] for one in printed["vials"]):
        made.append(Differs.OTHER_VIAL)
    if any(printed[name] != now[name] for name in printed if name not in BY_ITSELF):
        made.append(Differs.OTHERWISE)
    return tuple(made)


def unsaid(printed: Mapping[str, Any], now: Sequence[Finding]) -> tuple[Finding, ...]:
    """What stands against the dose now and is not said on its sheet: by rule and by how grave it is."""
    said = {(one["code"], one["severity"]) for one in printed["against"]}
    return tuple(one for one in now if (one.code, str(one.severity)) not in said)

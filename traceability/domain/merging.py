"""Whether two subjects are one person, as far as their identities say: compared field by field, never told apart from that."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from traceability.domain.rules import ASK, Finding

COMPARED = ("name", "born", "nik", "mrn")


class Alike(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    """One of the two has none."""


def doubts(told: Mapping[str, Alike]) -> tuple[Finding, ...]:
    """What speaks against one person. Two record numbers do not: whoever is registered anew gets another.

    A national number is of one person; a typed one may be wrong, and then two people say so in spite of it. Nothing alike that
    tells a person: nothing but somebody's word is left, which is a doubt too.
    """
    found = []
    if told["nik"] is Alike.DIFFERS:
        found.append(Finding("nik_alike", False, ASK))
    if told["born"] is Alike.DIFFERS:
        found.append(Finding("born_alike", False, ASK))
    by_name = told["name"] is Alike.SAME and told["born"] is Alike.SAME
    if told["nik"] is not Alike.SAME and not by_name:
        found.append(Finding("person_alike", False, ASK))
    return tuple(found)

"""Of how much of a ledger something was made: for whom, in which roles, of which lots, and how many entries are not in it (R55, R61)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from traceability.domain.plain import moment


class Sight(StrEnum):
    """How much of a ledger somebody sees."""

    WHOLE = "whole"
    LOTS = "lots"
    WITHOUT_SUBJECTS = "without_subjects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What somebody sees of a ledger, or of the trail of one lot in it (`about`), up to an entry.

    `asked_by` is the name they sign in with; `lots`, `since` and `until` are what was granted where sight is of lots. `entries`
    counts what is there in all, `outside` what of it is not in their sight: no more is said of that.
    """

    ledger: str
    house: str
    asked_by: str
    roles: tuple[str, ...]
    organisation: str
    sight: Sight
    lots: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    about: str | None
    through: int
    entries: int
    outside: int

    @property
    def whole(self) -> bool:
        return not self.outside and self.sight is Sight.WHOLE

    def plain(self) -> dict[str, Any]:
        """By plain names, as files carry it."""
        return {
            "ledger": self.ledger, "house": self.house, "asked_by": self.asked_by, "roles": list(self.roles),
            "organisation": self.organisation, "sight": str(self.sight), "lots": list(self.lots),
            "granted_since": moment(self.since) if self.since else None, "granted_until": moment(self.until) if self.until else None,
            "about": self.about, "through": self.through, "entries_there": self.entries, "entries_outside": self.outside,
        }  # fmt: skip

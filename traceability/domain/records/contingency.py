"""Sheets for a day without the system: a planned dose each, with what is known beforehand; the rest is written by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from traceability.domain.records.head import Head
from traceability.domain.rules import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVial:
    """A vial that is kept for a dose; `code` as its label reads, with brackets; `volume_ul`, what is in one of its lot."""

    serial: str
    lot: str
    expires: date | None
    code: str
    volume_ul: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPart:
    """One planned dose. `vials`: every one that is kept for it, in the order in which they were chosen. `entry`: the path of the
    page on which it is entered afterwards. `against`: what stood against it, or any of its vials, when it was printed.
    """

    pseudonym: str
    joint: str
    laterality: str
    k: int
    doses: int
    protocol: str
    product: str
    volume_ul: int
    observation_min: int
    due: date
    ordered: bool
    verified: bool
    vials: tuple[KeptVial, ...]
    entry: str
    against: tuple[Finding, ...] = ()

    @property
    def lacks_ul(self) -> int:
        """What its vials lack of its volume; all of it where none is kept."""
        return max(0, self.volume_ul - sum(one.volume_ul for one in self.vials))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContingencyRecord:
    """Of one site and one day: every dose that is due on it, or was before and is not given."""

    head: Head
    site: str
    day: date
    sheets: tuple[SheetPart, ...]

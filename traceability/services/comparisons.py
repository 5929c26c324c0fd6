"""What lots tell (R46, R52, R53): outcomes by lot, place, injector or month, and how often anybody has looked at them.

Reads only. A look is kept beside the ledger before it is answered (`viewings.note`), for everybody, not for guests alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from traceability.domain.comparing import VISITS, By, Comparison, Exposure, compare, counts_for
from traceability.domain.instruments import INSTRUMENTS
from traceability.services.evaluated import Followed, Sample, sample
from traceability.services.viewings import Looks, looks
from traceability.store import View


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is compared by what. Left open, the instrument and visit are those of which most can be evaluated."""

    by: By = By.LOT
    exposure: Exposure = Exposure.SINGLE
    instrument: str | None = None
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison with its names, its rows, what else could be chosen, and how many looks were taken."""

    chosen: Chosen
    comparison: Comparison
    groups: frozenset[str]
    """Every one of which somebody had, whether a course counts for it or not."""
    names: Mapping[str, str]
    """Of lots, places and injectors; a month names itself."""
    rows: tuple[Followed, ...]
    without_consent: int
    before_first: int
    """Events that began before the first injection: no harm of a course, whoever heard of them when."""
    instruments: tuple[str, ...]
    visits: tuple[str, ...]
    looks: Looks
    as_of: datetime

    def rows_of(self, group: str | None = None) -> list[Followed]:
        """The courses behind the figures of a group; without one, of all of them, those that count nowhere included."""
        by, exposure = self.comparison.by, self.comparison.exposure
        return [one for one in self.rows if group is None or group in counts_for(one.treated, by, exposure)]


def told(view: View, chosen: Chosen) -> Told:
    found = sample(view, chosen.instrument)
    visit = chosen.visit or _visit(found)
    shown = [one for one in VISITS if any(one in row.treated.due for row in found.followed)]
    made = compare((one.treated for one in found.followed), chosen.by, chosen.exposure, visit, shown)
    used = frozenset(group for one in found.followed for group in one.treated.groups[chosen.by] if group)
    return Told(
        Chosen(chosen.by, chosen.exposure, found.instrument, visit), made,
        used, found.names, found.followed, found.without_consent, found.before_first,
        tuple(name for name, one in INSTRUMENTS.items() if not one.units), VISITS, looks(view), view.at,
    )  # fmt: skip


def _visit(found: Sample) -> str:
    """The one with most to evaluate; of those alike, the later."""
    of: Sequence[str] = [point for point in VISITS if found.offered.get((found.instrument, point))]
    return max(of, key=lambda point: (found.offered[found.instrument, point], VISITS.index(point)), default=VISITS[-2])

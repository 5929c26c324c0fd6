"""Clocks that run now: of thawed vials by the facts of the verdict. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from traceability.domain.checks import Purpose
from traceability.domain.timers import Timer, of_vial
from traceability.services.verdicts import facts
from traceability.store import View


def of_vials(view: View, vial_ids: Sequence[str]) -> dict[str, tuple[Timer, ...]]:
    """The clocks of each of these vials; none of one that is not thawed, or gone."""
    found = facts(view, list(vial_ids), Purpose.BEDSIDE)
    return {vial_id: of_vial(fact) for vial_id, fact in zip(vial_ids, found, strict=True)}

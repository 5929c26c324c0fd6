"""Clocks that run now: of thawed vials by the facts of the verdict. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.timers import Timer, of_vial
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Vial


def of_vials(view: View, vial_ids: Sequence[str]) -> dict[str, tuple[Timer, ...]]:
    """The clocks of each of these vials that is in sight; none of one that is not thawed, or gone."""
    seen = [one.id for one in view.all(Vial, col(Vial.id).in_(vial_ids))]
    return {vial_id: of_vial(fact) for vial_id, fact in zip(seen, facts(view, seen, Purpose.BEDSIDE), strict=True)}

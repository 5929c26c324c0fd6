"""Whether a signed release is still to be relied on, for who holds its paper: the verdict's own facts, in one word."""

from __future__ import annotations

from traceability.domain.checks import Purpose
from traceability.domain.releasing import Lapsed
from traceability.domain.states import LotState
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Release, ReleasedVial


def lapsed(view: View, release: Release) -> Lapsed | None:
    """The gravest reason not to; None: it stands. One vial of it is enough, also one that is gone."""
    ids = [one.vial_id for one in view.known(ReleasedVial, ReleasedVial.release_id == release.id)]
    known = facts(view, ids, Purpose.STOCK, asker_id=release.organisation_id)
    if any(one.recalls for one in known):
        return Lapsed.RECALLED
    if release.void_at is not None:
        return Lapsed.VOIDED
    if release.until is not None and view.at >= release.until:
        return Lapsed.RAN_OUT
    theirs = [one.release for one in known if one.release is not None and one.release.number == release.number]
    if any(one.changes for one in theirs) or any(one.lot_state is LotState.DECLINED for one in known):
        return Lapsed.CHANGED
    return None

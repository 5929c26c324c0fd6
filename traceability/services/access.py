"""Who may do what, looked through (R55b): signed over the grants as they were shown, and what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col

from traceability.domain import training
from traceability.domain.errors import Refused
from traceability.domain.people import Role
from traceability.domain.plain import moment, plain
from traceability.domain.training import LATEST_D, REVIEW_EVERY_D, SOONEST_D, Changed
from traceability.services import Answer, performs
from traceability.store import Tx, View
from traceability.store.tables import AccessReview, GrantRow

OTHERS = (Role.DEVICE, Role.SYSTEM, Role.INSPECTOR)
"""A house where nobody else holds a role has nothing to look through."""


@performs("grant.review")
def review(tx: Tx, grants_sha256: str, next_in_d: int = REVIEW_EVERY_D) -> Answer:
    """Say that the roles of one's house were looked through, as they were shown; and after how many days they are again.

    `grants_sha256`: of what was shown. Refused where a role was given, ended or changed since: then it is looked through anew.
    """
    if not SOONEST_D <= next_in_d <= LATEST_D:
        raise Refused("field_out_of_range", field="next_in_d", most=LATEST_D)
    now = shown(tx)
    digest = training.access_digest(now)
    if grants_sha256 != digest:
        raise Refused("access_has_changed")
    tx.covers = {"grants": digest, "next_in_d": next_in_d}
    row = tx.add(
        AccessReview(
            organisation_id=tx.actor.organisation_id, person_id=tx.actor.person_id, reviewed_at=tx.at, next_in_d=next_in_d,
            grants_sha256=digest, shown=now,
        )
    )  # fmt: skip
    return {"id": row.id, "grants": len(now), "digest": digest}


def shown(view: View) -> dict[str, Any]:
    """Every grant in the actor’s house that holds now or will, by its id: what is signed. Of guests too, who read."""
    rows = view.known(GrantRow, GrantRow.organisation_id == view.actor.organisation_id)
    return {
        one.id: plain(
            {
                "person": one.person_id, "role": one.role, "site": one.site_id, "lot": one.lot_id,
                "since": one.since, "until": one.until, "handed_by": one.handed_by,
            }
        )
        for one in rows if one.until is None or one.until > view.at
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class State:
    """The last review of a house (None: there was none), what changed since, when the next is due, and what is to be signed."""

    last: AccessReview | None
    changed: Changed
    grants: Mapping[str, GrantRow]
    due_at: datetime
    is_due: bool
    digest: str
    standing: tuple[GrantRow, ...]
    """Those that hold now or will: what is looked through."""


def state(view: View) -> State | None:
    """Of the reader's own house; None where it never had a grant."""
    house = view.actor.organisation_id
    given = {one.id: one for one in view.known(GrantRow, GrantRow.organisation_id == house)}
    first = min((one.since for one in given.values() if one.role not in OTHERS), default=None)
    if first is None:
        return None
    last = latest(view, house)
    now = shown(view)
    since = training.changed(last.shown, now, moment(view.at)) if last else Changed((), (), ())
    due_at = due(last, first)
    return State(
        last, since, given, due_at, due_at <= view.at, training.access_digest(now), tuple(given[one] for one in now)
    )


def due(last: AccessReview | None, first_grant: datetime) -> datetime:
    """So long after the last review as it says; before the first, the default after the first grant."""
    return last.reviewed_at + timedelta(days=last.next_in_d) if last else first_grant + timedelta(days=REVIEW_EVERY_D)


def latest(view: View, organisation_id: str) -> AccessReview | None:
    found = view.known(AccessReview, AccessReview.organisation_id == organisation_id)
    return max(found, key=lambda one: (one.reviewed_at, one.id), default=None)


def reviews(view: View) -> list[AccessReview]:
    """Of the reader's own house, newest first."""
    mine = AccessReview.organisation_id == view.actor.organisation_id
    return view.all(AccessReview, mine, order=(col(AccessReview.reviewed_at).desc(), AccessReview.id))

"""Who may do what, looked through (R55b): signed over the grants as they were shown, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain import training
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import Role
from traceability.domain.plain import moment, plain
from traceability.domain.training import LATEST_D, REVIEW_EVERY_D, SOONEST_D, Changed
from traceability.services import Answer, performs
from traceability.store import Tx, View
from traceability.store.tables import AccessReview, GrantRow
from traceability.store.tables.row import Utc

OTHERS = (Role.DEVICE, Role.SYSTEM, Role.INSPECTOR)
"""A house where nobody else holds a role has nothing to look through."""


@performs("grant.review")
def review(tx: Tx, grants_sha256: str, next_in_d: int = REVIEW_EVERY_D) -> Answer:
    """Say that the roles of one's house were looked through, as they were shown; and after how many days they are again.

    `grants_sha256`: of what was shown. Refused where a role was given, ended or changed since: then it is looked through anew.
    """
    if not SOONEST_D <= next_in_d <= LATEST_D:
        raise Refused("field_out_of_range", field="next_in_d", most=LATEST_D)
    now = shown(_grants(tx), tx.at)
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


def _grants(view: View) -> list[GrantRow]:
    return view.known(GrantRow, organisation_id=view.actor.organisation_id)


def shown(grants: Iterable[GrantRow], at: datetime) -> dict[str, Any]:
    """Each of these that holds then or will, by its id: what is signed. Of guests too, who read."""
    return {
        one.id: plain(
            {
                "person": one.person_id, "role": one.role, "site": one.site_id, "lot": one.lot_id,
                "since": one.since, "until": one.until, "handed_by": one.handed_by,
            }
        )
        for one in grants if one.until is None or one.until > at
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


def state(view: View) -> State:
    """Of the reader's own house. Raises `NotFound` where it never had a grant."""
    since = _since(view, view.actor.organisation_id)
    due_at = _due_at(since)
    if due_at is None:
        raise NotFound("grant")
    given = {one.id: one for one in _grants(view)}
    now = shown(given.values(), view.at)
    last = view.known(AccessReview, id=since.id)[0] if since.id else None
    changed = training.changed(last.shown, now, moment(view.at)) if last else Changed((), (), ())
    return State(
        last, changed, given, due_at, due_at <= view.at, training.access_digest(now), tuple(given[one] for one in now)
    )


def due_at(view: View, organisation_id: str) -> datetime | None:
    """When the roles of a house are to be looked through; None where it never had a grant."""
    return _due_at(_since(view, organisation_id))


def _due_at(since: Any) -> datetime | None:
    """So long after the last review as it says; before the first, the default after the first grant."""
    if since is None or since.first is None:
        return None
    after, days = (since.reviewed_at, since.next_in_d) if since.id else (since.first, REVIEW_EVERY_D)
    due: datetime = after + timedelta(days=days)
    return due


def _since(view: View, organisation_id: str) -> Any:
    """The first grant of a house and its last review; None where there is no such house."""
    asked = {"house": organisation_id, "others": [str(one) for one in OTHERS]}
    return view.connection.execute(_SINCE, asked).one_or_none()


_SINCE = (
    text(
        "SELECT (SELECT min(g.since) FROM grants g WHERE g.organisation_id = o.id AND g.role NOT IN :others) AS first,"
        " r.id, r.reviewed_at, r.next_in_d FROM organisation o LEFT JOIN access_review r ON r.organisation_id = o.id"
        " WHERE o.id = :house ORDER BY r.reviewed_at DESC, r.id DESC LIMIT 1"
    )
    .bindparams(bindparam("others", expanding=True))
    .columns(first=Utc, reviewed_at=Utc)
)


def reviews(view: View) -> list[AccessReview]:
    """Of the reader's own house, newest first."""
    mine = AccessReview.organisation_id == view.actor.organisation_id
    return view.all(AccessReview, mine, order=(col(AccessReview.reviewed_at).desc(), AccessReview.id))

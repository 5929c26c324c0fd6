"""By when a box has to be there: as its sender says, or after so many days (R17, R18)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from traceability.domain.states import ConsignmentState

ARRIVES_WITHIN_D = 7
"""Where the sender says nothing. No regulation names a time: dry ice in a qualified shipper lasts for days, not for weeks."""
LONGEST_D = 60
"""So many days after shipping at most: later is a slip of the pen."""


def latest_arrival(shipped: date, stated: date | None, zone: tzinfo) -> datetime:
    """The last second of the day by which a box arrives, in the time zone of the site that receives it."""
    last = stated or shipped + timedelta(days=ARRIVES_WITHIN_D)
    return datetime.combine(last + timedelta(days=1), time(), zone) - timedelta(seconds=1)


def overdue(state: ConsignmentState, due_at: datetime, at: datetime) -> bool:
    """Whether a box is still on its way when it was to be there."""
    return state is ConsignmentState.EXPECTED and due_at < at

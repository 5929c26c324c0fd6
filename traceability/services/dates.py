"""Days that somebody can mean: a slip of the pen in a year is caught where it is written, not where it is used."""

from __future__ import annotations

from datetime import date, timedelta

from traceability.domain.errors import Refused

LONGEST = timedelta(days=20 * 366)
"""So long at most a lot may be used, and so far back at most a fact is recorded."""
LIFE = timedelta(days=130 * 366)


def within(field: str, told: date, low: date, high: date) -> None:
    """Refuse a day outside of these, naming them."""
    if not low <= told <= high:
        raise Refused("field_date_outside", field=field, date=told, low=low, high=high)


def paper(field: str, told: date | None, today: date) -> None:
    """A day that a certificate or licence gives: they are valid for years, not for centuries."""
    if told is not None:
        within(field, told, today - timedelta(days=100 * 366), today + timedelta(days=100 * 366))

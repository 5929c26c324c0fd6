"""How a course goes: protocol versions with the papers under which they may be planned, and the visits that they plan."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from traceability.store.tables.lots import Route
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.row import Row, key, word


class ProtocolVersion(Row, table=True):
    """How a course goes (R41): so many doses, days between them, the window, volume. Issued, never edited.

    `ethics_number`, `approval_number`: of the papers that it names (R15); of the second the route says what it is.
    """

    __tablename__ = "protocol_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name", "version"),
        CheckConstraint("doses > 0 AND interval_d > 0 AND window_d >= 0 AND volume_ul > 0"),
    )

    organisation_id: str = key("organisation.id")
    name: str
    version: int
    product_id: str = key("product.id", index=False)
    joint: str = Field(default="knee", max_length=24)
    doses: int
    interval_d: int
    window_d: int
    volume_ul: int
    observation_min: int
    route: Route = word(Route)
    ethics_number: str = Field(default="", max_length=64)
    approval_number: str = Field(default="", max_length=64)


class Visit(Row, table=True):
    """A visit of a protocol version: so many days after the first injection, in time so many days before and after that."""

    __tablename__ = "planned_visit"
    __table_args__ = (UniqueConstraint("protocol_version_id", "time_point"), CheckConstraint("window_d >= 0"))

    protocol_version_id: str = key("protocol_version.id", index=False)
    time_point: TimePoint = word(TimePoint)
    day: int
    window_d: int

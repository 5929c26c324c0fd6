"""What the door asks of training: for which of the roles that somebody holds they are not known to be trained (R55b)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Date, text

from traceability.domain import training
from traceability.domain.papers import CredentialFact
from traceability.domain.people import SYSTEM, Actor, Role
from traceability.domain.training import Lacking


def lacking(connection: Connection, actor: Actor, at: datetime) -> Lacking:
    """By role held at home now; nothing where the house asks for nothing. The day is that of the house's first site."""
    held = actor.roles(at)
    if actor.person_id == SYSTEM.person_id or not held:
        return {}
    told = {"house": actor.organisation_id, "person": actor.person_id}
    rows = [row for row in connection.execute(_NEEDED, told) if Role(row.role) in held]
    if not rows:
        return {}
    zone = connection.execute(_ZONE, told).scalar() or "UTC"
    records: dict[str, dict[str, CredentialFact]] = defaultdict(dict)
    for row in rows:
        if row.id is not None:
            records[row.topic][row.id] = CredentialFact(row.id, row.topic, row.held_on, row.valid_until)
    needs = {(Role(row.role), row.topic) for row in rows}
    day: date = at.astimezone(ZoneInfo(zone)).date()
    return training.lacking(actor.name, needs, {topic: tuple(of.values()) for topic, of in records.items()}, day)


_NEEDED = text(
    "SELECT n.role, n.topic, t.id, t.held_on, t.valid_until FROM training_need n LEFT JOIN training t ON t.topic = n.topic"
    " AND t.organisation_id = n.organisation_id AND t.person_id = :person AND t.void_at IS NULL"
    " WHERE n.organisation_id = :house AND n.ended_at IS NULL ORDER BY n.role, n.topic, t.id"
).columns(held_on=Date, valid_until=Date)
_ZONE = text("SELECT zone FROM site WHERE organisation_id = :house ORDER BY id LIMIT 1")

"""Messages of alarms and of what is due, beside the record: one to each contact whose time has come, tried until somebody took it.

What is promised: at least once. A try is written down before it is made, so two workers never make the same one, and after
a crash it is made again only where nobody knows whether the server had taken it: an alarm told twice is better than one
told never. Both carry the id of the message, by which the other side can know the second.

A recall is told before everything else, to all who are told of recalls at once, and tried without end until the house has
answered it: neither a wait nor an acknowledged alarm keeps it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import digest as keyed
from typing import Any

from sqlalchemy import bindparam, text

from traceability.domain.people import SYSTEM
from traceability.services import alarms, recall_messages
from traceability.services.alarms import Raised
from traceability.services.organisations import zone_of
from traceability.store import Store, View
from traceability.store.tables import Alarm, AlarmContact, Site
from traceability.store.tables.alarms import AlarmKind
from traceability.store.tables.row import Utc

MOST_TRIES, AT_ONCE = 12, 100
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
BEGUN = "begun"
"""What stands for the trouble of a message while it is on its way: left so, nobody knows what became of it."""

RECALL = str(AlarmKind.RECALL_UNANSWERED)
_WANTS = "CASE WHEN a.place_id IS NOT NULL THEN c.of_alarms WHEN a.kind = 'recall_unanswered' THEN c.of_recalls ELSE c.of_due END"
_STANDS = "(a.acknowledged_at IS NULL OR a.kind = 'recall_unanswered')"
_COMING = text(
    "SELECT a.id AS alarm_id, a.kind, c.id AS contact_id, a.raised_at, c.after_s FROM alarm a"  # noqa: S608 - from the words above alone
    f" JOIN alarm_contact c ON c.organisation_id = a.organisation_id AND c.ended_at IS NULL AND {_WANTS}"
    f" WHERE {_STANDS} AND (a.kind = 'out_of_limits' OR a.cleared_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM outgoing o WHERE o.alarm_id = a.id AND o.contact_id = c.id) ORDER BY a.id, c.after_s"
).columns(raised_at=Utc)
_MAKE = text(
    "INSERT INTO outgoing(id, alarm_id, contact_id, due_at, tries, trouble) VALUES (:id, :alarm, :contact, :due, 0, '')"
    " ON CONFLICT (id) DO NOTHING"
).bindparams(bindparam("due", type_=Utc))
_DUE = text(
    "SELECT o.id, o.alarm_id, o.contact_id, o.tries FROM outgoing o JOIN alarm a ON a.id = o.alarm_id"  # noqa: S608 - from the words above alone
    " JOIN alarm_contact c ON c.id = o.contact_id WHERE o.sent_at IS NULL AND o.due_at <= :now"
    " AND (o.tries < :most OR a.kind = 'recall_unanswered')"
    f" AND {_STANDS} AND (a.place_id IS NOT NULL OR a.cleared_at IS NULL) AND c.ended_at IS NULL AND {_WANTS}"
    " ORDER BY CASE a.kind WHEN 'recall_unanswered' THEN 0 ELSE 1 END, o.due_at, o.id LIMIT :limit"
).bindparams(bindparam("now", type_=Utc))
_BEGIN = text(
    "UPDATE outgoing SET tries = tries + 1, due_at = :again, trouble = :begun"
    " WHERE id = :id AND tries = :tries AND sent_at IS NULL"
).bindparams(bindparam("again", type_=Utc))
_SENT = text("UPDATE outgoing SET sent_at = :now, trouble = '' WHERE id = :id").bindparams(bindparam("now", type_=Utc))
_FAILED = text("UPDATE outgoing SET trouble = :trouble WHERE id = :id AND sent_at IS NULL")
_OF = text(
    "SELECT o.id, o.due_at, o.sent_at, o.tries, o.trouble, c.channel, c.address, c.after_s FROM outgoing o"
    " JOIN alarm_contact c ON c.id = o.contact_id WHERE o.alarm_id = :alarm ORDER BY o.due_at, o.id"
).columns(due_at=Utc, sent_at=Utc)
_GIVEN_UP = text(
    "SELECT a.id, a.number, count(*) AS messages, max(o.due_at) AS last FROM outgoing o JOIN alarm a ON a.id = o.alarm_id"  # noqa: S608 - from the words above alone
    f" JOIN alarm_contact c ON c.id = o.contact_id AND c.ended_at IS NULL AND {_WANTS}"
    f" WHERE a.organisation_id = :mine AND o.sent_at IS NULL AND o.tries >= :most AND {_STANDS}"
    " AND (a.place_id IS NOT NULL OR a.cleared_at IS NULL)"
    " GROUP BY a.id, a.number ORDER BY a.id"
).columns(last=Utc)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it is due: to whom, and of which alarm; no site where that is of no place. `tries`: how often it was tried before.

    `recall`: what is told of it where the alarm is a notice that waits for an answer.
    """

    id: str
    contact: AlarmContact
    told: Raised
    site: Site | None
    zone: str
    tries: int
    at: datetime
    recall: recall_messages.Told | None = None


def plan(store: Store) -> int:
    """Make a message for every alarm that nobody acknowledged and every contact whose time has come; how many are new."""
    with store.read(SYSTEM) as view:
        rows = [
            row for row in view.connection.execute(_COMING)
            if row.kind == RECALL or row.raised_at + timedelta(seconds=row.after_s) <= view.at
        ]  # fmt: skip
        now = view.at
    made = [
        {"id": sha256(f"{row.alarm_id}|{row.contact_id}".encode()).hexdigest()[:32],
         "alarm": row.alarm_id, "contact": row.contact_id, "due": now} for row in rows
    ]  # fmt: skip
    if made:
        with store.beside() as connection:
            connection.execute(_MAKE, made)
    return len(made)


def due(store: Store) -> list[Message]:
    """What is to be sent now: recalls first, then the oldest."""
    with store.read(SYSTEM) as view:
        rows = view.rows(_DUE, {"most": MOST_TRIES, "now": view.at, "limit": AT_ONCE})
        made = []
        for row in rows:
            told = alarms.shown(view, [view.need(Alarm, row.alarm_id)])[0]
            contact = view.need(AlarmContact, row.contact_id)
            site = view.need(Site, told.place.site_id) if told.place else None
            zone = site.zone if site else str(zone_of(view, told.alarm.organisation_id))
            made.append(Message(row.id, contact, told, site, zone, row.tries, view.at))
    return [_with_recall(store, one) for one in made]


def _with_recall(store: Store, one: Message) -> Message:
    alarm = one.told.alarm
    if alarm.kind != RECALL:
        return one
    return replace(one, recall=recall_messages.told(store, alarm.organisation_id, str(alarm.noun_id)))


def take(store: Store, one: Message) -> bool:
    """Write down that it is tried; False where somebody else was faster. Tried again later and later, unless it is sent."""
    wait = min(FIRST_WAIT * 2 ** min(one.tries, MOST_TRIES), LONGEST_WAIT)
    told = {"id": one.id, "tries": one.tries, "again": store.clock() + wait, "begun": BEGUN}
    with store.beside() as connection:
        return connection.execute(_BEGIN, told).rowcount == 1


def sent(store: Store, one: Message) -> None:
    with store.beside() as connection:
        connection.execute(_SENT, {"id": one.id, "now": store.clock()})


def failed(store: Store, one: Message, trouble: str) -> bool:
    """Why it was not taken; whether it is given up now. One of a recall never is."""
    with store.beside() as connection:
        connection.execute(_FAILED, {"id": one.id, "trouble": trouble[:400]})
    return one.recall is None and one.tries + 1 >= MOST_TRIES


def secret(store: Store, contact_id: str) -> bytes:
    """With which webhooks to this contact are signed: its own, made from the installation's key."""
    return keyed(store.keys.inputs, f"webhook|{contact_id}".encode(), "sha256")


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of one message: waits, begun, sent, failed or given_up; not_needed where the alarm was acknowledged first."""

    state: str
    """One of a recall is never given up."""
    channel: str
    address: str | None
    after_s: int
    due_at: datetime
    sent_at: datetime | None
    tries: int
    trouble: str


def sendings(view: View, alarm: Alarm) -> list[Sending]:
    made = []
    for row in view.connection.execute(_OF, {"alarm": alarm.id}):
        trouble = "" if row.trouble == BEGUN else row.trouble
        state = _state(row, alarm)
        made.append(Sending(state, row.channel, row.address, row.after_s, row.due_at, row.sent_at, row.tries, trouble))
    return made


def _state(row: Any, alarm: Alarm) -> str:
    tries, trouble = row.tries, row.trouble
    if row.sent_at is not None:
        return "sent"
    recall = alarm.kind == RECALL
    if tries >= MOST_TRIES and trouble != BEGUN and not recall:
        return "given_up"
    if (alarm.acknowledged_at is not None and not recall) or (alarm.place_id is None and alarm.cleared_at is not None):
        return "not_needed"
    return "waits" if tries == 0 else "begun" if trouble == BEGUN else "failed"


def given_up(view: View) -> Sequence[Any]:
    """Alarms of the own house of which somebody could not be told, and nobody has acknowledged them."""
    told = {"mine": view.actor.organisation_id, "most": MOST_TRIES}
    return view.connection.execute(_GIVEN_UP, told).all()

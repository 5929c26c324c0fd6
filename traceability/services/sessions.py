"""Sessions: who a token belongs to, and until when. They lie beside the record; each request asks for one."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Grant, Role
from traceability.domain.plain import moment as told_as
from traceability.store import Reader, Store, Tx, passwords
from traceability.store.hot import Hot, known, moment

IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""So often at most it is written down that a session is in use."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    actor: Actor
    token: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Whose:
    """Who a token belongs to, until when at the latest; `must_change`: somebody else chose the password."""

    actor: Actor
    must_change: bool
    ends_at: datetime


def sign_in(store: Store, username: str, password: str, kind: str, *, address: str = "") -> SignedIn:
    """A new session for who knows the password; `kind` cookie or bearer. The token is told once and kept as a hash.

    Too many failures for this name from this `address`: `too_many_tries`, whether the password is right or not.
    """
    now = store.clock()
    who = (username.strip().lower(), address)
    store.tries.count(who, now)
    with store.engines.reader.connect() as connection:
        actor = passwords.identify(connection, username, password)
    if actor is None or (not actor.roles(now) and not any(grant.holds(now) for grant in actor.grants)):
        raise Refused("sign_in_not_accepted")
    store.tries.forgive(who)
    token = secrets.token_urlsafe(32)
    row = {
        "token": token_hash(token),
        "person": actor.person_id,
        "kind": kind,
        "now": _at(store, now),
        "ends": _at(store, now + ABSOLUTE),
    }
    with store.beside() as connection:
        connection.execute(_BEGIN, row)
    return SignedIn(actor, token, now + ABSOLUTE)


def signed_in(store: Store, token: str, kind: str) -> Actor | None:
    """Who this token belongs to, with the grants of this moment; None when it ended, idled out or never was."""
    found = whose(store, token, kind)
    return found.actor if found else None


def whose(store: Store, token: str, kind: str) -> Whose | None:
    """The same, with whether the password must be changed first. Asked by every request: one query."""
    with store.reading() as reader:
        return whose_in(reader, store, token, kind)


def whose_in(reader: Reader, store: Store, token: str, kind: str) -> Whose | None:
    now = store.clock()
    hashed = token_hash(token)
    found = reader.once(_FIND, _session, token=hashed, kind=kind)
    if found is None:
        return None
    made, seen, ends = found
    if now >= ends or (kind == "cookie" and now - seen >= IDLE):
        return None
    if now - seen > SEEN_EVERY:
        with store.beside() as connection:
            connection.execute(_SEEN, {"token": hashed, "now": _at(store, now)})
    whose: Whose = made
    return whose


def _session(rows: list[Any]) -> tuple[Whose, datetime, datetime] | None:
    """Who holds a session, when it was seen last, and when it ends."""
    if not rows:
        return None
    person_id, name, organisation_id, seen, ends, must_change = rows[0][:6]
    grants = tuple(
        Grant(Role(role), organisation, site_id, known(since), moment(until), lot_id)
        for *_, role, organisation, site_id, since, until, lot_id in rows
        if role is not None
    )
    last = known(ends)
    return Whose(Actor(person_id, name, organisation_id, grants), bool(must_change), last), known(seen), last


def whose_was(store: Store, token: str) -> str | None:
    """Whose pages a token opened, also when it is over: what they had filled in is theirs still."""
    with store.engines.reader.connect() as connection:
        found: str | None = connection.execute(_WAS, {"token": token_hash(token)}).scalar()
    return found


def earlier_sessions(store: Store, person_id: str) -> list[str]:
    """The token hashes of this person's sessions on pages that began within the longest a session lasts."""
    since = _at(store, store.clock() - ABSOLUTE)
    with store.engines.reader.connect() as connection:
        return list(connection.execute(_EARLIER, {"person": person_id, "since": since}).scalars())


def sign_out(store: Store, token: str) -> None:
    with store.beside() as connection:
        connection.execute(_END, {"token": token_hash(token), "now": _at(store, store.clock())})


_BEGIN = text(
    "INSERT INTO login(token_sha256, person_id, kind, started_at, seen_at, ends_at) VALUES (:token, :person, :kind, :now, :now, :ends)"
)
_FIND = Hot(
    "SELECT p.id, p.name, p.organisation_id, l.seen_at, l.ends_at,"
    " (SELECT w.must_change FROM password w WHERE w.person_id = p.id),"
    " g.role, g.organisation_id, g.site_id, g.since, g.until, g.lot_id"
    " FROM login l JOIN person p ON p.id = l.person_id LEFT JOIN grants g ON g.person_id = p.id"
    " WHERE l.token_sha256 = :token AND l.kind = :kind AND l.ended_at IS NULL ORDER BY g.id"
)
_WAS = text("SELECT person_id FROM login WHERE token_sha256 = :token AND kind = 'cookie'")
_EARLIER = text(
    "SELECT token_sha256 FROM login WHERE person_id = :person AND kind = 'cookie' AND started_at > :since ORDER BY started_at DESC"
)
_END_ALL = text(
    "UPDATE login SET ended_at = :now WHERE person_id = :person AND ended_at IS NULL AND token_sha256 <> :but"
)
_SEEN = text("UPDATE login SET seen_at = :now WHERE token_sha256 = :token")
_END = text("UPDATE login SET ended_at = :now WHERE token_sha256 = :token AND ended_at IS NULL")


def end_all(tx: Tx, person_id: str, *, but: str = "") -> None:
    """With the password that opened them; in the act itself, so that neither is there without the other."""
    sqlite = tx.connection.dialect.name == "sqlite"
    tx.connection.execute(_END_ALL, {"person": person_id, "but": but, "now": told_as(tx.at) if sqlite else tx.at})


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _at(store: Store, moment: datetime) -> object:
    return told_as(moment) if store.engines.sqlite else moment

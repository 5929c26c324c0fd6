"""Who works here, what they may do and since when, and how they sign in."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Role
from traceability.services import Answer, performs
from traceability.store import Store, Tx, View, passwords
from traceability.store.tables import GrantRow, Organisation, Password, Person, Site

IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=12)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


@performs("person.enrol")
def enrol(
    tx: Tx, organisation_id: str, username: str, name: str, password_hash: str, title: str = "", language: str = "en"
) -> Answer:
    """A personal account (R57). The hash is made before the act: Argon2 under a lock would stop everyone."""
    organisation = tx.need(Organisation, organisation_id)
    if not USERNAME.fullmatch(username):
        raise Refused("username_malformed")
    if tx.known(Person, Person.username == username):
        raise Refused("already_there", noun="person", key=username)
    person = tx.add(
        Person(organisation_id=organisation.id, username=username, name=name, title=title, language=language)
    )
    tx.add(Password(person_id=person.id, hashed=password_hash))
    return {"id": person.id}


@performs("person.change_password")
def change_password(tx: Tx, password_hash: str) -> Answer:
    """One's own. The old one was just given: by signing in, and by the form that calls this."""
    (mine,) = tx.known(Password, Password.person_id == tx.actor.person_id)
    tx.change(mine, hashed=password_hash, must_change=False)
    return {"id": tx.actor.person_id}


@performs("person.reset_password")
def reset_password(tx: Tx, person_id: str, password_hash: str) -> Answer:
    """Somebody else's: it must be changed at once, so who sets it cannot sign as that person (R57)."""
    person = tx.need(Person, person_id)
    (theirs,) = tx.known(Password, Password.person_id == person.id)
    tx.change(theirs, hashed=password_hash, must_change=True)
    return {"id": person.id}


@performs("grant.give")
def give(
    tx: Tx,
    person_id: str,
    role: Role,
    organisation_id: str,
    *,
    site_id: str | None = None,
    lot_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    training: str = "",
) -> Answer:
    """A role for a time. Only an inspector holds one outside their own organisation (R61)."""
    person = tx.need(Person, person_id)
    if role in (Role.SYSTEM,):
        raise Refused("role_reserved", role=role)
    if person.organisation_id != organisation_id and role is not Role.INSPECTOR:
        raise Refused("role_elsewhere", role=role)
    if site_id is not None and tx.need(Site, site_id).organisation_id != organisation_id:
        raise Refused("place_elsewhere")
    begins = since or tx.at
    if until is not None and until <= begins:
        raise Refused("interval_empty")
    row = GrantRow(
        person_id=person.id, organisation_id=organisation_id, role=role, site_id=site_id, lot_id=lot_id,
        since=begins, until=until, training=training,
    )  # fmt: skip
    tx.add(row)
    tx.mention(person.id)
    return {"id": row.id}


@performs("grant.end")
def end(tx: Tx, grant_id: str) -> Answer:
    grant = tx.need(GrantRow, grant_id)
    if grant.until is not None and grant.until <= tx.at:
        raise Refused("already_ended", noun="grant")
    tx.change(grant, until=tx.at)
    tx.mention(grant.person_id)
    return {"id": grant.id}


# ------------------------------------------------------------------------------------------------------------ sign-in


@dataclass(frozen=True, slots=True)
class SignedIn:
    actor: Actor
    token: str
    ends_at: datetime


def sign_in(store: Store, username: str, password: str, kind: str) -> SignedIn:
    """A new session for who knows the password; `kind` cookie or bearer. The token is told once and kept as a hash."""
    now = store.clock()
    with store.engines.reader.connect() as connection:
        actor = passwords.identify(connection, username, password)
    if actor is None or (not actor.roles(now) and not any(grant.holds(now) for grant in actor.grants)):
        raise Refused("sign_in_not_accepted")
    token = secrets.token_urlsafe(32)
    row = {
        "token": _hash(token),
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
    now = store.clock()
    with store.engines.reader.connect() as connection:
        row = connection.execute(_FIND, {"token": _hash(token), "kind": kind}).one_or_none()
        if row is None:
            return None
        seen, ends = _time(row.seen_at), _time(row.ends_at)
        if now >= ends or (kind == "cookie" and now - seen >= IDLE):
            return None
        actor = passwords.actor_of(connection, row.person_id)
    if now - seen > timedelta(minutes=1):
        with store.beside() as connection:
            connection.execute(_SEEN, {"token": _hash(token), "now": _at(store, now)})
    return actor


def sign_out(store: Store, token: str) -> None:
    with store.beside() as connection:
        connection.execute(_END, {"token": _hash(token), "now": _at(store, store.clock())})


_BEGIN = text(
    "INSERT INTO login(token_sha256, person_id, kind, started_at, seen_at, ends_at) VALUES (:token, :person, :kind, :now, :now, :ends)"
)
_FIND = text(
    "SELECT person_id, seen_at, ends_at FROM login WHERE token_sha256 = :token AND kind = :kind AND ended_at IS NULL"
)
_SEEN = text("UPDATE login SET seen_at = :now WHERE token_sha256 = :token")
_END = text("UPDATE login SET ended_at = :now WHERE token_sha256 = :token AND ended_at IS NULL")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _at(store: Store, moment: datetime) -> object:
    from traceability.domain.plain import moment as told

    return told(moment) if store.engines.sqlite else moment


def _time(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def people(view: View) -> list[Person]:
    """The people of the actor's own organisation."""
    return view.all(Person, Person.organisation_id == view.actor.organisation_id, order=Person.name)


def grants(view: View, person_id: str) -> list[GrantRow]:
    return view.all(GrantRow, GrantRow.person_id == person_id, order=GrantRow.since)

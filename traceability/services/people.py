"""Who works here, what they may do and since when, and how they sign in."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import digest as keyed
from typing import Any

from sqlalchemy import text
from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.people import DECIDES, INSTALLATION, SYSTEM_PERSON, Actor, Grant, Role
from traceability.domain.plain import moment as told_as
from traceability.services import Answer, performs
from traceability.services.organisations import own
from traceability.store import Reader, Store, Tx, View, passwords
from traceability.store.hot import Hot, known, moment
from traceability.store.tables import GrantRow, Lot, Organisation, Password, Person, Site
from traceability.store.tables.row import Utc

IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""So often at most it is written down that a session is in use."""
ADMINISTERS = frozenset({Role.ADMINISTRATOR})
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


@performs("person.enrol")
def enrol(
    tx: Tx,
    organisation_id: str,
    username: str,
    name: str,
    password_hash: str,
    title: str = "",
    language: str = "en",
    must_change: bool = False,
) -> Answer:
    """A personal account (R57). The hash is made before the act: Argon2 under a lock would stop everyone.

    `must_change`: somebody else chose the password, so nothing can be done with it but choosing another. Whom a colleague
    enrols always begins so; the installation itself may say otherwise, for its first administrator.
    """
    organisation = own(tx, organisation_id)
    if not USERNAME.fullmatch(username):
        raise Refused("username_malformed")
    if tx.known(Person, Person.username == username):
        raise Refused("already_there", noun="person", key=username)
    person = tx.add(
        Person(organisation_id=organisation.id, username=username, name=name, title=title, language=language)
    )
    lent = must_change or tx.actor.person_id != SYSTEM_PERSON
    tx.add(Password(person_id=person.id, hashed=password_hash, must_change=lent))
    return {"id": person.id}


@performs("person.change_password")
def change_password(tx: Tx, password_hash: str, *, keep: str = "") -> Answer:
    """One's own. The old one was just given: by signing in, and by the form that calls this. It ends every other session.

    `keep`: the hash of the token in which it is asked, which goes on. After somebody else has set the password, another
    person says that it was its owner who chose this one: until then nothing else is open, to whoever knew the other.
    """
    (mine,) = tx.known(Password, Password.person_id == tx.actor.person_id)
    lender = lent_by(tx, tx.actor.person_id) if mine.must_change else None
    waits = (
        lender is not None
        and decides_here(tx, tx.actor.organisation_id, {tx.actor.person_id, lender.person_id}) is not False
    )
    tx.change(mine, hashed=password_hash, must_change=waits)
    _end_sessions(tx, tx.actor.person_id, but=keep)
    return {"id": tx.actor.person_id, "waits": waits}


@performs("person.reset_password")
def reset_password(tx: Tx, person_id: str, password_hash: str) -> Answer:
    """Somebody else's: it must be changed at once and confirmed by a third, so who sets it is not that person (R57)."""
    person = tx.need(Person, person_id)
    own(tx, person.organisation_id)
    if person.id == tx.actor.person_id:
        raise Refused("reset_of_oneself")
    (theirs,) = tx.known(Password, Password.person_id == person.id)
    tx.change(theirs, hashed=password_hash, must_change=True)
    _end_sessions(tx, person.id)
    return {"id": person.id}


@performs("person.confirm")
def confirm(tx: Tx, person_id: str) -> Answer:
    """Signed by somebody who knows them and did not set the password: it was they who chose their own (R57)."""
    person = tx.need(Person, person_id)
    own(tx, person.organisation_id)
    (theirs,) = tx.known(Password, Password.person_id == person.id)
    lender = lent_by(tx, person.id) if theirs.must_change else None
    if lender is None:
        raise Refused("nothing_to_confirm")
    if tx.actor.person_id in (person.id, lender.person_id):
        raise Refused("confirmed_by_another")
    if not lender.chosen:
        raise Refused("password_not_chosen")
    tx.change(theirs, must_change=False)
    return {"id": person.id}


@dataclass(frozen=True, slots=True)
class Lent:
    """Who set somebody's password last, and when; `chosen`: they have chosen their own since, and nobody confirmed it."""

    person_id: str
    name: str
    at: datetime
    chosen: bool


def lent_by(view: View, person_id: str) -> Lent | None:
    """As the ledger tells it: None where the installation itself set it, or where it was confirmed since."""
    rows = view.connection.execute(_SET, {"person": person_id, "first": INSTALLATION}).all()
    chosen = bool(rows) and rows[0].act == "person.change_password"
    last = next((row for row in rows if row.act != "person.change_password"), None)
    if last is None or last.act == "person.confirm" or last.person_id == SYSTEM_PERSON:
        return None
    return Lent(last.person_id, view.known(Person, id=last.person_id)[0].name, last.at, chosen)


# In the order of their entries, whatever a clock said; the installation enrols, before a house does anything.
_SET = text(
    "SELECT act, person_id, recorded_at AS at FROM entry WHERE noun_id = :person AND refused IS NULL AND act IN"
    " ('person.enrol', 'person.reset_password', 'person.change_password', 'person.confirm')"
    " ORDER BY CASE WHEN ledger = :first THEN 1 ELSE 0 END, number DESC"
).columns(at=Utc)


def decides_here(view: View, organisation_id: str, but: set[str]) -> bool | None:
    """Whether somebody decides for an organisation, beside these: True; None: somebody did, and nobody does any more.

    Once an account of theirs was in use it counts, whoever sets its password or ends its role: an administrator
    who could make them not count could be them.
    """
    given = [one for one in view.known(GrantRow, organisation_id=organisation_id) if one.role in DECIDES]
    who = {one.person_id for one in given} - but
    lent = {one.person_id for one in view.known(Password, col(Password.person_id).in_(who), col(Password.must_change))}
    did = {one for one in who if one not in lent or view.rows(_DID, {"id": one})}
    if any(
        one.person_id in did and one.since <= view.at and (one.until is None or view.at < one.until) for one in given
    ):
        return True
    return None if did else False


_DID = text("SELECT 1 FROM entry WHERE person_id = :id LIMIT 1")


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
    """A role for a time. Only an inspector holds one outside their own organisation (R61).

    Nobody gives one to themselves. Who decides for the house is chosen by those who do already; by its administrator
    only while there never was one; where none is left, by the installation.
    """
    person = tx.need(Person, person_id)
    own(tx, organisation_id)
    if person.id == tx.actor.person_id:
        raise Refused("grant_to_oneself")
    decided = decides_here(tx, organisation_id, {person.id}) if role in DECIDES else False
    may = ADMINISTERS if decided is False else DECIDES
    if not tx.actor.roles(tx.at) & (may | {Role.SYSTEM}):
        if decided is None:
            raise Refused("nobody_decides_here")
        raise Refused("not_permitted", act=tx.act.name, roles=sorted(may))
    if role in (Role.SYSTEM,):
        raise Refused("role_reserved", role=role)
    if person.organisation_id != organisation_id and role is not Role.INSPECTOR:
        raise Refused("role_elsewhere", role=role)
    if site_id is not None and tx.need(Site, site_id).organisation_id != organisation_id:
        raise Refused("place_elsewhere")
    if lot_id is not None:
        tx.need(Lot, lot_id)
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


def hash_for(store: Store, act_id: str, password: str) -> str:
    """The hash that an act is asked with. Its salt follows from the act's id, so the same request again is the same act."""
    salt = keyed(store.keys.inputs, f"salt|{act_id.replace('-', '').lower()}".encode(), "sha256")[:16]
    return passwords.hash_password(password, salt=salt)


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


def _end_sessions(tx: Tx, person_id: str, *, but: str = "") -> None:
    """With the password that opened them; in the act itself, so that neither is there without the other."""
    sqlite = tx.connection.dialect.name == "sqlite"
    tx.connection.execute(_END_ALL, {"person": person_id, "but": but, "now": told_as(tx.at) if sqlite else tx.at})


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _at(store: Store, moment: datetime) -> object:
    return told_as(moment) if store.engines.sqlite else moment


def person(view: View, person_id: str) -> Person:
    return view.need(Person, person_id)


def people(view: View) -> list[Person]:
    """The people of the actor's own organisation."""
    return view.all(Person, Person.organisation_id == view.actor.organisation_id, order=Person.name)


def grants(view: View, person_id: str) -> list[GrantRow]:
    return view.all(GrantRow, GrantRow.person_id == person_id, order=GrantRow.since)


def directory(view: View) -> list[tuple[Person, str, list[GrantRow]]]:
    """Everybody of the organisations this actor was granted sight of, and whoever holds a grant there, with theirs.

    Each with the name of their organisation and the grants in sight, the oldest first.
    """
    held = {grant.organisation_id for grant in view.actor.grants if grant.holds(view.at)}
    given = view.all(GrantRow, order=(GrantRow.since, GrantRow.id))
    named = {one.id: one.name for one in view.all(Organisation)}
    found = [
        one
        for one in view.all(Person, order=Person.name)
        if one.organisation_id in held or any(grant.person_id == one.id for grant in given)
    ]
    return [(one, named[one.organisation_id], [g for g in given if g.person_id == one.id]) for one in found]


def is_own_password(store: Store, actor: Actor, password: str) -> bool:
    """Fresh knowledge of one's own password, before it is changed. Guessing it is throttled as at the sign-in."""
    who = (actor.person_id, "own password")
    store.tries.count(who, store.clock())
    with store.engines.reader.connect() as connection:
        row = connection.execute(_HASH, {"me": actor.person_id}).one_or_none()
    if not passwords.known(row.hashed if row else None, password):
        return False
    store.tries.forgive(who)
    return True


_HASH = text("SELECT hashed FROM password WHERE person_id = :me")


def names(view: View, ids: Iterable[str | None]) -> dict[str, str]:
    """What these people are called, whosever they are."""
    wanted = {one for one in ids if one}
    return {one.id: one.name for one in view.all(Person, col(Person.id).in_(wanted))} if wanted else {}

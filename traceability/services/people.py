"""Who works here, what they may do and since when, and whose passwords they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hmac import digest as keyed

from sqlalchemy import text
from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.people import DECIDES, INSTALLATION, SYSTEM_PERSON, Actor, Role
from traceability.services import Answer, performs, sessions
from traceability.services.organisations import own
from traceability.store import Store, Tx, View, passwords
from traceability.store.tables import DeviceKey, GrantRow, Lot, Organisation, Password, Person, Site
from traceability.store.tables.row import Utc

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
    Where its owner is all of QA and was at work, nobody could: it waits for the installation to set it.
    """
    (mine,) = tx.known(Password, Password.person_id == tx.actor.person_id)
    lender = lent_by(tx, tx.actor.person_id) if mine.must_change else None
    waits = lender is not None and decides_here(tx, tx.actor.organisation_id, {lender.person_id}) is not False
    tx.change(mine, hashed=password_hash, must_change=waits)
    sessions.end_all(tx, tx.actor.person_id, but=keep)
    return {"id": tx.actor.person_id, "waits": waits}


@performs("person.reset_password")
def reset_password(tx: Tx, person_id: str, password_hash: str) -> Answer:
    """Somebody else's: it must be changed at once and confirmed by a third, so who sets it is not that person (R57)."""
    person = tx.need(Person, person_id)
    own(tx, person.organisation_id)
    if person.id == tx.actor.person_id:
        raise Refused("reset_of_oneself")
    theirs = _password(tx, person)
    tx.change(theirs, hashed=password_hash, must_change=True)
    sessions.end_all(tx, person.id)
    return {"id": person.id}


@performs("person.confirm")
def confirm(tx: Tx, person_id: str) -> Answer:
    """Signed by somebody who knows them and did not set the password: it was they who chose their own (R57)."""
    person = tx.need(Person, person_id)
    own(tx, person.organisation_id)
    theirs = _password(tx, person)
    lender = lent_by(tx, person.id) if theirs.must_change else None
    if lender is None:
        raise Refused("nothing_to_confirm")
    if tx.actor.person_id in (person.id, lender.person_id):
        raise Refused("confirmed_by_another")
    if not lender.chosen:
        raise Refused("password_not_chosen")
    tx.change(theirs, must_change=False)
    return {"id": person.id}


def _password(tx: Tx, person: Person) -> Password:
    """A device has a key instead."""
    found = tx.known(Password, person_id=person.id)
    if not found:
        raise Refused("a_device", name=person.name)
    return found[0]


@dataclass(frozen=True, slots=True)
class Lent:
    """Who set somebody's password last, and when; `chosen`: they have chosen their own since, and nobody confirmed it."""

    person_id: str
    name: str
    at: datetime
    chosen: bool


def lent_by(view: View, person_id: str) -> Lent | None:
    """As the ledger tells it: None where the installation itself set it, or where it was confirmed since."""
    rows = view.connection.execute(_SET, {"person": person_id}).all()
    here = [row for row in rows if row.ledger != INSTALLATION]
    last = next((row for row in here if row.act != "person.change_password"), None)
    if last is None or last.act == "person.confirm":
        return None
    # Between two ledgers there is no order but the clock's. The installation enrols before a house does anything.
    if any(row.act == "person.reset_password" and row.at > last.at for row in rows if row.ledger == INSTALLATION):
        return None
    chosen = here[0].act == "person.change_password"
    return Lent(last.person_id, view.known(Person, id=last.person_id)[0].name, last.at, chosen)


# In each ledger in the order of its entries, whatever a clock said.
_SET = text(
    "SELECT act, person_id, ledger, recorded_at AS at FROM entry WHERE noun_id = :person AND refused IS NULL AND act IN"
    " ('person.enrol', 'person.reset_password', 'person.change_password', 'person.confirm') ORDER BY number DESC"
).columns(at=Utc)


def decides_here(view: View, organisation_id: str, but: set[str]) -> bool | None:
    """Whether somebody decides for an organisation, beside these: True; None: somebody did, and nobody does any more.

    Once an account of theirs was in use it counts, whoever sets its password or ends its role: an administrator
    who could make them not count could be them.
    """
    found = view.known(GrantRow, organisation_id=organisation_id)
    given = [
        one for one in found if one.role in DECIDES and one.handed_by is None
    ]  # who stands in stands in for somebody
    who = {one.person_id for one in given} - but
    lent = {one.person_id for one in view.known(Password, col(Password.person_id).in_(who), col(Password.must_change))}
    did = {one for one in who if one not in lent or view.rows(_DID, {"id": one})}
    if any(one.person_id in did and one.holds(view.at) for one in given):
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
    """A role for a time. Only an inspector holds one outside their own organisation, or of one lot alone (R61).

    Nobody gives one to themselves. Who decides for the house is chosen by those who do already; by its administrator
    only while there never was one; where none is left, by the installation.
    """
    person = tx.need(Person, person_id)
    own(tx, organisation_id)
    if person.id == tx.actor.person_id:
        raise Refused("grant_to_oneself")
    if tx.known(DeviceKey, person_id=person.id):
        raise Refused("a_device", name=person.name)
    decided = decides_here(tx, organisation_id, {person.id}) if role in DECIDES else False
    may = ADMINISTERS if decided is False else DECIDES
    if not held_by_right(tx) & (may | {Role.SYSTEM}):
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
        if role is not Role.INSPECTOR:
            raise Refused("lot_for_inspectors", role=role)  # an act would not ask for it
        tx.need(Lot, lot_id)
    tx.at_site(site_id, may | {Role.SYSTEM})
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
    tx.at_site(grant.site_id, tx.act.roles)
    standing = [one for one in tx.known(GrantRow, from_grant_id=grant.id) if one.until is None or one.until > tx.at]
    for one in (grant, *standing):  # nobody stands in for who holds it no more
        tx.change(one, until=max(tx.at, one.since))
        tx.mention(one.person_id)
    return {"id": grant.id}


def held_by_right(tx: Tx) -> frozenset[Role]:
    """The roles that the actor holds now and that nobody handed to them: who stands in gives no role."""
    if Role.SYSTEM in tx.actor.roles(tx.at):
        return tx.actor.roles(tx.at)
    given = tx.known(GrantRow, person_id=tx.actor.person_id)
    own_ones = {one.role for one in given if one.handed_by is None and one.holds(tx.at)}
    return tx.actor.roles(tx.at) & own_ones


def hash_for(store: Store, act_id: str, password: str) -> str:
    """The hash that an act is asked with. Its salt follows from the act's id, so the same request again is the same act."""
    salt = keyed(store.keys.inputs, f"salt|{act_id.replace('-', '').lower()}".encode(), "sha256")[:16]
    return passwords.hash_password(password, salt=salt)


# -------------------------------------------------------------------------------------------------------------- reads


def person(view: View, person_id: str) -> Person:
    return view.need(Person, person_id)


def people(view: View) -> list[Person]:
    """The people of the actor's own organisation."""
    return view.all(Person, Person.organisation_id == view.actor.organisation_id, order=Person.name)


def deciding(view: View, organisation_id: str) -> list[Person]:
    """Those who decide for an organisation at this moment, by name."""
    given = view.all(GrantRow, GrantRow.organisation_id == organisation_id, col(GrantRow.role).in_(DECIDES))
    who = {one.person_id for one in given if one.holds(view.at)}
    return view.all(Person, col(Person.id).in_(who), order=Person.name)


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

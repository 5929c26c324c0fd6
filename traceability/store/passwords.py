"""What people know: Argon2id hashes, sign-in, and fresh credentials for every signature."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, bindparam, func, select

from traceability.domain.acts import Act
from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Grant, Signer, Signing
from traceability.store.tables import GrantRow, Password, Person
from traceability.store.tries import Tries

PERSON, PASSWORD, GRANTS = Person.__table__, Password.__table__, GrantRow.__table__  # type: ignore[attr-defined]
HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
NOBODY = HASHER.hash("the time it takes to look up nobody")
AT_ONCE = threading.BoundedSemaphore(2)
SHORTEST, LONGEST = 12, 256
Clock = Callable[[], datetime]


def hash_password(password: str, *, salt: bytes | None = None) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused("password_length", least=SHORTEST, most=LONGEST)
    return HASHER.hash(password, salt=salt)


def known(hashed: str | None, password: str) -> bool:
    """True if this is the password; as long for nobody as for somebody. Two at once at most: each takes 46 MiB."""
    with AT_ONCE:
        try:
            return HASHER.verify(hashed or NOBODY, password[: LONGEST + 1]) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


def actor_of(connection: Connection, person_id: str) -> Actor | None:
    """The person with every grant; which of them hold is asked at the moment of use."""
    person = connection.execute(select(PERSON).where(PERSON.c.id == person_id)).one_or_none()
    if person is None:
        return None
    return Actor(person.id, person.name, person.organisation_id, grants_of(connection, person_id))


def grants_of(connection: Connection, person_id: str) -> tuple[Grant, ...]:
    rows = connection.execute(_GRANTS, {"person": person_id}).all()
    return tuple([Grant(*row) for row in rows])


_GRANTS = (
    select(*(GRANTS.c[one.name] for one in fields(Grant)))
    .where(GRANTS.c.person_id == bindparam("person"))
    .order_by(GRANTS.c.id)
)


def identify(connection: Connection, username: str, password: str) -> Actor | None:
    """The person with this name and password, or None; it does not tell which of the two was wrong."""
    query = select(PERSON.c.id, PASSWORD.c.hashed).join_from(PERSON, PASSWORD, PASSWORD.c.person_id == PERSON.c.id)
    row = connection.execute(query.where(PERSON.c.username == func.lower(username))).one_or_none()
    if not known(row.hashed if row else None, password) or row is None:
        return None
    return actor_of(connection, row.id)


def signers(
    connection: Connection, act: Act, actor: Actor, signing: tuple[Signing, ...], tries: Tries, clock: Clock
) -> tuple[Signer, ...]:
    """One person for each meaning that the act asks for: the actor first, every other a different one (R43, R56).

    What more it may be signed with (`Act.also`) is signed whole or not at all; whether it is needed the act itself says.

    Whether they hold a role that may say it is asked later, at the moment of the act. A password that somebody else set signs nothing.
    Whoever sits at somebody's session may not guess a colleague's password here faster than at the sign-in.
    """
    asked = (*act.signatures, *act.also) if len(signing) > len(act.signatures) else act.signatures
    if sorted(one.meaning for one in signing) != sorted(asked):
        raise (
            Refused("signature_missing", meanings=sorted(act.signatures or asked))
            if asked
            else Refused("signature_not_asked")
        )
    if not signing:
        return ()
    found: list[Signer] = []
    now = clock()
    for one in sorted(signing, key=lambda one: asked.index(one.meaning)):
        who = (one.username.strip().lower(), "signs for", actor.person_id)
        tries.count(who, now)
        person = identify(connection, one.username, one.password)
        if person is None or person.organisation_id != actor.organisation_id or _lent(connection, person.person_id):
            raise Refused("signature_not_accepted", meaning=one.meaning)
        tries.forgive(who)
        found.append(Signer(person, one.meaning))
    people = [signer.actor.person_id for signer in found]
    if len(set(people)) != len(people):
        raise Refused("signature_same_person")
    if found[0].actor.person_id != actor.person_id:
        raise Refused("signature_not_yours", meaning=found[0].meaning)
    return tuple(found)


def _lent(connection: Connection, person_id: str) -> bool:
    """Somebody else knows this password: they set it, and its owner has not changed it yet (R57)."""
    asked = select(PASSWORD.c.must_change).where(PASSWORD.c.person_id == person_id)
    return bool(connection.execute(asked).scalar())

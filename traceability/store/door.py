"""The door: the only way to perform an act. It permits, signs, runs, appends one entry and commits, all or nothing.

A refusal is an entry too: the work is rolled back to a savepoint and the entry says why, under the same act id.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from traceability.domain.acts import ACTS, MAY_SIGN, SETS_CLOCK, Act, Kind, entitled, fit_to_sign, permit
from traceability.domain.errors import Conflict, NotKept, Refused, Unconfirmed
from traceability.domain.people import SYSTEM, Actor, Role, Signer, Signing
from traceability.domain.plain import canonical, plain
from traceability.domain.rules import Finding
from traceability.domain.seals import Seal
from traceability.domain.training import Lacking, trained
from traceability.domain.training import findings as untrained
from traceability.store import guards, ledger, passwords, training
from traceability.store.call import Call, Done, Source, utcnow
from traceability.store.engines import Engines, connect
from traceability.store.hot import Hot, Reader, Readers, known
from traceability.store.keys import Keys, load
from traceability.store.tables import Entry
from traceability.store.tables.ledger import open_acts
from traceability.store.trees import Trees
from traceability.store.tries import Tries
from traceability.store.tx import AHEAD, Tx
from traceability.store.view import View

ENTRY = Entry.__table__  # type: ignore[attr-defined]
_OPEN = insert(open_acts)
_KNOWN = Hot("SELECT ledger, number, person_id, body FROM entry WHERE act_id = :act_id")
_LAST = Hot("SELECT recorded_at FROM entry WHERE ledger = :ledger ORDER BY number DESC LIMIT 1")
ATTEMPTS = 4
TYPED = frozenset({"value", "text", "instrument", "name", "understanding"})
"""What somebody typed or scanned where it did not fit, called a file or wrote in it may be a person's number: shown, not kept (R8)."""
CLASHES = ("40P01", "40001")
"""SQLSTATE of a deadlock and of a serialisation failure: nothing was kept."""


class Store:
    """The record: `perform` writes, `read` reads, both for somebody."""

    def __init__(
        self,
        url: str,
        instance: Path,
        *,
        clock: Callable[[], datetime] = utcnow,
        origin: str = "",
        seal: Seal | None = None,
    ) -> None:
        self.engines: Engines = connect(url)
        self._readers = Readers(self.engines)
        self.keys: Keys = load(instance / "keys")
        self.documents = instance / "documents"
        self.clock = clock
        self.origin = origin or "secretome-trace"
        self.seal = seal
        """What documents are sealed with, where the site has a certificate."""
        self.trees = Trees()
        self.tries = Tries()
        """Who guessed passwords how often, at sign-in and at signatures."""
        self.closing: list[Callable[[], object]] = []
        """What is to be done before the connections go."""

    def close(self) -> None:
        for last in self.closing:
            last()
        self._readers.close()
        self.engines.dispose()

    @contextmanager
    def read(self, actor: Actor) -> Iterator[View]:
        """A consistent view of what this actor may see."""
        with self.engines.reader.connect() as connection, connection.begin():
            yield View(connection, actor, self.clock())

    def reading(self) -> AbstractContextManager[Reader]:
        """The same for the few reads that every request makes, by whoever it is, without a view."""
        return self._readers.lend()

    def checkpoints(self) -> list[dict[str, object]]:
        """A signed checkpoint of every ledger, from its leaves as they lie there now (RELIABILITY.md 2.3)."""
        with self.engines.reader.connect() as connection:
            names = connection.execute(select(ENTRY.c.ledger).distinct().order_by(ENTRY.c.ledger)).scalars().all()
            return [ledger.checkpoint(connection, self.keys, self.origin, name, self.clock()) for name in names]

    def checkpoint(
        self, view: View, owner: str, size: int | None = None, at: datetime | None = None
    ) -> dict[str, object]:
        """A signed checkpoint of one ledger as a view sees it: it goes with what was read there.

        With `size` and `at` the one that was signed then, over its first entries.
        """
        seen = self.trees.seen(view.connection, owner)
        size = seen.size if size is None else size
        return ledger.signed(self.keys, self.origin, owner, at or view.at, size, seen.root(size))

    @contextmanager
    def beside(self) -> Iterator[Connection]:
        """Write beside the record: sessions and the scan log, and nothing that a guard protects."""
        with self.engines.turn(), self.engines.writer.begin() as connection:
            yield connection

    def standing(self) -> None:
        """Raise RuntimeError where this record may not be served: guards are missing, or an act was left open."""
        with self.engines.reader.connect() as connection:
            guards.required(connection)
        self.engines.reader.dispose()  # a server may start its workers from here: they open their own

    def answering(self) -> None:
        """The database answers, and takes acts; raise where it does not."""
        with self.engines.reader.connect() as connection:
            if guards.left_open(connection):
                raise Refused("act_left_open")

    def perform(self, name: str, actor: Actor, call: Call, given: Mapping[str, Any], work: Callable[[Tx], Any]) -> Done:
        """Perform one act, once. `given` is its input as asked; the same id with other input is a conflict."""
        act = ACTS[name]
        call = replace(call, act_id=check_id(call.act_id))
        signing = [(one.username, one.meaning) for one in call.signing]
        digest = self.keys.digest(_told([name, given, call.occurred_at, call.source, call.reason, signing]))
        if done := self._known(actor, call.act_id, digest):
            return done
        asked = _Asked(act, actor, call, digest, _named(given), self._signers(act, actor, call.signing))
        for attempt in range(ATTEMPTS):
            try:
                return self._attempt(asked, work, last=attempt + 1 == ATTEMPTS)
            except _OvertakenError:
                continue
            except DBAPIError as error:
                # Two requests with one act id: the other won, and its answer is ours. A clash or a deadlock with
                # another act: nothing was kept, and the same act is tried again on what is there now.
                if _left_open(error):
                    raise Refused("act_left_open") from error
                if _unkept(error):
                    raise NotKept(call.act_id) from error
                if done := self._known(actor, call.act_id, digest):
                    return done
                again = isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in CLASHES
                if attempt + 1 == ATTEMPTS or not again:
                    raise
        raise AssertionError("unreachable")

    def answer(self, actor: Actor, act_id: str) -> Done | None:
        """What became of an act: ask by its id after a lost answer (None: it is not in the ledger)."""
        return self._known(actor, check_id(act_id), None)

    def _signers(self, act: Act, actor: Actor, signing: tuple[Signing, ...]) -> tuple[Signer, ...] | Refused:
        """Check the credentials before the transaction begins: Argon2 under a lock would stop everyone."""
        if not signing and not act.signatures:
            return ()
        try:
            with self.engines.reader.connect() as connection:
                return passwords.signers(connection, act, actor, signing, self.tries, self.clock)
        except Refused as refused:
            return refused

    def _known(self, actor: Actor, act_id: str, asked: str | None) -> Done | None:
        with self.reading() as reader:
            rows = _KNOWN(reader.driver, act_id=act_id)
        if not rows:
            return None
        ((name, number, person_id, told),) = rows
        body = json.loads(told)
        if person_id != actor.person_id or (asked is not None and body["input"] != asked):
            raise Conflict("act_id_reused")
        if refusal := body.get("refusal"):
            raise _again(refusal, number)
        return Done(act_id, name, number, body["answer"], repeated=True)

    def _attempt(self, asked: _Asked, work: Callable[[Tx], Any], *, last: bool) -> Done:
        with self.engines.turn(), self.engines.writer.connect() as connection, connection.begin() as transaction:
            if not self.engines.sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")
            connection.execute(_OPEN, {"id": asked.call.act_id})
            now = self.clock()
            behind = _behind(connection, asked.actor.organisation_id, now)
            if behind is not None and asked.act.name != SETS_CLOCK:
                raise behind
            body, refused = self._run(connection, asked, now, work)
            if behind is not None and refused is not None:
                raise refused  # without an entry: its time would be the floor for the next
            if refused is not None and refused.code == "changed_meanwhile" and asked.act.kind is Kind.FACT and not last:
                raise _OvertakenError  # a fact is not refused because somebody was faster: it is told to what is there now
            number = ledger.append(connection, asked.actor.organisation_id, body)
            _commit(transaction, asked.call.act_id)
        if refused is not None:
            refused.values["entry"] = number
            raise refused
        return Done(asked.call.act_id, asked.actor.organisation_id, number, body["answer"])

    def _run(
        self, connection: Connection, asked: _Asked, now: datetime, work: Callable[[Tx], Any]
    ) -> tuple[dict[str, Any], Refused | None]:
        """The entry's body: what was done, or, with everything rolled back, why not."""
        act, actor, call = asked.act, _present(connection, asked.actor), _timely(asked.call, now)
        signers = () if isinstance(asked.signers, Refused) else asked.signers
        signers = tuple(replace(signer, actor=_present(connection, signer.actor)) for signer in signers)
        # Of a permission nothing sees the roles that somebody holds and is not trained for: neither sites nor services.
        people = {one.person_id: one for one in (actor, *(signer.actor for signer in signers))}
        missing = {one: training.lacking(connection, person, now) for one, person in people.items()}
        held, signed = (actor, signers)
        if act.asks_training:
            held = trained(actor, missing[actor.person_id])
            signed = tuple(replace(one, actor=trained(one.actor, missing[one.actor.person_id])) for one in signers)
        tx = Tx(connection, act, held, call, now, signed)
        body: dict[str, Any] = {
            "act": act.name, "act_id": call.act_id, "person_id": actor.person_id, "person": actor.name,
            "occurred_at": tx.occurred, "source": call.source, "recorded_at": now, "input": asked.digest,
            "schema_v": ledger.SCHEMA_VERSION,
        }  # fmt: skip
        connection.exec_driver_sql("SAVEPOINT work")  # SQLAlchemy's own is built anew each time
        try:
            body["role"] = permit(act, actor, now, call.reason, missing[actor.person_id])
            if isinstance(asked.signers, Refused):
                raise asked.signers
            if idle := next((signer for signer in signers if not signer.actor.roles(now)), None):
                raise Refused("signature_not_accepted", meaning=idle.meaning)
            for signer in signers:
                entitled(act, signer.meaning, signer.actor.roles(now))
                fit_to_sign(act, signer.meaning, signer.actor, now, missing[signer.actor.person_id])
            if act.kind is Kind.FACT and (found := _beside(body["role"], actor, signers, missing, now)):
                body["findings"] = [finding.plain() for finding in found]
            tx.apart()
            answer = tx.run(work)
        except Refused as refused:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT work")
            findings = [finding.plain() for finding in refused.findings]
            values = {name: value for name, value in refused.values.items() if name not in TYPED}
            body["refusal"] = {"code": refused.code, "values": plain(values), "findings": findings}
            body |= {"noun_id": next(iter(asked.named), None), "about": tx.mentioned(asked.named)}
            return body, refused
        about = tx.mentioned([*tx.about, *([tx.noun_id] if tx.noun_id else [])])
        return body | {"noun_id": tx.noun_id, "answer": plain(answer), "changes": tx.changes, "about": about}, None


def _beside(
    role: Role, actor: Actor, signers: tuple[Signer, ...], missing: Mapping[str, Lacking], at: datetime
) -> tuple[Finding, ...]:
    """What was not known of the training of whoever recorded and signed a fact: it is kept with it (MODEL.md, decision 1)."""
    found = list(untrained(missing[actor.person_id], [role]))
    for signer in signers:
        held = MAY_SIGN[signer.meaning] & signer.actor.roles(at)
        if held <= missing[signer.actor.person_id].keys():
            found += [one for one in untrained(missing[signer.actor.person_id], held) if one not in found]
    return tuple(found)


class _OvertakenError(Exception):
    """Another act changed what this one had read: everything is rolled back, and it is tried again."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """An act as it was asked for, ready for the transaction."""

    act: Act
    actor: Actor
    call: Call
    digest: str
    named: tuple[str, ...]
    """What the act was asked about, by id: a refusal is found under each of them."""
    signers: tuple[Signer, ...] | Refused


def _named(given: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids in what was asked for, alone or in a list, in the order of the act's parameters."""
    listed = (
        [told] if isinstance(told, str) else told for told in given.values() if isinstance(told, str | list | tuple)
    )
    return tuple(dict.fromkeys(one for told in listed for one in told if isinstance(one, str) and is_id(one)))


def _timely(call: Call, now: datetime) -> Call:
    """Nothing of an earlier hour was seen live: unless somebody says how it is known, it was entered late (decision 4)."""
    earlier = call.occurred_at is not None and call.occurred_at < now - AHEAD
    return replace(call, source=Source.LATE) if earlier and call.source is Source.LIVE else call


def _behind(connection: Connection, ledger: str, now: datetime) -> Refused | None:
    """No entry is of before the one before it: with a clock that was set back nothing could be judged, nor written truly."""
    rows = _LAST(connection.connection.driver_connection, ledger=ledger)
    if rows and now < (last := known(rows[0][0])) - AHEAD:
        return Refused("clock_set_back", now=now, last=last)
    return None


def _present(connection: Connection, actor: Actor) -> Actor:
    """The person with the grants of this moment: what they held when they signed in says nothing now."""
    if actor.person_id == SYSTEM.person_id:
        return actor
    return replace(actor, grants=passwords.grants_of(connection, actor.person_id))


def _commit(transaction: Any, act_id: str) -> None:
    """An error during COMMIT means unknown, never no."""
    try:
        transaction.commit()
    except DBAPIError as error:
        if isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in CLASHES or _full(error):
            raise
        raise Unconfirmed(act_id) from error


def _unkept(error: DBAPIError) -> bool:
    """No room, or nobody at the other end any more, while the act was at work: it is not in the ledger."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return _full(error) or error.connection_invalidated or state[:2] in ("08", "53", "57")


def _left_open(error: DBAPIError) -> bool:
    """SQLite has one writer: an act that is open before ours was committed without its entry, past the guards."""
    return isinstance(error.orig, sqlite3.Error) and str(error.orig) == "another act is open"


def _full(error: DBAPIError) -> bool:
    """SQLite says so before it commits, or instead of it."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _told(asked: list[Any]) -> str:
    """The input in its canonical form. What no ledger can hold (NUL, half a surrogate pair) is refused before it is asked."""
    try:
        told = canonical(asked)
    except OverflowError:  # a time at the end of the calendar, in another zone
        raise Refused("field_out_of_range", field="time") from None
    if not told.isascii():
        try:
            told.encode()
        except UnicodeEncodeError:
            raise Refused("text_unreadable") from None
    if "\\u0000" in told and NUL.search(told):
        raise Refused("text_unreadable")
    return told


NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""NUL as JSON writes it: not a backslash that somebody typed before u0000."""


def check_id(act_id: str) -> str:
    """An act id is a UUID, with or without its hyphens."""
    made = act_id.replace("-", "").lower()
    if not is_id(made):
        raise Refused("act_id_malformed")
    return made


def is_id(told: str) -> bool:
    return len(told) == 32 and not set(told) - set("0123456789abcdef")


def _again(refusal: dict[str, Any], number: int) -> Refused:
    findings = tuple(Finding.of(item) for item in refusal["findings"])
    return Refused(refusal["code"], findings=findings, **(refusal["values"] | {"entry": number}))

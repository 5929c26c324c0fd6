"""One act at work: what services read and write through. Every change is kept, old → new, for the ledger."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Connection, Insert, Select, Table, Update, any_, bindparam, insert, select, update
from sqlalchemy import text as sql

from traceability.domain.acts import Act, signing_roles
from traceability.domain.errors import Conflict, Refused
from traceability.domain.people import Actor, Role, Signer
from traceability.domain.plain import digest, plain
from traceability.store import reach, voices
from traceability.store.call import Call, new_id
from traceability.store.tables import FreeText, Mention, Row, Signature
from traceability.store.view import View, names

R = TypeVar("R", bound=Row)
ABOUT = ("lot_id", "vial_id", "subject_id", "consignment_id", "place_id")
OF_A_PATIENT = frozenset({"dose.give", "administration.observe", "event.record"})
AHEAD = timedelta(minutes=2)
LONG_AGO = timedelta(days=20 * 366)
"""What happened before is a slip in the year: a fact is recorded late, and not after a generation."""
MENTION = Mention.__table__  # type: ignore[attr-defined]


class Tx(View):
    """A view that may write. `at` is when it is recorded, `occurred` when it happened: the clock is read once an act."""

    def __init__(
        self, connection: Connection, act: Act, actor: Actor, call: Call, at: datetime, signers: tuple[Signer, ...]
    ) -> None:
        super().__init__(connection, actor, at)
        self.act = act
        self.call = call
        self.occurred = call.occurred_at or at
        self.signers = signers
        self.changes: list[dict[str, Any]] = []
        self.about: set[str] = set()
        self.touched: set[str] = set()
        self.noun_id: str | None = None
        self.covers: Any = None
        self._signs: list[tuple[Role, tuple[str, str] | None]] = []

    def run(self, work: Callable[[Tx], Any]) -> dict[str, Any]:
        if self.occurred > self.at + AHEAD:
            raise Refused("occurred_in_future", occurred=self.occurred, now=self.at)
        if self.occurred < self.at - LONG_AGO:
            raise Refused("occurred_long_ago", occurred=self.occurred)
        answer = dict(work(self))
        self.noun_id = answer.get("id")
        if self.call.reason:
            self.write_down("reason", self.call.reason)
        self._within_sites()
        self._sign(answer)
        return answer

    def at_site(self, site_id: str | None, roles: frozenset[Role]) -> None:
        """Refuse who holds these roles at other sites only; None: at every site."""
        sites = self.actor.sites(roles, self.at)
        if None not in sites and site_id not in sites:
            raise Refused("not_permitted", act=self.act.name, roles=sorted(roles))

    def _within_sites(self) -> None:
        """Whoever holds the act's roles at some sites only acts there: where what it is about is now, and was before it.

        So does everybody who signs, in the roles that may say this. What was done to a patient is kept, wherever the record has
        the vial.
        """
        if self.act.name in OF_A_PATIENT:
            return
        for site_id in self._sites_but_all(self.actor, self.act.roles):
            self.at_site(site_id, self.act.roles)
        for signer in self.signers:
            roles = signing_roles(self.act, signer.meaning, signer.actor.roles(self.at))
            if self._sites_but_all(signer.actor, roles) - signer.actor.sites(roles, self.at):
                raise Refused("signer_elsewhere", meaning=signer.meaning, roles=sorted(roles))

    def _sites_but_all(self, actor: Actor, roles: frozenset[Role]) -> set[str]:
        """Of who holds these roles at some sites only: the sites of their house that the act is about. Nobody else is asked."""
        if None in actor.sites(roles, self.at):
            return set()
        about = self.touched | ({self.noun_id} if self.noun_id else set())
        return reach.sites(self.connection, about, actor.organisation_id)

    def add(self, row: R) -> R:
        """Insert one row under this act."""
        self.add_all([row])
        return row

    def add_all(self, rows: Sequence[Row]) -> None:
        """Insert rows of one table under this act."""
        if not rows:
            return
        kept = []
        for row in rows:
            row.id = row.id or new_id()
            row.act_id = self.call.act_id
            row.demonstration = row.demonstration or self.call.demonstration
            if row.sealed:
                row.salt = secrets.token_hex(16)
            values = {name: getattr(row, name) for name in names(type(row))}
            if "state" in values:
                self.act.move(str(row.__tablename__), None, values["state"])
            _fits(row, values)
            kept.append(values)
            self._keep(row, {name: value for name, value in values.items() if value is not None})
        self.connection.execute(_insert(rows[0].__table__), kept)  # type: ignore[attr-defined]

    def change(self, row: Row, **values: Any) -> None:
        """Change a row as it was read: if somebody changed it meanwhile, nothing happens and this says so."""
        self.change_all([row], **values)

    def change_all(self, rows: Sequence[Row], **values: Any) -> None:
        """The same of many rows of one table: all of them, or nothing happens."""
        changed: list[tuple[Row, dict[str, Any], str]] = []
        for row in rows:
            if "state" in values:
                self.act.move(row.__tablename__, row.state, values["state"])  # type: ignore[attr-defined,arg-type]
            new = {name: value for name, value in values.items() if getattr(row, name) != value}
            if new:
                _fits(row, new)
                self._keep(row, {name: [getattr(row, name), value] for name, value in new.items()}, after=row.act_id)
                changed.append((row, new, row.act_id))
        for _, of_these in groupby(changed, key=lambda one: tuple(one[1])):
            these = list(of_these)
            told = [
                {**new, "act_id": self.call.act_id, "this_row": row.id, "as_seen": seen} for row, new, seen in these
            ]
            query = _update(rows[0].__table__)  # type: ignore[attr-defined]
            if self.connection.execute(query, told if len(told) > 1 else told[0]).rowcount != len(told):
                raise Conflict("changed_meanwhile")
        for row, new, _ in changed:
            row.act_id = self.call.act_id
            for name, value in new.items():
                setattr(row, name, value)

    def move(self, row: Row, after: str, **values: Any) -> None:
        """Take a noun to another state, if this act names that step from where it is."""
        self.change(row, state=after, **values)

    def still(self, *rows: Row) -> None:
        """Nobody else changes these rows of one table until the commit, and nobody has since they were read; else nothing happens."""
        if rows and self.connection.dialect.name != "sqlite":
            seen = {row.id: row.act_id for row in rows}
            found = self.connection.execute(_lock(rows[0].__table__), {"these": list(seen)})  # type: ignore[attr-defined]
            if {one.id: one.act_id for one in found} != seen:
                raise Conflict("changed_meanwhile")

    def alone(self, name: str) -> None:
        """Wait for every other act that asks for this name: what is read next stays true until the commit.

        SQLite has one writer, so one is alone there anyway.
        """
        if self.connection.dialect.name != "sqlite":
            self.connection.execute(_ALONE, {"name": f"trace.alone:{name}"})

    def write_down(self, kind: str, words: str, noun_id: str | None = None) -> FreeText:
        return self.add(FreeText(kind=kind, words=words.strip(), noun_id=noun_id or self.noun_id))

    def mention(self, *ids: str) -> None:
        """This act is about these too: found under them in the audit trail."""
        self.about.update(ids)
        self.touch(*ids)

    def touch(self, *ids: str) -> None:
        """It changes something for these, wherever the audit trail has it: whoever acts has to be of their site."""
        self.touched.update(ids)

    def mentioned(self, ids: Iterable[str]) -> list[str]:
        """Write down, last of all, what this act is about."""
        about = sorted(set(ids))
        if about:
            self.connection.execute(_insert(MENTION), [{"about_id": one, "act_id": self.call.act_id} for one in about])
        return about

    def _keep(self, row: Row, values: dict[str, Any], *, after: str = "") -> None:
        told: dict[str, Any] = {}
        for name, value in values.items():
            if name in ("id", "act_id", "salt"):
                continue
            if name in row.sealed:
                told[name] = [None, seal(row, value[1])] if after else seal(row, value)
            else:
                told[name] = plain(value)
        linked = {found for name in ABOUT if (found := getattr(row, name, None))}
        if row.__tablename__ in ("lot", "vial", "subject", "consignment"):
            linked.add(row.id)
        self.about |= linked
        self.touched |= linked
        told_as: dict[str, Any] = {"set": told, "after": after} if after else {"new": told}
        self.changes.append({"table": row.__tablename__, "id": row.id, **told_as})

    def _sign(self, answer: dict[str, Any]) -> None:
        """Bind every signer to the digest of what was done and of what they were shown."""
        if not self.signers:
            return
        signed = digest({"act": self.act.name, "answer": answer, "changes": self.changes, "covers": self.covers})
        self.add_all(
            [
                Signature(
                    person_id=signer.actor.person_id,
                    name=signer.actor.name,
                    role=role,
                    meaning=signer.meaning,
                    behalf=giver[1] if giver else None,
                    noun_id=self.noun_id,
                    digest=signed,
                    signed_at=self.at,
                )
                for signer, (role, giver) in zip(self.signers, self._signs, strict=True)
            ]
        )

    def apart(self) -> None:
        """Refuse where one of those who sign stands in for another of them: that is one word (R30, R37)."""
        self._signs = [self._signs_as(signer) for signer in self.signers]
        words = [
            voices.of(self.connection, signer.actor.person_id, self.at, roles=(role,))
            for signer, (role, _) in zip(self.signers, self._signs, strict=True)
        ]
        if voices.one(*words):
            raise Refused("signature_one_voice")

    def _signs_as(self, signer: Signer) -> tuple[Role, tuple[str, str] | None]:
        """In which role, one of their own before one that was handed to them, and then by whom (id, name)."""
        roles = sorted(signing_roles(self.act, signer.meaning, signer.actor.roles(self.at)))
        told = [(role, voices.giver(self.connection, signer.actor.person_id, role, self.at)) for role in roles]
        return next((one for one in told if one[1] is None), told[0])


_ALONE = sql("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
LARGEST = 2**31 - 1


def _fits(row: Row, values: dict[str, Any]) -> None:
    """Refuse what one engine would cut off or choke on and the other would keep."""
    longest = _longest(row.__table__)  # type: ignore[attr-defined]
    for name, value in values.items():
        match value:
            case str():
                if name in longest and len(value) > longest[name]:
                    raise Refused("field_too_long", field=name, most=longest[name])
                if "\0" in value:
                    raise Refused("field_unreadable", field=name)
            case int() if not -LARGEST <= value <= LARGEST:
                raise Refused("field_out_of_range", field=name, most=LARGEST)


@cache
def _longest(table: Table) -> dict[str, int]:
    told = {column.name: getattr(column.type, "length", None) for column in table.columns}
    return {name: most for name, most in told.items() if most is not None}


# Statements are kept: building one takes longer than running it.
@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _update(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("this_row"), table.c.act_id == bindparam("as_seen"))


@cache
def _lock(table: Table) -> Select[Any]:
    these = table.c.id == any_(
        bindparam("these", type_=ARRAY(table.c.id.type))
    )  # in one order, whoever asks: no two wait for each other
    return select(table.c.id, table.c.act_id).where(these).order_by(table.c.id).with_for_update()


def seal(row: Any, value: Any) -> str | None:
    """What the ledger keeps of a sealed value: a digest that nobody can guess back without the row's salt."""
    return None if value is None else "sealed:" + sha256(f"{row.salt}|{value}".encode()).hexdigest()

"""What was searched in the audit trail as a file, CSV or JSON, with the signed checkpoint that it lies under (R55, R63).

Written to a file of its own entry by entry, so that no memory grows with it; that it was taken, by whom and with which digest,
is entered before it is handed out. It says whose sight it is of. No copy is kept, it may hold words that are erased later: asked
for again under its id it is written again as of then, and handed out if it is the same to the byte.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from typing import IO, Any

from traceability.domain.acts import ACTS
from traceability.domain.errors import Conflict, NotFound, Refused
from traceability.domain.merkle import leaf_hash
from traceability.domain.people import Actor, system_for
from traceability.domain.plain import canonical, digest, moment, plain
from traceability.domain.typed import meant
from traceability.services import Answer, audit, performs, scopes
from traceability.services.audit_search import Asked, numbers
from traceability.services.choices import names
from traceability.sheets import written
from traceability.store import Call, Done, Store, Tx, View
from traceability.store.tables import Signature

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
AT_ONCE = 200
HEAD = (
    "number", "recorded_at", "occurred_at", "source", "act", "refused", "person", "role", "about", "table", "row", "field",
    "before", "after", "reason", "signed_by", "leaf",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was written: what it is of, its digest, how many entries it holds, up to which entry there were any."""

    asked: str
    sha256: str
    entries: int
    through: int
    at: str

    @property
    def digest(self) -> str:
        """What the act was asked with."""
        return digest([self.asked, self.sha256])


@performs("audit.export")
def enter(tx: Tx, ledger: str, asked_by: str, format: str, taken: Taken) -> Answer:  # noqa: A002  # as it is called everywhere
    """Enter that part of a trail was taken out: who asked, for what, and the digest of the file."""
    if ledger != tx.actor.organisation_id:
        raise NotFound("ledger")
    told = {"ledger": ledger, "asked_by": asked_by, "format": format, "asked": taken.asked, "sha256": taken.sha256}
    return {**told, "entries": taken.entries, "through": taken.through, "at": taken.at}


def take(store: Store, actor: Actor, call: Call, asked: Asked, format: str) -> tuple[IO[bytes], Done]:  # noqa: A002
    """Write what answers the search into a file, enter it, and hand the file over, read from its beginning.

    In the ledger of one's own house; for a guest, who only reads, by the system in the ledger that was read. The same request under
    the same act id is one act and the same file; `export_differs_now` where what it said is no longer there to say.
    """
    if format not in FORMATS:
        raise Refused("format_unknown", format=format, formats=sorted(FORMATS))
    file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever is handed it closes it
    try:
        with store.read(actor) as view:
            mine = asked.ledger == actor.organisation_id and ACTS["audit.export"].roles & actor.roles(view.at)
            who = actor if mine else system_for(asked.ledger)
            said = canonical({name: value for name, value in asdict(_kept(view, asked)).items() if value})
            if done := store.answer(who, call.act_id):
                return _again(store, view, asked, file, (said, format), done), done
            point = store.checkpoint(view, asked.ledger)
            count = WRITTEN[format](store, view, asked, file, point)
        taken = Taken(said, _digest(file), count, int(str(point["size"])), str(point["at"]))
        try:
            done = enter(store, who, call, asked.ledger, actor.person_id, format, taken)
        except Conflict:  # twice at once: the other was entered first, and its file is the one
            with store.read(actor) as view:
                if (done := store.answer(who, call.act_id)) is None:
                    raise
                return _again(store, view, asked, file, (said, format), done), done
    except BaseException:
        file.close()
        raise
    return file, done


def _again(store: Store, view: View, asked: Asked, file: IO[bytes], told: tuple[str, str], done: Done) -> IO[bytes]:
    """The file of an export that was entered, written again as of its checkpoint. Refuses one that would not be the same."""
    was = done.answer
    if (was.get("asked"), was.get("format"), was.get("asked_by")) != (*told, view.actor.person_id):
        raise Conflict("act_id_reused")
    point = store.checkpoint(view, asked.ledger, int(was["through"]), datetime.fromisoformat(was["at"]))
    file.seek(0)
    file.truncate()
    WRITTEN[told[1]](store, view, asked, file, point)
    if _digest(file) != was["sha256"]:
        raise Refused("export_differs_now", entry=done.number)
    return file


def _digest(file: Any) -> str:
    file.seek(0)
    made = file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return made


def parts(file: IO[bytes]) -> Iterator[bytes]:
    """The file to its end, which closes it."""
    with file:
        while part := file.read(1 << 16):
            yield part


def _kept(view: View, asked: Asked) -> Asked:
    """What was asked, with the ids of what was typed: a word that nothing is called by may be a person's number."""
    about = audit.about_these(view, asked.about)
    person = audit.person_of(view, asked.person_id) or ("typed" if asked.person_id else "")
    return Asked(
        asked.ledger, " ".join(about or []) or ("typed" if asked.about else ""), meant(asked.act), person, asked.refused,
        asked.since, asked.until, asked.above,
    )  # fmt: skip


def entries(view: View, asked: Asked, through: int) -> Iterator[list[audit.Told]]:
    """The entries that answer, up to a number, newest first, so many at once."""
    before = through + 1
    while True:
        found, _known = numbers(view, asked, before=before, limit=AT_ONCE)
        if found:
            yield audit.told(view, asked.ledger, found)
        if len(found) < AT_ONCE:
            return
        before = found[-1]


def _scope(view: View, asked: Asked, point: Mapping[str, object]) -> dict[str, Any]:
    return scopes.scope(view, asked.ledger, through=int(str(point["size"]))).plain()


def _csv(_store: Store, view: View, asked: Asked, file: IO[bytes], point: Mapping[str, object]) -> int:
    """Whose sight it is of, a line each; the entries; the checkpoint."""
    file.write(written([HEAD]).encode())
    said = _scope(view, asked, point).items()
    file.write(
        written(
            [("scope", name, " ".join(value) if isinstance(value, list) else value) for name, value in said]
        ).encode()
    )
    count = 0
    for some in entries(view, asked, int(str(point["size"]))):
        known = names(view, {one for told in some for one in audit.ids(told.body)})
        for told in some:
            if not told.intact:  # under a signed checkpoint stands what was entered, or nothing
                raise Refused("ledger_differs", ledger=told.ledger, first=told.number, last=told.number)
            file.write(written(_rows(told, known)).encode())
            count += 1
    lines = [
        ("checkpoint", name, point[name]) for name in ("origin", "ledger", "size", "root", "at", "key", "signature")
    ]
    file.write(written(lines).encode())
    return count


def _rows(told: audit.Told, known: dict[str, tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    """A line for each field that changed, at least one for each entry."""
    said = [
        (change["table"], change["id"], name, *(pair if "set" in change else (None, pair)))
        for change in told.body.get("changes", ())
        if change["table"] != "signature"
        for name, pair in (change.get("set") or change["new"]).items()
    ] or [(None,) * 5]
    head = (
        told.number, moment(told.recorded_at), moment(told.occurred_at), told.source, told.act, told.refused, told.person,
        told.role, " ".join(known[one][1] for one in told.body.get("about", ()) if one in known),
    )  # fmt: skip
    signed = "; ".join(f"{one.name} ({one.meaning})" for one in _in_order(told))
    for table, row, name, before, after in said:
        named = known[row][1] if row in known else row
        yield (*head, table, named, name, _cell(before, known), _cell(after, known), told.reason, signed, told.leaf)


def _cell(value: Any, known: dict[str, tuple[str, str]]) -> Any:
    if isinstance(value, str):
        return known[value][1] if value in known else value
    return value if value is None or isinstance(value, int) else canonical(value)


def _in_order(told: audit.Told) -> list[Signature]:
    return sorted(told.signatures, key=lambda one: (one.signed_at, one.id))


def _json(store: Store, view: View, asked: Asked, file: IO[bytes], point: Mapping[str, object]) -> int:
    """{checkpoint, scope, entries: [{number, entry as it was hashed, path, reason, signatures}]}: each entry with its proof."""
    seen, size = store.trees.seen(view.connection, asked.ledger), int(str(point["size"]))
    file.write(b'{"checkpoint":' + json.dumps(point).encode())
    file.write(b',"scope":' + canonical(_scope(view, asked, point)).encode() + b',"entries":[')
    count = 0
    for some in entries(view, asked, size):
        for told in some:
            content, _leaf = audit.hashed(view, asked.ledger, told.number)
            path = seen.proof(told.number - 1, leaf_hash(content.encode()), size)
            one = {
                "number": told.number, "entry": content, "path": [part.hex() for part in path], "reason": told.reason,
                "signatures": [{"name": s.name, "role": s.role, "meaning": s.meaning, "at": s.signed_at} for s in _in_order(told)],
            }  # fmt: skip
            file.write((b"," if count else b"") + b"\n" + canonical(plain(one)).encode())
            count += 1
    file.write(b"\n]}\n")
    return count


WRITTEN = {"csv": _csv, "json": _json}

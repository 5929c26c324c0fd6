"""Proof by replay: the tree is recomputed, every entry is replayed, and every row that differs is named (RELIABILITY.md 2.3).

Memory does not grow with the ledger: what the entries say of each row lies in a scratch database on disk. Rows are read as
they lie there (`raw`), and the files beside them too (`files`): what cannot be read is named, and the rest is still compared.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, OperationalError

from traceability.domain.acts import SETS_CLOCK
from traceability.domain.merkle import Tree, leaf_hash
from traceability.store import files, guards, raw
from traceability.store.ledger import ENTRY
from traceability.store.scanned import LOGS
from traceability.store.tables import GUARDED, Mention, metadata
from traceability.store.tables.ledger import open_acts
from traceability.store.tx import AHEAD, seal

Progress = Callable[[str, int], None]
"""What is being counted, and how many so far."""
MENTION = Mention.__table__  # type: ignore[attr-defined]
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError, sqlite3.Error)
"""What the content of an entry can raise that is not as `ledger.append` wrote it."""


@dataclass(slots=True)
class Report:
    """`problems` is empty where the record is what its ledger says. `roots`: size and Merkle root of each ledger; `sealed`: the
    days of each log beside it that it vouches for.
    """

    entries: int = 0
    rows: int = 0
    files: int = 0
    roots: dict[str, tuple[int, str]] = field(default_factory=dict)
    sealed: dict[str, dict[str, Any]] = field(default_factory=lambda: {log.seals: {} for log in LOGS})
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def plain(self) -> dict[str, Any]:
        return {
            "ok": self.ok, "entries": self.entries, "rows": self.rows, "files": self.files, "problems": self.problems,
            "ledgers": {name: {"size": size, "root": root} for name, (size, root) in self.roots.items()},
        }  # fmt: skip


def verify(connection: Connection, progress: Progress = lambda *_: None, documents: Path | None = None) -> Report:
    """Replay the ledgers over the tables; with `documents`, the folder of files, compare their bytes too."""
    try:
        return _verify(connection, progress, documents)
    except OperationalError as error:
        if "decode" not in str(error.orig):
            raise
    with raw.lenient(connection):
        return _verify(connection, progress, documents)


def _verify(connection: Connection, progress: Progress, documents: Path | None) -> Report:
    report = Report()
    there = raw.columns(connection)
    if not there:
        report.problems.append("there is no record in this database: none of its tables is there")
        return report
    whole = set(_whole(there, report))
    if not {ENTRY.name, open_acts.name} <= whole:
        return report  # without its ledger nothing can be said of the rest
    report.problems += [f"guard {name} is missing or changed" for name in guards.missing(connection)]
    report.problems += [f"act {act_id} is open and was never entered" for act_id in guards.left_open(connection)]
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        scratch = sqlite3.connect(Path(folder) / "replay.sqlite", isolation_level=None)
        scratch.execute("PRAGMA journal_mode=OFF")
        scratch.execute("PRAGMA synchronous=OFF")
        scratch.execute(
            "CREATE TABLE told(tab TEXT, id TEXT, after TEXT, act TEXT, body TEXT,"
            " PRIMARY KEY(tab, id, after)) WITHOUT ROWID"
        )
        scratch.execute("CREATE TABLE about(id TEXT, act TEXT, PRIMARY KEY(id, act)) WITHOUT ROWID")
        scratch.execute("BEGIN")
        _replay(connection, scratch, report, progress)
        for name in (*GUARDED, MENTION.name):
            if name in whole:
                _compared(connection, scratch, name, report)
        for log in LOGS:
            if log.table.name in whole:
                report.problems += log.differing(connection, report.sealed[log.seals])
        scratch.close()
    if documents is not None and {"attachment", "document", "image", "evidence"} <= whole:
        for wrong in files.compare(connection, documents, lambda count: progress("files", count)):
            report.files += 1
            report.problems += [wrong] if wrong else []
    return report


def _whole(there: Mapping[str, set[str]], report: Report) -> Iterator[str]:
    """The tables that have every column of theirs; what is missing, and what is nobody's, is named."""
    for name, table in metadata.tables.items():
        asked = {column.name for column in table.columns} | ({"xact"} & there.get(name, set()))
        if name not in there:
            report.problems.append(f"table {name} is missing")
            continue
        report.problems += [f"table {name}: its column {one} is missing" for one in sorted(asked - there[name])]
        report.problems += [f"table {name}: column {one} is not ours" for one in sorted(there[name] - asked)]
        if asked <= there[name]:
            yield name
    ours = {*metadata.tables, "alembic_version"}
    named = (name for name in there if name not in ours and not name.startswith("sqlite_"))
    report.problems += [f"table {name} is not ours" for name in sorted(named)]


def _compared(connection: Connection, scratch: sqlite3.Connection, name: str, report: Report) -> None:
    try:
        if name == MENTION.name:
            _compare_mentions(connection, scratch, report)
        else:
            _compare(connection, scratch, name, report)
    except DBAPIError as error:
        if "decode" in str(error.orig):
            raise
        connection.rollback()  # PostgreSQL answers nothing more in a transaction that failed
        report.problems.append(f"table {name}: it cannot be read ({type(error.orig).__name__})")


def _replay(connection: Connection, scratch: sqlite3.Connection, report: Report, progress: Progress) -> None:
    """Every ledger in the order of its numbers; in which order they changed a row, the row's own acts say."""
    trees: dict[str, Tree] = {}
    latest: dict[str, datetime] = {}
    for row in raw.rows(connection, ENTRY, "ORDER BY ledger, number"):
        report.entries += 1
        tree = trees.setdefault(row["ledger"], Tree())
        where = f"entry {row['ledger']}/{row['number']}"
        if row["number"] != tree.size + 1:
            report.problems.append(f"{where}: the number before it is missing")
        content = row["body"].encode() if isinstance(row["body"], str) else bytes(row["body"] or b"")
        leaf = leaf_hash(content)
        if leaf != row["leaf"]:
            report.problems.append(f"{where}: its content does not match its hash")
        tree.append(leaf)
        try:
            body = json.loads(content)
            report.problems += [f"{where}: {wrong}" for wrong in _told(row, body, latest)]
            _changes(scratch, row, body, where, report)
            if body["act"] in report.sealed and not body.get("refusal"):
                report.sealed[body["act"]][body["answer"]["day"]] = body["answer"]
        except UNREADABLE:
            report.problems.append(f"{where}: its content cannot be read")
        if report.entries % 5_000 == 0:
            progress("entries", report.entries)
    report.roots = {name: (tree.size, tree.root().hex()) for name, tree in trees.items()}


def _told(row: Mapping[str, Any], body: dict[str, Any], latest: dict[str, datetime]) -> Iterator[str]:
    """What the columns of an entry repeat of its content, and whether its time is later than those before it."""
    for name in ("act", "act_id", "person_id", "noun_id"):
        if body.get(name) != row[name]:
            yield f"{name} differs from its content"
    if any(not raw.same(row[name], body[name], json=False) for name in ("recorded_at", "occurred_at")):
        yield "its times differ from its content"
    if (body.get("refusal") or {}).get("code") != row["refused"]:
        yield "its outcome differs from its content"
    recorded = datetime.fromisoformat(body["recorded_at"])
    before = latest.get(row["ledger"], recorded)
    if body["act"] == SETS_CLOCK and not body.get("refusal"):
        before = recorded
    if recorded < before - AHEAD:
        yield "it was recorded earlier than an entry before it: a clock was set back"
    latest[row["ledger"]] = max(recorded, before)


def _changes(
    scratch: sqlite3.Connection, row: Mapping[str, Any], body: dict[str, Any], where: str, report: Report
) -> None:
    for change in body.get("changes", ()):
        _apply(scratch, change, row["act_id"], where, report)
    scratch.executemany(
        "INSERT OR IGNORE INTO about VALUES (?, ?)", [(one, row["act_id"]) for one in body.get("about", ())]
    )


def _apply(scratch: sqlite3.Connection, change: dict[str, Any], act_id: str, where: str, report: Report) -> None:
    """Set down one change under the act that it followed: two that followed the same one are a fork."""
    tab, row_id, after = change["table"], change["id"], change.get("after", "")
    body = change.get("new") or change["set"]
    if after and not all(len(values) == 2 for values in body.values()):
        raise ValueError("a change has what was there before and what came")
    if after == act_id:
        # One act may change a row of its own again: its last word counts, and what was there before its first.
        mine = scratch.execute(
            "SELECT after, body FROM told WHERE tab = ? AND id = ? AND act = ?", (tab, row_id, act_id)
        )
        for earlier, told in mine.fetchall():
            first = json.loads(told)
            for column, (old, new) in body.items():
                first[column] = [first.get(column, [old])[0], new] if earlier else new
            scratch.execute(
                "UPDATE told SET body = ? WHERE tab = ? AND id = ? AND after = ?",
                (json.dumps(first), tab, row_id, earlier),
            )
            return
    try:
        scratch.execute("INSERT INTO told VALUES (?, ?, ?, ?, ?)", (tab, row_id, after, act_id, json.dumps(body)))
    except sqlite3.IntegrityError:
        report.problems.append(f"{where}: changes {tab} {row_id}, which another act had changed already")


def _history(scratch: sqlite3.Connection, name: str, row_id: str) -> tuple[str, dict[str, Any]] | str | None:
    """The last act on a row and what it left there; a sentence where the story has a hole; None: no story."""
    changes = {after: (act, body) for after, act, body in scratch.execute(_CHANGES, (name, row_id))}
    if not changes:
        return None
    act, told = "", {}
    while act in changes:
        after, (act, body) = act, changes.pop(act)
        values = json.loads(body)
        if not after:
            told = values
            continue
        for column, (old, new) in values.items():
            if old is not None and told.get(column) != old:
                return f"act {act} says that {column} was something else before"
            told[column] = new
    return f"act {next(iter(changes.values()))[0]} follows one that is not there" if changes else (act, told)


_CHANGES = "SELECT after, act, body FROM told WHERE tab = ? AND id = ?"


def _compare(connection: Connection, scratch: sqlite3.Connection, name: str, report: Report) -> None:
    """Every row against what the ledger says of it; then what the ledger says and no row is there for."""
    row_type = GUARDED[name]
    table = row_type.__table__  # type: ignore[attr-defined]
    seen = known = 0
    for row in raw.rows(connection, table):
        seen += 1
        try:
            story = _history(scratch, name, row["id"])
            wrong = _judged(row_type, row, story)
        except UNREADABLE:
            story, wrong = "", "what the ledger says of it cannot be read"
        known += story is not None
        report.problems += [f"{name} {row['id']}: {wrong}"] if wrong else []
    report.rows += seen
    (told,) = scratch.execute("SELECT count(DISTINCT id) FROM told WHERE tab = ?", (name,)).fetchone()
    if told > known:
        there = {row[0] for row in connection.execute(select(table.c.id))}
        gone = [
            row[0]
            for row in scratch.execute("SELECT DISTINCT id FROM told WHERE tab = ?", (name,))
            if row[0] not in there
        ]
        report.problems += [f"{name} {row_id}: it is in the ledger and no longer in its table" for row_id in gone]


def _judged(row_type: type, row: Mapping[str, Any], story: tuple[str, dict[str, Any]] | str | None) -> str:
    """What is wrong with a row; empty where it is what the ledger says."""
    match story:
        case None:
            return "no entry made it"
        case str(hole):
            return hole
        case (act, _) if act != row["act_id"]:
            return "it carries another act than the last that changed it"
        case (_, told):
            wrong = ", ".join(sorted(_differing(row_type, row, told)))
            return f"differs from the ledger in {wrong}" if wrong else ""


def _differing(row_type: type, row: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    """Columns that differ. Nothing is erased yet: a sealed value that is gone, or whose salt is, was taken by no act."""
    of_json = raw.of_json(row_type.__table__)  # type: ignore[attr-defined]
    for name, value in row.items():
        if name in ("id", "act_id", "salt"):
            continue
        if name in row_type.sealed:  # type: ignore[attr-defined]
            if seal(_Salted(row["salt"]), value) != told.get(name):
                yield name
        elif not raw.same(value, told.get(name), name in of_json):
            yield name


@dataclass(frozen=True, slots=True)
class _Salted:
    salt: str | None


def _compare_mentions(connection: Connection, scratch: sqlite3.Connection, report: Report) -> None:
    there = 0
    for row in raw.rows(connection, MENTION):
        report.rows += 1
        told = (row["about_id"], row["act_id"])
        if scratch.execute("SELECT 1 FROM about WHERE id = ? AND act = ?", told).fetchone():
            there += 1
        else:
            report.problems.append(f"mention of {row['about_id']} by {row['act_id']}: its entry does not say so")
    (told_of,) = scratch.execute("SELECT count(*) FROM about").fetchone()
    if told_of > there:
        left = {tuple(row) for row in connection.execute(select(MENTION.c.about_id, MENTION.c.act_id))}
        gone = [row for row in scratch.execute("SELECT id, act FROM about") if row not in left]
        report.problems += [
            f"mention of {one} by {act}: it is in the ledger and no longer in its table" for one, act in gone
        ]

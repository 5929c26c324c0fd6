"""Proof by replay: the tree is recomputed, every entry is replayed, and every row that differs is named (RELIABILITY.md 2.3).

Memory does not grow with the ledger: what the entries say of each row lies in a scratch database on disk.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from traceability.domain.merkle import Tree, leaf_hash
from traceability.domain.plain import plain
from traceability.store import guards
from traceability.store.ledger import ENTRY
from traceability.store.tables import GUARDED, Mention
from traceability.store.tables.ledger import open_acts
from traceability.store.tx import seal

Progress = Callable[[int], None]


@dataclass(slots=True)
class Report:
    """`problems` is empty where the record is what its ledger says. `roots`: size and Merkle root of each ledger."""

    entries: int = 0
    rows: int = 0
    roots: dict[str, tuple[int, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def plain(self) -> dict[str, Any]:
        return {
            "ok": self.ok, "entries": self.entries, "rows": self.rows, "problems": self.problems,
            "ledgers": {name: {"size": size, "root": root} for name, (size, root) in self.roots.items()},
        }  # fmt: skip


def verify(connection: Connection, progress: Progress = lambda _: None) -> Report:
    report = Report()
    report.problems += [f"guard {name} is missing or changed" for name in guards.missing(connection)]
    left = connection.execute(select(open_acts.c.id)).scalars()
    report.problems += [f"act {act_id} is open and was never entered" for act_id in left]
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
        for name in GUARDED:
            _compare(connection, scratch, name, report)
        _compare_mentions(connection, scratch, report)
        scratch.close()
    return report


def _replay(connection: Connection, scratch: sqlite3.Connection, report: Report, progress: Progress) -> None:
    """Every ledger in the order of its numbers; in which order they changed a row, the row's own acts say."""
    trees: dict[str, Tree] = {}
    query = select(ENTRY).order_by(ENTRY.c.ledger, ENTRY.c.number)
    for row in connection.execution_options(yield_per=5_000).execute(query):
        report.entries += 1
        tree = trees.setdefault(row.ledger, Tree())
        where = f"entry {row.ledger}/{row.number}"
        if row.number != tree.size + 1:
            report.problems.append(f"{where}: the number before it is missing")
        leaf = leaf_hash(row.body.encode())
        if leaf != bytes(row.leaf):
            report.problems.append(f"{where}: its content does not match its hash")
        tree.append(leaf)
        body = json.loads(row.body)
        for name in ("act", "act_id", "person_id", "noun_id"):
            if body.get(name) != getattr(row, name):
                report.problems.append(f"{where}: {name} differs from its content")
        if plain(row.recorded_at) != body["recorded_at"] or plain(row.occurred_at) != body["occurred_at"]:
            report.problems.append(f"{where}: its times differ from its content")
        if (body.get("refusal") or {}).get("code") != row.refused:
            report.problems.append(f"{where}: its outcome differs from its content")
        for change in body.get("changes", ()):
            _apply(scratch, change, row.act_id, where, report)
        scratch.executemany(
            "INSERT OR IGNORE INTO about VALUES (?, ?)", [(one, row.act_id) for one in body.get("about", ())]
        )
        if report.entries % 5_000 == 0:
            progress(report.entries)
    report.roots = {name: (tree.size, tree.root().hex()) for name, tree in trees.items()}


def _apply(scratch: sqlite3.Connection, change: dict[str, Any], act_id: str, where: str, report: Report) -> None:
    """Set down one change under the act that it followed: two that followed the same one are a fork."""
    tab, row_id, after = change["table"], change["id"], change.get("after", "")
    body = change.get("new") or change["set"]
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
    for row in connection.execution_options(yield_per=5_000).execute(select(table)).mappings():
        seen += 1
        story = _history(scratch, name, row["id"])
        known += story is not None
        match story:
            case None:
                report.problems.append(f"{name} {row['id']}: no entry made it")
            case str(hole):
                report.problems.append(f"{name} {row['id']}: {hole}")
            case (act, _) if act != row["act_id"]:
                report.problems.append(f"{name} {row['id']}: it carries another act than the last that changed it")
            case (_, told):
                if wrong := sorted(_differing(row_type, row, told)):
                    report.problems.append(f"{name} {row['id']}: differs from the ledger in {', '.join(wrong)}")
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


def _differing(row_type: type, row: Any, told: dict[str, Any]) -> Iterator[str]:
    """Columns that differ. A sealed one that was erased cannot be compared, and is not held against the row."""
    for name, value in row.items():
        if name in ("id", "act_id", "salt"):
            continue
        if name in row_type.sealed:  # type: ignore[attr-defined]
            if row["salt"] is not None and seal(_Salted(row["salt"]), value) != told.get(name):
                yield name
        elif plain(value) != told.get(name):
            yield name


@dataclass(frozen=True, slots=True)
class _Salted:
    salt: str


def _compare_mentions(connection: Connection, scratch: sqlite3.Connection, report: Report) -> None:
    there = 0
    for row in connection.execution_options(yield_per=5_000).execute(select(Mention.__table__)):  # type: ignore[attr-defined]
        report.rows += 1
        if scratch.execute("SELECT 1 FROM about WHERE id = ? AND act = ?", (row.about_id, row.act_id)).fetchone():
            there += 1
        else:
            report.problems.append(f"mention of {row.about_id} by {row.act_id}: its entry does not say so")
    (told,) = scratch.execute("SELECT count(*) FROM about").fetchone()
    if told > there:
        left = {tuple(row) for row in connection.execute(select(Mention.about_id, Mention.act_id))}  # type: ignore[call-overload]
        gone = [row for row in scratch.execute("SELECT id, act FROM about") if row not in left]
        report.problems += [
            f"mention of {one} by {act}: it is in the ledger and no longer in its table" for one, act in gone
        ]

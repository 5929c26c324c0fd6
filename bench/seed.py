"""Bulk: copies of a story that went through the door, written with the guards off. On scratch data of the bench alone.

With `entries`, each copy has its entries too, and `flask verify` accepts it. Without, it is enough for reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from bench.worlds import World
from traceability.domain.merkle import leaf_hash
from traceability.domain.plain import moment
from traceability.store import guards
from traceability.store.tables import GUARDED, metadata

TAG = "{:08d}"
"""What tells one copy from another: the first eight characters of every id, and the head of every word below."""

WORDS = {
    ("lot", "number"), ("vial", "serial"), ("sensor", "serial"), ("consignment", "number"), ("consignment", "sscc"), ("place", "code"),
    ("release", "number"), ("sensor_file", "sha256"), ("subject", "pseudonym"), ("excursion", "number"),
    ("hold", "number"), ("cases", "number"),
}  # fmt: skip
"""What may stand once in the record besides ids."""

OF_LOT = ("lot", "consignee", "lot_ancestor", "certification", "expiry_statement", "result", "attachment")
"""Rows of the lot itself: so many copies of a story can share one lot."""
READ = (
    *OF_LOT, "place", "consignment", "consignment_line", "sensor_file", "sensor", "calibration", "assignment", "watch",
    "release", "vial", "label_print", "stay", "thaw", "released_vial", "subject", "course", "dose", "administration",
    "administration_vial", "score", "adverse_event",
)  # fmt: skip
"""What scan and trace look at; the rest of a story is left out where only they are asked."""

OF_ENTRIES = ("result", "watch")
"""A verdict asks when these came on record, so their entries are there even where the others are left out."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
COPY, LOT, MOMENTS = 0, 1, 2
"""What stands where in the words of a copy: its own tag, that of its lot, then every time of the story."""
Words = Sequence[str]
Cut = Callable[[Words], str]
"""A value that differs from copy to copy, ready to be put together."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a story in one table, each with what differs from copy to copy."""

    name: str
    columns: list[str]
    rows: list[tuple[list[Any], list[tuple[int, Cut]]]]

    def copies(self, words: Iterable[Words]) -> Iterator[list[Any]]:
        for told in words:
            for row, cuts in self.rows:
                made = row.copy()
                for at, cut in cuts:
                    made[at] = cut(told)
                yield made


@dataclass(frozen=True, slots=True)
class Story:
    tables: list[Table]
    entries: Table
    """In the order of their numbers."""
    words: dict[str, str]
    """Serials and the like → what follows the tag in a copy of them."""
    moments: list[datetime]
    lasts: timedelta
    """From its first entry to its last, and a minute: the next copy begins then."""

    def told(self, copy: int, lot: int, hours: timedelta = timedelta()) -> Words:
        """The words of one copy, its times so much later."""
        return [TAG.format(copy), TAG.format(lot), *[moment(one + hours) for one in self.moments]]


def story(world: World, acts: set[str]) -> Story:
    """Read back what these acts wrote."""
    with world.as_owner() as connection:
        found = {
            name: [row for row in _all(connection, name) if row["act_id"] in acts] for name in (*GUARDED, "mention")
        }
        entries = [row for row in _all(connection, "entry") if row["act_id"] in acts]
    entries.sort(key=lambda entry: (entry["ledger"], entry["number"]))
    ids = acts | {row["id"] for name, rows in found.items() if name != "mention" for row in rows}
    words = {}
    longest = {(table, column): metadata.tables[table].c[column].type.length or 20 for table, column in WORDS}
    for table, column in sorted(WORDS, key=lambda one: -longest[one]):  # a word of two columns has to fit the narrower
        rest = 8 - longest[table, column]
        words |= {row[column]: row[column][rest:] for row in found[table]}
    of_lot = {row["id"] for name in OF_LOT for row in found[name]} | {row["number"] for row in found["lot"]}
    known = {one: (LOT if one in of_lot else COPY, one[8:]) for one in ids}
    known |= {word: (LOT if word in of_lot else COPY, tail) for word, tail in words.items()}
    there: dict[str, int] = {}
    tables = [_table(name, rows, known, there) for name, rows in found.items() if rows]
    told = _table("entry", entries, known, there)
    moments = [datetime.fromisoformat(one) for one in there]
    recorded = [datetime.fromisoformat(entry["recorded_at"]) for entry in entries]
    return Story(tables, told, words, moments, max(recorded) - min(recorded) + timedelta(minutes=1))


def fill(world: World, told: Story, copies: int, *, entries: bool, sharing: int = 1) -> None:
    """Write so many copies, `sharing` of them a lot. The guards are off while it lasts.

    With their entries, each copy happens after the one before, and the clock stands where the last one ended.
    """
    each = range(1, copies + 1)
    with world.as_owner() as connection:
        driver = connection.connection.driver_connection
        put = _sqlite(driver) if world.cluster is None else _postgresql(driver)
        guards.remove(connection)
        last = dict(connection.exec_driver_sql("SELECT ledger, max(number) FROM entry GROUP BY ledger").all())
        if entries:
            for table in told.tables:
                put(table, table.copies(told.told(n, n, n * told.lasts) for n in each))
            put(told.entries, _numbered(last, told.entries, (told.told(n, n, n * told.lasts) for n in each)))
            world.clinic.clock.now += copies * told.lasts
        else:
            for table in told.tables:
                if table.name in OF_LOT:
                    put(table, table.copies(told.told(n, n) for n in each[::sharing]))
                elif table.name in READ:
                    put(table, table.copies(told.told(n, n - (n - 1) % sharing) for n in each))
            for name in OF_ENTRIES:
                some, step = _entries_of(told, name), sharing if name in OF_LOT else 1
                put(some, _numbered(last, some, (told.told(n, n) for n in each[::step])))
        if world.cluster is not None:
            driver.execute("SET session_replication_role = origin")
        guards.install(connection, None if world.cluster is None else "app")
    if world.cluster is not None:
        with world.cluster.connect(world.database) as connection:
            connection.execute("ANALYZE")


def _numbered(last: dict[str, int], entries: Table, words: Iterable[Words]) -> Iterator[list[Any]]:
    """Entries with dense numbers and true leaves. Signatures in them stay those of the story; no replay asks for them."""
    ledger, number, body, leaf = (entries.columns.index(one) for one in ("ledger", "number", "body", "leaf"))
    for made in entries.copies(words):
        made[number] = last[made[ledger]] = last[made[ledger]] + 1
        made[leaf] = leaf_hash(made[body].encode())
        yield made


def _entries_of(told: Story, name: str) -> Table:
    """The entries of the acts that wrote rows of this table."""
    table = next(one for one in told.tables if one.name == name)
    acts = {row[table.columns.index("act_id")] for row, _ in table.rows}
    at = told.entries.columns.index("act_id")
    return replace(told.entries, rows=[one for one in told.entries.rows if one[0][at] in acts])


def _table(name: str, rows: list[dict[str, Any]], known: Known, there: dict[str, int]) -> Table:
    made = []
    for row in rows:
        values = list(row.values())
        cuts = [(at, cut) for at, value in enumerate(values) if (cut := _cut(value, known, there))]
        made.append((values, cuts))
    return Table(name, list(rows[0]), made)


Known = dict[str, tuple[int, str]]
"""An id or a word → which tag stands before it, and what follows the tag."""


def _cut(value: Any, known: Known, there: dict[str, int]) -> Cut | None:
    """Cut a value at an id, at a word that is the whole of it, at a time, and at all of them within JSON."""
    if not isinstance(value, str):
        return None
    if value[:1] not in ("{", "["):
        found = _slot(value, known, there)
        return _joined([found[0]], ["", found[1]]) if found else None
    slots, parts, end = [], [""], 0
    for one in re.finditer(r'"((?:[^"\\]|\\.)*)"', value):
        if found := _slot(one[1], known, there):
            slots.append(found[0])
            parts[-1] += value[end : one.start(1)]
            parts.append(found[1])
            end = one.end(1)
    parts[-1] += value[end:]
    return _joined(slots, parts) if slots else None


def _slot(word: str, known: Known, there: dict[str, int]) -> tuple[int, str] | None:
    """Which word of a copy stands here, and what follows it."""
    if MOMENT.fullmatch(word):
        return MOMENTS + there.setdefault(word, len(there)), ""
    return known.get(word)


def _joined(slots: list[int], parts: list[str]) -> Cut:
    if len(slots) == 1:
        (slot,), (before, after) = slots, parts
        return lambda words: f"{before}{words[slot]}{after}"
    take = itemgetter(*slots)
    blank = [part for one in parts for part in (one, "")][:-1]

    def made(words: Words) -> str:
        filled = blank.copy()
        filled[1::2] = take(words)
        return "".join(filled)

    return made


def _all(connection: Connection, table: str) -> Iterator[dict[str, Any]]:
    """Its rows, times as the ledger writes them on either engine."""
    for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings():
        yield {name: moment(value) if isinstance(value, datetime) else value for name, value in row.items()}


Put = Callable[[Table, Iterator[list[Any]]], None]


def _sqlite(driver: Any) -> Put:
    driver.execute("PRAGMA cache_size=-400000")

    def put(table: Table, rows: Iterator[list[Any]]) -> None:
        names = ", ".join(f'"{column}"' for column in table.columns)
        driver.executemany(f'INSERT INTO "{table.name}"({names}) VALUES ({", ".join("?" * len(table.columns))})', rows)

    return put


def _postgresql(driver: Any) -> Put:
    driver.execute("SET session_replication_role = replica")

    def put(table: Table, rows: Iterator[list[Any]]) -> None:
        names = ", ".join(f'"{column}"' for column in table.columns)
        with driver.cursor().copy(f'COPY trace."{table.name}"({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    return put


def serials(told: Story, state: str) -> list[str]:
    """The serials of the story's vials in this state: what follows the tag."""
    vials = next(table for table in told.tables if table.name == "vial")
    at, of = vials.columns.index("state"), vials.columns.index("serial")
    return [told.words[row[of]] for row, _ in vials.rows if row[at] == state]


def ids(told: Story, table: str) -> list[str]:
    """The ids of a table of the story: what follows the tag."""
    found = next(one for one in told.tables if one.name == table)
    at = found.columns.index("id")
    return [row[at][len(TAG.format(0)) :] for row, _ in found.rows]


def filled(told: Story, vials: int) -> Story:
    """The same story in which its lot was filled with so many vials, where copies share one."""
    tables = []
    for table in told.tables:
        if table.name == "lot":
            at = table.columns.index("filled")
            rows = [([*row[:at], vials, *row[at + 1 :]], cuts) for row, cuts in table.rows]
            table = replace(table, rows=rows)
        tables.append(table)
    return replace(told, tables=tables)

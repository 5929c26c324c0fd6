"""Bulk: copies of a story that went through the door, written with the guards off. On scratch data of the bench alone.

With `entries`, each copy has its entries too, and `flask verify` accepts it. Without, it is enough for reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from bench.worlds import World
from traceability.domain.merkle import leaf_hash
from traceability.store import guards
from traceability.store.tables import GUARDED, metadata

TAG = "{:08d}"
"""What tells one copy from another: the first eight characters of every id, and the head of every word below."""
MARK = "\x00"

WORDS = {
    ("lot", "number"), ("vial", "serial"), ("consignment", "number"), ("consignment", "sscc"), ("place", "code"),
    ("release", "number"), ("sensor_file", "sha256"), ("subject", "pseudonym"), ("excursion", "number"),
    ("hold", "number"), ("cases", "number"),
}  # fmt: skip
"""What may stand once in the record besides ids."""

OF_LOT = ("lot", "consignee", "lot_ancestor", "certification", "expiry_statement", "result", "attachment")
"""Rows of the lot itself: so many copies of a story can share one lot."""
READ = (
    *OF_LOT, "place", "consignment", "consignment_line", "sensor_file", "release", "vial", "label_print", "stay", "thaw",
    "released_vial", "subject", "course", "dose", "administration", "administration_vial", "score", "adverse_event",
)  # fmt: skip
"""What scan and trace look at; the rest of a story is left out where only they are asked."""

Cell = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a story in one table: each with the cells that differ from copy to copy, cut where the tag stands."""

    name: str
    columns: list[str]
    rows: list[tuple[list[Any], list[Cell]]]

    def copies(self, tags: Iterable[str]) -> Iterator[list[Any]]:
        for tag in tags:
            for row, cells in self.rows:
                made = row.copy()
                for at, parts in cells:
                    made[at] = tag.join(parts)
                yield made


@dataclass(frozen=True, slots=True)
class Story:
    tables: list[Table]
    entries: list[tuple[dict[str, Any], list[str], list[tuple[str, list[str]]]]]
    """The columns of an entry, its body cut at the tags, and the columns cut likewise; in the order of their numbers."""
    words: dict[str, list[str]]
    """Serials and the like, as they were → as they are cut."""


def story(world: World, acts: set[str]) -> Story:
    """Read back what these acts wrote."""
    with world.as_owner() as connection:
        found = {
            name: [dict(row) for row in _all(connection, name) if row["act_id"] in acts]
            for name in (*GUARDED, "mention")
        }
        entries = [dict(row) for row in _all(connection, "entry") if row["act_id"] in acts]
    ids = acts | {row["id"] for name, rows in found.items() if name != "mention" for row in rows}
    words = {}
    longest = {(table, column): metadata.tables[table].c[column].type.length or 20 for table, column in WORDS}
    for table, column in sorted(WORDS, key=lambda one: -longest[one]):  # a word of two columns has to fit the narrower
        rest = 8 - longest[table, column]
        words |= {row[column]: ["", row[column][rest:]] for row in found[table]}
    cut = _cutter(ids, words)
    tables = [_table(name, rows, cut) for name, rows in found.items() if rows]
    made = []
    for entry in sorted(entries, key=lambda entry: (entry["ledger"], entry["number"])):
        cells = [(name, parts) for name, value in entry.items() if name != "body" and len(parts := cut(value)) > 1]
        made.append((entry, cut(entry["body"]), cells))
    return Story(tables, made, words)


def fill(world: World, told: Story, copies: int, *, entries: bool, sharing: int = 1, first: int = 1) -> None:
    """Write so many copies, `sharing` of them a lot. The guards are off while it lasts."""
    tags = [TAG.format(n) for n in range(first, first + copies)]
    with world.as_owner() as connection:
        driver = connection.connection.driver_connection
        put = _sqlite(driver) if world.cluster is None else _postgresql(driver)
        guards.remove(connection)
        for table in told.tables:
            if entries:
                put(table.name, table.columns, table.copies(tags))
            elif table.name in OF_LOT:
                lots = [TAG.format(n) for n in range(first, first + copies, sharing)]
                put(table.name, table.columns, table.copies(lots))
            elif table.name in READ:
                put(table.name, table.columns, _shared(table, told, first, copies, sharing))
        if entries:
            last = dict(connection.exec_driver_sql("SELECT ledger, max(number) FROM entry GROUP BY ledger").all())
            put("entry", list(told.entries[0][0]), _entries(last, told, tags))
        if world.cluster is not None:
            driver.execute("SET session_replication_role = origin")
        guards.install(connection, None if world.cluster is None else "app")
    if world.cluster is not None:
        with world.cluster.connect(world.database) as connection:
            connection.execute("ANALYZE")


def _shared(table: Table, told: Story, first: int, copies: int, sharing: int) -> Iterator[list[Any]]:
    """Rows below a lot that several copies share: what names a row of the lot carries the lot's tag."""
    of_lot = {
        parts[1]
        for one in told.tables
        if one.name in OF_LOT
        for _, cells in one.rows
        for at, parts in cells
        if one.columns[at] == "id"
    }
    rows = []
    for row, cells in table.rows:
        mine = [(at, parts) for at, parts in cells if parts[1] not in of_lot]
        theirs = [(at, parts) for at, parts in cells if parts[1] in of_lot]
        rows.append((row, mine, theirs))
    for n in range(first, first + copies):
        tag, lot = TAG.format(n), TAG.format(n - (n - first) % sharing)
        for row, mine, theirs in rows:
            made = row.copy()
            for at, parts in mine:
                made[at] = tag.join(parts)
            for at, parts in theirs:
                made[at] = lot.join(parts)
            yield made


def _entries(last: dict[str, int], told: Story, tags: list[str]) -> Iterator[list[Any]]:
    """Entries with dense numbers and true leaves. Signatures in them stay those of the story; no replay asks for them."""
    for tag in tags:
        for entry, body, cells in told.entries:
            last[entry["ledger"]] += 1
            text = tag.join(body)
            changed = {name: tag.join(parts) for name, parts in cells}
            made = entry | changed | {"number": last[entry["ledger"]], "body": text, "leaf": leaf_hash(text.encode())}
            yield list(made.values())


def _cutter(ids: set[str], words: dict[str, list[str]]) -> Callable[[Any], list[str]]:
    """Cuts a value where a tag goes: at an id, at a word that is the whole of it, at both of them within JSON."""
    known = {one: MARK + one[8:] for one in ids} | {word: MARK + parts[1] for word, parts in words.items()}
    pattern = re.compile(r'"((?:[^"\\]|\\.)*)"')

    def mark(found: re.Match[str]) -> str:
        return f'"{known.get(found[1], found[1])}"'

    def cut(value: Any) -> list[str]:
        if not isinstance(value, str):
            return [value]
        if value[:1] in ("{", "["):
            return pattern.sub(mark, value).split(MARK)
        return known.get(value, value).split(MARK)

    return cut


def _table(name: str, rows: list[dict[str, Any]], cut: Callable[[Any], list[str]]) -> Table:
    columns = list(rows[0])
    made = []
    for row in rows:
        values = list(row.values())
        cells = [(at, parts) for at, value in enumerate(values) if len(parts := cut(value)) > 1]
        made.append((values, cells))
    return Table(name, columns, made)


def _all(connection: Connection, table: str) -> Any:
    return connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings()


Put = Callable[[str, list[str], Iterator[list[Any]]], None]


def _sqlite(driver: Any) -> Put:
    driver.execute("PRAGMA cache_size=-400000")

    def put(table: str, columns: list[str], rows: Iterator[list[Any]]) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        driver.executemany(f'INSERT INTO "{table}"({names}) VALUES ({", ".join("?" * len(columns))})', rows)

    return put


def _postgresql(driver: Any) -> Put:
    driver.execute("SET session_replication_role = replica")

    def put(table: str, columns: list[str], rows: Iterator[list[Any]]) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        with driver.cursor().copy(f'COPY trace."{table}"({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    return put


def serials(told: Story, state: str) -> list[list[str]]:
    """The serials of the story's vials in this state, cut."""
    vials = next(table for table in told.tables if table.name == "vial")
    at, of = vials.columns.index("state"), vials.columns.index("serial")
    return [dict(cells)[of] for row, cells in vials.rows if row[at] == state]


def ids(told: Story, table: str, column: str = "id") -> list[list[str]]:
    """The ids in one column of the story, cut: `tag.join` makes those of a copy."""
    found = next(one for one in told.tables if one.name == table)
    at = found.columns.index(column)
    return [dict(cells)[at] for _, cells in found.rows if at in dict(cells)]


def filled(told: Story, vials: int) -> Story:
    """The same story in which its lot was filled with so many vials, where copies share one."""
    tables = []
    for table in told.tables:
        if table.name == "lot":
            at = table.columns.index("filled")
            rows = [([*row[:at], vials, *row[at + 1 :]], cells) for row, cells in table.rows]
            table = replace(table, rows=rows)
        tables.append(table)
    return replace(told, tables=tables)

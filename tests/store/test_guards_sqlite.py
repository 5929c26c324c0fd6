"""Attacks that only SQLite knows: REPLACE in all its forms, settings switched off, tables of the same name."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import insert, select, update

from tests.clinic import Clinic
from tests.store import bare
from traceability import problems
from traceability.domain.errors import Refused
from traceability.store import guards
from traceability.store.guards import guarded
from traceability.store.tables import metadata
from traceability.store.verify import verify

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"])

REPLACEABLE = [
    (table.name, columns)
    for table in guarded()
    for columns, _ in guards._uniques(table)
    if columns != [column.name for column in table.primary_key.columns]
]
"""Every table with every list of columns, other than its key, that may not repeat."""


def refused(connection: sqlite3.Connection, why: str, statement: str, values: tuple = ()) -> None:
    with pytest.raises(sqlite3.Error, match=why):
        connection.execute(statement, values)


@sqlite_only
def test_the_house_settings_are_off_in_this_file(clinic: Clinic) -> None:
    with bare.bare(clinic.store) as connection:
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (0,)
        assert connection.execute("PRAGMA recursive_triggers").fetchone() == (0,)


@sqlite_only
def test_no_row_is_replaced_by_its_key_nor_by_anything_else_that_is_unique(clinic: Clinic) -> None:
    """In an open act, where a plain insert and a plain update pass: INSERT OR REPLACE, REPLACE INTO, UPDATE OR REPLACE."""
    bare.loosen(clinic.store)
    engine, act = bare.engine(clinic.store, loose=True), bare.new_act()
    with engine.begin() as connection:
        bare.opened(connection, act)
        first = {table.name: bare.furnish(connection, table, 1, act) for table in guarded()}
        second = {table.name: bare.furnish(connection, table, 2, act) for table in guarded()}

        def replaced(statement: object) -> None:
            with pytest.raises(Exception, match="would replace a row"), connection.begin_nested():
                connection.execute(statement)  # type: ignore[call-overload]

        for table in guarded():
            keys = [column.name for column in table.primary_key.columns]
            same_key = bare.made_up(table, 3, act) | {key: first[table.name][key] for key in keys}
            replaced(insert(table).prefix_with("OR REPLACE").values(same_key))
        for name, columns in REPLACEABLE:
            table = metadata.tables[name]
            twin = {column: first[name][column] for column in columns}
            replaced(insert(table).prefix_with("OR REPLACE").values(bare.made_up(table, 3, act) | twin))
            mine = update(table).where(table.c.id == second[name]["id"])
            replaced(mine.prefix_with("OR REPLACE").values({**twin, "act_id": act}))
        for table in guarded():
            there = [dict(row) for row in connection.execute(select(table).where(table.c.act_id == act)).mappings()]
            assert len(there) == 2, table.name
        bare.closed(connection, act)
    engine.dispose()


def test_the_table_of_what_may_not_repeat_is_not_empty() -> None:
    assert {name for name, _ in REPLACEABLE} >= {
        "vial",
        "stay",
        "lot",
        "person",
        "label_print",
        "consignment_line",
        "hold",
    }


@sqlite_only
def test_an_entry_is_not_replaced_by_its_number_its_act_or_its_rowid(clinic: Clinic) -> None:
    with bare.bare(clinic.store) as connection:
        row = dict(
            zip(
                [c.name for c in metadata.tables["entry"].columns],
                connection.execute("SELECT * FROM entry LIMIT 1").fetchone(),
                strict=True,
            )
        )
        rowid = connection.execute("SELECT rowid FROM entry LIMIT 1").fetchone()[0]
        act = bare.new_act()
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO open(id) VALUES (?)", (act,))
        marks = ", ".join("?" for _ in row)

        def put(verb: str, **changed: object) -> tuple[str, tuple]:
            told = row | changed
            return f"{verb} INTO entry({', '.join(told)}) VALUES ({marks})", tuple(told.values())

        for verb in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"):
            refused(connection, "number is not the next", *put(verb, act_id=act))
            refused(connection, "act is not open", *put(verb))
            refused(connection, "act is not open", *put(verb, number=10_000))
        following = connection.execute(
            "SELECT max(number) + 1 FROM entry WHERE ledger = ?", (row["ledger"],)
        ).fetchone()[0]
        columns, values = ", ".join(row), tuple((row | {"act_id": act, "number": following}).values())
        refused(
            connection,
            "rowid is taken",
            f"INSERT OR REPLACE INTO entry(rowid, {columns}) VALUES (?, {marks})",
            (rowid, *values),
        )
        refused(connection, "number is not the next", *put("INSERT", act_id=act, number=following + 1))
        connection.execute("ROLLBACK")


@sqlite_only
def test_an_upsert_is_refused(clinic: Clinic) -> None:
    bare.loosen(clinic.store)
    engine, act = bare.engine(clinic.store, loose=True), bare.new_act()
    table = metadata.tables["organisation"]
    with engine.begin() as connection:
        bare.opened(connection, act)
        row = bare.furnish(connection, table, 1, act)
        with pytest.raises(Exception, match="would replace a row"), connection.begin_nested():
            connection.exec_driver_sql(
                "INSERT INTO organisation(id, act_id, demonstration, name, kind) VALUES (?, ?, 0, 'x', 'maker')"
                " ON CONFLICT(id) DO UPDATE SET name = 'mine'",
                (row["id"], act),
            )
        bare.closed(connection, act)
    engine.dispose()


@sqlite_only
def test_a_table_of_the_same_name_in_ones_own_session_opens_nothing(clinic: Clinic) -> None:
    with bare.bare(clinic.store) as connection:
        act = bare.new_act()
        connection.execute("CREATE TEMP TABLE open(id TEXT)")
        connection.execute("CREATE TEMP TABLE entry(act_id TEXT)")
        connection.execute("INSERT INTO open VALUES (?)", (act,))
        refused(connection, "act is not open", "UPDATE site SET name = 'mine', act_id = ?", (act,))
        assert connection.execute("SELECT count(*) FROM main.open").fetchone() == (0,)


def forged(connection: sqlite3.Connection, clinic: Clinic, act: str) -> None:
    """What anybody who has the file can try: an act of their own, a row under it, and no entry."""
    connection.execute("BEGIN")
    connection.execute("INSERT INTO open(id) VALUES (?)", (act,))
    connection.execute("UPDATE site SET name = 'mine', act_id = ? WHERE id = ?", (act, clinic.ids["site"]))
    connection.execute("COMMIT")


@sqlite_only
@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ((), "foreign keys are off"),
        (("CREATE TEMP TABLE pragma_foreign_keys AS SELECT 1 AS foreign_keys",), "foreign keys are off"),
        (("PRAGMA trusted_schema=OFF",), "unsafe use of virtual table"),
        (("PRAGMA ignore_check_constraints=ON", "PRAGMA recursive_triggers=OFF"), "foreign keys are off"),
        (("PRAGMA foreign_keys=ON",), "FOREIGN KEY"),
        (("PRAGMA foreign_keys=ON", "PRAGMA trusted_schema=OFF"), "unsafe use of virtual table"),
    ],
)
def test_whoever_opens_the_file_without_foreign_keys_opens_no_act(
    clinic: Clinic, settings: tuple[str, ...], why: str
) -> None:
    """Without them the commit asks for no entry, and every driver has them off: so no act opens without them."""
    with bare.bare(clinic.store) as connection:
        for setting in settings:
            connection.execute(setting)
        with pytest.raises(sqlite3.Error, match=why):
            forged(connection, clinic, bare.new_act())
    clinic.lot()
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []


@sqlite_only
def test_foreign_keys_cannot_be_switched_off_once_an_act_is_open(clinic: Clinic) -> None:
    with bare.bare(clinic.store) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO open(id) VALUES (?)", (bare.new_act(),))
        connection.execute("PRAGMA foreign_keys=OFF")
        refused(connection, "FOREIGN KEY", "COMMIT")


@sqlite_only
def test_an_act_left_open_past_the_guards_stops_every_other_with_a_sentence_and_is_named(clinic: Clinic) -> None:
    """Whoever takes guards off and puts them back: nothing more is written until somebody has looked."""
    act = bare.new_act()
    with bare.unguarded(clinic.store) as connection:
        connection.exec_driver_sql("INSERT INTO open(id) VALUES (?)", (act,))
        connection.exec_driver_sql("UPDATE site SET name = 'mine', act_id = ? WHERE id = ?", (act, clinic.ids["site"]))
    with pytest.raises(Refused) as refusal:
        clinic.lot()
    assert refusal.value.code == "act_left_open"
    assert problems.problem(refusal.value)["status"] == 503
    with clinic.store.engines.reader.connect() as connection:
        found = verify(connection).problems
    with pytest.raises(RuntimeError, match=act):
        clinic.store.standing()
    with pytest.raises(Refused, match="act_left_open"):
        clinic.store.answering()
    assert f"act {act} is open and was never entered" in found
    assert f"site {clinic.ids['site']}: it carries another act than the last that changed it" in found


@sqlite_only
def test_the_stores_own_connections_have_the_house_settings(clinic: Clinic) -> None:
    with clinic.store.engines.writer.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("foreign_keys", "recursive_triggers", "synchronous", "journal_mode")
        }
    assert told == {"foreign_keys": 1, "recursive_triggers": 1, "synchronous": 2, "journal_mode": "wal"}
    with clinic.store.engines.reader.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("UPDATE site SET name = 'x'")

"""The database itself refuses whoever is no act of ours: every guarded table, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.clinic import Clinic
from tests.store import bare
from traceability.store import guards
from traceability.store.guards import guarded

TABLES = guarded()
NAMES = [table.name for table in TABLES]


def refused(connection: Connection, why: str, statement: object, values: object = None) -> None:
    """The statement fails with this reason, and the transaction goes on as it was."""
    with pytest.raises(DBAPIError, match=why), connection.begin_nested():
        connection.execute(statement, values)  # type: ignore[call-overload]


def other(table: Table) -> str:
    """A column that is no key and no stamp, if there is one."""
    keys = {column.name for column in table.primary_key.columns}
    return next((column.name for column in table.columns if column.name not in keys | {"act_id"}), "act_id")


def test_no_row_comes_changes_or_goes_without_an_open_act(clinic: Clinic) -> None:
    """Insert, update and delete on every table; with an open act the same insert and update pass, so the guard it was."""
    store, act, never = clinic.store, bare.new_act(), bare.new_act()
    bare.loosen(store)
    engine = bare.engine(store, loose=True)
    with engine.begin() as connection:
        for table in TABLES:
            refused(connection, "act is not open", insert(table), bare.made_up(table, 1, never))
        bare.opened(connection, act)
        rows = {table.name: bare.furnish(connection, table, 1, act) for table in TABLES}
        for table in TABLES:
            refused(connection, "act is not open", insert(table), bare.made_up(table, 2, never))
        bare.closed(connection, act)
    with engine.begin() as connection:
        for table in TABLES:
            row, column = rows[table.name], other(table)
            mine = table.c[next(iter(table.primary_key.columns)).name] == next(
                row[c.name] for c in table.primary_key.columns
            )
            same = update(table).where(mine)
            # a mention is nothing but its key
            why = "act is not open|refused" if column == "act_id" else "act is not open"
            refused(connection, why, same.values({column: row[column]}))
            refused(connection, why, same.values({column: row[column], "act_id": never}))
            refused(connection, "denied|deleted", delete(table).where(mine))
            assert connection.execute(select(table).where(mine)).one()
    engine.dispose()


def test_with_an_open_act_a_row_changes_but_never_its_id(clinic: Clinic) -> None:
    store, act, second = clinic.store, bare.new_act(), bare.new_act()
    bare.loosen(store)
    engine = bare.engine(store, loose=True)
    with engine.begin() as connection:
        bare.opened(connection, act)
        for table in TABLES:
            bare.furnish(connection, table, 1, act)
        bare.closed(connection, act)
    with engine.begin() as connection:
        bare.opened(connection, second)
        for table in TABLES:
            keys = [column.name for column in table.primary_key.columns]
            if "id" in keys:
                assert (
                    connection.execute(update(table).where(table.c.act_id == act).values(act_id=second)).rowcount == 1
                )
            elsewhere = {keys[0]: "f" * 32} | ({"act_id": second} if "id" in keys else {})
            refused(
                connection,
                "fixed|refused|not open",
                update(table).where(table.c.act_id.in_([act, second])).values(elsewhere),
            )
        bare.closed(connection, second)
    engine.dispose()


def test_an_act_that_is_over_stamps_nothing_more(clinic: Clinic) -> None:
    store, act = clinic.store, bare.new_act()
    bare.loosen(store)
    engine = bare.engine(store, loose=True)
    with engine.begin() as connection:
        bare.opened(connection, act)
        bare.closed(connection, act)
        refused(connection, "act is not open", insert(TABLES[0]), bare.made_up(TABLES[0], 1, act))
        refused(connection, "act is in the ledger", text("INSERT INTO open(id) VALUES (:id)"), {"id": act})
    with engine.begin() as connection:
        refused(connection, "act is in the ledger", text("INSERT INTO open(id) VALUES (:id)"), {"id": act})
    engine.dispose()


def test_one_transaction_is_in_one_act(clinic: Clinic) -> None:
    engine = bare.engine(clinic.store)
    with engine.begin() as connection:
        act = bare.opened(connection, bare.new_act())
        refused(
            connection,
            "another act is open|open_xact_key",
            text("INSERT INTO open(id) VALUES (:id)"),
            {"id": bare.new_act()},
        )
        bare.closed(connection, act)
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE entry SET body = '{}'", "UPDATE entry SET number = number + 1", "DELETE FROM entry", "DELETE FROM entry WHERE number = 1",
     "UPDATE open SET id = '" + "f" * 32 + "'", "DELETE FROM open"],
)  # fmt: skip
def test_the_ledger_only_grows_and_only_its_entry_closes_an_act(clinic: Clinic, statement: str) -> None:
    engine = bare.engine(clinic.store)
    with engine.begin() as connection:
        act = bare.opened(connection, bare.new_act())
        refused(connection, "only|denied|fixed|refused", text(statement))
        bare.closed(connection, act)
    engine.dispose()


def test_an_act_without_its_entry_is_not_committed(clinic: Clinic) -> None:
    """With the settings of the store; what a connection without them can do, `verify` names (see there)."""
    with pytest.raises(DBAPIError, match=r"FOREIGN KEY|only its entry closes"):
        with clinic.store.engines.turn(), clinic.store.engines.writer.begin() as connection:
            bare.opened(connection, bare.new_act())
    with clinic.store.engines.reader.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM open")).scalar() == 0


def test_an_act_id_is_thirty_two_hexadecimal_digits(clinic: Clinic) -> None:
    engine = bare.engine(clinic.store)
    for wrong in ("", "x" * 32, "A" * 32, "a" * 31, "a" * 33, "0" * 31 + "٣"):
        with engine.connect() as connection:
            if clinic.store.engines.sqlite:
                connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
            with pytest.raises(DBAPIError):
                bare.opened(connection, wrong)
    engine.dispose()


def test_the_guards_that_stand_are_those_that_should(clinic: Clinic) -> None:
    with clinic.store.engines.reader.connect() as connection:
        assert guards.missing(connection) == []


def test_a_guard_that_is_taken_off_or_bent_is_named(clinic: Clinic) -> None:
    store = clinic.store
    if store.engines.sqlite:
        bent = (
            ("DROP TRIGGER vial_upd", {"vial_upd"}),
            (
                "DROP TRIGGER lot_ins; CREATE TRIGGER lot_ins BEFORE INSERT ON lot WHEN 0 BEGIN SELECT 1; END",
                {"lot_ins"},
            ),
            ("CREATE TRIGGER mine AFTER INSERT ON vial BEGIN SELECT 1; END", {"mine"}),
        )
    else:
        bent = (
            ("DROP TRIGGER vial_upd ON trace.vial", {"vial.vial_upd"}),
            ("ALTER TABLE trace.lot DISABLE TRIGGER lot_ins", {"lot.lot_ins"}),
            ("ALTER TABLE trace.hold ENABLE TRIGGER hold_upd", {"hold.hold_upd"}),  # not always: a replica passes
            (
                "DROP TRIGGER site_ins ON trace.site; CREATE TRIGGER site_ins AFTER INSERT ON trace.site REFERENCING NEW TABLE AS fresh"
                " FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION trace.guard(); ALTER TABLE trace.site ENABLE ALWAYS TRIGGER site_ins",
                {"site.site_ins"},
            ),
            (
                "CREATE OR REPLACE FUNCTION trace.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
                {"refuse"},
            ),
            ("ALTER FUNCTION trace.guard() SET search_path = trace", {"guard"}),
            ("ALTER FUNCTION trace.append SECURITY INVOKER", {"append"}),
            ("GRANT INSERT ON trace.entry TO app", {"entry.rights"}),
        )
    named: set[str] = set()
    for statement, names in bent:
        with bare.bare(store, "postgres") as connection:
            connection.executescript(statement) if store.engines.sqlite else connection.execute(statement)
        named |= names
        with store.engines.reader.connect() as connection:
            assert set(guards.missing(connection)) == named, statement

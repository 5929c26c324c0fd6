"""Attacks that only PostgreSQL knows, with the application's own role and password; and two transactions at once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.clinic import Clinic
from tests.store import bare
from traceability.store.guards import guarded
from traceability.store.migrate import migrate
from traceability.store.verify import verify

pytestmark = pytest.mark.parametrize("engine", ["postgresql"])

APPEND = "SELECT trace.append(%s, %s, 'raw', NULL, %s, NULL, now(), now(), %s, '\\x00')"


def append(connection: Any, act: str, ledger: str = "e" * 32) -> None:
    connection.execute(APPEND, (ledger, act, "a" * 32, '{"act":"raw"}'))


def begin(clinic: Clinic, act: str | None = None) -> Any:
    connection = bare.connect(clinic.store)
    connection.autocommit = False
    if act:
        connection.execute("INSERT INTO trace.open(id) VALUES (%s)", (act,))
    return connection


def site(clinic: Clinic) -> str:
    return clinic.ids["site"]


def problems(clinic: Clinic) -> list[str]:
    with clinic.store.engines.reader.connect() as connection:
        return verify(connection).problems


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE trace.vial",
        "TRUNCATE trace.entry CASCADE",
        "ALTER TABLE trace.vial DISABLE TRIGGER ALL",
        "ALTER TABLE trace.vial DROP COLUMN act_id",
        "ALTER TABLE trace.vial INHERIT trace.lot",
        "DROP TABLE trace.vial",
        "DROP TRIGGER vial_ins ON trace.vial",
        "SET session_replication_role = replica",
        "SET ROLE owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION owner",
        "INSERT INTO trace.entry SELECT * FROM trace.entry",
        "UPDATE trace.entry SET body = '{}'",
        "DELETE FROM trace.entry",
        "DELETE FROM trace.open",
        "UPDATE trace.open SET id = id",
        "TRUNCATE trace.open",
        "INSERT INTO trace.open(id, xact) VALUES ('" + "f" * 32 + "', '7')",
        "CREATE TABLE trace.mine()",
        "CREATE TABLE public.mine()",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION trace.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION trace.guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE RULE mine AS ON INSERT TO trace.vial DO INSTEAD NOTHING",
        "CREATE TRIGGER mine BEFORE INSERT ON trace.vial FOR EACH ROW EXECUTE FUNCTION trace.refuse()",
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION trace.refuse()",
        "COPY trace.vial TO '/tmp/vials'",
        "DELETE FROM trace.vial",
        "SELECT trace.refuse()",
    ],
)
def test_the_applications_role_cannot(clinic: Clinic, statement: str) -> None:
    with (
        bare.bare(clinic.store) as connection,
        pytest.raises(psycopg.Error, match=r"denied|must be|refused|trigger functions|only be called|no schema"),
    ):
        connection.execute(statement)


def test_even_the_owner_and_a_superuser_meet_the_guards(clinic: Clinic) -> None:
    for role in ("owner", "postgres"):
        with bare.bare(clinic.store, role) as connection:
            for statement, why in (
                ("DELETE FROM trace.site", "DELETE on site is refused"),
                ("TRUNCATE trace.scope", "TRUNCATE on scope is refused"),
                ("UPDATE trace.entry SET body = '{}'", "UPDATE on entry is refused"),
                ("DELETE FROM trace.entry", "DELETE on entry is refused"),
                ("UPDATE trace.site SET name = 'mine'", "act is not open"),
            ):
                with pytest.raises(psycopg.Error, match=why):
                    connection.execute(statement)


def test_a_replica_session_of_a_superuser_meets_them_too(clinic: Clinic) -> None:
    with bare.bare(clinic.store, "postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.Error, match="act is not open"):
            connection.execute("UPDATE trace.site SET name = 'mine'")


def test_a_row_copied_in_or_merged_in_meets_the_guard(clinic: Clinic) -> None:
    with bare.bare(clinic.store) as connection:
        with pytest.raises(psycopg.Error, match="act is not open"), connection.cursor() as cursor:
            with cursor.copy("COPY trace.free_text(id, act_id, demonstration, kind) FROM STDIN") as copy:
                copy.write_row(("f" * 32, "f" * 32, False, "reason"))
        for statement in (
            "MERGE INTO trace.site s USING (SELECT 1) one ON true WHEN MATCHED THEN UPDATE SET name = 'mine'",
            "INSERT INTO trace.site SELECT * FROM trace.site ON CONFLICT (id) DO UPDATE SET name = 'mine'",
            "WITH changed AS (UPDATE trace.site SET name = 'mine' RETURNING id) SELECT count(*) FROM changed",
        ):
            with pytest.raises(psycopg.Error, match="act is not open"):
                connection.execute(statement)


def test_an_act_that_was_not_entered_is_not_committed_however_it_is_asked(clinic: Clinic) -> None:
    for before in ("", "SET CONSTRAINTS ALL DEFERRED"):
        connection = begin(clinic, bare.new_act())
        if before:
            connection.execute(before)
        with pytest.raises(psycopg.Error, match="only its entry closes an act"):
            connection.commit()
        connection.close()
    connection = begin(clinic, bare.new_act())
    with pytest.raises(psycopg.Error, match="only its entry closes an act"):
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    connection.close()
    assert problems(clinic) == []


def test_an_act_in_flight_is_not_borrowed_by_a_rival(clinic: Clinic) -> None:
    act = bare.new_act()
    mine, rival = begin(clinic, act), begin(clinic)
    with pytest.raises(psycopg.Error, match="act is not open"):
        rival.execute("UPDATE trace.site SET name = 'rival', act_id = %s WHERE id = %s", (act, site(clinic)))
    rival.rollback()
    with pytest.raises(psycopg.Error, match="act is not open"):
        append(rival, act)
    rival.rollback()
    mine.rollback()
    for connection in (mine, rival):
        connection.close()


def test_two_rivals_open_one_act_and_one_is_kept(clinic: Clinic) -> None:
    act = bare.new_act()
    mine, rival = begin(clinic, act), begin(clinic)
    append(mine, act)
    rival.execute("SET lock_timeout = '300ms'")
    with pytest.raises(psycopg.Error, match="lock timeout"):  # it waits for the first to end …
        rival.execute("INSERT INTO trace.open(id) VALUES (%s)", (act,))
    rival.rollback()
    mine.commit()
    with pytest.raises(psycopg.Error, match="act is in the ledger"):  # … and then it is too late
        rival.execute("INSERT INTO trace.open(id) VALUES (%s)", (act,))
    for connection in (mine, rival):
        connection.close()


def test_an_entry_is_appended_once_and_in_read_committed_only(clinic: Clinic) -> None:
    act = bare.new_act()
    connection = begin(clinic, act)
    append(connection, act)
    with pytest.raises(psycopg.Error, match="act is not open"):
        append(connection, act)
    connection.close()
    for level in (psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE):
        connection = bare.connect(clinic.store)
        connection.autocommit = False
        connection.isolation_level = level
        act = bare.new_act()
        connection.execute("INSERT INTO trace.open(id) VALUES (%s)", (act,))
        with pytest.raises(psycopg.Error, match="not read committed"):
            append(connection, act)
        connection.close()


def test_a_savepoint_takes_back_an_opened_act_with_all_it_did(clinic: Clinic) -> None:
    act = bare.new_act()
    connection = begin(clinic)
    connection.execute("SAVEPOINT here")
    connection.execute("INSERT INTO trace.open(id) VALUES (%s)", (act,))
    connection.execute("UPDATE trace.site SET act_id = %s WHERE id = %s", (act, site(clinic)))
    connection.execute("ROLLBACK TO here")
    with pytest.raises(psycopg.Error, match="act is not open"):
        connection.execute("UPDATE trace.site SET act_id = %s WHERE id = %s", (act, site(clinic)))
    connection.close()
    assert problems(clinic) == []


def test_temporary_tables_open_nothing(clinic: Clinic) -> None:
    """A database copied from a template lets everybody make them; here they are made, and help nobody."""
    act = bare.new_act()
    connection = begin(clinic)
    for name in ("open", "entry", "fresh", "site"):
        connection.execute(f"CREATE TEMP TABLE {name} (id varchar(32), act_id varchar(32))")
    connection.execute("INSERT INTO pg_temp.open VALUES (%s, %s)", (act, act))
    with pytest.raises(psycopg.Error, match="act is not open"):
        connection.execute("UPDATE trace.site SET act_id = %s", (act,))
    connection.close()


def test_where_the_owner_owns_the_database_nobody_makes_temporary_tables(clinic: Clinic, cluster: Any) -> None:
    cluster.create_database("owned_by_owner")
    try:
        with cluster.connect() as connection:
            connection.execute("ALTER DATABASE owned_by_owner OWNER TO owner")
        from traceability.store import Store

        store = Store(cluster.url("owned_by_owner", "app"), clinic.store.documents.parent)
        migrate(store, cluster.url("owned_by_owner", "owner"), cluster.url("owned_by_owner", "app"))
        with bare.bare(store) as connection, pytest.raises(psycopg.Error, match="denied"):
            connection.execute("CREATE TEMP TABLE open (id text)")
        store.close()
    finally:
        cluster.drop_database("owned_by_owner")


def test_what_is_committed_by_the_store_waits_for_the_disk(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The role may switch it off for itself; the door switches it on again in every act."""
    from sqlalchemy import text

    from traceability.store import ledger

    seen = []
    real = ledger.append

    def watched(connection: Any, *args: Any) -> int:
        seen.append(connection.execute(text("SHOW synchronous_commit")).scalar())
        return real(connection, *args)

    monkeypatch.setattr(ledger, "append", watched)
    with clinic.store.engines.writer.connect() as connection:
        connection.execute(text("SET synchronous_commit = off"))
        connection.commit()
    clinic.lot()
    assert set(seen) == {"on"}


def test_the_guards_cover_every_table(clinic: Clinic) -> None:
    with bare.bare(clinic.store) as connection:
        rows = connection.execute(
            "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgenabled = 'A' GROUP BY c.relname"
        ).fetchall()
    counted = dict(rows)
    assert {name: counted.get(name) for name in (table.name for table in guarded())} == dict.fromkeys(
        (t.name for t in guarded()), 4
    )

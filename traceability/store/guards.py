"""The database's side of the door (GUARD.md): only an open act writes, nothing is deleted, the ledger only grows.

Statements for both engines are made from the metadata, so a new table is guarded from its first migration.
`required` is asked before anything is served: an installation without its guards does not serve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Table, UniqueConstraint, select, text

from traceability.store import raw
from traceability.store.tables import BESIDE, GUARDED, Mention, metadata
from traceability.store.tables.ledger import open_acts

SCHEMA = "trace"


def guarded() -> list[Table]:
    return [metadata.tables[name] for name in (*GUARDED, str(Mention.__tablename__))]


def install(connection: Connection, app_role: str | None = None) -> None:
    """Put every guard in place; on PostgreSQL also the rights of the role the application signs in with."""
    remove(connection)
    made = _sqlite() if connection.dialect.name == "sqlite" else _postgresql()
    for _, statement in made:
        connection.exec_driver_sql(statement.replace("%", "%%") if connection.dialect.name != "sqlite" else statement)
    if app_role:
        for statement in _rights(app_role):
            connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Take the guards off for a migration, which puts them back before it commits."""
    if connection.dialect.name == "sqlite":
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'")).all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    found = text(
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema AND NOT t.tgisinternal"
    )
    for name, table in connection.execute(found, {"schema": SCHEMA}).all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON {SCHEMA}."{table}"')


def missing(connection: Connection) -> list[str]:
    """Names of guards that are not there, not as they should be, or not ours; rights that the reader should not have."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type='trigger'")).all()
        there = {str(name): str(sql) for name, sql in rows}
        asked = {name: sql for name, sql in _sqlite() if sql.startswith("CREATE TRIGGER")}
        return sorted(name for name in there.keys() | asked if there.get(name) != asked.get(name))
    found = connection.execute(_TRIGGERS, {"schema": SCHEMA}).all()
    # PostgreSQL names the function's schema only where it is not in the search path
    there = {str(name): str(definition).replace(f"FUNCTION {SCHEMA}.", "FUNCTION ") for name, definition in found}
    asked = {
        name: sql.replace('"', "").replace(f"FUNCTION {SCHEMA}.", "FUNCTION ")
        for name, sql in _postgresql()
        if sql.startswith(("CREATE TRIGGER", "CREATE CONSTRAINT"))
    }
    wrong = [name for name in there.keys() | asked if there.get(name) != asked.get(name)]
    source = {str(name): tuple(told) for name, *told in connection.execute(_FUNCTIONS, {"schema": SCHEMA}).all()}
    settled = ["search_path=pg_catalog", "enable_seqscan=off"]
    wrong += [name for name, body in FUNCTIONS.items() if source.get(name) != (body, True, settled)]
    if connection.execute(_MAY_WRITE_ENTRIES).scalar():
        wrong.append("entry.rights")
    return sorted(wrong)


def required(connection: Connection) -> None:
    """Raise RuntimeError, naming them, where guards are missing or an act was left open."""
    if not raw.columns(connection):
        raise RuntimeError("There is no record in this database yet: run flask migrate.")
    if wrong := missing(connection):
        raise RuntimeError(
            f"{len(wrong)} guards of the record are missing or changed ({', '.join(wrong[:3])}): run flask verify to see"
            " what was written past them, and flask migrate to put them back."
        )
    if left := left_open(connection):
        raise RuntimeError(f"Act {left[0]} was begun past the door and never entered: run flask verify.")


def left_open(connection: Connection) -> list[str]:
    """Acts that were begun past the door and committed without their entry: on SQLite no other is performed after them."""
    return list(connection.execute(select(open_acts.c.id)).scalars())


_TRIGGERS = text(
    # one that is not enabled always, or calls another schema's function, has no definition here: it counts as changed
    "SELECT c.relname || '.' || t.tgname,"
    " CASE WHEN t.tgenabled = 'A' AND p.pronamespace = n.oid THEN pg_get_triggerdef(t.oid) END FROM pg_trigger t"
    " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE n.nspname = :schema AND NOT t.tgisinternal"
)
_FUNCTIONS = text(
    "SELECT p.proname, p.prosrc, p.prosecdef, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    " WHERE n.nspname = :schema"
)
_MAY_WRITE_ENTRIES = text("SELECT has_table_privilege('trace.entry', 'INSERT, UPDATE, DELETE, TRUNCATE')")


def _uniques(table: Table) -> list[tuple[list[str], str]]:
    """Column lists that may not repeat, each with the condition under which (partial indexes)."""
    sets = [([column.name for column in table.primary_key.columns], "")]
    sets += [([c.name for c in rule.columns], "") for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        if index.unique:
            where = index.dialect_options["sqlite"]["where"]
            sets.append(([c.name for c in index.columns], "" if where is None else str(where)))
    return sorted(sets)


def _sqlite() -> Iterator[tuple[str, str]]:
    yield (
        "open",
        "CREATE TABLE IF NOT EXISTS open(id TEXT NOT NULL PRIMARY KEY CHECK(length(id)=32 AND id NOT GLOB '*[^0-9a-f]*')"
        " REFERENCES entry(act_id) DEFERRABLE INITIALLY DEFERRED) STRICT, WITHOUT ROWID",
    )

    def trigger(name: str, event: str, table: str, body: str) -> tuple[str, str]:
        return name, f'CREATE TRIGGER {name} {event} ON "{table}" BEGIN {body} END'

    def refuse(name: str, event: str, table: str, why: str) -> tuple[str, str]:
        return trigger(name, event, table, f"SELECT RAISE(ABORT,'{why}');")

    yield trigger(
        "open_ins", "BEFORE INSERT", "open",
        # without foreign keys nothing would ask for the entry at the commit, and they cannot be switched off meanwhile
        "SELECT RAISE(ABORT,'foreign keys are off') WHERE (SELECT foreign_keys FROM pragma_foreign_keys) IS NOT 1;"
        " SELECT RAISE(ABORT,'another act is open') WHERE EXISTS(SELECT 1 FROM open);"
        " SELECT RAISE(ABORT,'act is in the ledger') WHERE EXISTS(SELECT 1 FROM entry WHERE act_id=NEW.id);",
    )  # fmt: skip
    yield refuse("open_upd", "BEFORE UPDATE", "open", "an open act is fixed")
    yield (
        "open_del",
        "CREATE TRIGGER open_del BEFORE DELETE ON open WHEN NOT EXISTS(SELECT 1 FROM entry WHERE act_id=OLD.id)"
        " BEGIN SELECT RAISE(ABORT,'only its entry closes an act'); END",
    )
    yield trigger(
        "entry_ins", "BEFORE INSERT", "entry",
        "SELECT RAISE(ABORT,'act is not open') WHERE NOT EXISTS(SELECT 1 FROM open WHERE id=NEW.act_id);"
        " SELECT RAISE(ABORT,'number is not the next') WHERE NEW.number IS NOT"
        " (SELECT coalesce(max(number),0)+1 FROM entry WHERE ledger=NEW.ledger);"
        " SELECT RAISE(ABORT,'rowid is taken') WHERE EXISTS(SELECT 1 FROM entry WHERE rowid=NEW.rowid);",
    )  # fmt: skip
    yield trigger("entry_close", "AFTER INSERT", "entry", "DELETE FROM open WHERE id=NEW.act_id;")
    yield refuse("entry_upd", "BEFORE UPDATE", "entry", "the ledger only grows")
    yield refuse("entry_del", "BEFORE DELETE", "entry", "the ledger only grows")
    for table in guarded():
        name = table.name
        open_now = "SELECT RAISE(ABORT,'act is not open') WHERE NOT EXISTS(SELECT 1 FROM open WHERE id=NEW.act_id);"
        keys = [column.name for column in table.primary_key.columns]
        other = " OR ".join(f"{column}<>OLD.{column}" for column in keys)
        inserted, updated = [open_now], [open_now]
        moved = " OR ".join(f"NEW.{column}<>OLD.{column}" for column in keys)
        updated.append(f"SELECT RAISE(ABORT,'ids are fixed') WHERE {moved};")
        for columns, where in _uniques(table):
            same = " AND ".join(f"{column}=NEW.{column}" for column in columns)
            if where:
                of_new = re.sub(r"^(\w+)", r"NEW.\1", where)
                same += f" AND {where} AND {of_new}"
            inserted.append(
                f"SELECT RAISE(ABORT,'would replace a row') WHERE EXISTS(SELECT 1 FROM \"{name}\" WHERE {same});"
            )
            if columns != keys:
                updated.append(
                    f"SELECT RAISE(ABORT,'would replace a row') WHERE EXISTS(SELECT 1 FROM \"{name}\" WHERE {same} AND ({other}));"
                )
        yield trigger(f"{name}_ins", "BEFORE INSERT", name, " ".join(inserted))
        yield trigger(f"{name}_upd", "BEFORE UPDATE", name, " ".join(updated))
        yield refuse(f"{name}_del", "BEFORE DELETE", name, "nothing is deleted")


FUNCTIONS = {
    "refuse": "BEGIN RAISE EXCEPTION '% on % is refused', TG_OP, TG_TABLE_NAME; END",
    "guard": "BEGIN IF EXISTS (SELECT FROM fresh WHERE NOT EXISTS (SELECT FROM trace.open WHERE id = fresh.act_id))"
    " THEN RAISE EXCEPTION 'act is not open'; END IF; RETURN NULL; END",
    "open_is_new": "BEGIN IF EXISTS (SELECT FROM trace.entry WHERE act_id = NEW.id)"
    " THEN RAISE EXCEPTION 'act is in the ledger'; END IF; RETURN NULL; END",
    "open_is_closed": "BEGIN IF EXISTS (SELECT FROM trace.open WHERE id = NEW.id)"
    " THEN RAISE EXCEPTION 'only its entry closes an act'; END IF; RETURN NULL; END",
    "append": "DECLARE n bigint; BEGIN"
    " IF current_setting('transaction_isolation') <> 'read committed' THEN RAISE EXCEPTION 'not read committed'; END IF;"
    " DELETE FROM trace.open WHERE id = a; IF NOT FOUND THEN RAISE EXCEPTION 'act is not open'; END IF;"
    " PERFORM pg_advisory_xact_lock(hashtextextended('trace.ledger:' || l, 0));"
    " INSERT INTO trace.entry(ledger, number, act_id, act, refused, person_id, noun_id, occurred_at, recorded_at, body, leaf)"
    " SELECT l, coalesce(max(number), 0) + 1, a, name, why, person, noun, occurred, recorded, content, hash"
    " FROM trace.entry WHERE ledger = l RETURNING number INTO n; RETURN n; END",
}


def _postgresql() -> Iterator[tuple[str, str]]:
    settled = "SECURITY DEFINER SET search_path = pg_catalog SET enable_seqscan = off"
    yield (
        "open",
        # `xact`, which the application cannot set, is there once: a transaction is in one act at a time
        "CREATE UNLOGGED TABLE IF NOT EXISTS trace.open(id varchar(32) PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),"
        " xact xid8 NOT NULL UNIQUE DEFAULT pg_current_xact_id())",
    )
    for name in ("refuse", "guard", "open_is_new", "open_is_closed"):
        yield (
            name,
            f"CREATE OR REPLACE FUNCTION trace.{name}() RETURNS trigger LANGUAGE plpgsql {settled} AS $${FUNCTIONS[name]}$$",
        )
    yield (
        "append",
        "CREATE OR REPLACE FUNCTION trace.append(l text, a text, name text, why text, person text, noun text,"
        " occurred timestamptz, recorded timestamptz, content text, hash bytea) RETURNS bigint"
        f" LANGUAGE plpgsql VOLATILE {settled} AS $${FUNCTIONS['append']}$$",
    )

    def trigger(table: str, name: str, event: str, rest: str, kind: str = "TRIGGER") -> Iterator[tuple[str, str]]:
        yield f"{table}.{name}", f'CREATE {kind} {name} {event} ON trace."{table}" {rest}'
        yield f"{table}.{name}.on", f'ALTER TABLE trace."{table}" ENABLE ALWAYS TRIGGER {name}'

    each, all_ = "FOR EACH ROW EXECUTE FUNCTION trace.", "FOR EACH STATEMENT EXECUTE FUNCTION trace."
    yield from trigger("open", "open_new", "AFTER INSERT", f"{each}open_is_new()")
    yield from trigger(
        "open",
        "open_closed",
        "AFTER INSERT",
        f"DEFERRABLE INITIALLY DEFERRED {each}open_is_closed()",
        "CONSTRAINT TRIGGER",
    )
    yield from trigger("entry", "entry_fixed", "BEFORE DELETE OR UPDATE OR TRUNCATE", f"{all_}refuse()")
    for table in guarded():
        name = table.name
        keys = ", ".join(column.name for column in table.primary_key.columns)
        yield from trigger(name, f"{name}_ins", "AFTER INSERT", f"REFERENCING NEW TABLE AS fresh {all_}guard()")
        yield from trigger(name, f"{name}_upd", "AFTER UPDATE", f"REFERENCING NEW TABLE AS fresh {all_}guard()")
        yield from trigger(name, f"{name}_key", f"BEFORE UPDATE OF {keys}", f"{each}refuse()")
        yield from trigger(name, f"{name}_del", "BEFORE DELETE OR TRUNCATE", f"{all_}refuse()")


def _rights(role: str) -> Iterator[str]:
    """The least the application needs: it reads, opens acts, appends, and writes rows that the guard lets pass."""
    yield f'GRANT USAGE ON SCHEMA trace TO "{role}"'
    yield f'REVOKE ALL ON ALL TABLES IN SCHEMA trace FROM "{role}"'
    yield f'GRANT SELECT ON ALL TABLES IN SCHEMA trace TO "{role}"'
    yield f'GRANT INSERT (id) ON trace.open TO "{role}"'
    # Temporary tables are no way round a guard, whose names are all qualified; they are merely not needed.
    yield (
        "DO $$ BEGIN IF (SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database())"
        " THEN EXECUTE 'REVOKE TEMPORARY ON DATABASE ' || quote_ident(current_database()) || ' FROM PUBLIC'; END IF; END $$"
    )
    for table in guarded():
        yield f'GRANT INSERT, UPDATE ON trace."{table.name}" TO "{role}"'
    for name in BESIDE:
        yield f'GRANT INSERT, UPDATE, DELETE ON trace."{name}" TO "{role}"'
    yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA trace TO "{role}"'
    yield "REVOKE ALL ON FUNCTION trace.append FROM PUBLIC"
    yield f'GRANT EXECUTE ON FUNCTION trace.append TO "{role}"'

"""Bringing a database to this version: tables, then guards, then the entry that says so. A migration is an act too."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

from traceability.domain.people import INSTALLATION, SYSTEM, SYSTEM_PERSON
from traceability.store import guards
from traceability.store.call import Call, Done
from traceability.store.door import Store
from traceability.store.tables import Organisation, Person
from traceability.store.tables.organisations import OrganisationKind
from traceability.store.tx import Tx

HERE = Path(__file__).parent / "migrations"


def head() -> str:
    return str(ScriptDirectory(str(HERE)).get_current_head())


def revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def migrate(store: Store, owner_url: str, app_url: str) -> Done | None:
    """Upgrade with the owner's rights; the entry is written with the application's own. None: it was up to date."""
    engine = _owner(owner_url)
    with engine.begin() as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {guards.SCHEMA}"))
        before = revision(connection)
        if before != head():
            guards.remove(connection)
            config = Config()
            config.set_main_option("script_location", str(HERE))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        role = make_url(app_url).username if connection.dialect.name != "sqlite" else None
        guards.install(connection, role)
        if broken := _broken_keys(connection):
            raise RuntimeError(f"foreign keys do not hold: {broken}")
    engine.dispose()
    if before == head():
        return None
    return store.perform("system.migrate", SYSTEM, Call(), {"from": before, "to": head()}, lambda tx: _told(tx, before))


def _told(tx: Tx, before: str | None) -> dict[str, str | None]:
    """The first migration also writes down the installation itself, in whose name the system acts."""
    if before is None:
        tx.add(Organisation(id=INSTALLATION, name="This installation", kind=OrganisationKind.INSTALLATION))
        tx.add(Person(id=SYSTEM_PERSON, organisation_id=INSTALLATION, username="system", name=SYSTEM.name))
    return {"id": INSTALLATION, "from": before, "to": head()}


def _owner(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool, connect_args={"options": f"-c search_path={guards.SCHEMA}"})
    engine = create_engine(url, poolclass=NullPool, connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def settle(connection: object, _: object) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
        connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _broken_keys(connection: Connection) -> list[object]:
    return (
        list(connection.execute(text("PRAGMA foreign_key_check")).all()) if connection.dialect.name == "sqlite" else []
    )

"""Commands for who runs the installation: `flask --help` names them. Long ones have a module of their own."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from traceability.code_command import code
from traceability.documents_command import documents
from traceability.domain.acts import ACTS
from traceability.domain.errors import Refused
from traceability.domain.people import INSTALLATION, SYSTEM, Role
from traceability.evidence_command import evidence
from traceability.import_command import import_log
from traceability.keys_command import keys
from traceability.log_command import log
from traceability.prove_command import prove
from traceability.store import Call, Store

if TYPE_CHECKING:
    from traceability.store.tables import Person


def init_app(app: Flask) -> None:
    for command in (
        migrate,
        verify,
        checkpoint,
        prove,
        evidence,
        backup,
        confirm_clock,
        worker,
        acts,
        user,
        log,
        import_log,
        code,
        documents,
        keys,
        demo,
    ):
        app.cli.add_command(command)


def _store() -> Store:
    made: Store = current_app.extensions["store"]
    return made


def _say(as_json: bool, told: dict[str, Any], words: str) -> None:
    click.echo(json.dumps(told, indent=2, sort_keys=True) if as_json else words)


def _progress(what: str, count: int) -> None:
    """A counter on one line of the error stream, where somebody looks at it."""
    if sys.stderr.isatty():
        click.echo(f"\r{what} {count:,}", nl=False, err=True)


@click.command("migrate")
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def migrate(as_json: bool) -> None:
    """Bring the database to this version; the migration is an act of the record."""
    from traceability.store.migrate import head
    from traceability.store.migrate import migrate as run

    owner = current_app.config["DATABASE_OWNER_URL"]
    if not owner:
        raise click.ClickException("DATABASE_OWNER_URL is not set: the application's own role may not change tables.")
    done = run(_store(), owner, current_app.config["DATABASE_URL"])
    words = f"Migrated to {head()}, entry {done.number}." if done else f"Up to date at {head()}."
    _say(as_json, {"revision": head(), "entry": done.number if done else None}, words)


@click.command("verify")
@click.option("--json", "as_json", is_flag=True)
@click.option(
    "--checkpoint", "kept", type=click.File(encoding="utf-8"),
    help="also hold checkpoints that were kept outside against the ledgers: a file as `flask checkpoint` prints it",
)  # fmt: skip
@with_appcontext
def verify(as_json: bool, kept: TextIO | None) -> None:
    """Recompute every ledger, replay every entry over the tables, and name every row and every file that differs."""
    from traceability.store import checkpoints
    from traceability.store.verify import verify as run

    try:
        points = checkpoints.read(kept.read()) if kept else []
    except ValueError as error:
        raise click.ClickException(f"{kept.name if kept else ''}: {error}") from None
    store = _store()
    with store.engines.reader.connect() as connection:
        report = run(connection, _progress, store.documents)
        held = checkpoints.hold(connection, store.keys, points) if points and report.entries else []
    if sys.stderr.isatty():
        click.echo(err=True)
    lines = (
        [f"{len(report.problems)} problems:", *report.problems]
        if report.problems
        else ["The record is what its ledger says."]
    )
    lines.append(f"{report.entries:,} entries and {report.rows:,} rows and {report.files:,} files compared.")
    lines += [f"ledger {name}: {size} entries, root {root}" for name, (size, root) in sorted(report.roots.items())]
    told = report.plain()
    if kept:
        lines += [str(one) for one in held]
        told["checkpoints"] = [one.plain() for one in held]
        told["ok"] = told["ok"] and not any(one.found for one in held)
    _say(as_json, told, "\n".join(lines))
    if report.problems or any(one.found for one in held):
        sys.exit(1)


@click.command("checkpoint")
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def checkpoint(as_json: bool) -> None:
    """Size, root, time and signature of every ledger. Keep what this prints outside: a restored backup is found by it."""
    for point in _store().checkpoints():
        text = f"{point['origin']}\n{point['ledger']}\n{point['size']}\n{point['root']}\n{point['at']}\n"
        _say(as_json, point, f"{text}\n— {point['key']} {point['signature']}\n")


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """A copy of the embedded database, its documents and keys in one file, replayed before it counts as a backup."""
    from traceability.store.backup import backup as run

    try:
        report = run(_store(), Path(current_app.instance_path), target)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    if report.problems:
        raise click.ClickException(f"The copy does not verify: {report.problems[0]}")
    click.echo(
        f"{target}: {report.entries:,} entries, {report.rows:,} rows, verified. It holds the keys: lock it away."
    )


@click.command("acts")
def acts() -> None:
    """Every act there is, as a table for the SOP."""
    click.echo(table_of_acts(), nl=False)


WHEN = {"house": "where the house asks for it", "frees": "where something goes free by it"}


def table_of_acts() -> str:
    """The acts as Markdown: who may, from which state to which, who signs, whether a reason is owed."""
    lines = [
        "# Acts",
        "",
        "Printed by `flask acts`; a test fails when this page is stale.",
        "A *permission* is refused with every reason; a *fact* already happened and is always recorded.",
        "",
        "| act | kind | who | moves | signed as | reason |",
        "|---|---|---|---|---|---|",
    ]
    for act in ACTS.values():
        moves = "; ".join(f"{m.noun}: {', '.join(sorted(m.before)) or 'new'} → {m.after}" for m in act.moves) or "–"
        who = "everybody" if len(act.roles) == len(Role) else ", ".join(sorted(act.roles))
        also = (f"{meaning} {WHEN[act.also_when]}" for meaning in act.also)
        signed = ", ".join((*act.signatures, *also)) or "–"
        lines.append(f"| `{act.name}` | {act.kind} | {who} | {moves} | {signed} | {'yes' if act.reason else '–'} |")
    return "\n".join(lines) + "\n"


@click.group("user")
def user() -> None:
    """People of the installation: the first administrator is made here, the others by pages."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="as it is printed")
@click.option("--organisation", required=True, help="name of an organisation; made as a hospital where it is not there")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice([str(role) for role in Role]), default=["administrator"]
)
@click.password_option()
@with_appcontext
def add(username: str, name: str, organisation: str, roles: tuple[str, ...], password: str) -> None:
    """Enrol a person with a password and roles."""
    from traceability.services import organisations, people
    from traceability.store import passwords
    from traceability.store.tables import Organisation
    from traceability.store.tables.organisations import OrganisationKind

    store = _store()
    try:
        with store.read(SYSTEM) as view:
            known = {one.name: one.id for one in view.all(Organisation)}
        if organisation not in known:
            known[organisation] = organisations.register(
                store, SYSTEM, Call(), organisation, OrganisationKind.HOSPITAL
            ).id
        hashed = passwords.hash_password(password)
        person = people.enrol(store, SYSTEM, Call(), known[organisation], username, name, hashed)
        for role in roles:
            people.give(store, SYSTEM, Call(), person.id, Role(role), known[organisation])
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"{username} is enrolled at {organisation} as {', '.join(roles)}.")


@user.command("grant")
@click.argument("username")
@click.argument("role", type=click.Choice([str(role) for role in Role]))
@click.option("--reason", required=True, help="why it is not given by a colleague")
@with_appcontext
def grant(username: str, role: str, reason: str) -> None:
    """Give a person a role in their own organisation, whoever else holds it; its ledger says that it came from here.

    QA is named by QA, on its pages. This is for a house where nobody of QA is left; it says who decides there now.
    """
    from traceability.services import people

    store = _store()
    person = _person(store, username)
    try:
        people.give(store, SYSTEM, Call(reason=reason), person.id, Role(role), person.organisation_id)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    with store.read(SYSTEM) as view:
        deciding = [f"{one.name} ({one.username})" for one in people.deciding(view, person.organisation_id)]
    click.echo(f"{person.username} is {role} from now on. Who decides there now: {', '.join(deciding) or 'nobody'}.")


@user.command("reset")
@click.argument("username")
@click.option("--reason", required=True, help="why it is not reset and confirmed by colleagues")
@click.password_option()
@with_appcontext
def reset(username: str, reason: str, password: str) -> None:
    """Set a person's password, for where nobody of their house could confirm it: the only one of QA, the only administrator.

    They sign in with it and choose their own, which opens the account at once. Hand it to nobody else.
    """
    from traceability.services import people
    from traceability.store import passwords

    store = _store()
    person = _person(store, username)
    try:
        people.reset_password(store, SYSTEM, Call(reason=reason), person.id, passwords.hash_password(password))
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"{person.username} signs in with this password and chooses their own before anything else.")


def _person(store: Store, username: str) -> Person:
    from traceability.store.tables import Person

    with store.read(SYSTEM) as view:
        found = view.all(Person, Person.username == username.lower(), Person.organisation_id != INSTALLATION)
    if not found:
        raise click.ClickException(f"Nobody is called {username}.")
    return found[0]


@user.command("list")
@with_appcontext
def list_() -> None:
    from traceability.store.tables import GrantRow, Organisation, Person

    with _store().read(SYSTEM) as view:
        organisations = {one.id: one.name for one in view.all(Organisation)}
        grants = view.all(GrantRow)
        for person in view.all(Person, order=Person.username):
            held = [str(g.role) for g in grants if g.person_id == person.id and (g.until is None or g.until > view.at)]
            if person.organisation_id != INSTALLATION:
                click.echo(
                    f"{person.username}\t{person.name}\t{organisations[person.organisation_id]}\t{', '.join(held) or 'no role'}"
                )


@click.command("confirm-clock")
@click.option("--reason", required=True, help="what was wrong with the clock")
@with_appcontext
def confirm_clock(reason: str) -> None:
    """Say that the clock had run ahead and is right now: for the installation's own acts (migrate, user add)."""
    from traceability.services import organisations

    try:
        organisations.confirm_clock(_store(), SYSTEM, Call(reason=reason), INSTALLATION)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None


@click.command("worker")
@click.option("--once", is_flag=True, help="one look, then end; 1 where a message was given up")
@click.option(
    "--interval", type=click.FloatRange(1, 3600), help="seconds between two looks, WORKER_INTERVAL_S by default"
)
@with_appcontext
def worker(once: bool, interval: float | None) -> None:
    """Beside the server: find silent sensors, tell alarms to who is to be told, try again what was not taken."""
    from traceability import worker as work

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if not once:
        work.run(app, interval or app.config["WORKER_INTERVAL_S"])
        return
    done = work.look(app)
    if not done.alone:
        raise click.ClickException("Another worker is at work.")
    click.echo(
        f"{done.silent} sensors fell silent; {done.planned} messages new, {done.sent} sent, {done.failed} not taken,"
        f" {done.given_up} given up."
    )
    if done.given_up:
        sys.exit(1)


@click.command("demo")
@click.option("--serve", is_flag=True, help="serve it afterwards on PORT, 8000 by default")
@click.option(
    "--cohort", is_flag=True, help="sixty patients over twelve lots besides, for the comparison of lots: minutes"
)
@with_appcontext
def demo(serve: bool, cohort: bool) -> None:
    """Load the demonstration through the door: the published case up to dose 4, due today."""
    from traceability import demonstration

    instance = Path(current_app.instance_path)
    try:
        sign_ins = demonstration.load(_store(), instance, current_app.config, click.echo, with_cohort=cohort)
    except demonstration.NotADemonstration as error:
        raise click.ClickException(str(error)) from None
    width = max(len(role) for role in sign_ins)
    click.echo("\nSign-ins (also in instance/demo-sign-ins.json):")
    for role, one in sign_ins.items():
        click.echo(f"  {role:<{width}}  {one['username']:<12} {one['password']}")
    if serve:
        port = os.environ.get("PORT", "8000")
        click.echo(f"\nhttp://127.0.0.1:{port}\n")
        sys.stdout.flush()
        _store().close()
        program = str(Path(sys.executable).parent / "granian")
        workers = ["--workers", "1", "--blocking-threads", "4"]
        environment = os.environ | {"TRACE_DEMONSTRATION": "true", "FLASK_RUN_FROM_CLI": "false"}
        arguments = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", port, *workers, "wsgi:app"]
        os.execve(program, [program, *arguments], environment)  # noqa: S606

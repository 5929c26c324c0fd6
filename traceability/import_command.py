"""`flask import-log FILE`: read a logger's file in from the server's own command line, as the person who signs in to do it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from traceability.asking import Call, Store
from traceability.domain.errors import Refused
from traceability.domain.people import Actor
from traceability.services import PERFORMERS, attachments, importing, sessions
from traceability.words import sentence


@click.command("import-log")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sensor", help="serial of the sensor that wrote it")
@click.option("--consignment", help="number of the box in which its logger lay")
@click.option("--username", required=True, help="whose act it is: they sign in with their password")
@click.password_option(confirmation_prompt=False, help="asked for where it is not given")
@click.option("--confirm", help="the digest of what was understood, as it was printed before")
@click.option("--yes", is_flag=True, help="confirm whatever is understood")
@click.option("--zone", help="where the file names none: its clock's zone, like Asia/Jakarta")
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="which of two readings of a date is meant")
@click.option("--decimal", type=click.Choice([".", ","]), help="whether a comma parts columns or decimals")
@click.option("--unit", type=click.Choice(["C", "F"]), help="where the file names none")
@click.option("--channel", help="which of several temperatures is meant")
@click.option("--clock", help="which of several columns of times is meant")
@with_appcontext
def import_log(
    file: Path, sensor: str | None, consignment: str | None, username: str, password: str, confirm: str | None, yes: bool,
    **answers: str | None,
) -> None:  # fmt: skip
    """Print what is understood of FILE, ask whether that is so, and read it in. Refused: one sentence, and exit code 1.

    An act is somebody's: the installation reads no file in by itself. Whoever is named signs in as on the pages.
    """
    if (sensor is None) == (consignment is None):
        raise click.UsageError("Name either --sensor or --consignment.")
    store: Store = current_app.extensions["store"]
    try:
        signed_in = sessions.sign_in(store, username, password, "bearer")
        try:
            _import(store, signed_in.actor, file, (sensor, consignment), confirm, yes, answers)
        finally:
            sessions.sign_out(store, signed_in.token)
    except Refused as refused:
        click.echo(sentence(refused.code, refused.values), err=True)
        sys.exit(1)


def _import(
    store: Store, actor: Actor, file: Path, target: tuple[str | None, str | None], confirm: str | None, yes: bool,
    answers: dict[str, str | None],
) -> None:  # fmt: skip
    with store.read(actor) as view:
        mission = importing.named(view, *target)
        data = file.read_bytes()
        log = importing.read(mission, file.name, data, {name: told for name, told in answers.items() if told})
        shown = importing.shown(view, mission, log)
    for line in lines(shown):
        click.echo(line)
    if shown.against is not None:
        raise shown.against
    if not yes and confirm != log.file.digest:
        if confirm is not None or not sys.stdin.isatty():
            raise Refused("logger_unconfirmed", name=log.name, digest=log.file.digest)
        click.confirm("Is that what the logger wrote?", abort=True)
    attachments.keep_bytes(store, data)
    call = Call(demonstration=current_app.config["DEMONSTRATION"])
    done = PERFORMERS[mission.act](store, actor, call, mission.id, log, confirmed=log.file.digest)
    found = ", ".join(done.answer["excursions"]) or "inside the limits of what lay there"
    click.echo(f"Read in, entry {done.number}: {found}.")


def lines(shown: importing.Shown) -> list[str]:
    """What was understood, a line each; the maker's own figures beside ours; every notice; the digest that confirms it."""
    told: dict[str, Any] = {
        name: value for name, value in shown.understanding.items() if name != "notices" and value is not None
    }
    made = [f"{name}: {value if isinstance(value, str | int) else json.dumps(value)}" for name, value in told.items()]
    made += [
        f"{name}: {ours} here, {theirs} by its maker" for name, ours, theirs in shown.figures if theirs is not None
    ]
    made += [f"hung in {place.code} from {since:%Y-%m-%d %H:%M} UTC" for place, since, _ in shown.hung]
    made += [f"notice: {sentence(one['code'], one)}" for one in shown.understanding.get("notices", ())]
    return [*made, f"digest: {shown.log.file.digest}"]

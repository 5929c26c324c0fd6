"""`flask evidence LOT`: a lot's evidence package from the server's own command line, of every ledger of this installation."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from traceability.asking import Call, Store
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM
from traceability.services import audit, evidence_zip
from traceability.services import evidence_packages as packages


@click.command("evidence")
@click.argument("lot")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="where to put it; evidence-LOT.zip by default"
)
@with_appcontext
def evidence(lot: str, out: Path | None) -> None:
    """Make the evidence package of LOT, its number or its id. Its making is an act of the record, with its digest."""
    store: Store = current_app.extensions["store"]
    try:
        with store.read(SYSTEM) as view:
            found = audit.lot_of(view, lot)
        if found is None:
            raise click.ClickException(f"There is not one lot that is called {lot}.")
        done = packages.make(store, SYSTEM, Call(), found[0])
        with store.read(SYSTEM) as view:
            one, path = packages.kept(store, view, done.id)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    target = out or Path(f"evidence-{''.join(sign if sign.isalnum() else '-' for sign in found[1])}.zip")
    shutil.copyfile(path, target)
    click.echo(f"{target}: {one.number}, {one.entries:,} entries, {one.documents:,} documents, SHA-256 {one.sha256}")
    click.echo(f"verify.py in it: SHA-256 {evidence_zip.program()}")

"""`flask prove`: that an entry stands in its ledger, or that a ledger goes on from checkpoints that were kept outside."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

import click
from flask import current_app
from flask.cli import with_appcontext

from traceability.asking import Store
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM
from traceability.services import proofs


@click.command("prove")
@click.argument("ledger")
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option(
    "--checkpoint", "kept", type=click.File(encoding="utf-8"),
    help="instead of an entry: that the ledger goes on from these, as `flask checkpoint` printed them",
)  # fmt: skip
@with_appcontext
def prove(ledger: str, number: int | None, kept: TextIO | None) -> None:
    """Prove entry NUMBER of LEDGER, an organisation's id, as JSON: the entry as it was hashed, the path, a signed checkpoint.

    Nothing of ours is needed to check it: RFC 9162, 2.1.3 and 2.1.4, and Ed25519 over the five lines of the checkpoint.
    """
    store: Store = current_app.extensions["store"]
    if (number is None) is (kept is None):
        raise click.UsageError("Name an entry, or a file of kept checkpoints.")
    try:
        with store.read(SYSTEM) as view:
            if number is not None:
                _say(proofs.of_entry(store, view, ledger, number))
                return
            told = proofs.of_kept(store, view, ledger, kept.read() if kept else "")
    except (Refused, ValueError) as error:
        raise click.ClickException(str(error)) from None
    for _one, made in told:
        _say(made)
    if wrong := [str(one.size) for one, made in told if one.root != made["root"]]:
        click.echo(f"The root at {', '.join(wrong)} entries is another than the one that was kept.", err=True)
        sys.exit(1)


def _say(told: dict[str, Any]) -> None:
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))

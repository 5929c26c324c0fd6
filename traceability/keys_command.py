"""`flask keys`: under which keys identities and images stand, a new key, and the end of a former one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from traceability.asking import store
from traceability.domain.errors import Refused
from traceability.services import rekeying
from traceability.words import sentence


@click.group("keys")
def keys() -> None:
    """Keys of identities and images. Keep a backup of `instance/keys` apart: without its key they are unreadable for ever."""


@keys.command("show")
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def show(as_json: bool) -> None:
    """Name every key that is here or under which anything stands, never the key itself."""
    ring, counted = store().keys.identities, rekeying.standing(store())
    try:
        current = ring.current().id
    except Refused:
        current = ""
    former = ring.former()
    told = [
        {
            "key": key, "kept": counted[key],
            "state": "current" if key == current else "former" if key in former else "missing",
            "former_since": datetime.fromtimestamp(former[key], UTC).isoformat(timespec="seconds") if key in former else None,
        }
        for key in dict.fromkeys([*([current] if current else []), *former, *counted])
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for one in told:
        click.echo(f"{one['key']}  {one['state']:8} {one['kept']:,} identities and images")
    if not current:
        click.echo(
            "There is no current key: nobody is enrolled, and nobody found by a number of the hospital.", err=True
        )


@keys.command("rotate")
@click.option("--resume", is_flag=True, help="make no new key: finish a rotation that was interrupted")
@with_appcontext
def rotate(resume: bool) -> None:
    """Make a new key and bring every identity and image under it. Servers go on meanwhile; interrupted, go on with --resume."""
    held, brought = store(), 0
    try:
        key = held.keys.identities.current() if resume else held.keys.identities.renew()
        click.echo(f"Current key: {key.id}. Back up instance/keys.")
        for brought in rekeying.bring(held):
            click.echo(f"{brought:,} brought", err=True)
    except Refused as refused:
        raise click.ClickException(_said(refused)) from None
    click.echo(
        f"{brought:,} identities and images brought under it. `flask keys forget` ends former keys, an hour from now at the earliest."
    )


@keys.command("forget")
@with_appcontext
def forget() -> None:
    """Remove former keys under which nobody stands any more. Keep older backups' keys with those backups."""
    kept = 0
    for key in store().keys.identities.former():
        try:
            rekeying.forget(store(), key)
        except Refused as refused:
            click.echo(_said(refused))
            kept += 1
        else:
            click.echo(f"{key}: removed.")
    if kept:
        raise click.exceptions.Exit(1)


def _said(refused: Refused) -> str:
    return sentence(refused.code, refused.values)

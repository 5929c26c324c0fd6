"""Traceability of GMP secretome batches: from the maker's lot to the injection and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

__version__ = "0.1.0"


def create_app(config: dict[str, Any] | None = None, *, instance_path: str | None = None) -> Flask:
    """The application: configuration, store, faces, commands. Nothing is opened until it is asked for."""
    from traceability import api, cli, web
    from traceability.config import configure
    from traceability.sealing.certificate import configured
    from traceability.services import load
    from traceability.store import Store

    app = Flask(
        __name__,
        instance_path=instance_path,
        instance_relative_config=True,
        static_folder="web/static",
        template_folder="web/templates",
    )
    configure(app, config)
    load()
    app.extensions["store"] = app.config.get("STORE") or Store(
        app.config["DATABASE_URL"],
        Path(app.instance_path),
        origin=app.config["ORIGIN"],
        seal=configured(app.config, Path(app.instance_path) / "keys"),
    )
    web.init_app(app)
    api.init_app(app)
    cli.init_app(app)
    return app

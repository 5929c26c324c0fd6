"""What a server runs: `granian --interface wsgi wsgi:app`."""

import gc
import os

from flask import Flask


def started() -> Flask:
    """What is imported and made here stays: the collector would walk over it again and again, and free nothing."""
    gc.disable()
    from traceability import create_app

    made = create_app()
    gc.enable()
    gc.freeze()  # nor is it looked through while requests are answered
    return made


app = started()
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
    app.extensions["store"].standing()  # commands such as migrate and verify are for a record that may not be served

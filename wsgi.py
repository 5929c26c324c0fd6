"""What a server runs: `granian --interface wsgi wsgi:app`."""

import gc
import os

from traceability import create_app

app = create_app()
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
    app.extensions["store"].standing()  # commands such as migrate and verify are for a record that may not be served
gc.freeze()  # what was made for good is not looked through again while requests are answered

"""What a server runs: `granian --interface wsgi wsgi:app`."""

from traceability import create_app

app = create_app()

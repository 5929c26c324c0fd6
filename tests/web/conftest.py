"""The application over the store of a test, and clients signed in to it through the sign-in page."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """A page is the same over either engine: one is enough here; `test_smoke.py` asks both."""
    return str(request.param)


@pytest.fixture
def app(clinic: Clinic, serving: Serving) -> Flask:
    return serving(clinic.store, SECURE=False, TESTING=True)


class Browser(FlaskClient):
    """A client that fills in forms as a browser does: hidden fields come from the page, and are not to be known."""

    def fill(self, path: str, **typed: object) -> TestResponse:
        """Open a page and post its form; `__` in a name stands for a point."""
        page = self.get(path)
        assert page.status_code == 200, (path, page.status_code, page.text[-800:])
        return self.send(path, page, **typed)

    def send(self, path: str, page: TestResponse, **typed: object) -> TestResponse:
        """Post the form of a page that is already open."""
        told = {name.replace("__", "."): value for name, value in typed.items()}
        return self.post(path, data=hidden(page.text) | told)


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the form in `main`."""
    found: dict[str, str] = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            told = dict(attrs)
            if tag == "input" and told.get("type") == "hidden":
                found[str(told["name"])] = told.get("value") or ""

    Reader().feed(text.partition('<main id="main"')[2] or text)
    return found


@pytest.fixture
def client(app: Flask) -> Browser:
    """Nobody yet."""
    app.test_client_class = Browser
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """`signed_in("maharani")`: somebody of the clinic, by their password."""
    app.test_client_class = Browser

    def sign_in(username: str) -> Browser:
        made: Browser = app.test_client()  # type: ignore[assignment]
        answer = made.post("/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text[-800:]
        return made

    return sign_in

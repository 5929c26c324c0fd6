"""The application over the store of a test, asked by HTTP as its programs ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving
from traceability.services import scans, sessions
from traceability.store import Store


@pytest.fixture
def app(store: Store, serving: Serving) -> Flask:
    return serving(store, TESTING=True)


class Asking:
    """One program, signed in as one person."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, **told: Any) -> TestResponse:
        headers = {**self.headers, **told.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **told)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **told: Any) -> TestResponse:
        """An act, under a new id unless one is given."""
        headers = {"Idempotency-Key": key or str(uuid4()), **told.pop("headers", {})}
        return self("POST", path, json={} if body is None else body, headers=headers, **told)

    def send(self, path: str, *, key: str | None = None, **form: Any) -> TestResponse:
        return self("POST", path, data=form, headers={"Idempotency-Key": key or str(uuid4())})


Ask = Callable[[str], Asking]


@pytest.fixture
def ask(app: Flask, store: Store, clinic: Clinic) -> Ask:
    """`ask("putri")`: a program signed in as her; `ask("")`: one that is not signed in."""

    def make(username: str) -> Asking:
        if not username:
            return Asking(app, "")
        return Asking(app, sessions.sign_in(store, username, PASSWORD, "bearer").token)

    return make


def signature(username: str, meaning: str, password: str = PASSWORD) -> dict[str, str]:
    return {"username": username, "password": password, "meaning": meaning}


def logged(store: Store) -> int:
    """Write the scans that wait; how many there were."""
    return scans.log_of(store).flush()

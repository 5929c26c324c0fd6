"""A real SMTP server and a real HTTP server on loopback, and a clinic whose alarms are told to them."""

from __future__ import annotations

import email
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from flask import Flask

from tests.clinic import Clinic
from tests.watched import Watched, watched
from tests.worlds import arrived, certified, founded, in_stock, world, worlds
from traceability import create_app
from traceability.services import contacts
from traceability.store.tables.alarms import Channel

__all__ = ["arrived", "certified", "founded", "in_stock", "world", "worlds"]


@dataclass
class Post:
    """What came by mail; `answers` are said instead of taking it, one a message."""

    messages: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        made = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(made, EmailMessage)
        self.messages.append(made)
        self.to.append(envelope.rcpt_tos)
        self.before()
        return "250 taken"


class Mail:
    """A mail server: `start` and `stop` it; `config` is what the worker has to know of it."""

    def __init__(self, tls: Any = None, password: str | None = None) -> None:
        self.post, self.tls, self.password = Post(), tls, password
        self.controller: Controller | None = None
        self.port = 0

    def start(self) -> Mail:
        mail = self

        class OnAnyPort(Controller):
            def _trigger_server(self) -> None:  # the port is known when it listens
                self.port = mail.port = self.server.sockets[0].getsockname()[1]
                super()._trigger_server()

            def factory(self) -> SMTP:
                told: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": True}
                if mail.tls:
                    told |= {"tls_context": mail.tls, "require_starttls": True}
                if mail.password:
                    told |= {"authenticator": mail.known, "auth_required": True}
                return SMTP(self.handler, **told)

        self.controller = OnAnyPort(self.post, hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self

    def known(self, server: Any, session: Any, envelope: Any, mechanism: str, told: Any) -> AuthResult:
        known = (told.login, told.password) == (b"trace", str(self.password).encode())
        return AuthResult(success=known, handled=False)

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    @property
    def config(self) -> dict[str, Any]:
        return {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": self.port,
            "SMTP_FROM": "trace@hospital.example",
            "SMTP_SECURITY": "none",
        }


@pytest.fixture
def mail() -> Iterator[Mail]:
    made = Mail().start()
    yield made
    made.stop()


@dataclass
class Hook:
    """A program that takes alarms; `answers` are statuses, 204 where there are none."""

    port: int
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    before: Callable[[BaseHTTPRequestHandler], object] = lambda _: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alarms?from=trace"


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook(0)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.requests.append((self.path, dict(self.headers), body))
            made.before(self)
            status = made.answers.pop(0) if made.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{made.port}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def freezer(in_stock: Clinic) -> Watched:
    return watched(in_stock)


Working = Callable[..., Flask]


@pytest.fixture
def working(freezer: Watched, tmp_path: Path) -> Working:
    """The application over the store of the story, with these settings."""

    def make(**config: Any) -> Flask:
        told = {"STORE": freezer.clinic.store, "EXTERNAL_URL": "https://trace.hospital.example", "SEND_TIMEOUT_S": 2}
        app = create_app(told | config, instance_path=str(tmp_path / "app"))
        app.testing = True
        return app

    return make


def told(clinic: Clinic, address: str, **more: Any) -> str:
    """Somebody is to be told of the hospital's alarms."""
    channel = Channel.EMAIL if "://" not in address else Channel.WEBHOOK
    return str(clinic.do(contacts.add, clinic.QUALITY, channel, address, **more).id)

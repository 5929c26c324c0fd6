"""A running server over the store of the test, and browsers signed in to it as the people of the clinic."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.browser.axe import watch_policy
from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving
from traceability.services import sessions
from traceability.store import Store

PATIENCE_S = 200
"""The driver waits for ever for a browser that hangs: after so long without an end the test has failed."""
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The shell draws the same pages without a window around them that nobody sees: half the work."""
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)


@dataclass(frozen=True)
class Live:
    """The application while it serves: its address, and what it runs on."""

    url: str
    app: Flask
    store: Store


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """A browser sees no difference between the engines: one of them is enough here."""
    return str(request.param)


@pytest.fixture
def live(clinic: Clinic, serving: Serving) -> Iterator[Live]:
    """Served on a free loopback port, by the clock of the test."""
    app = serving(clinic.store, SECURE=False)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Live(f"http://127.0.0.1:{server.server_port}", app, clinic.store)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; one a module, because two drivers in one process disturb each other."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not here")
        pytest.skip("Chromium is not here")
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sync.Locator, "click", arriving(sync.Locator.click))
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def arriving(click: Callable[..., None]) -> Callable[..., None]:
    """A click that ends where it leads to: the driver's own ends with the first byte of the next page, before its scripts listen."""

    def clicked(locator: Any, **how: Any) -> None:
        click(locator, **how)
        if not locator.page.is_closed():
            locator.page.wait_for_load_state()

    return clicked


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """End the browsers of this process, and of no other, where a test does not come to its end."""
    waiting = threading.Timer(PATIENCE_S, lambda: [os.kill(one, signal.SIGKILL) for one in chromiums(os.getpid())])
    waiting.daemon = True
    waiting.start()
    yield
    waiting.cancel()


def chromiums(parent: int) -> list[int]:
    """The browsers among what a process has started, however far below."""
    found: list[int] = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            name = Path(f"/proc/{child}/comm").read_text().strip()
            found += [child] if name.startswith("chrom") else chromiums(child)
    return found


@pytest.fixture
def page(browser: Any, live: Live) -> Iterator[Any]:
    """One page of the running server; `page.goto("/lots")` is enough. It keeps what the content policy refused."""
    context = browser.new_context(base_url=live.url, viewport={"width": 1280, "height": 900}, locale="en-US")
    one = context.new_page()
    one.set_default_timeout(20_000)
    watch_policy(one)
    yield one
    leave(context)


def leave(context: Any) -> None:
    """Close its pages, none of them on its way elsewhere: Chromium may never close one that is."""
    for one in context.pages:
        one.goto("about:blank", timeout=30_000)
    context.close()


@pytest.fixture
def sign_in(live: Live) -> Callable[[Any, str], None]:
    """`sign_in(page, "wijaya")`: a session as the sign-in page gives it; that page has tests of its own."""

    def sign_in(page: Any, username: str) -> None:
        made = sessions.sign_in(live.store, username, PASSWORD, "cookie")
        page.context.clear_cookies(name="session")
        page.context.add_cookies([{"name": "session", "value": made.token, "url": live.url}])

    return sign_in

"""`flask worker`, beside the server: finds silent sensors and what is due, tells who is to be told, tries again what was not taken.

One at a time over the same database; another one waits in its place and goes on when the first is gone.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from traceability.asking import Store
from traceability.services import alarms, due, outbox
from traceability.services.outbox import Message
from traceability.worker import mail, webhook
from traceability.worker.undelivered import Undelivered

LOG = logging.getLogger(__name__)
Send = Callable[[Mapping[str, Any], Store, Message], None]
WAYS: Mapping[str, Send] = {"email": mail.send, "webhook": webhook.send}


@dataclass(slots=True)
class Pass:
    """What one look did. `alone` False: another worker is at work, and nothing was done."""

    alone: bool = True
    silent: int = 0
    due: int = 0
    planned: int = 0
    sent: int = 0
    failed: int = 0
    given_up: int = 0


def look(app: Flask, stop: threading.Event | None = None) -> Pass:
    """One look: what is silent, what is to be told, what is to be sent. Stops between two messages when it is asked to."""
    store: Store = app.extensions["store"]
    with app.app_context(), store.engines.lone("worker") as mine:
        if not mine:
            return Pass(alone=False)
        made = Pass(silent=alarms.report(store, demonstration=app.config["DEMONSTRATION"]))
        made.due = due.report(store, demonstration=app.config["DEMONSTRATION"])
        made.planned = outbox.plan(store)
        away: set[str] = set()
        for one in outbox.due(store):
            if stop is not None and stop.is_set():
                break
            if str(one.contact.channel) not in away and outbox.take(store, one):
                _send(store, one, made, away)
    return made


def _send(store: Store, one: Message, made: Pass, away: set[str]) -> None:
    try:
        WAYS[str(one.contact.channel)](current_app.config, store, one)
    except Undelivered as trouble:
        made.failed += 1
        if trouble.away:
            away.add(str(one.contact.channel))  # the others would only wait for it as long
        made.given_up += outbox.failed(store, one, str(trouble))
        if one.tries + 1 >= outbox.MOST_TRIES:
            LOG.error("alarm %s could not be told after %s tries: %s", one.told.alarm.number, one.tries + 1, trouble)
        else:
            LOG.warning("alarm %s is not told yet: %s", one.told.alarm.number, trouble)
        return
    outbox.sent(store, one)
    made.sent += 1


def run(app: Flask, interval_s: float) -> None:
    """Look again and again until SIGTERM or SIGINT; the message that is on its way is finished. What fails is logged, and tried again."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    LOG.info("the worker is at work, every %s s", interval_s)
    while not stop.is_set():
        try:
            look(app, stop)
        except Exception:
            LOG.exception("a look failed; the next one comes")
        stop.wait(interval_s)
    LOG.info("the worker has stopped")

"""One module a process: acts first, reads after. An act here is a function on a `Tx`, made callable by `performs`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Concatenate, Generic, ParamSpec

from traceability.domain.acts import ACTS, Act
from traceability.domain.people import Actor
from traceability.store import Call, Done, Store, Tx

P = ParamSpec("P")
Answer = Mapping[str, Any]


class Performer(Generic[P]):
    """An act and the work behind it: `vials.issue(store, actor, call, vial_id, …)` goes through the door."""

    def __init__(self, act: Act, work: Callable[Concatenate[Tx, P], Answer]) -> None:
        self.act = act
        self.work = work
        self.signature = inspect.signature(work)
        self.__doc__ = work.__doc__

    def __call__(self, store: Store, actor: Actor, call: Call, /, *args: P.args, **kwargs: P.kwargs) -> Done:
        bound = self.signature.bind(None, *args, **kwargs)
        bound.apply_defaults()
        given = dict(list(bound.arguments.items())[1:])
        return store.perform(self.act.name, actor, call, given, lambda tx: self.work(tx, *args, **kwargs))


PERFORMERS: dict[str, Performer[Any]] = {}


def performs(name: str) -> Callable[[Callable[Concatenate[Tx, P], Answer]], Performer[P]]:
    """The one service that opens this act."""

    def make(work: Callable[Concatenate[Tx, P], Answer]) -> Performer[P]:
        if name in PERFORMERS:
            raise AssertionError(f"{name} is performed twice")
        PERFORMERS[name] = performer = Performer(ACTS[name], work)
        return performer

    return make


MODULES = (
    "organisations", "people", "handing", "shifts", "devices", "products", "credentials", "specifications", "lots", "expiry",
    "labels", "consignments", "lost_boxes", "alarms", "due", "contacts", "sensors", "alarm_rules", "excursions", "coldchain",
    "vials", "moves", "stocktakes", "results", "reviewing", "result_import", "releases", "stops", "cases", "clocks", "notices",
    "retrieving", "recalls", "endings", "transfers", "reconciling", "investigations", "actions", "closing", "materials",
    "emergencies", "subjects", "glass", "erasing", "rekeying", "courses", "doses", "administrations", "outcomes", "correcting",
    "taking_back", "merging", "score_forms", "documents", "consents", "day_logs", "audit_reviews", "audit_export",
    "evidence_packages", "study_export", "study_import", "trainings", "access", "events", "protocols", "gradings", "images",
    "form_links", "reserving",
)  # fmt: skip


def load() -> dict[str, Performer[Any]]:
    """Every act with its service; imported once, at start-up."""
    for module in MODULES:
        import_module(f"traceability.services.{module}")
    return PERFORMERS

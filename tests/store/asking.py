"""Any act, asked for by anybody: its input made up from the service's own signature, ids given by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from traceability.services import PERFORMERS, Performer, load

load()


@cache
def hints(name: str) -> dict[str, Any]:
    return get_type_hints(PERFORMERS[name].work)


def parameters(name: str) -> list[inspect.Parameter]:
    return list(inspect.signature(PERFORMERS[name].work).parameters.values())[1:]


def given(
    name: str, known: Mapping[str, Any], at: datetime, make: Callable[[str, Any], Any] | None = None
) -> dict[str, Any] | None:
    """Input for an act: what is known by its name, a plain value for the rest. None: it takes what no form sends."""
    told = {}
    for parameter in parameters(name):
        kind = hints(name)[parameter.name]
        if parameter.name in known:
            told[parameter.name] = known[parameter.name]
        elif parameter.default is inspect.Parameter.empty:
            value = make(parameter.name, kind) if make else plain(kind, at)
            if value is NotImplemented:
                return None
            told[parameter.name] = value
    return told


def plain(kind: Any, at: datetime) -> Any:
    if get_origin(kind) in (Sequence, tuple, list):
        return [plain(get_args(kind)[0], at)]
    if get_args(kind):  # optional
        return plain(get_args(kind)[0], at)
    if kind is datetime:
        return at
    if kind is date:
        return at.date()
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind))
    return {str: "x", int: 1, bool: True}.get(kind, NotImplemented)


def performer(name: str) -> Performer[Any]:
    return PERFORMERS[name]

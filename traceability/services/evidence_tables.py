"""The tables of an evidence package (CSV): the lot's record once more, for who counts and sorts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from traceability.domain.plain import moment
from traceability.domain.records import TraceRecord
from traceability.services import trace
from traceability.sheets import written
from traceability.store import View
from traceability.store.tables import Lot


def of(view: View, lot: Lot, record: TraceRecord) -> Iterator[tuple[str, str]]:
    """Each table by its name, every row of it."""
    yield "vials", written([VIALS, *_vials(record)])
    yield "custody", written([CUSTODY, *_custody(view, lot)])
    yield "temperature", written([TEMPERATURE, *_temperature(record)])
    yield "excursions", written([EXCURSIONS, *_excursions(record)])
    yield "injections", written([INJECTIONS, *_injections(record)])


VIALS = ("serial", "custody", "place", "since", "release", "labels_printed", "demonstration")
CUSTODY = ("serial", "site", "place", "place_kind", "since", "until")
TEMPERATURE = (
    "place", "since", "until", "vials", "least_c", "most_c", "sensors", "read_now_c", "read_least_c", "read_most_c",
    "assumed_least_c", "assumed_most_c", "assumed_for_s", "excursions", "logger_files_sha256",
)  # fmt: skip
EXCURSIONS = (
    "number",
    "place",
    "since",
    "until",
    "peak_c",
    "lowest_allowed_c",
    "highest_allowed_c",
    "hold",
    "hold_lifted",
    "reason",
)
INJECTIONS = ("given_at", "pseudonym", "organisation", "dose", "laterality", "serial", "given_ul", "mode", "findings")


def _vials(record: TraceRecord) -> Iterator[tuple[Any, ...]]:
    for one in record.vials:
        yield one.serial, one.custody, one.place, _at(one.since), one.release, one.labels, one.demonstration


def _custody(view: View, lot: Lot) -> Iterator[tuple[Any, ...]]:
    for vial in trace.of_lot(view, lot.id)["vials"]:
        for stay in vial["stays"]:
            yield vial["serial"], stay["site"], stay["code"], stay["kind"], _at(stay["since"]), _at(stay["until"])


def _temperature(record: TraceRecord) -> Iterator[tuple[Any, ...]]:
    for one in record.custody:
        assumed = one.assumed or (None, None, None)
        yield (
            one.place, _at(one.since), _at(one.until), one.vials, *_c(one.measured or (None, None)), _all(one.sensors),
            *_c(one.read or (None, None, None)), *_c(assumed[:2]), assumed[2], _all(one.excursions),
            _all(logger.sha256 for logger in one.loggers),
        )  # fmt: skip


def _excursions(record: TraceRecord) -> Iterator[tuple[Any, ...]]:
    for one in record.excursions:
        limits = _c((one.peak_mc, one.low_limit_mc, one.high_limit_mc))
        yield one.number, one.place, _at(one.since), _at(one.until), *limits, one.hold, _at(one.lifted_at), one.reason


def _injections(record: TraceRecord) -> Iterator[tuple[Any, ...]]:
    for one in record.injections:
        yield (
            _at(one.at), one.pseudonym, one.organisation, one.dose, one.laterality, one.serial, one.given_ul, one.mode, one.findings,
        )  # fmt: skip


def _at(value: datetime | None) -> str:
    return "" if value is None else moment(value)


def _c(values: Iterable[int | None]) -> list[str]:
    return ["" if one is None else str(Decimal(one).scaleb(-3)) for one in values]


def _all(values: Iterable[str]) -> str:
    return " ".join(values)

"""A study's table of scores: understood and shown, each line that cannot be read named; then one act, all of it or nothing (R50, R51).

The file is not kept: its other columns may say who somebody is. Its SHA-256 stands in the entry. A value that is on record
already, from the same source with the same words, is not entered again.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import col

from traceability.domain import study_files
from traceability.domain.errors import Refused
from traceability.domain.plain import digest
from traceability.domain.study_files import Reading, StudyColumn, Table, Told
from traceability.services import Answer, performs, persons, sites
from traceability.services.outcomes import scored
from traceability.store import Tx, View
from traceability.store.tables import Score, Subject
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import Laterality

C = StudyColumn
SAME = (
    "instrument", "instrument_version", "subscale", "laterality", "time_point", "observed_on", "raw", "unit", "low", "high", "source",
    "reader",
)  # fmt: skip
NUMBERS = frozenset({"raw", "low", "high"})


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A file as it was read before the act, and how a person says that it is to be read."""

    table: Table
    reading: Reading

    @property
    def digest(self) -> str:
        """What the act was asked with."""
        return digest([self.table.sha256, self.table.encoding, self.table.separator, self.reading.digest])


@dataclass(frozen=True, slots=True)
class Line:
    """One value as it was understood: the score that it would be, whether it is on record already, or why it was refused."""

    told: Told
    score: Score | None = None
    known: bool = False
    against: Refused | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a file would enter. `digest`: of exactly this, for whoever confirms it."""

    file: StudyFile
    lines: tuple[Line, ...]

    @property
    def refused(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.against is not None)

    @property
    def new(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.score is not None and not one.known)

    @property
    def digest(self) -> str:
        told = [(one.told.line, one.told.heading, sorted(one.told.fields.items()), one.known) for one in self.lines]
        return digest([self.file.digest, told])


def understood(view: View, file: StudyFile) -> Understood:
    """Whose each value is and whether it could be entered now. Nothing is written. Raises Refused where it cannot be read at all."""
    told = study_files.told(file.table, file.reading)
    names = {one.fields.get(C.PSEUDONYM, "").upper() for one in told}
    subjects = {one.pseudonym: one for one in view.all(Subject, col(Subject.pseudonym).in_(names))}
    stands = persons.stood_for(view)  # under whichever pseudonym of theirs it was entered, it is on record
    here = {stands.get(one.id, one.id) for one in subjects.values()}
    here |= {one for one, other in stands.items() if other in here}
    known = view.all(Score, Score.counts(), col(Score.subject_id).in_(here))
    seen = {_same(one, stands) for one in known}
    parts = {(one.instrument, one.subscale) for one in known}  # also what somebody told by hand as its source calls it
    today = sites.latest_day(view)
    lines = []
    for one in told:
        try:
            score = _scored(view, subjects, one, file.reading, today, parts)
        except Refused as against:
            lines.append(Line(one, against=against))
            continue
        key = _same(score, stands)
        lines.append(Line(one, score, key in seen))
        seen.add(key)
    return Understood(file, tuple(lines))


def _scored(
    view: View,
    subjects: Mapping[str, Subject],
    one: Told,
    reading: Reading,
    today: date,
    parts: Container[tuple[str, str | None]],
) -> Score:
    told = one.fields
    if long := next((name for name, most in study_files.LONGEST.items() if len(told.get(name, "")) > most), None):
        raise Refused("study_cell_too_long", column=long, most=study_files.LONGEST[long])
    subject = subjects.get(told.get(C.PSEUDONYM, "").upper())
    if subject is None:
        raise Refused("study_subject_unknown", pseudonym=told.get(C.PSEUDONYM, ""))
    name = study_files.instrument(told.get(C.INSTRUMENT, ""))
    side = study_files.side(told.get(C.LATERALITY, ""))
    low, high = (told.get(C.LOW) or None, told.get(C.HIGH) or None)
    if low is None and high is None and name in reading.ranges:
        low, high = (end or None for end in reading.ranges[name])
    raw, low, high = (
        None if end is None else study_files.figure(end, reading.decimal) for end in (told[C.VALUE], low, high)
    )
    return scored(
        view, subject, name, raw or "", TimePoint(study_files.time_point(told.get(C.TIME_POINT, ""))), told.get(C.SOURCE, ""),
        laterality=Laterality(side) if side else None, instrument_version=told.get(C.INSTRUMENT_VERSION) or None,
        subscale=study_files.part(name, told.get(C.SUBSCALE, ""), parts), low=low, high=high,
        observed_on=study_files.day(told.get(C.OBSERVED_ON, ""), reading.date_order), reader=told.get(C.READER) or None,
        unit=told.get(C.UNIT) or None, today=today,
    )  # fmt: skip


def _same(one: Score, stands: Mapping[str, str]) -> tuple[str, ...]:
    """What makes it the same value of one person: 7 and 7.0 are."""

    def plain(name: str) -> str:
        told = getattr(one, name)
        return f"{Decimal(told).normalize():f}" if told and name in NUMBERS else str(told or "")

    return stands.get(one.subject_id, one.subject_id), *map(plain, SAME)


@performs("study.import_file")
def import_file(tx: Tx, file: StudyFile) -> Answer:
    """Every value of a file that is not on record yet, as a score of its own, or none of them."""
    tx.alone(f"import of a study {tx.actor.organisation_id}")
    found = understood(tx, file)
    if found.refused:
        # a refusal is an entry: what cells say, a name perhaps, stays out of the ledger
        told = [{"line": one["line"], "code": one["code"]} for one in errors(found)]
        raise Refused("study_refused", count=len(told), errors=told)
    if not found.new:
        raise Refused("study_nothing_new", lines=len(found.lines))
    rows = [one.score for one in found.new if one.score is not None]
    tx.add_all(rows)
    return {"sha256": file.table.sha256, "scores": len(rows), "known": len(found.lines) - len(rows)}


def errors(found: Understood) -> list[dict[str, Any]]:
    """The values that were refused: line, heading, code and its values."""
    return [
        {
            "line": one.told.line,
            "heading": one.told.heading,
            "code": one.against.code,
            "values": dict(one.against.values),
        }
        for one in found.refused
        if one.against is not None
    ]


def understanding(found: Understood) -> dict[str, Any]:
    """What a program is shown before it confirms."""
    table = found.file.table
    return {
        "sha256": table.sha256, "encoding": table.encoding, "separator": table.separator, "columns": dict(found.file.reading.columns),
        "new": len(found.new), "known": len(found.lines) - len(found.new),
        "lines": [
            {
                "line": one.told.line, "heading": one.told.heading, "subject_id": one.score.subject_id, "instrument": one.score.instrument,
                "subscale": one.score.subscale, "time_point": str(one.score.time_point), "raw": one.score.raw, "low": one.score.low,
                "high": one.score.high, "observed_on": one.score.observed_on, "laterality": one.score.laterality, "known": one.known,
            }
            for one in found.lines
            if one.score is not None
        ],
    }  # fmt: skip

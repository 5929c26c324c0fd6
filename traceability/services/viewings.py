"""What an inspector looks at is kept (R61): every page and every answer of the API that was asked for, before it is answered.
So is every look at a comparison of outcomes, whoever takes it: how many were taken is told with it.

Kept beside the ledger, each day's digest in it. The address is kept with its ids and numbers; what was typed into it is not:
it may be a person's number. Of it a keyed digest stands there, which says only whether the same was typed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, insert, or_, select, true

from traceability.domain.acts import ACTS
from traceability.domain.checks import Purpose
from traceability.domain.comparing import By, Exposure
from traceability.domain.instruments import INSTRUMENTS
from traceability.domain.people import INSTALLATION, Actor, Role
from traceability.services import day_logs
from traceability.services.audit_search import about_these
from traceability.services.choices import names
from traceability.store import Store, View
from traceability.store.tables import Viewing
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.people import GrantRow

_INSERT = insert(Viewing.__table__)  # type: ignore[attr-defined]
GUESTS = frozenset({Role.INSPECTOR})
NUMBERS, DAYS = {"above", "after", "before", "entry", "limit", "number", "since", "version"}, {"from", "period", "to"}
"""Parts of an address that are numbers and days, and of nobody: a number in any other may be a patient's."""
ASKED = frozenset(
    {
        *NUMBERS, *DAYS, "about", "act", "answer", "code", "dose_id", "format", "kind", "language", "ledger", "lot", "lot_id", "mode",
        "by", "exposure", "instrument", "visit",
        "name", "noun", "noun_id", "organisation_id", "overdue", "owner", "owner_id", "paper", "period", "person", "person_id",
        "place_id", "purpose", "refused", "release_id", "seen", "sensor_id", "serial", "severity", "start", "state", "status", "step",
        "subject_id", "through", "until", "vial_id", "window",
    }
)  # fmt: skip
"""Names that pages and programs of ours ask by. Another is what somebody made up, and may be a name of somebody."""
COMPARED = ("/outcomes", "/api/v1/outcomes")
"""Comparisons of outcomes: of these every look counts (R53)."""
MOST, LONGEST = 20, 64
"""So many parts of an address are kept one by one; nothing of ours has a longer name than this."""
_WORDS = ("yes", "no", "en", "id", "csv", "json", "pdf", *ACTS, *Purpose, *By, *Exposure, *INSTRUMENTS, *TimePoint)
_ID = re.compile(r"[0-9a-f]{32}")


def note(store: Store, actor: Actor, rule: str, told: Mapping[str, object], query: Iterable[tuple[str, str]]) -> None:
    """Keep what an inspector asks for, and what anybody compares. Raises where it cannot be kept: then nothing is shown."""
    at = store.clock()
    if not actor.holds(GUESTS, at) and rule not in COMPARED:
        return
    path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: _plain(store, found[1], str(told.get(found[1], ""))), rule)
    # what was not asked of us by a name of ours is counted: a flood of it hides nothing that was
    ours = sorted((name, value) for name, value in query if value and name in ASKED)
    others = sum(1 for name, value in query if value and name not in ASKED)
    parts = [f"{name}={_named(store, actor, name, value)}" for name, value in ours[:MOST]]
    more = others + len(ours[MOST:])
    asked = "&".join([*parts, *([f"+{more}"] if more else [])])
    with store.beside() as connection:
        connection.execute(
            _INSERT, {"at": at, "person_id": actor.person_id, "path": (f"{path}?{asked}" if asked else path)[:400]}
        )
    _seal(store, at.date())


def _named(store: Store, actor: Actor, name: str, value: str) -> str:
    """What was searched for by its name, where it is one of the record's: its id."""
    if name == "about" and not _ID.fullmatch(value) and value.isprintable() and len(value) <= LONGEST:
        with store.read(actor) as view:
            return next(iter(about_these(view, value) or ()), None) or _plain(store, name, value)
    return _plain(store, name, value)


def _plain(store: Store, name: str, value: str) -> str:
    """An id, a number, a day or a word of ours as it stands; anything else was typed or scanned."""
    is_number = name in NUMBERS and value.isascii() and value.isdigit() and len(value) < 16
    is_day = name in DAYS and re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", value) is not None
    known = is_number or is_day or value in _WORDS or _ID.fullmatch(value) is not None
    return value if known else f"typed:{store.keys.digest(value)[:12]}"


def _seal(store: Store, day: date) -> None:
    """Days before this one are entered, once a day and process; where that fails, with the next that is kept."""
    sealed: dict[str, date] = store.__dict__.setdefault("viewings_sealed", {})
    if sealed.get("on") != day and day_logs.seal_days(store):
        sealed["on"] = day


@dataclass(frozen=True, slots=True)
class Looks:
    """How often outcomes were compared, whatever was chosen, this look among them; and by how many people."""

    count: int
    people: int


def looks(view: View) -> Looks:
    """Those of every house in which the reader holds a role, and of whom these let in."""
    seen, grants = Viewing.__table__.c, GrantRow.__table__.c  # type: ignore[attr-defined]
    houses = {grant.organisation_id for grant in view.actor.grants if grant.holds(view.at)}
    theirs = exists().where(
        grants.person_id == seen.person_id,
        true() if INSTALLATION in houses else grants.organisation_id.in_(sorted(houses)),
        grants.since <= seen.at,
        or_(grants.until.is_(None), seen.at < grants.until),
    )
    asked = or_(*(or_(seen.path == one, seen.path.startswith(f"{one}?")) for one in COMPARED))
    query = select(func.count(), func.count(seen.person_id.distinct())).where(asked, theirs)
    count, people = view.connection.execute(query).one()
    return Looks(count, people)


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was asked for: by whom, when, and its address with names for the ids that this reader sees."""

    id: int
    at: datetime
    person_id: str
    person: str
    path: str
    named: str


def viewings(view: View, *, person_id: str = "", before: int | None = None, limit: int = 50) -> list[Looked]:
    """What inspectors looked at whom this reader's house let in, while it did; newest first."""
    mine = view.actor.organisation_id
    query = (
        "SELECT w.id, w.at, w.person_id, p.name, w.path FROM viewing w JOIN person p ON p.id = w.person_id"
        " WHERE (:all = 1 OR EXISTS (SELECT 1 FROM grants g WHERE g.person_id = w.person_id AND g.organisation_id = :mine"
        " AND g.role = 'inspector' AND g.since <= w.at AND (g.until IS NULL OR w.at < g.until)))"
    )
    values: dict[str, object] = {"mine": mine, "all": int(mine == INSTALLATION), "limit": limit}
    if person_id:
        query, values = f"{query} AND w.person_id = :person", values | {"person": person_id}
    if before is not None:
        query, values = f"{query} AND w.id < :before", values | {"before": before}
    rows = view.rows(f"{query} ORDER BY w.id DESC LIMIT :limit", values)
    known = names(view, {one for row in rows for one in _ID.findall(row[4])})
    return [
        Looked(
            row[0], row[1] if isinstance(row[1], datetime) else datetime.fromisoformat(row[1]), row[2], row[3], row[4],
            _ID.sub(lambda found: known[found[0]][1] if found[0] in known else f"{found[0][:8]}…", row[4]),
        )
        for row in rows
    ]  # fmt: skip

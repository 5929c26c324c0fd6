"""Finding entries of a ledger, newest first, without reading those that are not found: a page is quick among a million.

What was asked is turned into numbers of entries; what they say is told in `audit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, column, or_, text, true
from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.acts import ACTS, SETS_CLOCK
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import INSTALLATION
from traceability.domain.typed import meant
from traceability.services.names import is_named
from traceability.store import AHEAD, View
from traceability.store.sight import OF_SUBJECTS_TO
from traceability.store.tables import Consignment, Entry, Lot, Person, Place, Subject, Vial
from traceability.store.tables.row import Utc

ENTRY = Entry.__table__  # type: ignore[attr-defined]
FEW = 20_000
"""So many acts about a thing are looked up and sorted; of a thing with more the newest are found by going back."""
OF_SUBJECTS = [
    name
    for name, act in sorted(ACTS.items())
    if act.noun in ("subject", "consent", "course", "order", "dose", "administration", "score", "event")
]
"""Acts whose entries name a subject: not for who keeps the accounts."""
_OF_LOTS = (
    "SELECT m.act_id FROM mention m WHERE m.about_id {these}"
    " UNION SELECT m.act_id FROM vial v JOIN mention m ON m.about_id = v.id WHERE v.lot_id {these}"
)
_OF_BOXES = (
    " UNION SELECT m.act_id FROM vial v JOIN consignment_line l ON l.vial_id = v.id"
    " JOIN mention m ON m.about_id = l.consignment_id WHERE v.lot_id {these}"
)
_ABOUT = " UNION ".join(
    ("SELECT m.act_id FROM mention m WHERE m.about_id IN :ids", (_OF_LOTS + _OF_BOXES).format(these="IN :lots"))
)
_SEEN = _OF_LOTS.format(these="IN :seen")
_OF_THESE = " UNION SELECT m.act_id FROM mention m WHERE m.about_id IN :boxes"
OF_LOT = (
    f"WITH about AS MATERIALIZED ({(_OF_LOTS + _OF_BOXES).format(these='= :lot')})"  # noqa: S608  # clauses of this module
    " SELECT {} FROM about CROSS JOIN entry e WHERE e.act_id = about.act_id AND e.ledger = :ledger"
)
"""The trail of a lot in one ledger: what is about it, its vials, and the consignments that carried them."""
OF_LOT_AND_BOXES = OF_LOT.replace(_OF_BOXES.format(these="= :lot"), _OF_THESE)
"""The same of these consignments alone: the trail as it was before a vial turned up in another."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; `about` is an id, or what people call a lot, vial, subject, consignment, place or person, or the code
    of a vial; `person_id` an id, or the name by which somebody signs in. Full-width characters are read as the plain ones.
    """

    ledger: str
    about: str = ""
    act: str = ""
    person_id: str = ""
    refused: bool = False
    since: datetime | None = None
    until: datetime | None = None
    above: int = 0
    """Only entries with a greater number: what came since somebody looked."""


def numbers(view: View, asked: Asked, *, before: int | None = None, limit: int) -> tuple[list[int], bool]:
    """The newest entries that answer, from before a number; and whether anything in sight goes by what was asked about.

    Raises `NotFound` for a ledger that is not theirs to read.
    """
    where, values = ["e.ledger = :ledger"], {"ledger": asked.ledger, "limit": limit}
    sets: list[tuple[str, dict[str, Any]]] = []
    lots = seen_lots(view, asked.ledger)
    if lots is not None:
        sets.append((_SEEN, {"seen": lots}))
    elif not _sees_subjects(view, asked.ledger):
        where.append("e.act NOT IN :of_subjects")
        values["of_subjects"] = OF_SUBJECTS
    if (about := about_these(view, asked.about)) is not None:
        if not about:
            return [], False
        of_lots = [one.id for one in view.known(Lot, col(Lot.id).in_(about))]
        sets.append(
            (_ABOUT, {"ids": about, "lots": of_lots}) if of_lots else (_ABOUT.partition(" UNION")[0], {"ids": about})
        )
    if asked.act:
        where.append("e.act = :act")
        values["act"] = meant(asked.act)
    if asked.person_id:
        where.append("e.person_id IN :people")
        values["people"] = people_these(view, asked.person_id)
    if asked.refused:
        where.append("e.refused IS NOT NULL")
    for clause, name, value in _bounds(view, asked, before):
        where.append(clause)
        values[name] = value
    driving, source = "", "entry e"
    for acts, named in sets:
        values |= named
        if not driving and _count(view, acts, named) <= FEW:
            driving, source = f"WITH about AS MATERIALIZED ({acts}) ", "about CROSS JOIN entry e"
            where.append("e.act_id = about.act_id")
        else:  # no index of act_id: the order of numbers finds the newest sooner
            where.append(f"e.act_id || '' IN ({acts})")
    query = f"{driving}SELECT e.number FROM {source} WHERE {' AND '.join(where)} ORDER BY e.number DESC LIMIT :limit"  # noqa: S608  # clauses of this module
    return [int(row[0]) for row in bound(view, query, values)], True


def sight(view: View, ledger: str) -> ColumnElement[bool]:
    """Everything in a ledger that was granted whole; of one that was granted for lots, what is about them."""
    lots = seen_lots(view, ledger)
    if lots is not None:
        acts = text(_SEEN).bindparams(bindparam("seen", lots, expanding=True)).columns(column("act_id"))
        return ENTRY.c.act_id.in_(acts)  # type: ignore[no-any-return]
    return true() if _sees_subjects(view, ledger) else ENTRY.c.act.not_in(OF_SUBJECTS)


def seen_lots(view: View, ledger: str) -> list[str] | None:
    """The lots to which sight of a ledger is limited; None: it is not. Raises `NotFound` where there is none."""
    held = [grant for grant in view.actor.grants if grant.holds(view.at)]
    if any(grant.organisation_id == INSTALLATION for grant in held):
        return None
    here = [grant for grant in held if grant.organisation_id == ledger]
    if not here:
        raise NotFound("ledger")
    if any(grant.lot_id is None for grant in here):
        return None
    return sorted({grant.lot_id for grant in here if grant.lot_id})


def sees_all(view: View, ledger: str) -> bool:
    """Whether nothing of a ledger is kept from this reader. Raises `NotFound` where they read nothing of it."""
    return seen_lots(view, ledger) is None and _sees_subjects(view, ledger)


def _sees_subjects(view: View, ledger: str) -> bool:
    return any(
        grant.organisation_id == INSTALLATION or (grant.organisation_id == ledger and grant.role in OF_SUBJECTS_TO)
        for grant in view.actor.grants
        if grant.holds(view.at)
    )


def about_these(view: View, told: str) -> list[str] | None:
    """Ids of what goes by this name and is in sight; None where nothing is asked, empty where nothing is called so."""
    typed, told = told, meant(told)
    if not told:
        return None
    if one := _id(told):
        return [one]
    either = {typed.strip(), told}  # a code that was given in full-width characters is found by them too
    named = [
        *view.all(Lot, col(Lot.number).in_(either)),
        *view.all(Vial, col(Vial.serial).in_(either)),
        *view.all(Subject, Subject.pseudonym == told.upper()),
        *view.all(Consignment, or_(col(Consignment.number).in_(either), col(Consignment.sscc) == told)),
        *view.all(Place, col(Place.code).in_(either)),
        *view.all(Person, Person.username == told.lower()),
    ]
    return [one.id for one in named or _by_code(view, told)]


def _by_code(view: View, told: str) -> list[Vial]:
    """The vial whose code was scanned or typed, if it is one."""
    try:
        named = is_named(gs1.read(told, view.at.date()))
    except Refused:
        return []
    return [] if named is None else view.all(Vial, named)


def people_these(view: View, told: str) -> list[str]:
    """The id as it is, or that of who signs in by this name; empty where nobody does."""
    told = meant(told)
    return [one] if (one := _id(told)) else [each.id for each in view.all(Person, Person.username == told.lower())]


def _id(told: str) -> str | None:
    plain = told.replace("-", "").lower()
    return plain if len(plain) == 32 and not set(plain) - set("0123456789abcdef") else None


def _bounds(view: View, asked: Asked, before: int | None) -> Iterator[tuple[str, str, Any]]:
    """Numbers between which to look. Times give numbers: entries are of the order of their times, to within `AHEAD`.

    Not where a clock was set right: what was entered while it ran ahead is looked for by its time alone.
    """
    if before is not None:
        yield "e.number < :before", "before", before
    if asked.above:
        yield "e.number > :above", "above", asked.above
    ordered = not bound(view, _SET, {"ledger": asked.ledger, "act": SETS_CLOCK})
    if asked.since is not None:
        yield "e.recorded_at >= :since", "since", asked.since
        earlier = bound(view, _BEFORE, {"ledger": asked.ledger, "at": asked.since - AHEAD}) if ordered else ()
        if earlier:
            yield "e.number > :first", "first", earlier[0][0]
    if asked.until is not None:
        yield "e.recorded_at < :until", "until", asked.until
        later = bound(view, _AFTER, {"ledger": asked.ledger, "at": asked.until + AHEAD}) if ordered else ()
        if later:
            yield "e.number < :last", "last", later[0][0]


_SET = "SELECT 1 FROM entry WHERE ledger = :ledger AND act = :act LIMIT 1"
_BEFORE = "SELECT number FROM entry WHERE ledger = :ledger AND recorded_at < :at ORDER BY recorded_at DESC, number DESC LIMIT 1"
_AFTER = "SELECT number FROM entry WHERE ledger = :ledger AND recorded_at >= :at ORDER BY recorded_at, number LIMIT 1"


def _count(view: View, acts: str, values: dict[str, Any]) -> int:
    query = f"SELECT count(*) FROM (SELECT 1 FROM ({acts}) found LIMIT {FEW + 1}) few"  # noqa: S608  # clauses of this module
    return int(bound(view, query, values)[0][0])


def bound(view: View, query: str, values: dict[str, Any]) -> Any:
    """The rows of a query in which `:name` stands for a text, a time, or a list of texts after IN."""
    listed: list[Any] = [
        bindparam(name, type_=String, expanding=True) for name, value in values.items() if isinstance(value, list)
    ]
    times = [bindparam(name, type_=Utc()) for name, value in values.items() if isinstance(value, datetime)]
    return view.connection.execute(text(query).bindparams(*listed, *times), values).all()

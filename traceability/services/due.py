"""What is due, of any noun, told once a step by the same messages as alarms: cases and actions that are overdue, papers that end.

A noun adds what is due of it by a read in `SOURCES`. The worker raises what is new and clears what is done; whoever
acknowledges one ends its messages, and never the duty itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, bindparam, text
from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.harm import Owed
from traceability.domain.people import SYSTEM, system_for
from traceability.domain.recalling import answer_due
from traceability.services import Answer, Performer, eventbook, performs
from traceability.services.access import due_at
from traceability.services.cases import numbered
from traceability.services.lost_boxes import OVERDUE
from traceability.services.organisations import zones_of
from traceability.store import Call, Store, Tx, View
from traceability.store.tables import Alarm
from traceability.store.tables.alarms import OF_PLACES, AlarmKind
from traceability.store.tables.row import Json, Utc

AGAIN = timedelta(days=1)
"""So often a recall is told anew that is not answered by its clock."""
SOON_D = 2
STEPS_D = (90, 30, 7, 0)
"""A paper is told so many days ahead, and once it has ended."""
AHEAD = timedelta(days=STEPS_D[0])
EASTERNMOST = timedelta(hours=14)
"""No house is further ahead of UTC."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that somebody of an organisation has to do: told once for each `step`, and again where its day was moved."""

    kind: AlarmKind
    organisation_id: str
    noun: str
    noun_id: str
    name: str
    since: datetime
    step: int | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return (str(self.kind), self.organisation_id, self.noun_id, self.since, self.step)


def cases(view: View) -> list[Due]:
    rows = view.connection.execute(_CASES, {"now": view.at}).all()
    return [Due(AlarmKind.CASE_OVERDUE, row.house, "case", row.id, row.number, row.due_at) for row in rows]


def actions(view: View) -> list[Due]:
    """Not done by their day; done, and not judged by the day of the check."""
    rows = view.connection.execute(_ACTIONS, {"today": _latest(view)}).all()
    return [
        Due(
            AlarmKind.CHECK_OVERDUE if row.done_at else AlarmKind.ACTION_OVERDUE, row.house, "action", row.id, row.number,
            _after(row.due, zone),
        )
        for row, zone in _at_home(view, rows) if row.due < view.at.astimezone(zone).date()
    ]  # fmt: skip


def papers(view: View) -> list[Due]:
    """The newest paper of a kind, of makers and sites, for its holder and for whoever receives lots of theirs (R15)."""
    rows = view.connection.execute(_PAPERS, {"soon": _latest(view) + AHEAD}).all()
    return [
        Due(AlarmKind.PAPER_ENDS, row.house, "credential", row.id, f"{row.number}, {row.holder}", since, step)
        for row, step, since in _ending(view, rows)
    ]


def reviews(view: View) -> list[Due]:
    """Emergency issues and opened identities that QA has not reviewed: told at once, and again when their day is over (R37, R47)."""
    rows = view.connection.execute(_REVIEWS).all()
    made = []
    for row in rows:
        over = row.review_due_at < view.at
        since = row.review_due_at if over else row.issued_at
        made.append(Due(AlarmKind.REVIEW_OWED, row.house, row.noun, row.id, row.number, since, 0 if over else 24))
    return made


def recalls(view: View) -> list[Due]:
    """Notices of recalls, and of mock ones, that go on and that an organisation has not answered: told as soon as they are sent, and
    anew every day once the answer is late (R35). The step counts those reminders.
    """
    made = []
    for row in view.connection.execute(_NOTICES):
        by = answer_due(row.started_at, row.clocks)
        # one that was sent when the clock had run out already has a day to be read
        late = None if by is None else by if by > row.sent_at else row.sent_at + AGAIN
        since, step = row.sent_at, None
        if late is not None and late <= view.at:
            step = (view.at - late) // AGAIN + 1
            since = late + (step - 1) * AGAIN
        made.append(Due(AlarmKind.RECALL_UNANSWERED, row.house, "recall", row.id, row.number, since, step))
    return made


def boxes(view: View) -> list[Due]:
    """Boxes that have not arrived by their day, for who sent them and for who waits for them."""
    rows = view.connection.execute(_BOXES, {"now": view.at}).all()
    return [
        Due(AlarmKind.BOX_OVERDUE, house, "consignment", row.id, row.number, row.due_at)
        for row in rows for house in sorted({row.shipper_id, row.consignee_id})
    ]  # fmt: skip


def trainings(view: View) -> list[Due]:
    """What a role asks for and somebody who holds it was trained in: told ahead like a paper, and once it has ended (R55b)."""
    rows = view.connection.execute(_TRAININGS, {"soon": _latest(view) + AHEAD, "now": view.at}).all()
    return [
        Due(AlarmKind.TRAINING_ENDS, row.house, "training", row.id, f"{row.topic}, {row.person}", since, step)
        for row, step, since in _ending(view, rows)
    ]


def access(view: View) -> list[Due]:
    """Houses whose roles nobody has looked through for as long as their last review says, or ever (R55b)."""
    made = []
    for row in view.connection.execute(_HOUSES):
        since = due_at(view, row.id)
        if since is not None and since <= view.at:
            made.append(Due(AlarmKind.ACCESS_UNREVIEWED, row.id, "organisation", row.id, row.name, since))
    return made


def events(view: View) -> list[Due]:
    """Events of which the authority is owed a report: told at once, two days before it is due, and when it is late (R53)."""
    made = []
    found = eventbook.owing(view)
    zones = zones_of(view, found)
    for house in sorted(found):
        today = view.at.astimezone(zones[house]).date()
        for one in found[house]:
            if one.next:
                step, since = _before(one.next, today, zones[house])
                number = str(one.first.number)
                made.append(Due(AlarmKind.EVENT_UNREPORTED, house, "event", one.first.id, number, since, step))
    return made


def _before(report: Owed, today: date, zone: ZoneInfo) -> tuple[int, datetime]:
    """How many days ahead of its day a report is told of now, and since when it stands there."""
    left = (report.due_on - today).days
    if left > SOON_D:
        return report.clock.days, report.aware_at
    step = SOON_D if left >= 0 else 0
    day = report.due_on - timedelta(days=SOON_D) if step else report.due_on + timedelta(days=1)
    return step, datetime.combine(day, time(), zone)


SOURCES: tuple[Callable[[View], list[Due]], ...] = (
    cases, actions, papers, reviews, recalls, boxes, trainings, access,
    events,
)  # fmt: skip
"""Everything that falls due, of every organisation: each read looks as the system does. A new noun adds its own here."""


def _latest(view: View) -> date:
    """The day that it is where it is latest: what is due in no house by then is not looked at."""
    return (view.at + EASTERNMOST).date()


def _at_home(view: View, rows: Sequence[Any]) -> Iterator[tuple[Any, ZoneInfo]]:
    """Each row with the zone in which its house counts days."""
    zones = zones_of(view, {row.house for row in rows})
    for row in rows:
        yield row, zones[row.house]


def _ending(view: View, rows: Sequence[Any]) -> Iterator[tuple[Any, int, datetime]]:
    """Of what ends within `AHEAD` at its house, or has ended: the step at which it stands there today, and since when."""
    for row, zone in _at_home(view, rows):
        left = (row.valid_until - view.at.astimezone(zone).date()).days
        if left <= AHEAD.days:
            step = min(one for one in STEPS_D[:-1] if one >= left) if left >= 0 else 0
            yield row, step, _after(row.valid_until - timedelta(days=step + 1) if step else row.valid_until, zone)


def _after(day: date, zone: ZoneInfo) -> datetime:
    """When that day is over, where the house is."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


_CASES = (
    text(
        "SELECT c.id, c.number, c.organisation_id AS house, c.due_at FROM cases c WHERE c.closed_at IS NULL AND c.due_at < :now"
        " ORDER BY c.due_at, c.id"
    )
    .bindparams(bindparam("now", type_=Utc))
    .columns(due_at=Utc)
)
_ACTIONS = (
    text(
        "SELECT a.id, a.number, c.organisation_id AS house, a.done_at, CASE WHEN a.done_at IS NULL THEN a.due_on ELSE a.check_on END AS due"
        " FROM action a JOIN cases c ON c.id = a.case_id WHERE a.dropped_at IS NULL AND a.checked_at IS NULL"
        " AND CASE WHEN a.done_at IS NULL THEN a.due_on ELSE a.check_on END < :today ORDER BY a.id"
    )
    .bindparams(bindparam("today", type_=Date))
    .columns(due=Date, done_at=Utc)
)
_REVIEWS = text(
    "SELECT 'case' AS noun, c.id, c.number, e.organisation_id AS house, e.issued_at, e.review_due_at FROM emergency_issue e"
    " JOIN cases c ON c.id = e.case_id WHERE e.reviewed_at IS NULL UNION ALL"
    " SELECT 'opening', a.id, a.number, a.organisation_id, a.since, a.review_due_at FROM opening a"
    " WHERE a.reviewed_at IS NULL ORDER BY 2"
).columns(issued_at=Utc, review_due_at=Utc)
_NOTICES = text(
    # the newest of each house: a recall that has grown was sent anew, and is one thing to answer
    "SELECT r.id, r.number, r.started_at, r.clocks, n.organisation_id AS house, max(n.sent_at) AS sent_at FROM recall_notice n"
    " JOIN recall r ON r.id = n.recall_id WHERE n.acknowledged_at IS NULL AND r.closed_at IS NULL"
    " AND (r.mock OR r.withdrawn_at IS NULL)"
    " GROUP BY r.id, r.number, r.started_at, r.clocks, n.organisation_id ORDER BY r.id, n.organisation_id"
).columns(sent_at=Utc, started_at=Utc, clocks=Json)
_BOXES = (
    text(
        f"SELECT id, number, shipper_id, consignee_id, due_at FROM consignment WHERE {OVERDUE} ORDER BY id"  # noqa: S608 - the clause above alone
    )
    .bindparams(bindparam("now", type_=Utc))
    .columns(due_at=Utc)
)
_PAPERS = (
    text(
        "SELECT c.id, c.number, c.valid_until, o.name AS holder, h.id AS house FROM credential c"
        " JOIN organisation o ON o.id = c.organisation_id"
        " JOIN organisation h ON h.id = o.id OR EXISTS (SELECT 1 FROM lot l JOIN consignee s ON s.lot_id = l.id WHERE l.maker_id = o.id"
        " AND s.organisation_id = h.id) WHERE c.valid_until IS NOT NULL AND c.valid_until <= :soon AND NOT EXISTS"
        " (SELECT 1 FROM suspension u WHERE u.credential_id = c.id AND u.until IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM credential n WHERE n.organisation_id = c.organisation_id AND n.kind = c.kind"
        " AND n.valid_until > c.valid_until) ORDER BY c.id, h.id"
    )
    .bindparams(bindparam("soon", type_=Date))
    .columns(valid_until=Date)
)


_TRAININGS = (
    text(
        "SELECT t.id, t.topic, t.valid_until, p.name AS person, t.organisation_id AS house FROM training t"
        " JOIN person p ON p.id = t.person_id WHERE t.void_at IS NULL AND t.valid_until <= :soon AND EXISTS"
        " (SELECT 1 FROM training_need n JOIN grants g ON g.organisation_id = n.organisation_id AND g.role = n.role"
        " WHERE n.organisation_id = t.organisation_id AND n.topic = t.topic AND n.ended_at IS NULL"
        " AND g.person_id = t.person_id AND g.since <= :now AND (g.until IS NULL OR g.until > :now)) AND NOT EXISTS"
        " (SELECT 1 FROM training l WHERE l.person_id = t.person_id AND l.topic = t.topic AND l.void_at IS NULL"
        " AND (l.valid_until > t.valid_until OR (l.valid_until = t.valid_until AND l.id > t.id))) ORDER BY t.id"
    )
    .bindparams(bindparam("soon", type_=Date), bindparam("now", type_=Utc))
    .columns(valid_until=Date)
)
_HOUSES = text("SELECT id, name FROM organisation ORDER BY id")


@performs("alarm.report_due")
def report_due(tx: Tx, kind: AlarmKind, noun_id: str, step: int | None = None) -> Answer:
    """It is due now, and was not told of yet for this step and day."""
    mine = tx.actor.organisation_id
    found = [
        one
        for one in everything(tx)
        if (one.kind, one.organisation_id, one.noun_id, one.step) == (kind, mine, noun_id, step)
    ]
    if not found:
        raise Refused("nothing_due")
    (one,) = found
    if any(_key(alarm) == one.key and alarm.cleared_at is None for alarm in tx.known(Alarm, noun_id=noun_id)):
        raise Refused("already_there", noun="alarm", key=one.name)
    alarm = tx.add(
        Alarm(
            number=numbered(tx, Alarm, "A"), organisation_id=mine, kind=one.kind, noun=one.noun, noun_id=one.noun_id, name=one.name[:120],
            step=one.step, since=one.since, raised_at=tx.at,
        )
    )  # fmt: skip
    tx.mention(one.noun_id)
    return {"id": alarm.id, "number": alarm.number}


@performs("alarm.report_done")
def report_done(tx: Tx, alarm_id: str) -> Answer:
    """What it told of is not due any more: done, moved to another day, or told anew for the next step."""
    alarm = tx.need(Alarm, alarm_id)
    if alarm.cleared_at is not None or alarm.kind in OF_PLACES:
        raise Refused("already_ended", noun="alarm")
    if _key(alarm) in {one.key for one in everything(tx)}:
        raise Refused("still_due")
    tx.change(alarm, cleared_at=tx.at)
    tx.mention(str(alarm.noun_id))
    return {"id": alarm.id, "number": alarm.number}


def report(store: Store, *, demonstration: bool = False) -> int:
    """Raise everything that is due and was not told, clear what is done; how many were new. One act each, whoever finds it."""
    with store.read(SYSTEM) as view:
        found = {one.key: one for one in everything(view)}
        kinds = [kind for kind in AlarmKind if kind not in OF_PLACES]
        told = view.all(
            Alarm, col(Alarm.kind).in_(kinds), col(Alarm.noun_id).in_({one.noun_id for one in found.values()})
        )
        standing = view.all(Alarm, col(Alarm.kind).in_(kinds), col(Alarm.cleared_at).is_(None))
    made = 0
    for key, one in found.items():
        before = [alarm for alarm in told if _key(alarm) == key]
        if all(alarm.cleared_at is not None for alarm in before):  # new, or due again after it was done
            call = _call("due", (*key, len(before)), demonstration)
            made += _once(report_due, store, one.organisation_id, call, one.kind, one.noun_id, one.step)
    for alarm in standing:
        if _key(alarm) not in found:
            _once(report_done, store, alarm.organisation_id, _call("done", (alarm.id,), demonstration), alarm.id)
    return made


def everything(view: View) -> list[Due]:
    return [one for source in SOURCES for one in source(view)]


def _call(what: str, key: tuple[Any, ...], demonstration: bool) -> Call:
    return Call(act_id=sha256(f"{what} {key}".encode()).hexdigest()[:32], demonstration=demonstration)


def _once(act: Performer[Any], store: Store, organisation_id: str, call: Call, *told: Any) -> bool:
    try:
        return not act(store, system_for(organisation_id), call, *told).repeated
    except Refused as refused:
        if refused.code not in ("nothing_due", "already_there", "already_ended", "still_due"):
            raise
        return False  # somebody was faster, or did it meanwhile


def _key(alarm: Alarm) -> tuple[Any, ...]:
    return (str(alarm.kind), alarm.organisation_id, alarm.noun_id, alarm.since, alarm.step)

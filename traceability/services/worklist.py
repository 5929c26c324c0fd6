"""What waits for somebody: one query for each kind of work, of the reader's own organisation. Words are the page's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, bindparam, or_, text
from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.people import DECIDES, Role
from traceability.domain.recalling import answer_due
from traceability.domain.states import Custody
from traceability.services import (
    access,
    administrations,
    courses,
    credentials,
    eventbook,
    expiry,
    forecasts,
    glass,
    organisations,
    outbox,
    persons,
    sheets,
    stops,
    supply,
    trainings,
)
from traceability.services.covering import COVERS, RECALLS
from traceability.services.lost_boxes import OVERDUE
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Consignment, Lot, Opening, Recall, RecallNotice, Site, Subject
from traceability.store.tables.row import Utc

AHEAD_D = 7
"""Orders are signed and verified so many days before the dose is due; its vial is fetched on the day."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to do: `noun_id` is what the act is about, `values` fill the sentence."""

    code: str
    noun_id: str
    since: datetime | None
    values: dict[str, Any] = field(default_factory=dict)


def _ask(view: View, query: str, **values: Any) -> list[Any]:
    times = [bindparam(name, type_=Utc) for name, value in values.items() if isinstance(value, datetime)]
    made = text(query).bindparams(*times).columns(since=Utc)
    return list(view.connection.execute(made, {"mine": view.actor.organisation_id, **values}).all())


def uncertified(view: View) -> list[Waiting]:
    """Lots of ours that were announced and that nobody has vouched for."""
    rows = _ask(
        view,
        "SELECT l.id, l.number, l.filled, e.stated_at AS since FROM lot l"
        " JOIN expiry_statement e ON e.lot_id = l.id AND e.version = 1"
        " WHERE l.maker_id = :mine AND l.state = 'announced' ORDER BY e.stated_at",
    )
    return [Waiting("uncertified", row.id, row.since, {"lot": row.number, "vials": row.filled}) for row in rows]


def untranscribed(view: View) -> list[Waiting]:
    """Lots consigned to us whose maker has said nothing here: their certificate may be copied in."""
    rows = _ask(
        view,
        "SELECT l.id, l.number, l.filled, e.stated_at AS since FROM lot l JOIN consignee c ON c.lot_id = l.id"
        " JOIN expiry_statement e ON e.lot_id = l.id AND e.version = 1"
        " WHERE c.organisation_id = :mine AND l.state = 'announced' ORDER BY e.stated_at",
    )
    return [Waiting("untranscribed", row.id, row.since, {"lot": row.number, "vials": row.filled}) for row in rows]


def labels(view: View) -> list[Waiting]:
    """Labels that were printed and not scanned back onto vials that we hold."""
    rows = _ask(
        view,
        "SELECT l.id, l.number, count(DISTINCT p.vial_id) AS waiting, min(p.printed_at) AS since FROM label_print p"
        " JOIN vial v ON v.id = p.vial_id JOIN lot l ON l.id = v.lot_id"
        " WHERE v.organisation_id = :mine AND p.scanned_back_at IS NULL AND p.spoiled_at IS NULL GROUP BY l.id, l.number ORDER BY l.number",
    )
    return [Waiting("labels", row.id, row.since, {"lot": row.number, "labels": row.waiting}) for row in rows]


def relabel(view: View) -> list[Waiting]:
    """Lots with vials in our hands whose label shows an expiry that was stated anew since."""
    rows = _ask(
        view,
        "SELECT l.id, l.number, count(*) AS vials, e.expires, e.stated_at AS since"
        + expiry.SUPERSEDED
        + " AND v.organisation_id = :mine GROUP BY l.id, l.number, e.expires, e.stated_at ORDER BY e.stated_at",
    )
    return [Waiting("relabel", row.id, row.since, {"lot": row.number, "vials": row.vials}) for row in rows]


def unlabelled(view: View) -> list[Waiting]:
    """Lots of ours with vials that carry no label of this system."""
    rows = _ask(
        view,
        "SELECT l.id, l.number, count(*) AS bare, e.stated_at AS since FROM vial v JOIN lot l ON l.id = v.lot_id"
        " JOIN expiry_statement e ON e.lot_id = l.id AND e.version = 1"
        " WHERE v.organisation_id = :mine AND v.state = 'made' AND NOT EXISTS"
        " (SELECT 1 FROM label_print p WHERE p.vial_id = v.id)"
        " GROUP BY l.id, l.number, e.stated_at ORDER BY l.number",
    )
    return [Waiting("unlabelled", row.id, row.since, {"lot": row.number, "vials": row.bare}) for row in rows]


def unshipped(view: View) -> list[Waiting]:
    """Certified lots of ours with vials that have not left, and may: none that a recall stops."""
    rows = _ask(
        view,
        "SELECT l.id, l.number, count(*) AS left_here, c.certified_on AS on_day, e.stated_at AS since FROM vial v"  # noqa: S608
        " JOIN lot l ON l.id = v.lot_id JOIN certification c ON c.lot_id = l.id"
        " JOIN expiry_statement e ON e.lot_id = l.id AND e.version = 1"
        " WHERE l.maker_id = :mine AND l.state = 'certified' AND v.state = 'made' AND NOT EXISTS"
        f" (SELECT 1 FROM scope c JOIN {RECALLS} x ON x.id = c.recall_id WHERE x.withdrawn_at IS NULL AND {COVERS})"
        " GROUP BY l.id, l.number, c.certified_on, e.stated_at ORDER BY l.number",
    )
    return [Waiting("unshipped", row.id, row.since, {"lot": row.number, "vials": row.left_here}) for row in rows]


def consignments(view: View) -> list[Waiting]:
    """Boxes to us that are not yet closed: expected and not overdue, to be counted, to be put away, to be closed."""
    rows = _ask(
        view,
        "SELECT c.id, c.number, c.state, coalesce((SELECT max(h.at) FROM handover h WHERE h.consignment_id = c.id),"
        " c.shipped_at) AS since, (SELECT count(l.vial_id) FROM consignment_line l WHERE l.consignment_id = c.id) AS vials,"
        " (SELECT count(*) FROM stay s WHERE s.place_id = c.place_id AND s.until IS NULL) AS inside,"
        " (SELECT count(*) FROM sensor_file f WHERE f.consignment_id = c.id) AS files FROM consignment c"
        " WHERE c.consignee_id = :mine AND (c.state IN ('arrived', 'checked_in') OR (c.state = 'expected' AND c.due_at >= :now))"
        " ORDER BY c.id",
        now=view.at,
    )
    made = []
    for row in rows:
        code = {"expected": "expected", "arrived": "to_count"}.get(row.state) or (
            "to_put_away" if row.inside else "to_close"
        )
        told = {"consignment": row.number, "vials": row.inside if code == "to_put_away" else row.vials}
        made.append(Waiting(code, row.id, row.since, told | {"logged": bool(row.files)}))
    return made


def boxes_overdue(view: View) -> list[Waiting]:
    """Boxes of ours and to us that have not arrived by their day: somebody asks the carrier, and QA gives them up or not."""
    mine = view.actor.organisation_id
    where = (
        text(OVERDUE).bindparams(bindparam("now", view.at, Utc)),
        or_(col(Consignment.shipper_id) == mine, col(Consignment.consignee_id) == mine),
    )
    return [
        Waiting("box_overdue", one.id, one.due_at, {"consignment": one.number, "due": one.due_at, "to_us": one.consignee_id == mine})
        for one in sorted(view.known(Consignment, *where), key=lambda one: one.due_at)
    ]  # fmt: skip


def holds(view: View) -> list[Waiting]:
    """Open holds that our organisation has placed; those of an excursion are told with it."""
    rows = _ask(
        view,
        "SELECT id, number, title, placed_at AS since FROM hold WHERE organisation_id = :mine AND lifted_at IS NULL"
        " AND excursion_id IS NULL ORDER BY placed_at",
    )
    return [Waiting("hold", row.id, row.since, {"number": row.number, "title": row.title}) for row in rows]


def recalls(view: View) -> list[Waiting]:
    """Open recalls of whichever organisation: they stop use everywhere, so everybody may know of them.

    Of one's own, how many houses have not answered, and since when they should have.
    """
    mine = view.actor.organisation_id
    made = []
    for one in sorted(stops.open_recalls(view), key=lambda one: one.started_at):
        if one.closed_at is None:
            told: dict[str, Any] = {"number": one.number, "title": one.title, "class": one.class_}
            if one.organisation_id == mine:
                silent = {
                    n.organisation_id for n in view.known(RecallNotice, recall_id=one.id) if not n.acknowledged_at
                }
                told |= {"silent": len(silent), **_answer_due(view, one)}
            made.append(Waiting("recall", one.id, one.started_at, told))
    return made


def notices(view: View) -> list[Waiting]:
    """Recalls, and mock ones, of which our house was told and that it has not answered, with the day by which it has to."""
    left = view.known(
        RecallNotice, col(RecallNotice.acknowledged_at).is_(None), organisation_id=view.actor.organisation_id
    )
    sent: dict[str, datetime] = {}
    for one in left:
        sent[one.recall_id] = min(one.sent_at, sent.get(one.recall_id, one.sent_at))
    made = []
    for recall in view.known(Recall, col(Recall.id).in_(sent), col(Recall.closed_at).is_(None)):
        if recall.mock or recall.withdrawn_at is None:
            told = {"number": recall.number, "title": recall.title, "class": recall.class_, "mock": recall.mock}
            made.append(Waiting("notice", recall.id, sent[recall.id], told | _answer_due(view, recall)))
    return sorted(made, key=lambda one: (one.values["mock"], one.since))


def _answer_due(view: View, recall: Recall) -> dict[str, Any]:
    due = answer_due(recall.started_at, recall.clocks)
    return {"due": due, "late": due is not None and due < view.at}


def excursions(view: View) -> list[Waiting]:
    """Places of ours that are out of limits as far as is known, or were, with vials on which nobody has decided."""
    rows = _ask(
        view,
        "SELECT e.id, e.number, e.peak_mc, p.code, e.since, CASE WHEN e.until IS NULL THEN 1 ELSE 0 END AS going"
        " FROM excursion e JOIN place p ON p.id = e.place_id JOIN site s ON s.id = p.site_id WHERE s.organisation_id = :mine"
        " AND (e.until IS NULL OR EXISTS (SELECT 1 FROM hold h WHERE h.excursion_id = e.id AND h.lifted_at IS NULL))"
        " ORDER BY going DESC, e.since",
    )
    return [
        Waiting(
            "excursion" if row.going else "undecided",
            row.id,
            row.since,
            {"number": row.number, "place": row.code, "peak_mc": row.peak_mc},
        )
        for row in rows
    ]


def alarms(view: View) -> list[Waiting]:
    """Alarms of ours that nobody has acknowledged, the oldest first."""
    rows = _ask(
        view,
        "SELECT a.id, a.number, a.kind, p.code, a.since, CASE WHEN a.cleared_at IS NULL THEN 0 ELSE 1 END AS over_"
        " FROM alarm a JOIN place p ON p.id = a.place_id WHERE a.organisation_id = :mine AND a.acknowledged_at IS NULL"
        " ORDER BY a.raised_at, a.id",
    )
    return [
        Waiting(
            "alarm", row.id, row.since, {"number": row.number, "kind": row.kind, "place": row.code, "over": row.over_}
        )
        for row in rows
    ]


def untold(view: View) -> list[Waiting]:
    """Alarms of ours of which somebody who is to be told could not be told."""
    told = outbox.given_up(view)
    return [Waiting("untold", row.id, None, {"number": row.number, "messages": row.messages}) for row in told]


def cases(view: View) -> list[Waiting]:
    """Open cases of ours, those that are overdue first; the reader's own come with them."""
    rows = _ask(
        view,
        "SELECT id, number, title, severity, due_at AS since, CASE WHEN owner_id = :me THEN 1 ELSE 0 END AS mine"
        " FROM cases WHERE organisation_id = :mine AND closed_at IS NULL ORDER BY due_at, id",
        me=view.actor.person_id,
    )
    made = []
    for row in rows:
        told = {
            "number": row.number,
            "title": row.title,
            "severity": row.severity,
            "due": row.since,
            "own": bool(row.mine),
        }
        made.append(Waiting("case_overdue" if row.since < view.at else "case", row.id, None, told))
    return made


def actions(view: View) -> list[Waiting]:
    """What was planned in cases of ours: to be done by the reader, or overdue; and what is to be judged by somebody else."""
    today = organisations.today(view)
    rows = view.connection.execute(_ACTIONS, {"mine": view.actor.organisation_id}).all()
    decides = bool(view.actor.roles(view.at) & DECIDES)
    made = []
    for row in rows:
        done = row.done_at is not None
        if (not done and (row.owner_id == view.actor.person_id or (decides and row.due < today))) or (
            done and decides and row.due <= today and view.actor.person_id not in (row.done_by, row.owner_id)
        ):
            told = {
                "number": row.number,
                "title": row.title,
                "due": row.due,
                "late": row.due < today,
                "case_id": row.case_id,
            }
            made.append(Waiting("action_check" if done else "action_do", row.id, None, told))
    return made


def emergencies(view: View) -> list[Waiting]:
    """Vials of ours that were handed out without QA and that QA has not reviewed."""
    rows = _ask(
        view,
        "SELECT c.id, c.number, v.serial, e.pharmacist_id, e.physician_id, e.review_due_at AS since FROM emergency_issue e"
        " JOIN cases c ON c.id = e.case_id JOIN vial v ON v.id = e.vial_id WHERE e.organisation_id = :mine"
        " AND e.reviewed_at IS NULL ORDER BY e.review_due_at",
    )
    return [
        Waiting("emergency", row.id, None, {"number": row.number, "serial": row.serial, "due": row.since, "late": row.since < view.at})
        for row in rows if view.actor.person_id not in (row.pharmacist_id, row.physician_id)
    ]  # fmt: skip


def opened(view: View) -> list[Waiting]:
    """Identities that were looked at behind broken glass, and that this reader may review (R47)."""
    mine = view.mine(DECIDES)
    rows = view.all(Opening, col(Opening.reviewed_at).is_(None), order=Opening.review_due_at)
    names = {one.id: one.pseudonym for one in view.all(Subject, col(Subject.id).in_([row.subject_id for row in rows]))}
    return [
        Waiting(
            "opened", row.id, None,
            {"number": row.number, "subject_id": row.subject_id, "pseudonym": names[row.subject_id], "due": row.review_due_at,
             "late": row.review_due_at < view.at},
        )
        for row in rows if not mine & glass.both(view, row)
    ]  # fmt: skip


_ACTIONS = text(
    "SELECT a.id, a.number, a.title, a.case_id, a.owner_id, a.done_by, a.done_at, coalesce(CASE WHEN a.done_at IS NULL"
    " THEN a.due_on ELSE a.check_on END, a.due_on) AS due FROM action a JOIN cases c ON c.id = a.case_id"
    " WHERE c.organisation_id = :mine AND a.dropped_at IS NULL AND a.checked_at IS NULL ORDER BY a.due_on, a.id"
).columns(due=Date, done_at=Utc)


def unconfirmed(view: View) -> list[Waiting]:
    """Accounts of ours whose password somebody else has set: who it is has to be said by a third, once they chose their own."""
    rows = _ask(
        view,
        "SELECT p.id, p.name, e.act, e.recorded_at AS since FROM person p JOIN password w ON w.person_id = p.id"
        " JOIN entry e ON e.act_id = w.act_id WHERE p.organisation_id = :mine AND w.must_change"
        " AND e.act IN ('person.change_password', 'person.reset_password') ORDER BY e.recorded_at",
    )
    chosen = {"person.change_password": True, "person.reset_password": False}
    return [Waiting("unconfirmed", row.id, row.since, {"name": row.name, "chosen": chosen[row.act]}) for row in rows]


def unreleased(view: View) -> list[Waiting]:
    """Lots with vials in our stock that stand under no release of ours."""
    rows = _ask(
        view,
        "SELECT l.id, l.number, count(*) AS vials, min(s.since) AS since FROM vial v JOIN lot l ON l.id = v.lot_id"
        " JOIN stay s ON s.vial_id = v.id AND s.until IS NULL WHERE v.organisation_id = :mine AND v.state = 'in_stock'"
        " AND l.maker_id <> :mine AND NOT EXISTS (SELECT 1 FROM released_vial rv JOIN release r ON r.id = rv.release_id"
        " WHERE rv.vial_id = v.id AND r.void_at IS NULL AND r.organisation_id = :mine)"
        " GROUP BY l.id, l.number ORDER BY min(s.since)",
    )
    return [Waiting("unreleased", row.id, row.since, {"lot": row.number, "vials": row.vials}) for row in rows]


def reviews(view: View) -> list[Waiting]:
    """Lots we hold or made with results that somebody else entered and nobody reviewed."""
    rows = _ask(
        view,
        "SELECT l.id, l.number, count(*) AS results, min(r.tested_on) AS since FROM result r JOIN lot l ON l.id = r.lot_id"
        " WHERE r.reviewed_at IS NULL AND r.analyst_id <> :me"
        " AND (l.maker_id = :mine OR EXISTS (SELECT 1 FROM consignee c WHERE c.lot_id = l.id"
        " AND c.organisation_id = :mine)) GROUP BY l.id, l.number ORDER BY min(r.tested_on), l.number",
        me=view.actor.person_id,
    )
    return [Waiting("review", row.id, row.since, {"lot": row.number, "results": row.results}) for row in rows]


def untested(view: View) -> list[Waiting]:
    """Lots we hold or made that miss a result of a test that was asked when they were made, or is asked today."""
    query = (
        text(
            "SELECT l.id, l.number, count(DISTINCT sp.test) AS missing, e.stated_at AS since FROM lot l"
            " JOIN expiry_statement e ON e.lot_id = l.id AND e.version = 1"
            " JOIN specification sp ON sp.product_version_id = l.product_version_id"
            " WHERE l.state <> 'declined' AND (l.maker_id = :mine OR EXISTS"
            " (SELECT 1 FROM consignee c WHERE c.lot_id = l.id AND c.organisation_id = :mine))"
            " AND ((sp.valid_from <= l.made_on AND (sp.valid_until IS NULL OR sp.valid_until >= l.made_on))"
            " OR (sp.valid_from <= :today AND (sp.valid_until IS NULL OR sp.valid_until >= :today)"
            " AND NOT EXISTS (SELECT 1 FROM specification n WHERE n.product_version_id = sp.product_version_id"
            " AND n.test = sp.test AND n.version > sp.version AND n.valid_from <= :today)))"
            " AND NOT EXISTS (SELECT 1 FROM result r JOIN specification of_it ON of_it.id = r.specification_id"
            " WHERE r.lot_id = l.id AND of_it.test = sp.test)"
            " GROUP BY l.id, l.number, e.stated_at ORDER BY e.stated_at"
        )
        .bindparams(bindparam("today", type_=Date))
        .columns(since=Utc)
    )
    today = organisations.today(view)
    rows = view.connection.execute(query, {"mine": view.actor.organisation_id, "today": today})
    return [Waiting("untested", row.id, row.since, {"lot": row.number, "tests": row.missing}) for row in rows]


def outside(view: View) -> list[Waiting]:
    """Results outside their specification whose case is ours, and of which nobody said which result stands."""
    rows = _ask(
        view,
        "SELECT r.id, l.number, sp.test, r.value, c.number AS of_case, c.opened_at AS since FROM result r"
        " JOIN cases c ON c.id = r.case_id JOIN lot l ON l.id = r.lot_id JOIN specification sp ON sp.id = r.specification_id"
        " WHERE c.organisation_id = :mine AND c.closed_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM conclusion i WHERE i.result_id = r.id) ORDER BY c.opened_at",
    )
    return [
        Waiting(
            "outside", row.id, row.since, {"lot": row.number, "test": row.test, "value": row.value, "case": row.of_case}
        )
        for row in rows
    ]


def papers(view: View) -> list[Waiting]:
    """Papers of ours, and of makers whose lots we receive, that are suspended, have ended, or end within 90, 30 or 7 days."""
    return [
        Waiting(
            "paper", one.credential.id, None,
            {
                "kind": one.credential.kind, "number": one.credential.number, "holder": owner.name, "owner": owner.id,
                "until": one.credential.valid_until, "standing": str(one.standing), "days": one.days,
                "suspended": one.suspensions[-1].since if one.suspensions else None,
            },
        )
        for owner, one in credentials.pressing(view)
    ]  # fmt: skip


def _next_doses(view: View, *steps: str) -> list[Waiting]:
    """The next dose of each course, where it waits for one of these steps."""
    found: dict[str, dict[str, Any]] = {}
    for row in courses.due(view, AHEAD_D):
        found.setdefault(row["course_id"], row)
    issued = [one.vial_id for row in found.values() for one in row["kept"] if one.state is Custody.ISSUED]
    thawed = {vial for vial, fact in zip(issued, facts(view, issued, Purpose.BEDSIDE), strict=True) if fact.thawed_at}
    made = []
    for row in found.values():
        row |= courses.next_of(supply.turn(row["kept"], thawed))
        step = _step(row, row["vial_id"] in thawed)
        ahead = step in ("dose_order", "dose_verify")
        if step in steps and (ahead or row["due"] <= row["today"]):
            about = {
                "dose_order": row["dose_id"],
                "dose_verify": row["order_id"],
                "dose_choose": row["dose_id"],
                "dose_give": row["dose_id"],
            }
            made.append(
                Waiting(step, about.get(step, row["vial_id"]), None, row | {"days": (row["due"] - row["today"]).days})
            )
    return made


def _step(row: dict[str, Any], thawed: bool) -> str:
    if not row["order_id"]:
        return "dose_order"
    if not row["verified_at"]:
        return "dose_verify"
    if row["lacks_ul"]:
        return "dose_choose"
    if row["state"] == Custody.RESERVED:
        return "dose_issue"
    return "dose_give" if thawed else "dose_thaw"


def to_order(view: View) -> list[Waiting]:
    return _next_doses(view, "dose_order")


def to_prepare(view: View) -> list[Waiting]:
    """Doses that wait for the pharmacy: verified, given a vial, issued, thawed."""
    return _next_doses(view, "dose_verify", "dose_choose", "dose_issue", "dose_thaw")


def of_today(view: View) -> list[Waiting]:
    """Doses due today or before, whoever they wait for: who gives and who witnesses plan their day by them."""
    steps = _next_doses(view, "dose_verify", "dose_choose", "dose_issue", "dose_thaw", "dose_give")
    return [one for one in steps if one.values["days"] <= 0]


def to_watch(view: View) -> list[Waiting]:
    """Injections of the last day without an observation."""
    return [
        Waiting("watch", one["administration"].id, None, {
            "subject": one["subject"].pseudonym, "given_at": one["administration"].given_at,
            "over": one["timer"] is None or one["timer"].over(view.at), "until": one["timer"].until if one["timer"] else None,
        })
        for one in administrations.watched(view)
    ]  # fmt: skip


def lots(view: View) -> list[Waiting]:
    """Every lot an inspector was given to see."""
    rows = view.all(Lot, order=Lot.number)
    return [
        Waiting("lot", row.id, None, {"lot": row.number, "vials": row.filled, "state": str(row.state)}) for row in rows
    ]


def training(view: View) -> list[Waiting]:
    """People of ours who hold a role that asks for a training which they do not have, or which ends within 90 days."""
    return [
        Waiting(
            "training", f"{one.person.id} {one.topic}", None,
            {
                "person": one.person.name, "person_id": one.person.id, "topic": one.topic, "roles": [str(each) for each in one.roles],
                "standing": str(one.standing or "none"), "until": one.until, "days": one.days,
            },
        )
        for one in trainings.pressing(view)
    ]  # fmt: skip


def unreviewed_access(view: View) -> list[Waiting]:
    """The roles of our house, where the next review is due."""
    mine = view.actor.organisation_id
    due_at = access.due_at(view, mine)
    if due_at is None or due_at > view.at:
        return []
    return [Waiting("access", mine, due_at, {"grants": len(access.state(view).standing)})]


def shortages(view: View) -> list[Waiting]:
    """Products whose vials do not last for the doses of the next weeks, with the first day that runs short (R40)."""
    return [
        Waiting(
            "shortage", one.product.id, None,
            {"product": one.product.name, "missing": one.missing, "day": one.short[0].day, "until": one.until},
        )
        for one in forecasts.forecasts(view) if one.short
    ]  # fmt: skip


def unreported(view: View) -> list[Waiting]:
    """Events of ours that the authority is owed a report of, the soonest first; then those of which nobody said how grave they are."""
    made = []
    found = eventbook.owing(view).get(view.actor.organisation_id, [])
    today = organisations.today(view)
    for one in sorted(found, key=lambda each: each.next.due_on if each.next else date.max):
        if report := one.next:
            told = {
                "number": one.first.number, "due": report.due_on, "late": report.late(today), "kind": str(report.clock.kind),
            }  # fmt: skip
            made.append(Waiting("unreported", one.first.id, report.aware_at, told))
        elif one.serious is None:
            made.append(Waiting("ungraded", one.first.id, one.first.aware_at, {"number": one.first.number}))
    return made


def outdated_sheets(view: View) -> list[Waiting]:
    """By site the contingency sheets of today and later days on which a dose is missing, or does not stand as it was printed (R45)."""
    names = {one.id: one.name for one in view.known(Site, Site.organisation_id == view.actor.organisation_id)}
    by: dict[str, list[sheets.Outdated]] = defaultdict(list)
    for one in sheets.to_print(view):
        by[one.site_id].append(one)
    return [
        Waiting(
            "outdated_sheets", site_id, None,
            {
                "site": names[site_id], "days": [one.day for one in found],
                "sheets": sum(not each.unprinted for one in found for each in one.struck),
                "unprinted": sum(each.unprinted for one in found for each in one.struck),
            },
        )
        for site_id, found in by.items()
    ]  # fmt: skip


def stranded(view: View) -> list[Waiting]:
    """Vials of ours that are kept for a course which has ended, and had no way back to stock when it did."""
    stands = persons.standing(view)
    made = []
    for row in view.rows(_STRANDED, {"mine": view.actor.organisation_id}):
        who = stands[row.subject_id].pseudonym if row.subject_id in stands else row.pseudonym
        told = {"serial": row.serial, "subject": who, "course_id": row.course_id, "k": row.k}
        made.append(Waiting("stranded", row.id, None, told))
    return made


_STRANDED = (
    "SELECT v.id, v.serial, c.id AS course_id, c.subject_id, s.pseudonym, d.k FROM reservation r JOIN vial v ON v.id = r.vial_id"
    " JOIN dose d ON d.id = r.dose_id JOIN course c ON c.id = d.course_id JOIN subject s ON s.id = c.subject_id"
    " WHERE r.until IS NULL AND c.ended_at IS NOT NULL AND v.organisation_id = :mine ORDER BY v.serial"
)


READS: dict[Role, tuple[Callable[[View], list[Waiting]], ...]] = {
    Role.MAKER_QA: (
        recalls,
        notices,
        alarms,
        untold,
        boxes_overdue,
        holds,
        excursions,
        outside,
        unconfirmed,
        uncertified,
        labels,
        relabel,
        unlabelled,
        unshipped,
        cases,
        actions,
        papers,
        training,
        unreviewed_access,
    ),
    Role.STOREKEEPER: (recalls, notices, alarms, boxes_overdue, excursions, consignments, labels, relabel),
    Role.PHARMACIST: (
        recalls,
        notices,
        alarms,
        untold,
        boxes_overdue,
        outdated_sheets,
        stranded,
        to_prepare,
        shortages,
        holds,
        excursions,
        consignments,
        labels,
        relabel,
        actions,
    ),
    Role.PHYSICIAN: (recalls, unreported, outdated_sheets, to_watch, of_today, to_order, actions),
    Role.NURSE: (recalls, outdated_sheets, to_watch, of_today, actions),
    Role.WITNESS: (recalls, to_watch, of_today),
    Role.QUALITY: (
        recalls,
        notices,
        unreported,
        outdated_sheets,
        emergencies,
        opened,
        alarms,
        untold,
        boxes_overdue,
        excursions,
        holds,
        outside,
        cases,
        actions,
        unconfirmed,
        unreleased,
        reviews,
        untranscribed,
        papers,
        training,
        unreviewed_access,
        shortages,
    ),
    Role.ANALYST: (untested, reviews),
    Role.INSPECTOR: (lots,),
    Role.ADMINISTRATOR: (untold, training, unreviewed_access),
}
"""What each role is shown, the most pressing first."""


def waiting(view: View, roles: frozenset[Role]) -> list[Waiting]:
    """Everything that waits for somebody in these roles, each thing once."""
    reads = dict.fromkeys(read for role, reads in READS.items() if role in roles for read in reads)
    found = [one for read in reads for one in read(view)]
    answers = {one.noun_id for one in found if one.code == "notice"}  # which says all that the line of its recall does
    return list(
        {(one.code, one.noun_id): one for one in found if one.code != "recall" or one.noun_id not in answers}.values()
    )


def numbers(view: View) -> dict[str, int]:
    """How much there is of what, here and now: one row."""
    (row,) = view.connection.execute(_NUMBERS, {"mine": view.actor.organisation_id}).mappings()
    return {key: int(value) for key, value in row.items()}


_NUMBERS = text(
    "SELECT (SELECT count(*) FROM vial WHERE organisation_id = :mine AND state = 'in_stock') AS in_stock,"
    " (SELECT count(*) FROM vial v WHERE v.organisation_id = :mine AND v.state = 'in_stock' AND EXISTS (SELECT 1 FROM"
    " released_vial rv JOIN release r ON r.id = rv.release_id WHERE rv.vial_id = v.id AND r.void_at IS NULL"
    " AND r.organisation_id = :mine)) AS released,"
    " (SELECT count(*) FROM vial WHERE organisation_id = :mine AND state = 'made') AS made,"
    " (SELECT count(*) FROM consignment c JOIN consignment_line l ON l.consignment_id = c.id JOIN vial v ON v.id = l.vial_id"
    " WHERE (c.consignee_id = :mine OR c.shipper_id = :mine) AND v.state = 'in_transit') AS in_transit,"
    " (SELECT count(*) FROM lot WHERE maker_id = :mine) AS lots,"
    " (SELECT count(*) FROM hold WHERE organisation_id = :mine AND lifted_at IS NULL) AS holds,"
    " (SELECT count(*) FROM excursion e JOIN place p ON p.id = e.place_id JOIN site s ON s.id = p.site_id"
    " WHERE s.organisation_id = :mine AND e.until IS NULL) AS excursions,"
    " (SELECT count(*) FROM cases WHERE organisation_id = :mine AND closed_at IS NULL) AS cases"
)

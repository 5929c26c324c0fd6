"""What a message of a recall says, in the language of who is told: real or mock first, then what it covers, what it may do, what to do.

It names lots, boxes, materials and places as the house itself may see them, and nobody who had a vial.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from traceability.domain.recalling import MOST_NAMED
from traceability.formats import moment
from traceability.services.outbox import Message
from traceability.services.recall_messages import Told
from traceability.words import choice_word


def subject(one: Message, told: Told) -> str:
    """One line; a reminder says that the answer is late."""
    given = {"number": told.recall.number, "class": told.recall.class_, "by": _by(one, told)}
    late = bool(one.told.alarm.step)
    match told.recall.mock, late:
        case True, False:
            return _("MOCK RECALL %(number)s, class %(class)s, an exercise: answer by %(by)s", **given)
        case True, True:
            return _("MOCK RECALL %(number)s, class %(class)s, an exercise: not answered by %(by)s", **given)
        case False, True:
            return _("REAL RECALL %(number)s, class %(class)s: not answered by %(by)s", **given)
    return _("REAL RECALL %(number)s, class %(class)s: use none of it, answer by %(by)s", **given)


def lines(one: Message, told: Told, link: str | None) -> list[str]:
    recall = told.recall
    made = [
        _("This is a MOCK recall, an exercise. It stops nothing.") if recall.mock else _("This is a REAL recall."),
        "",
        _("Recall %(number)s: %(title)s", number=recall.number, title=told.title or "–"),
        choice_word("recall_class", str(recall.class_)),
    ]
    if recall.mandatory:
        made.append(_("Ordered by the authority."))
    made.append(_("Started by %(house)s, %(when)s.", house=told.starter, when=moment(recall.started_at, one.zone)))
    if one.told.alarm.step:
        made += [
            "",
            _(
                "Your answer was due by %(by)s. This is reminder %(count)s.",
                by=_by(one, told),
                count=one.told.alarm.step,
            ),
        ]
    made += ["", _("What it covers:"), *_covers(one, told), _held(told)]
    if told.hazard:
        made += ["", _("What it may do, as %(house)s says:", house=told.starter), told.hazard]
    made += ["", _("What to do now:"), *(f"{n}. {step}" for n, step in enumerate(_steps(one, told), 1))]
    if link:
        made += ["", _("Answer it here:"), link]
    return made


def data(one: Message, told: Told) -> dict[str, Any]:
    """The same for a program: codes, whole numbers, UTC."""
    recall = told.recall
    return {
        "id": recall.id, "number": recall.number, "mock": recall.mock, "class": recall.class_, "mandatory": recall.mandatory,
        "title": told.title, "hazard": told.hazard, "started_by": told.starter, "started_at": recall.started_at,
        "answer_by": told.answer_by, "reminder": one.told.alarm.step or 0, "vials": told.vials, "lots": list(told.lots),
        "scopes": [
            {"kind": scope.kind, "name": told.names.get(scope.target_id), "since": scope.since, "until": scope.until}
            for scope in told.scopes
        ],
    }  # fmt: skip


def _by(one: Message, told: Told) -> str:
    return moment(told.answer_by, one.zone) if told.answer_by else "–"


def _covers(one: Message, told: Told) -> list[str]:
    """One line a kind of thing and time: what it names, and how much more."""
    alike: dict[tuple[str, datetime | None, datetime | None], list[str | None]] = defaultdict(list)
    for scope in told.scopes:
        alike[str(scope.kind), scope.since, scope.until].append(told.names.get(scope.target_id))
    made = []
    for (kind, since, until), names in alike.items():
        seen = sorted(name for name in names if name)
        said = [", ".join(seen[:MOST_NAMED])] if seen else []
        if left := len(seen[MOST_NAMED:]):
            said.append(_("and %(count)s more", count=left))
        if hidden := len(names) - len(seen):
            said.append(_("%(count)s not yours to see", count=hidden))
        line = f"- {choice_word('ScopeKind', kind)}: {', '.join(said)}"
        if since:
            line += " " + _("from %(when)s", when=moment(since, one.zone))
        if until:
            line += " " + _("until %(when)s", when=moment(until, one.zone))
        made.append(line)
    return made


def _held(told: Told) -> str:
    if not told.vials:
        return _("By the record you have none of it now.")
    return ngettext(
        "By the record you have %(num)d vial of it: lot %(lots)s.", "By the record you have %(num)d vials of it: lot %(lots)s.",
        told.vials, lots=", ".join(told.lots),
    )  # fmt: skip


def _steps(one: Message, told: Told) -> list[str]:
    answer = _("Answer the notice by %(by)s, with what you found.", by=_by(one, told))
    if told.recall.mock:
        return [
            _("Look for every vial of it and scan it on the page of the recall. Leave it where it is."),
            _("Tell no patient. Destroy nothing."),
            answer,
        ]
    return [
        _("Use no vial of it. Scanning one answers DO NOT USE already."),
        _("Look for every one, put it aside and scan it on the page of the recall."),
        _("Reach the patients who had one, and keep each try on that page."),
        answer,
    ]

"""What one organisation is told of a recall outside the building: what it covers, what it may do, how many it has of it.

As its own people see it on the page of the recall. Never who had a vial: a pseudonym that somebody typed into what is told
is left out; a name nobody can know by machine, and the form says that it is mailed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from traceability.domain.people import SYSTEM, system_for
from traceability.domain.recalling import answer_due
from traceability.services import choices, stops
from traceability.services.covering import every
from traceability.services.organisations import named
from traceability.services.progress import recall_of
from traceability.store import Store, View
from traceability.store.tables import Recall, Scope, Subject

LEFT_OUT = "[…]"
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Told:
    """A recall as one house is told of it. `names`: target id → what it is called, as far as the house may see it.

    `vials`, `lots`: what the house answers for of it by the record, now. `answer_by` None: no clock says by when.
    """

    recall: Recall
    starter: str
    title: str
    hazard: str
    scopes: Sequence[Scope]
    names: dict[str, str]
    vials: int
    lots: Sequence[str]
    answer_by: datetime | None


def told(store: Store, organisation_id: str, recall_id: str) -> Told:
    """Raises `NotFound` where the house was told of no such recall."""
    with store.read(system_for(organisation_id)) as view:
        recall = recall_of(view, recall_id)
        scopes = sorted(stops.scopes(view, recall_id=recall_id), key=lambda one: one.id)
        names = {one: name for one, (_, name) in choices.names(view, [scope.target_id for scope in scopes]).items()}
        held = [one for one in every(view, recall_id) if one["answers"] == organisation_id]
        starter = named(view, [recall.organisation_id])[recall.organisation_id]
    with store.read(SYSTEM) as view:
        title, hazard = (_without_subjects(view, words or "") for words in (recall.title, recall.hazard))
    return Told(
        recall, starter, title, hazard, scopes, names, len(held), sorted({one["lot"] for one in held}),
        answer_due(recall.started_at, recall.clocks),
    )  # fmt: skip


def _without_subjects(view: View, words: str) -> str:
    """The same without any pseudonym that is known to some hospital of this installation."""
    said = {one.upper() for one in WORD.findall(words)}
    known = {one.pseudonym for one in view.known(Subject, col(Subject.pseudonym).in_(said))} if said else set()
    return WORD.sub(lambda found: LEFT_OUT if found[0].upper() in known else found[0], words)

"""Subjects by program: who somebody is goes in once, sealed before the act begins, and never comes out here."""

from __future__ import annotations

from typing import Any

from schemas.fields import Day, Words
from schemas.inputs import ActIn
from traceability import asking
from traceability.api import asked
from traceability.api.acts import act
from traceability.asking import Done, store
from traceability.services import subjects

PERSONAL = ("name", "mrn", "born", "nik", "wristband")


class SubjectEnrolIn(ActIn):
    name = Words(required=True)
    mrn = Words(most=64, required=True, metadata={"description": "The hospital's record number."})
    born = Day(required=True)
    nik = Words(most=32, least=0, load_default="")
    wristband = Words(
        most=200, least=0, load_default="", metadata={"description": "What its code says, if it has one."}
    )


@act("subject.enrol", SubjectEnrolIn)
def enrol_subject(told: dict[str, Any]) -> Done:
    """A pseudonym for a person. Their identity is kept encrypted and apart; the ledger has a keyed digest of it."""
    sealed = subjects.seal_identity(store(), **{name: told.pop(name) for name in PERSONAL})
    return asking.ask("subject.enrol", None, {**told, "identity": sealed}, asked.act_id())

"""Who tells the demonstration, when, and how: its people, its clock, and its one way of performing an act."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from traceability.domain import gs1
from traceability.domain.people import SYSTEM, Actor, Meaning, Role, Signing
from traceability.services import Performer, documents
from traceability.store import Call, Done, Store
from traceability.store.tables import Vial

ZONE = ZoneInfo("Asia/Jakarta")

SIGN_INS = {
    # key → username, role, organisation
    "maker_qa": ("maker", Role.MAKER_QA, "maker"),
    "storekeeper": ("store", Role.STOREKEEPER, "hospital"),
    "pharmacist": ("pharmacy", Role.PHARMACIST, "hospital"),
    "analyst": ("analyst", Role.ANALYST, "hospital"),
    "quality": ("quality", Role.QUALITY, "hospital"),
    "quality2": ("quality2", Role.QUALITY, "hospital"),
    "elsewhere": ("quality3", Role.QUALITY, "second"),
    "physician": ("physician", Role.PHYSICIAN, "hospital"),
    "witness": ("witness", Role.WITNESS, "hospital"),
    "inspector": ("inspector", Role.INSPECTOR, "authority"),
    "administrator": ("admin", Role.ADMINISTRATOR, "hospital"),
}
NAMES = {
    "maker_qa": "Maker’s QA", "storekeeper": "Storekeeper", "pharmacist": "Pharmacist", "analyst": "Analyst",
    "quality": "Hospital QA", "quality2": "Hospital QA, second", "elsewhere": "QA of the second hospital", "physician": "Physician",
    "witness": "Nurse, witness", "inspector": "Inspector", "administrator": "Administrator",
}  # fmt: skip


def password() -> str:
    """For one sign-in: four groups that can be typed from paper."""
    letters = "abcdefghjkmnpqrtuvwxyz2346789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


@dataclass
class Clock:
    """The story's time: it runs from the past to now, and is the real clock afterwards."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Story:
    """The demonstration while it is told: who does what, when."""

    store: Store
    clock: Clock
    today: datetime
    passwords: dict[str, str]
    base: str = ""
    actors: dict[str, Actor] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def link(self, number: str, version: int) -> str:
        return documents.status_url(self.base, number, version)

    def at(self, days: int, hour: int = 9, minute: int = 0) -> None:
        """Go to this hour of the day, so many days from today (before: negative); never back, never past now."""
        there = (
            (self.today + timedelta(days=days))
            .astimezone(ZONE)
            .replace(hour=hour, minute=minute, second=0, microsecond=0)
        )
        self.clock.now = min(max(self.clock.now + timedelta(seconds=1), there.astimezone(UTC)), self.today)

    def minutes(self, passed: int) -> None:
        self.clock.now = min(self.clock.now + timedelta(minutes=passed), self.today)

    def do(
        self,
        act: Performer[Any],
        who: str,
        *args: Any,
        sign: Mapping[str, Meaning] | None = None,
        reason: str | None = None,
        **told: Any,
    ) -> Done:
        """Perform one act as one of the sign-ins; `sign` names who signs as what."""
        real = told.pop("published", False)
        call = told.pop("call", None) or {}
        signing = tuple(
            Signing(SIGN_INS[key][0], self.passwords[key], meaning) for key, meaning in (sign or {}).items()
        )
        actor = SYSTEM if who == "system" else self.actors[who]
        return act(
            self.store, actor, Call(signing=signing, reason=reason, demonstration=not real, **call), *args, **told
        )

    def code(self, vial: Vial, number: str, expires: date) -> str:
        """What a scanner sends for the label of this vial."""
        return "]d2" + gs1.element_string(gs1.vial_elements(vial.gtin, number, expires, vial.serial))

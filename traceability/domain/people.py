"""Who acts, in which role, and what a signature says. Passwords are not known here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Role(StrEnum):
    MAKER_QA = "maker_qa"
    STOREKEEPER = "storekeeper"
    PHARMACIST = "pharmacist"
    ANALYST = "analyst"
    QUALITY = "quality"
    PHYSICIAN = "physician"
    NURSE = "nurse"
    WITNESS = "witness"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"
    DEVICE = "device"
    SYSTEM = "system"


CARE = frozenset({Role.PHYSICIAN, Role.NURSE, Role.WITNESS, Role.PHARMACIST})
"""Who treats: subjects and bedside are theirs."""
SEES_SUBJECTS = CARE | {Role.QUALITY, Role.INSPECTOR, Role.SYSTEM}
"""Who sees what was done to whom, under pseudonyms. Everybody else sees how many."""
DECIDES = frozenset({Role.QUALITY, Role.MAKER_QA})
"""Who decides over vials and lots in the name of the house: a second person stands behind each of these roles."""


class Meaning(StrEnum):
    """What one says by signing (21 CFR 11.50): printed with the name and the time."""

    CERTIFIED = "certified"
    TRANSCRIBED = "transcribed"
    VERIFIED = "verified"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    REVIEWED = "reviewed"
    RELEASED = "released"
    DECIDED = "decided"
    RECORDED = "recorded"
    ORDERED = "ordered"
    GIVEN = "given"
    WITNESSED = "witnessed"
    ADJUDICATED = "adjudicated"
    RECALLED = "recalled"
    APPROVED = "approved"
    REQUESTED = "requested"
    DESTROYED = "destroyed"
    SEEN_DESTROYED = "seen_destroyed"
    DELEGATED = "delegated"
    TRAIL_REVIEWED = "trail_reviewed"
    SEARCHED = "searched"
    ACCESS_REVIEWED = "access_reviewed"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for a time in one organisation, at one of its sites or at all (None); an inspector's may name a lot."""

    role: Role
    organisation_id: str
    site_id: str | None
    since: datetime
    until: datetime | None = None
    lot_id: str | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Actor:
    person_id: str
    name: str
    organisation_id: str
    grants: tuple[Grant, ...]

    def roles(self, at: datetime) -> frozenset[Role]:
        """The roles held now in one's own organisation: only these perform acts."""
        return frozenset(
            grant.role for grant in self.grants if grant.holds(at) and grant.organisation_id == self.organisation_id
        )

    def holds(self, roles: frozenset[Role], at: datetime) -> bool:
        """One of these roles is held now, here or as a guest: what may be looked at. Acts ask `roles`."""
        return any(grant.role in roles and grant.holds(at) for grant in self.grants)

    def sites(self, roles: frozenset[Role], at: datetime) -> frozenset[str | None]:
        """The sites at which one of these roles is held; None among them stands for every site."""
        return frozenset(
            grant.site_id
            for grant in self.grants
            if grant.role in roles and grant.holds(at) and grant.organisation_id == self.organisation_id
        )


@dataclass(frozen=True, slots=True)
class Signing:
    """What a person typed to sign: fresh credentials, every time (R56)."""

    username: str
    password: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Signer:
    """A person whose credentials were just checked by the door."""

    actor: Actor
    meaning: Meaning


INSTALLATION = "0" * 32
"""The organisation of the installation itself; its ledger holds migrations, enrolments and the system's own acts."""
SYSTEM_PERSON = "0" * 31 + "1"


def system_for(organisation_id: str) -> Actor:
    """The system at work for one house: what it does there stands in that house's ledger."""
    grant = Grant(Role.SYSTEM, organisation_id, None, datetime.min.replace(tzinfo=UTC))
    return Actor(SYSTEM_PERSON, "The system", organisation_id, (grant,))


SYSTEM = system_for(INSTALLATION)

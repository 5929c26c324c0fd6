"""Training that a role asks for: who is trained on a day, and what is missing or out of date (R55b). Not known is not trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from traceability.domain.papers import CredentialFact, covered
from traceability.domain.people import Actor, Role
from traceability.domain.plain import digest, plain
from traceability.domain.rules import ASK, STOP, Finding

Lacking = Mapping[Role, tuple[Finding, ...]]
"""Roles that are held and that nothing may be done in now, each with what is missing for it."""

NEEDS = frozenset(Role) - {Role.INSPECTOR, Role.DEVICE, Role.SYSTEM}
"""Roles for which a house may ask for training: those of people who perform acts."""
REVIEW_EVERY_D, SOONEST_D, LATEST_D = 180, 7, 730
"""After so many days who may do what is looked through again, where the last review says nothing else; and its bounds."""


def finding(topic: str, role: Role, person: str, records: Iterable[CredentialFact], day: date) -> Finding:
    """Whether somebody is trained in a topic on a day: a record with its dates covers it. Without an end it is not known."""
    found = tuple(records)
    holds, _ = covered(found, day)
    ended = max((one.valid_until for one in found if one.valid_until and one.valid_until < day), default=None)
    told = {"topic": topic, "role": role, "person": person, "day": day, "records": [one.id for one in found]}
    told |= {"until": ended} if ended and holds is False else {}
    return Finding("trained", holds, ASK if holds is None else STOP, told)


def lacking(
    person: str, needs: Iterable[tuple[Role, str]], records: Mapping[str, tuple[CredentialFact, ...]], day: date
) -> Lacking:
    """By role: every topic asked for in which this person is not known to be trained today."""
    made: dict[Role, tuple[Finding, ...]] = {}
    for role, topic in sorted(needs):
        one = finding(topic, role, person, records.get(topic, ()), day)
        if one.holds is not True:
            made[role] = (*made.get(role, ()), one)
    return made


def trained(actor: Actor, missing: Lacking) -> Actor:
    """The same person with those roles at home alone in which they may act: everything that judges roles then asks these."""
    if not missing:
        return actor
    kept = [one for one in actor.grants if one.role not in missing or one.organisation_id != actor.organisation_id]
    return replace(actor, grants=tuple(kept))


def findings(missing: Lacking, roles: Iterable[Role]) -> tuple[Finding, ...]:
    return tuple(one for role in sorted(roles) for one in missing.get(role, ()))


# ------------------------------------------------------------------------------------------------ access, looked through


@dataclass(frozen=True, slots=True)
class Changed:
    """What is different since a review, by grant: given, ended or changed since."""

    given: tuple[str, ...]
    ended: tuple[str, ...]
    changed: tuple[str, ...]


def access_digest(shown: Mapping[str, Any]) -> str:
    """SHA-256 over the grants that somebody was shown: by id, whose, which role, where, since and until when, by whom handed."""
    return digest(plain(shown))


def changed(before: Mapping[str, Any], now: Mapping[str, Any], day: str) -> Changed:
    """What a review did not see. A role that ended on the day that it showed is no change: whoever signed read it there.

    `day`: the moment, as plain text, up to which what was to end has ended.
    """
    given = tuple(sorted(now.keys() - before.keys()))
    gone = [one for one in before.keys() - now.keys() if not (before[one]["until"] and before[one]["until"] <= day)]
    return Changed(
        given, tuple(sorted(gone)), tuple(sorted(one for one in before.keys() & now.keys() if before[one] != now[one]))
    )

"""People by program: who works here, enrolling, and passwords. Hashes are made before the act begins."""

from __future__ import annotations

from typing import Any

from flask import g

from schemas.fields import Secret
from schemas.inputs import ActIn, schema_for
from schemas.outputs import PersonOut
from traceability import asking
from traceability.api import asked
from traceability.api.acts import act
from traceability.api.lists import listed
from traceability.asking import Done, actor, store
from traceability.domain.errors import Refused
from traceability.services import PERFORMERS, lists, people, sessions

NEW = {"least": 12, "required": True}


class PersonEnrolIn(schema_for("person.enrol", PERFORMERS["person.enrol"].work, given=("password_hash",))):  # type: ignore[misc]
    password = Secret(**NEW)


class ChangePasswordIn(ActIn):
    current_password = Secret(required=True)
    password = Secret(**NEW)


class ResetPasswordIn(ActIn):
    password = Secret(**NEW)


listed(
    "persons", PersonOut, lists.persons, "The people of one's own organisation, with what they may do and since when."
)


def hashed(told: dict[str, Any], act_id: str) -> dict[str, Any]:
    """The body with the hash in the place of the password."""
    rest = {name: value for name, value in told.items() if name not in ("password", "current_password")}
    return rest | {"password_hash": people.hash_for(store(), act_id, told["password"])}


@act("person.enrol", PersonEnrolIn)
def enrol(told: dict[str, Any]) -> Done:
    """A personal account. Where somebody else chose the password, `must_change` lets it do nothing but be changed."""
    act_id = asked.act_id()
    return asking.ask("person.enrol", None, hashed(told, act_id), act_id)


@act("person.change_password", ChangePasswordIn)
def change_password(told: dict[str, Any]) -> Done:
    """One's own password, by who knows the old one. Every other session of theirs ends."""
    act_id = asked.act_id()
    again = store().answer(actor(), act_id) is not None  # then the old password is the old one's no more
    if not again and not people.is_own_password(store(), actor(), told["current_password"]):
        raise Refused("password_not_accepted")
    keep = sessions.token_hash(g.token)
    return asking.ask("person.change_password", None, hashed(told, act_id) | {"keep": keep}, act_id)


@act("person.reset_password", ResetPasswordIn)
def reset_password(told: dict[str, Any], person_id: str) -> Done:
    """Somebody else's password: they must change it before they can do anything else."""
    act_id = asked.act_id()
    return asking.ask("person.reset_password", person_id, hashed(told, act_id), act_id)

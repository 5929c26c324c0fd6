"""Whether what was signed was the right paper: a version in force on that day, and none since that asks to sign again (R48)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from traceability.domain.rules import ASK, Answer, Finding, Rule, run, unmet


@dataclass(frozen=True, slots=True)
class Form:
    """A version of one kind of consent in one language, as it was issued. `renew`: who signed an earlier one signs again."""

    version: str
    language: str
    valid_from: date
    renew: bool

    @property
    def name(self) -> str:
        return f"{self.version} ({self.language})"


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, on which day at the house, among all that were issued; and the day on which it is asked."""

    name: str
    on: date
    forms: Sequence[Form]
    today: date

    @property
    def form(self) -> Form | None:
        return next((one for one in self.forms if one.name == self.name), None)


def in_force(facts: Signed) -> Answer:
    """The newest in its language on the day of the signature. One that nobody issued here cannot be judged."""
    told = {"version": facts.name, "signed": facts.on}
    if (form := facts.form) is None:
        return None, told
    begun = [one for one in facts.forms if one.language == form.language and one.valid_from <= facts.on]
    newest = max((one.valid_from for one in begun), default=None)
    return form.valid_from == newest, told


def signed_again(facts: Signed) -> Answer:
    """No version since, in whichever language, asks to sign again: what changed has to be known in every language."""
    since = facts.form.valid_from if facts.form else facts.on
    asking = [one for one in facts.forms if one.renew and since < one.valid_from <= facts.today]
    newest = max(asking, key=lambda one: one.valid_from, default=None)
    if newest is None or facts.on >= newest.valid_from:
        return True, {"version": facts.name}
    return False, {"version": facts.name, "newer": newest.version, "since": newest.valid_from}


FORM: tuple[Rule[Signed], ...] = (
    Rule("consent_in_force", ASK, in_force),
    Rule("consent_signed_again", ASK, signed_again),
)


def asks(facts: Signed) -> tuple[Finding, ...]:
    return unmet(run(FORM, facts))


def among(forms: Iterable[Form], on: date) -> list[Form]:
    """Those in force on a day: the newest of each language."""
    newest: dict[str, Form] = {}
    for one in sorted(forms, key=lambda form: form.valid_from):
        if one.valid_from <= on:
            newest[one.language] = one
    return [newest[language] for language in sorted(newest)]

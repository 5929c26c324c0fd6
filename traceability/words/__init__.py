"""Words of stable codes, acts, fields and choices in the reader's language: what is wrong, and what would be right.

Tables stand in the modules beside this one, English there, Indonesian in translations/id/LC_MESSAGES/words.po. A code
without a sentence is a mistake that a test finds; people then see the code itself. Works without a request: English.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask import current_app, has_app_context

from traceability.domain.people import Role
from traceability.words.acts import ACT_WORDS, SENTENCES, ActWords
from traceability.words.columns import COLUMNS
from traceability.words.fields import FIELDS, FieldWords
from traceability.words.findings import FINDINGS, RuleWords
from traceability.words.readings import READINGS
from traceability.words.refusals import REFUSALS
from traceability.words.said import N_, Variants, chosen, named, translated
from traceability.words.shown import any_of, choice, shown
from traceability.words.titles import numbered
from traceability.words.titles import title as told_title

UNKNOWN = N_("It is not known whether this holds: %(rule)s.")
NO_WORDS = N_("There is no sentence for this yet: %(code)s.")
NOBODY = N_("Nobody: it stays so")

__all__ = [
    "ActWords", "act_words", "choice_word", "column_label", "field_hint", "field_label", "meaning_sentence", "meaning_word", "role_word",
    "told_title",
    "rule_title", "sentence", "who_answers",
]  # fmt: skip


def sentence(code: str, values: Mapping[str, Any], *, holds: bool | None = False) -> str:
    """What a refusal or a finding says; of a finding `holds` True says what is well, None that it is not known."""
    rule = FINDINGS.get(code)
    told = _of_rule(rule, holds) if rule else REFUSALS.get(code) or READINGS.get(code)
    if told is None:
        return missing(code)
    if rule and told == UNKNOWN:
        return translated(UNKNOWN) % {"rule": translated(rule.title)}
    if values.get("act") not in ACT_WORDS:
        values = {name: value for name, value in values.items() if name != "act"}
    if holds := values.get("holds"):
        values = {
            **values,
            "holds": [numbered(str(one)) for one in holds] if isinstance(holds, (list, tuple)) else holds,
        }
    text = chosen(told, values)
    filled = {name: shown(code, name, values) for name in named(text)}
    return translated(text) % filled


def _of_rule(rule: RuleWords, holds: bool | None) -> Variants:
    if holds is None:
        return rule.unknown or UNKNOWN
    return rule.holds if holds else rule.fails


def rule_title(code: str) -> str:
    """The short name of a rule, for a row of a table: Maker’s GMP certificate."""
    rule = FINDINGS.get(code)
    return translated(rule.title) if rule else missing(code)


def who_answers(code: str, holds: bool | None = False) -> str:
    """Who can lift it: roles, or nobody where a fact stays a fact."""
    rule = FINDINGS.get(code)
    if rule is None:
        return missing(code)
    roles = rule.who_unknown if holds is None and rule.who_unknown is not None else rule.who
    return any_of(role_word)(roles) if roles else translated(NOBODY)


def act_words(name: str) -> ActWords:
    told = ACT_WORDS.get(name)
    return ActWords(*(translated(text) if text else "" for text in told)) if told else ActWords(*[missing(name)] * 3)


def field_label(name: str, act: str | None = None) -> str:
    """What a field is called; `act` where one name means something of its own there."""
    told = _field(name, act)
    return translated(told.label) if told else missing(name)


def column_label(name: str) -> str:
    """A column that no form asks for; one that has no words goes by its own name."""
    told = COLUMNS.get(name)
    return translated(told) if told else name.removesuffix("_id").replace("_", " ")


def field_hint(name: str, act: str | None = None) -> str:
    """What stands below it; empty where its name is enough."""
    told = _field(name, act)
    return translated(told.hint) if told and told.hint else ""


def _field(name: str, act: str | None) -> FieldWords | None:
    return FIELDS.get(f"{act}.{name}") or FIELDS.get(name)


def meaning_sentence(meaning: str) -> str:
    """What one says by signing with this meaning, in the first person."""
    told = SENTENCES.get(str(meaning))
    return translated(told) if told else missing(str(meaning))


def meaning_word(meaning: str) -> str:
    return choice("Meaning", meaning)


def role_word(role: Role | str) -> str:
    return choice("Role", role)


def choice_word(kind: StrEnum | str, value: str | None = None) -> str:
    """`choice_word(Custody.MADE)`, or by the name of the list where the value is plain: `choice_word("Custody", "made")`."""
    if value is None:
        return choice(type(kind).__name__, kind)
    return choice(kind, value)


def missing(code: str) -> str:
    """A mistake of ours: loud in tests, and something to read for people."""
    if has_app_context() and current_app.testing:
        raise KeyError(code)
    return translated(NO_WORDS) % {"code": code}

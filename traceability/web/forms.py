"""An act's schema as a form: which control each field gets, what a person may choose, and how what they sent is read.

How it looks is in templates/acts/; whether it may happen is decided by the door.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import g
from flask_babel import gettext as _
from marshmallow import fields as m
from werkzeug.datastructures import MultiDict

from schemas.fields import Flag, Moment, Scaled, Whole, Words
from traceability import asking
from traceability.domain.tags import VIALS as LAYOUTS
from traceability.formats import number
from traceability.services import PERFORMERS
from traceability.services.choices import View, choices
from traceability.web.language import LANGUAGES
from traceability.words import choice_word, field_hint, field_label

OF_ANY = frozenset({"occurred_at", "source", "reason", "signatures"})
LONG = frozenset(
    {
        "statement", "description", "condition", "reason", "hazard", "answer", "told", "observed",
        "findings", "root_cause", "reply", "evidence", "judgement",
    }
)  # fmt: skip
FEW = 4
"""So many choices stand side by side; more hang in a list."""
EVERY = "every"
"""The box above a list of boxes that stands for all of them."""

UNSAID = frozenset({"telling_id"})
"""Where nothing is chosen something was so all the same, and nobody said what."""

OWN: Mapping[str, Callable[[], str]] = {
    "organisation_id": lambda: asking.actor().organisation_id,
    "from_site_id": lambda: g.site.id if g.site else "",
}
"""What is chosen already, because it is nearly always one's own."""


@dataclass(slots=True)
class Control:
    """One field as the template draws it. `kind` is that of `_forms.field`, or checks, lines, hidden."""

    name: str
    label: str
    kind: str
    required: bool = False
    hint: str = ""
    unit: str = ""
    value: Any = None
    options: list[tuple[str, str]] = field(default_factory=list)


def controls(view: View, name: str, sent: MultiDict[str, str], *, target: Mapping[str, str]) -> list[Control]:
    """The fields of an act, filled with what was sent or else with the default of its service."""
    work = inspect.signature(PERFORMERS[name].work).parameters
    given = {**{key: value for key, value in sent.items() if value}, **target, "act": name}
    made = []
    for key, one in asking.schema(name)().fields.items():
        if key not in OF_ANY:
            default = work[key].default
            control = _control(view, key, one, given, None if default is inspect.Parameter.empty else default)
            control.value = _value(control, sent)
            made.append(control)
    return made


def _control(view: View, name: str, one: m.Field[Any], given: Mapping[str, str], default: Any) -> Control:
    act = given["act"]
    made = Control(name, field_label(name, act), "text", bool(one.required), field_hint(name, act))
    enum = getattr(one, "enum", None)
    found = choices(view, name, given)
    if found and (name in ("material_ids", "parent_ids") or (name, given.get("kind")) == ("target_ids", "material")):
        found = [(key, _material(*told.rsplit(" · ", 1))) for key, told in found]
    if enum is not None:
        made.options = [(str(each), choice_word(enum.__name__, str(each))) for each in enum]
        made.kind = "radio" if len(made.options) <= FEW else "select"
        made.value = str(default) if default is not None else None
    elif name == "class_":
        made.kind, made.options = "radio", [(n, choice_word("recall_class", n)) for n in "123"]
    elif name == "layout":
        made.kind, made.options = "select", [(key, choice_word("Layout", key)) for key in LAYOUTS]
    elif name == "language":
        made.kind, made.options, made.value = "radio", list(LANGUAGES.items()), default
    elif isinstance(one, m.List):
        made.kind, made.options = ("checks", found or []) if found is not None else ("lines", [])
    elif found is not None:
        made.kind, made.options, made.value = "select", found, OWN[name]() if name in OWN and made.required else None
    elif isinstance(one, Flag):
        made.kind = "radio" if one.required else "check"
        made.options = [("yes", _("Yes")), ("no", _("No"))] if one.required else []
        made.value = bool(default)
    elif isinstance(one, Scaled):
        made.kind, made.unit = "decimal", one.unit
    elif isinstance(one, Whole):
        made.kind = "number"
    elif isinstance(one, Moment):
        made.kind = "datetime-local"
    elif isinstance(one, m.Date):
        made.kind = "date"
    elif isinstance(one, Words) and name in LONG:
        made.kind = "textarea"
    if made.kind == "select" and (not made.required or len(made.options) != 1):
        blank = _("Choose") if made.required else _("unknown") if name in UNSAID else _("None")
        made.options = [("", blank), *made.options]
    return made


def _material(code: str, kind: str) -> str:
    return f"{code} · {choice_word('MaterialKind', kind)}"


def _value(control: Control, sent: MultiDict[str, str]) -> Any:
    """What was typed stands again, as it was typed; a box that was left open is open."""
    name = control.name
    if control.kind == "checks":
        return set(sent.getlist(name)) | ({EVERY} if f"{name}.{EVERY}" in sent else set())
    if control.kind == "check" and "csrf_token" in sent:
        return name in sent
    if name in sent:
        return sent[name] if control.kind != "check" else sent[name] in ("yes", "true", "1")
    return control.value


def told(control: Control, sent: MultiDict[str, str]) -> Any:
    """What this field says, as the schema reads it; empty where it says nothing."""
    match control.kind:
        case "checks":
            options = [key for key, _word in control.options]
            return options if f"{control.name}.{EVERY}" in sent else sent.getlist(control.name)
        case "lines":
            return [line.strip() for line in sent.get(control.name, "").splitlines() if line.strip()]
        case "check":
            return "yes" if control.name in sent else "no"
        case "datetime-local":
            return moment(sent.get(control.name, ""))
    return sent.get(control.name, "").strip()


def moment(typed: str) -> str:
    """A local time gets the zone of the site; anything else goes on as it came, to be refused."""
    try:
        made = datetime.fromisoformat(typed.strip())
    except ValueError:
        return typed.strip()
    return (made if made.tzinfo else made.replace(tzinfo=g.zone)).isoformat()


def errors(name: str, asked: Mapping[str, Any]) -> dict[str, str]:
    """A sentence for every field of an act that is not what it should be."""
    schema = asking.schema(name)()
    found = schema.validate({key: value for key, value in asked.items() if key != "signatures"})
    return {str(key): wrong(*_first(schema.fields.get(str(key)), told)) for key, told in found.items()}


def _first(one: m.Field[Any] | None, told: Any) -> tuple[m.Field[Any] | None, str]:
    """The first message about a field, and which field within it that is about."""
    while isinstance(told, Mapping | list):
        if isinstance(told, Mapping):
            key, told = next(iter(told.items()))
            if isinstance(one, m.Nested):
                one = one.schema.fields.get(str(key))
            elif isinstance(one, m.List) and isinstance(told, Mapping):
                one = one.inner
        else:
            told = told[0]
    return one, str(told)


def wrong(one: m.Field[Any] | None, message: str) -> str:
    """What is wrong with a field and what would be right, instead of the schema's own words."""
    if "required" in message or "null" in message:
        return _("This is needed.")
    if isinstance(one, m.List):
        return wrong(one.inner, message) if "ength" not in message else _("At most 5000.")
    if isinstance(one, Scaled):
        if message == "field_out_of_range":
            least, most = (number((Decimal(limit) / one.factor).normalize()) for limit in (one.least, one.most))
            return _("A number from %(least)s to %(most)s %(unit)s.", least=least, most=most, unit=one.unit)
        return _("A number in %(unit)s, such as 20.5 or 20,5.", unit=one.unit)
    if isinstance(one, Whole):
        return _range(one)
    if isinstance(one, Moment):
        return _("A date and a time, such as 2026-04-14 10:04.")
    if isinstance(one, m.Date):
        return _("A date, such as 2026-04-14.")
    if isinstance(one, Words):
        return _length(one, message)
    return _("Choose one that is listed.")


def _range(one: Whole) -> str:
    for rule in one.validators:
        least, most = getattr(rule, "min", None), getattr(rule, "max", None)
        if least is not None and most is not None:
            return _("A whole number from %(least)s to %(most)s.", least=least, most=most)
    return _("A whole number.")


def _length(one: Words, message: str) -> str:
    if message == "field_control_character":
        return _("There are characters in it that do not belong to text. Type it again.")
    for rule in one.validators:
        least, most = getattr(rule, "min", None), getattr(rule, "max", None)
        if least is not None and least == most:
            return _("Exactly %(count)s characters.", count=most)
        if most is not None:
            return _("At most %(count)s characters.", count=most)
    return _("This does not fit here.")

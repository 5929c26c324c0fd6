"""The values of a sentence in the reader's language: codes as words, times in their zone, seconds, thousandths and µL
with their units. Values come as rules gave them, or as JSON kept them (times and dates as text).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from traceability import formats
from traceability.words.acts import ACT_WORDS
from traceability.words.choices import CHOICES
from traceability.words.fields import FIELDS
from traceability.words.said import N_, there, translated

MOST_LISTED, MOST_SIGNS = 12, 120
DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
OF_PEOPLE = frozenset({"8017", "8018", "8019"})
STATES = ("LotState", "Custody", "ConsignmentState", "DocumentState")
AND_MORE, OR = N_("%(listed)s and %(more)s more"), N_("%(listed)s or %(last)s")

Show = Callable[[Any], str]


def choice(kind: str, value: Any) -> str:
    """The word of a closed list; what is on no list stands as it is."""
    said = CHOICES.get(kind, {}).get(str(value))
    return translated(said) if said else plain(value)


def within(word: str) -> str:
    """The word inside a sentence: QA stays QA."""
    return word if word[:2].isupper() else word[:1].lower() + word[1:]


def one_of(kind: str) -> Show:
    return lambda value: within(choice(kind, value))


def state(value: Any) -> str:
    """No word is shared by two life cycles, so the word alone tells which one it is of."""
    kind = next((kind for kind in STATES if str(value) in CHOICES[kind]), STATES[0])
    return within(choice(kind, value))


def act(value: Any) -> str:
    return translated(ACT_WORDS[str(value)].title)


def field(value: Any) -> str:
    told = FIELDS.get(str(value))
    return translated(told.label) if told else literal(value).replace("_", " ")


def ai(value: Any) -> str:
    """The part of a GS1 code with its number, as people point at it: expiry date (17)."""
    return f"{choice('Ai', value)} ({value})" if str(value) in CHOICES["Ai"] else f"({value})"


def ais(value: Any) -> str:
    return " + ".join(ai(one) for one in value) if isinstance(value, (list, tuple)) else ai(value)


def any_of(show: Show) -> Show:
    """A list of which one is enough."""

    def shown(values: Any) -> str:
        words = [show(one) for one in values] if isinstance(values, (list, tuple)) else [show(values)]
        if len(words) < 2:
            return "".join(words)
        return translated(OR) % {"listed": ", ".join(words[:-1]), "last": words[-1]}

    return shown


def all_of(show: Show) -> Show:
    """A list as far as somebody reads it."""

    def shown(values: Any) -> str:
        listed = values.values() if isinstance(values, Mapping) else values
        if not isinstance(listed, (list, tuple)):
            listed = [values] if not isinstance(values, Mapping) else list(listed)
        words = [show(one) for one in listed if there(one)]
        if len(words) <= MOST_LISTED:
            return ", ".join(words)
        more = formats.number(len(words) - MOST_LISTED)
        return translated(AND_MORE) % {"listed": ", ".join(words[:MOST_LISTED]), "more": more}

    return shown


def plain(value: Any) -> str:
    """By what it is; a text that the ledger kept of a time or a date is one again."""
    match value:
        case None | "":
            return formats.DASH
        case datetime():
            return formats.moment(value)
        case date():
            return formats.day(value)
        case bool() | StrEnum():
            return str(value)
        case int() | Decimal():
            return formats.number(value)
        case list() | tuple() | Mapping():
            return all_of(plain)(value)
    text = str(value)
    if MOMENT.fullmatch(text):
        return formats.moment(datetime.fromisoformat(text))
    return day(text) if DATE.fullmatch(text) else literal(text)


def day(text: str) -> str:
    try:
        return formats.day(date.fromisoformat(text))
    except ValueError:
        return literal(text)


def literal(value: Any) -> str:
    """What somebody typed, or what stands in a code: never read as a date; one line, and not without end."""
    text = "".join(sign if sign.isprintable() else "␣" for sign in str(value))
    return text if len(text) <= MOST_SIGNS else text[:MOST_SIGNS] + "…"


def exact_duration(value: Any) -> str:
    return formats.duration(value, exact=True)


SHOWN: Mapping[str, Show] = {
    "act": act,
    "roles": any_of(one_of("Role")),
    "role": one_of("Role"),
    "meaning": one_of("Meaning"),
    "meanings": all_of(one_of("Meaning")),
    "noun": one_of("Noun"),
    "state": state,
    "needs": any_of(state),
    "purpose": one_of("Purpose"),
    "mode": one_of("AlarmMode"),
    "channel": one_of("Channel"),
    "route": lambda value: choice("Route", value),
    "kind": one_of("Code"),
    "expedited": one_of("Expedited"),
    "laterality": one_of("Laterality"),
    "chosen": one_of("Laterality"),
    "inspection": one_of("Inspection"),
    "course": one_of("Laterality"),
    "reasons": all_of(one_of("Reason")),
    "changes": all_of(one_of("Change")),
    "layout": one_of("Layout"),
    "smallest": one_of("Layout"),
    "ai": ai,
    "other": ai,
    "value": literal,
    "text": literal,
    "key": literal,
    "serial": literal,
    "serials": all_of(literal),
    "organisations": all_of(literal),
    "site": literal,
    "sites": all_of(literal),
    "lot": literal,
    "number": literal,
    "name": literal,
    "test": literal,
    "unit": literal,
    "asks": literal,
    "method": literal,
}
"""How a value of this name is shown; a name that ends in its unit needs no row, nor does anything that is plain."""

SHOWN_IN: Mapping[tuple[str, str], Show] = {
    ("code_ai_missing", "needs"): any_of(ais),
    ("code_joined_apart", "first"): one_of("Code"),
    ("code_joined_apart", "second"): one_of("Code"),
    ("label_layout_of_others", "needs"): one_of("Layout"),
    ("results_heading_missing", "headings"): all_of(one_of("Column")),
    ("results_heading_twice", "heading"): one_of("Column"),
    ("study_cell_too_long", "column"): one_of("StudyColumn"),
    ("consent_missing", "kind"): one_of("ConsentKind"),
    ("document_kind_unready", "kind"): one_of("RecordKind"),
    ("reading_impossible", "low"): formats.temperature,
    ("reading_impossible", "now"): formats.temperature,
    ("reading_impossible", "high"): formats.temperature,
    ("logger_contradicts_itself", "said"): literal,
    ("logger_contradicts_itself", "found"): literal,
    ("count_cleared", "chosen"): plain,
    ("recall_class", "value"): plain,
    ("field_too_long", "field"): field,
    ("field_unreadable", "field"): field,
    ("field_date_outside", "field"): field,
    ("field_choice", "words"): all_of(literal),
    ("graded_already", "severity"): one_of("CaseSeverity"),
    **dict.fromkeys((("paper_named", "kind"), ("credential_of_making", "kind")), one_of("CredentialKind")),
    **{(code, name): all_of(literal) for code, name in (("case_extended", "lots"), ("case_disposed", "things"))},
}
"""Where one name means something else in one code."""

UNITS: tuple[tuple[str, Show], ...] = (
    ("_mc", formats.temperature),
    ("_s", exact_duration),
    ("_ul", formats.volume_ml),
)


def shown(code: str, name: str, values: Mapping[str, Any]) -> str:
    """One value of this code's sentence; a dash where there is none. Numbers of people are not repeated."""
    value = values.get(name)
    if not there(value):
        return formats.DASH
    if name == "value" and str(values.get("ai", "")) in OF_PEOPLE:
        return "…"
    show = SHOWN_IN.get((code, name)) or SHOWN.get(name)
    if show is None:
        show = next((unit for ending, unit in UNITS if name.endswith(ending) and isinstance(value, int)), plain)
    return show(value)

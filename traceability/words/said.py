"""The words of a table in the reader's language. `N_` and `pgettext` here only mark a text for Babel's extractor,
which finds them by these names; `translated` looks it up when it is read: in a request its language, else English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import flask_babel


@dataclass(frozen=True, slots=True)
class Said:
    """A text that means something else in another context: "Given" of a vial and of a signature."""

    context: str
    text: str


@dataclass(frozen=True, slots=True)
class When:
    """A sentence for where the named value is true, not only known."""

    name: str
    text: str


Text = str | Said
Variants = str | tuple[str | When, ...]
"""One sentence, or several, the most telling first: the first whose values are all there is said."""


def N_(text: str) -> str:  # noqa: N802  # the name that gettext tools know
    return text


def pgettext(context: str, text: str) -> Said:
    return Said(context, text)


def translated(text: Text) -> str:
    if isinstance(text, Said):
        return str(flask_babel.pgettext(text.context, text.text))
    return str(flask_babel.gettext(text))


def variants(told: Variants) -> tuple[str | When, ...]:
    return (told,) if isinstance(told, str) else told


def there(value: Any) -> bool:
    """Whether a value says anything: 0 and False do, None, an empty text and a list of them do not."""
    if isinstance(value, (list, tuple)):
        return any(there(one) for one in value)
    return value is not None and value != "" and value != {}


def chosen(told: Variants, values: Mapping[str, Any]) -> str:
    """The first variant for which everything it names is there; without any, the last."""
    all_of = variants(told)
    for one in all_of:
        if isinstance(one, When) and not values.get(one.name):
            continue
        text = one.text if isinstance(one, When) else one
        if all(there(values.get(name)) for name in named(text)):
            return text
    last = all_of[-1]
    return last.text if isinstance(last, When) else last


@cache
def named(text: str) -> frozenset[str]:
    """The placeholders of a text."""
    found: set[str] = set()

    class Ask(dict[str, str]):
        def __missing__(self, key: str) -> str:
            found.add(key)
            return ""

    text % Ask()
    return frozenset(found)

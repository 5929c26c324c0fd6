"""The items of a patient's form as they are put on their screens: choices, a row of numbers, or a line of 100 mm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from traceability.asking import store
from traceability.domain.scoring import Version
from traceability.services import item_texts
from traceability.services.form_links import Asked
from traceability.words import choice_word
from traceability.words.questions import question

MOST_CHOICES = 11


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it is put: its text if the site has one, else ours of an item that nobody owns, else its number and part."""

    version: Version
    text: str
    options: tuple[tuple[str, str], ...]
    """Value and word; none: a line, or a number that is typed."""
    ends: tuple[str, str] | None
    """The words at the least and at the most, where the options have none of their own."""

    @property
    def in_numbers(self) -> bool:
        """Its options are numbers that stand beside each other."""
        return len(self.options) > 5 and all(value == word for value, word in self.options)


def items_of(found: Asked, spoken: str) -> list[Item]:
    """Every item of the link, in the order of its forms."""
    return [item for version in found.versions for item in _of_version(version, found, spoken)]


def fits(item: Item, said: str) -> bool:
    """Whether this can be kept: nothing, or a whole number that the item offers."""
    if not said:
        return True
    return said.isascii() and said.isdecimal() and item.version.low <= int(said) <= item.version.high


def _of_version(version: Version, found: Asked, spoken: str) -> Iterator[Item]:
    texts = item_texts.texts(store(), version, spoken)
    own = question(version.instrument, found.laterality) if version.alone else None
    numbers = [str(n) for n in range(int(version.low), int(version.high) + 1)]
    few = version.whole and len(numbers) <= MOST_CHOICES
    options, ends = tuple(zip(numbers, numbers, strict=True)) if few else (), own.ends if own else None
    if few and texts.answers:
        options, ends = tuple(zip(numbers, texts.answers, strict=True)), None
    elif version.on_a_line and texts.answers:
        ends = (texts.answers[0], texts.answers[1])
    names = [(part.name, n) for part in version.subscales for n in range(1, part.items + 1)]
    for at, (part, n) in enumerate(names):
        label = own.text if own else _("%(part)s, item %(n)s", part=choice_word("Subscale", part), n=n)
        yield Item(version, texts.items[at] if texts.items else label, options, ends)

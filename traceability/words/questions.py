"""What a patient is asked of one knee where the item is nobody's property: a question, and the words at both ends of its scale.

Of forms that have an owner nothing stands here: their texts are the site's own (services/item_texts.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from traceability.words.said import N_, pgettext, translated

PAIN = N_("How much pain have you had in %(knee)s over the last 24 hours?")
ENDS_OF_PAIN = (N_("No pain"), N_("Worst pain imaginable"))
KNEES = {
    "right": pgettext("of whom", "your right knee"),
    "left": pgettext("of whom", "your left knee"),
    None: pgettext("of whom", "your knee"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """In the reader's language; the first end is the least."""

    text: str
    ends: tuple[str, str]


_ASKED: Mapping[str, tuple[str, tuple[str, str]]] = {
    "VAS": (PAIN, ENDS_OF_PAIN),
    "NRS": (PAIN, ENDS_OF_PAIN),
    "PGA": (
        N_("All in all, how have you been over the last 24 hours, with everything that %(knee)s does to you?"),
        (N_("Very well"), N_("Very badly")),
    ),
}


def knee(laterality: str | None) -> str:
    """Your right knee, your left knee; your knee where nobody said which."""
    return translated(KNEES[laterality])


def question(instrument: str, laterality: str | None) -> Question | None:
    """None: this instrument has a form of its own, or none that a patient answers."""
    if instrument not in _ASKED:
        return None
    text, (least, most) = _ASKED[instrument]
    return Question(translated(text) % {"knee": knee(laterality)}, (translated(least), translated(most)))

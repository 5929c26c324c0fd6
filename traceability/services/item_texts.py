"""Texts of questionnaires that a site has a licence for, from its own folder `items/`: none is part of this program (R51).

One file for each version and language, `womac-likert-3.1.id.json`: {"items": ["…", …], "answers": ["…", …]}, the answers from the
least on, where the version has few; of one that is answered on a line, the words at its two ends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from traceability.domain.scoring import Version
from traceability.store import Store

MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Texts:
    """None: this site has no texts, or none that fit; then items go by their number."""

    items: tuple[str, ...] | None = None
    answers: tuple[str, ...] | None = None


def texts(store: Store, version: Version, language: str) -> Texts:
    name = f"{version.instrument}-{version.name}".lower().replace(" ", "-").replace("–", "-")
    answers = 2 if version.on_a_line else int(version.high - version.low) + 1
    path = store.documents.parent / "items" / f"{name}.{language}.json"
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return Texts()
        told = json.loads(path.read_text(encoding="utf-8"))
        return Texts(_list(told, "items", version.items), _list(told, "answers", answers))
    except (OSError, ValueError, RecursionError):
        return Texts()


def _list(told: object, name: str, length: int) -> tuple[str, ...] | None:
    found = told.get(name) if isinstance(told, dict) else None
    fits = (
        isinstance(found, list) and len(found) == length and all(isinstance(one, str) and one.strip() for one in found)
    )
    return tuple(found) if fits and isinstance(found, list) else None

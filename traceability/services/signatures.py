"""Who signed what about one thing of the record, and why: for pages that show a decision beside what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col

from traceability.domain.people import Meaning
from traceability.store import View
from traceability.store.tables import FreeText, Signature

ORDER = list(Meaning)
"""Two who sign one act sign at one moment: whose act it is stands before the witness."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature with the reason that was written for its act; None: erased, or none was owed."""

    signature: Signature
    reason: str | None


def about(view: View, noun_ids: Sequence[str]) -> dict[str, list[Signed]]:
    """The signatures about each of these, in the order in which they were made. Who asks may see the things themselves."""
    made: dict[str, list[Signed]] = {}
    found = view.known(Signature, col(Signature.noun_id).in_(noun_ids))
    said = reasons_of(view, {one.act_id for one in found})
    for one in sorted(found, key=lambda signature: (signature.signed_at, ORDER.index(signature.meaning))):
        made.setdefault(str(one.noun_id), []).append(Signed(one, said.get(one.act_id)))
    return made


def reasons_of(view: View, act_ids: Iterable[str]) -> dict[str, str]:
    """What was written as the reason of each of these acts; of an erased one nothing. Who asks may see the acts."""
    found = view.known(FreeText, col(FreeText.act_id).in_(set(act_ids)), FreeText.kind == "reason")
    return {one.act_id: one.words for one in found if one.words}


def reasons(view: View, noun_ids: Sequence[str]) -> dict[str, list[str]]:
    """The reasons written about each of these, signed or not, oldest first."""
    made: dict[str, list[str]] = {}
    for one in view.known(FreeText, col(FreeText.noun_id).in_(noun_ids), FreeText.kind == "reason"):
        if one.words is not None:
            made.setdefault(str(one.noun_id), []).append(one.words)
    return made

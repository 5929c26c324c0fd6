"""Which of several values counts, once one was taken to be right and another is told (MODEL.md, decision 6; R50)."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from traceability.domain.instruments import Missing
from traceability.domain.weighing import counts_of, judged


class Told(NamedTuple):
    id: str
    raw: str
    low: str | None = "0"
    high: str | None = "100"
    exact: str | None = None


A, B = Told("a", "30"), Told("b", "50")
OVER = {"a": "a", "b": "a"}


@pytest.mark.parametrize(
    ("told", "chosen", "counts", "value"),
    [
        ([A, B], {}, "undecided undecided", Missing.UNDECIDED),
        ([A, B], OVER, "counts beside", 30),
        # told later, and never weighed: what says the same counts too, what contradicts leaves nothing decided
        ([A, B, Told("c", "30.0", None, None)], OVER, "counts beside counts", 30),
        ([A, B, Told("c", "78")], OVER, "undecided undecided undecided", Missing.UNDECIDED),
        ([A, B, Told("c", "50")], OVER, "undecided undecided undecided", Missing.UNDECIDED),
        ([A, B, Told("c", "30", "0", "1000")], OVER, "undecided undecided undecided", Missing.UNDECIDED),
        # weighed anew with it
        ([A, B, Told("c", "78")], dict.fromkeys("abc", "c"), "beside beside counts", 78),
        # weighed against one of them alone
        ([A, B, Told("c", "78")], {"a": "c", "b": "a", "c": "c"}, "undecided undecided undecided", Missing.UNDECIDED),
        # what was chosen does not stand here any more
        ([B], OVER, "counts", 50),
    ],
)
def test_what_contradicts_a_choice_is_weighed_before_anything_counts(
    told: list[Told], chosen: dict[str, str], counts: str, value: object
) -> None:
    assert " ".join(counts_of("VAS", told, chosen)) == counts
    assert judged("VAS", told, chosen) == value

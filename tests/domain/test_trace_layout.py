"""A drawn trace: everything has a place of its own, on a wide page, a narrow one and paper, however many vials there are."""

from __future__ import annotations

from itertools import combinations

import pytest

from reports.tracing import Spoken
from reports.words import Words
from tests.reports import samples
from traceability.domain.trace_layout import PAPER, TALL, WIDE, Layout, Measure, Placed, layout, parts
from traceability.domain.trace_picture import MOST_STRIPS, picture

SAY = Spoken(Words("id", "Asia/Jakarta"))
"""The longer words."""
HEADS = ("Asalnya", "Lot", "Kiriman", "Vial", "Subjek dan tempat")


def bottom(made: Layout, one: Placed) -> float:
    lines = [said.y for said in one.said] + [y + made.measure.text for _, y, _ in one.signs]
    return one.y + one.height if one.height else max(lines)


@pytest.mark.parametrize("measure", [WIDE, TALL, PAPER], ids=["wide", "tall", "paper"])
@pytest.mark.parametrize(("boxes", "knees"), [(1, 1), (3, 12), (6, 14)])
def test_nothing_lies_on_anything_else_and_nothing_beyond_the_edge(measure: Measure, boxes: int, knees: int) -> None:
    made = layout(picture(samples.graph(boxes, knees, 500), SAY), measure, HEADS)
    for one in made.placed:
        assert one.x >= 0
        assert one.x + one.width <= made.width
        assert bottom(made, one) <= made.height
    for one, other in combinations(made.placed, 2):
        apart = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert apart or bottom(made, one) <= other.y + 1 or bottom(made, other) <= one.y + 1, (one.told, other.told)


def test_many_knees_are_counted_unless_their_box_is_opened_or_they_are_looked_for() -> None:
    graph = samples.graph(2, MOST_STRIPS + 1, 500)
    few = picture(graph, SAY).lots[0].boxes[0].strips
    assert few[0].name == f"{MOST_STRIPS + 1} lutut"
    assert sum(one.strong for one in few) == 1
    opened = picture(graph, SAY, opened=("C-1",)).lots[0].boxes
    assert [sum(one.strong for one in box.strips) for box in opened] == [MOST_STRIPS + 1, 1]
    found = picture(graph, SAY, chosen=("V010000",))
    assert [one.name for one in found.lots[0].boxes[0].strips if one.chosen] == ["MWD1K00"]
    assert [card.name for card in found.materials if card.chosen] == ["D-4KQ7", "MCB-3", "HV-26-9", "RG-881", "RG-882"]
    assert not found.lots[0].boxes[1].card.chosen


def test_in_pieces_nothing_is_lost_and_each_fits_on_a_page() -> None:
    found = picture(samples.graph(6, 10, 500), SAY)
    pieces = list(parts(found, PAPER, 590))
    assert len(pieces) > 2
    assert all(layout(one, PAPER, HEADS).height <= 600 for one in pieces)
    whole = [strip for lot in found.lots for box in lot.boxes for strip in box.strips]
    assert [strip for one in pieces for lot in one.lots for box in lot.boxes for strip in box.strips] == whole
    assert [bool(one.materials) for one in pieces] == [True] + [False] * (len(pieces) - 1)

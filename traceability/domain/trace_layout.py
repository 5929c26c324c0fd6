"""Where everything of a drawn trace stands: one layout, for a wide page, a narrow one and paper; SVG and PDF only draw it.

Ancestors on the left, then the lot, its boxes, their vials and whom these were given to; on a narrow page from top to
bottom. Coordinates grow to the right and downwards, in pixels or points as the measure says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from traceability.domain.trace_picture import Box, Card, Picture, Sign, Strip

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measure:
    """Sizes of a kind of drawing. `heads`: the words over its columns are drawn, for which there is room only side by side."""

    width: float
    text: float
    name: float
    line: float
    pad: float
    card: float
    gap: float
    lane: float
    glyph: float
    strip: float
    ends: tuple[float, float]
    """Where the name of a strip begins, and where its note does, from the left of the strips."""
    heads: bool = True
    tall: bool = False


WIDE = Measure(1302, 12.5, 14, 18, 10, 196, 24, 46, 20, 32, (232, 330))
TALL = Measure(344, 12.5, 14, 18, 10, 314, 22, 30, 20, 54, (0, 96), heads=False, tall=True)
PAPER = Measure(510, 7.2, 7.8, 9.6, 4.5, 86, 9, 13, 8, 13.5, (84, 128))


CHAR, WIDER, SIGN = 0.56, 1.07, 1.6
"""How wide a letter is on the average, how much wider a bold one, and a sign with the gap behind it: in sizes of text."""


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of text: where its baseline begins, or ends. `name`: what the thing is called; `strong`: the word of a sign."""

    x: float
    y: float
    text: str
    name: bool = False
    end: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A card with its frame, or a strip without one (`height` 0): what a link, a screen reader and a printer get as one."""

    x: float
    y: float
    width: float
    height: float
    said: tuple[Said, ...]
    signs: tuple[tuple[float, float, Sign], ...]
    glyphs: tuple[tuple[float, float, str, str], ...]
    told: str
    href: str | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from its first point through the others; of two points and `bent`, a curve that leaves and comes level."""

    points: tuple[Point, ...]
    chosen: bool
    bent: bool = False

    @property
    def path(self) -> str:
        (x, y), rest = self.points[0], self.points[1:]
        if self.bent:
            ((right, down),) = rest
            middle = _r((x + right) / 2)
            return f"M{x} {y}C{middle} {y} {middle} {down} {right} {down}"
        return f"M{x} {y}" + "".join(f"L{right} {down}" for right, down in rest)


@dataclass(slots=True)
class Layout:
    """All that is drawn, in the order in which it is read."""

    measure: Measure
    height: float = 0
    heads: list[Said] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)

    @property
    def width(self) -> float:
        return self.measure.width


def layout(found: Picture, measure: Measure, heads: Sequence[str] = ()) -> Layout:
    """`heads`: five words over the columns."""
    made = Layout(measure)
    if measure.tall:
        _down(made, found)
    else:
        _across(made, found, heads)
    made.height = _r(made.height)
    return made


def parts(found: Picture, measure: Measure, tallest: float) -> Iterator[Picture]:
    """The picture in pieces that fit on a page: strips are dealt out, each under its box and lot; the first shows the ancestors.

    What is higher than a page by itself (very many ancestors) is one piece all the same.
    """
    flat = [
        (n, m, k) for n, lot in enumerate(found.lots) for m, box in enumerate(lot.boxes) for k in range(len(box.strips))
    ]
    at = 0
    while at < len(flat) or at == 0:
        low, high = at + 1, len(flat)
        while low < high:
            middle = (low + high + 1) // 2
            fits = layout(_some(found, flat[at:middle], first=at == 0), measure).height <= tallest
            low, high = (middle, high) if fits else (low, middle - 1)
        yield _some(found, flat[at:low], first=at == 0)
        at = low


def _some(found: Picture, pieces: Sequence[tuple[int, int, int]], *, first: bool) -> Picture:
    lots = []
    for n, lot in enumerate(found.lots):
        boxes = [
            replace(box, strips=tuple(strip for k, strip in enumerate(box.strips) if (n, m, k) in pieces))
            for m, box in enumerate(lot.boxes)
        ]
        shown = tuple(box for box in boxes if box.strips)
        if shown or (first and not lot.boxes):
            lots.append(replace(lot, boxes=shown, made_of=lot.made_of if first else ()))
    return Picture(found.materials if first else (), found.links if first else (), tuple(lots))


# ── from left to right ──


def _across(made: Layout, found: Picture, heads: Sequence[str]) -> None:
    m = made.measure
    left = m.lane / 2 if any(child - parent not in (1, -1) for parent, child, _ in found.links) else 0.0
    columns = [left, left + m.card + m.lane, left + 2 * (m.card + m.lane)]
    strips = columns[2] + m.card + m.lane
    top = 2 * m.line if m.heads and heads else m.pad
    if m.heads and heads:
        # the strips' columns have their own measure; a short word of the last column never meets the one before it
        places = (*columns, strips, strips + m.ends[0])
        made.heads = [Said(_r(x), _r(m.line * 0.8), word) for x, word in zip(places, heads, strict=True)]
    ancestors, y = [], top
    for one in found.materials:
        ancestors.append(_card(made, one, columns[0], y))
        y = ancestors[-1].y + ancestors[-1].height + m.gap
    below = y - m.gap
    _ancestry(made, found, ancestors)
    y = top
    for lot in found.lots:
        tall = max(_card_height(m, lot.card), sum(_box_height(m, box) + m.gap for box in lot.boxes) - m.gap)
        down = min(
            (tall - _card_height(m, lot.card)) / 2, 4 * m.strip
        )  # in the middle, and near the top of a long drawing
        card = _card(made, lot.card, columns[1], y + down)
        middle = _r(card.y + card.height / 2)
        for n in lot.made_of:
            up = ancestors[n]
            start = _r(up.x + up.width), _r(up.y + up.height / 2)
            made.edges.append(Edge((start, (card.x, middle)), up.chosen and card.chosen, bent=True))
        for box in lot.boxes:
            whole = _box_height(m, box)
            boxed = _card(made, box.card, columns[2], y)
            start = _r(card.x + card.width), middle
            made.edges.append(
                Edge((start, (boxed.x, _r(boxed.y + boxed.height / 2))), card.chosen and boxed.chosen, bent=True)
            )
            _fan(made, box, boxed, strips, y)
            y += whole + m.gap
        if not lot.boxes:
            y += tall + m.gap
        y += m.gap / 2 if len(found.lots) > 1 else 0
    made.height = max(below, y - m.gap) + m.pad


def _ancestry(made: Layout, found: Picture, ancestors: Sequence[Placed]) -> None:
    """Neighbours are joined straight; others by a line beside the column."""
    m, lanes = made.measure, 0
    for parent, child, on in found.links:
        one, other = ancestors[parent], ancestors[child]
        if abs(child - parent) == 1:
            upper, lower = sorted((one, other), key=lambda card: card.y)
            x = _r(one.x + one.width / 2)
            made.edges.append(Edge(((x, _r(upper.y + upper.height)), (x, lower.y)), on))
        else:
            x = _r(one.x - m.lane / 2 + 2 + (lanes % 3) * m.lane / 8)
            ys = [_r(card.y + card.height * share) for card, share in ((one, 0.6), (other, 0.4))]
            made.edges.append(Edge(((one.x, ys[0]), (x, ys[0]), (x, ys[1]), (other.x, ys[1])), on))
            lanes += 1


def _fan(made: Layout, box: Box, card: Placed, x: float, top: float) -> None:
    """The strips of a box beside it, and the lines to each."""
    m = made.measure
    spine = x - m.lane * 0.55
    out = _r(card.x + card.width), _r(top + m.strip / 2)
    y = top
    for strip in box.strips:
        placed = _strip_across(made, strip, x, y)
        made.edges.append(
            Edge(
                (out, (_r(spine), out[1]), (_r(spine), _r(y + m.strip / 2)), (_r(x - 4), _r(y + m.strip / 2))),
                strip.chosen,
            )
        )
        made.placed.append(placed)
        y += _strip_height(m, strip)


def _strip_across(made: Layout, strip: Strip, x: float, y: float) -> Placed:
    m = made.measure
    middle = y + m.strip / 2
    base = _r(middle + m.text * 0.36)
    glyphs, end = _glyphs(strip, m, x, middle)
    said = []
    if strip.more:
        said.append(Said(_r(end + m.glyph * 0.3), base, strip.more))
        end += m.glyph * 0.4 + len(strip.more) * m.text * 0.6
    name, note = x + m.ends[0], x + m.ends[1]
    made.edges.append(
        Edge(((_r(end + 4), _r(middle)), (_r(max(name - m.glyph / 2, end + 6)), _r(middle))), strip.chosen)
    )
    right = _r(m.width - 1)
    first, *rest = _strip_lines(m, strip)
    if strip.strong and not rest and strip.note and len(strip.name) * m.name * CHAR * WIDER < m.ends[1] - m.ends[0]:
        said += [Said(_r(name), base, strip.name, name=True), Said(_r(note), base, strip.note)]
    else:
        said.append(Said(_r(name), base, first, name=strip.strong))
        said += [Said(_r(name), _r(base + n * m.line), line) for n, line in enumerate(rest, 1)]
    said.append(Said(right, base, strip.count, end=True))
    top = middle + m.line * (0.5 + len(rest))
    signs, more = _signs(m, strip.signs, _strip_room(m), name, top)
    return Placed(
        _r(x), _r(y), _r(right - x), 0, (*said, *more), signs, glyphs, strip.told, strip.href, strip.chosen
    )  # fmt: skip


# ── from top to bottom ──


def _down(made: Layout, found: Picture) -> None:
    m = made.measure
    x, y = m.lane, 2.0
    ancestors = []
    for one in found.materials:
        ancestors.append(_card(made, one, x, y))
        y += ancestors[-1].height + m.gap
    _ancestry(made, found, ancestors)
    for nth, lot in enumerate(found.lots):
        card = _card(made, lot.card, x, y)
        y += card.height + m.gap
        for n in lot.made_of:
            up, on = ancestors[n], ancestors[n].chosen and card.chosen
            if n == len(ancestors) - 1 and nth == 0:
                middle = _r(x + m.card / 2)
                made.edges.append(Edge(((middle, _r(up.y + up.height)), (middle, card.y)), on))
            else:
                ys = _r(up.y + up.height / 2), _r(card.y + card.height * 0.3)
                made.edges.append(Edge(((up.x, ys[0]), (4.0, ys[0]), (4.0, ys[1]), (card.x, ys[1])), on))
        for box in lot.boxes:
            boxed = _card(made, box.card, x, y)
            ys = _r(card.y + card.height * 0.7), _r(boxed.y + boxed.height / 2)
            made.edges.append(
                Edge(((x, ys[0]), (14.0, ys[0]), (14.0, ys[1]), (x, ys[1])), card.chosen and boxed.chosen)
            )
            y = boxed.y + boxed.height + 4
            for strip in box.strips:
                made.placed.append(_strip_down(made, strip, boxed, y))
                y += _strip_height(m, strip)
            y += m.gap
    made.height = y


def _strip_down(made: Layout, strip: Strip, box: Placed, y: float) -> Placed:
    m = made.measure
    x = box.x + m.lane
    spine, middle = _r(box.x + m.lane / 2), _r(y + 15)
    made.edges.append(Edge(((spine, _r(box.y + box.height)), (spine, middle), (_r(x - 4), middle)), strip.chosen))
    glyphs, end = _glyphs(strip, m, x, middle)
    right = _r(m.width - 1)
    said = [Said(right, _r(y + 19), strip.count, end=True)]
    if strip.more:
        said.append(Said(_r(end + 4), _r(y + 19), strip.more))
    base = _r(y + 23 + m.line)
    for n, line in enumerate(_strip_lines(m, strip)):
        said.append(Said(_r(x), _r(base + n * m.line), line, name=strip.strong and n == 0))
    signs, more = _signs(m, strip.signs, _strip_room(m), x, base + (len(_strip_lines(m, strip)) - 1) * m.line + 4)
    return Placed(
        _r(x), _r(y), _r(right - x), 0, (*said, *more), signs, glyphs, strip.told, strip.href, strip.chosen
    )  # fmt: skip


# ── what both are made of ──


def _card(made: Layout, card: Card, x: float, y: float) -> Placed:
    m = made.measure
    inner, at, said = x + m.pad, y + m.pad + m.text * 0.86, []
    for line, name in _lines(m, card):
        said.append(Said(_r(inner), _r(at), line, name=name))
        at += m.line
    signs, more = _signs(m, card.signs, m.card - 2 * m.pad, inner, at - m.text * 0.86)
    placed = Placed(
        _r(x), _r(y), m.card, _r(_card_height(m, card)), (*said, *more), signs, (), card.told, card.href, card.chosen
    )  # fmt: skip
    made.placed.append(placed)
    return placed


def _lines(m: Measure, card: Card) -> list[tuple[str, bool]]:
    """What a card says, line by line, and whether that is its name."""
    room = m.card - 2 * m.pad
    told = ((card.kind, False), (card.name, True), *((one, False) for one in card.more))
    return [(line, name) for text, name in told for line in wrapped(text, room, m.name * WIDER if name else m.text)]


def _signs(
    m: Measure, signs: Sequence[Sign], room: float, x: float, y: float
) -> tuple[tuple[tuple[float, float, Sign], ...], list[Said]]:
    """Top left corner of the shape of each, with the first line of its word beside it; and the lines that follow."""
    made, more, n = [], [], 0
    for sign in signs:
        first, *rest = _sign(m, sign, room)
        made.append((_r(x), _r(y + n * m.line), Sign(sign.shape, first)))
        for at, line in enumerate(rest, n + 1):
            more.append(Said(_r(x + m.text * SIGN), _r(y + at * m.line + m.text * 0.95), line, strong=True))
        n += 1 + len(rest)
    return tuple(made), more


def _sign(m: Measure, sign: Sign, room: float) -> list[str]:
    return wrapped(sign.word, room - m.text * SIGN, m.text * WIDER)


def _sign_lines(m: Measure, signs: Sequence[Sign], room: float) -> int:
    return sum(len(_sign(m, one, room)) for one in signs)


def _glyphs(
    strip: Strip, m: Measure, x: float, middle: float
) -> tuple[tuple[tuple[float, float, str, str], ...], float]:
    """Top left corner of each, what it is, the dose in it; and where they end."""
    step = m.glyph * 1.3
    made = tuple((_r(x + n * step), _r(middle - m.glyph / 2), shape, k) for n, (shape, k) in enumerate(strip.glyphs))
    return made, x + len(made) * step - step + m.glyph


def _card_height(m: Measure, card: Card) -> float:
    lines = len(_lines(m, card)) + _sign_lines(m, card.signs, m.card - 2 * m.pad)
    return 2 * m.pad + lines * m.line - (m.line - m.text)


def _strip_height(m: Measure, strip: Strip) -> float:
    return m.strip + (len(_strip_lines(m, strip)) - 1 + _sign_lines(m, strip.signs, _strip_room(m))) * m.line


def _strip_room(m: Measure) -> float:
    """How wide the words of a strip may be, but for its count."""
    if m.tall:
        return m.width - 2 * m.lane
    return m.width - 3 * m.card - 3.5 * m.lane - m.ends[0]


def _strip_lines(m: Measure, strip: Strip) -> list[str]:
    """Name and note of a strip on one line where there is room for both, else the note below."""
    count = 0.0 if m.tall else (len(strip.count) + 1) * m.text * CHAR
    room = _strip_room(m) - count
    told = ", ".join(filter(None, (strip.name, strip.note)))
    if (len(strip.name) * m.name + len(strip.note) * m.text) * CHAR <= room or not strip.note:
        return [fit(told, room, m.name)]
    return [fit(strip.name, room, m.name), *wrapped(strip.note, _strip_room(m), m.text)]


def _box_height(m: Measure, box: Box) -> float:
    return max(_card_height(m, box.card), sum(_strip_height(m, one) for one in box.strips))


def fit(text: str, room: float, size: float) -> str:
    """What has no room is cut, and says so; the whole stands in the title and in the table."""
    most = max(4, int(room / (size * CHAR)))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def wrapped(text: str, room: float, size: float) -> list[str]:
    """On two lines at most, broken between words."""
    most = max(4, int(room / (size * CHAR)))
    if len(text) <= most or " " not in text[:most]:
        return [fit(text, room, size)]
    first = text[: most + 1].rpartition(" ")[0]
    return [first, fit(text[len(first) + 1 :], room, size)]


def _r(value: float) -> float:
    return round(value, 1)

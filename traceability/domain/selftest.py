"""The scanner's self-test: the texts that the two symbols of its sheet carry, and what a scanner made of them on the way.

Every sign of GS1's set of 82 that a keyboard layout, Caps Lock or a wrong mode is known to change stands in them. Not
here: drawing the sheet, and what real codes say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

from traceability.domain.gs1 import GS, Elements, element_string

GTIN = "09521234599999"
"""Of the prefix for examples, and of no product: a self-test sheet is never a vial."""
LOT = "!\"%&'()*+,-./:;<=>?_"
"""Every sign that is neither letter nor digit; a separator follows it, because a serial comes after."""
SIGNS = "yYzZqQwWaAmM0Oo1Il"
"""Letters that change places between keyboards, in both cases, and those that look alike."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol of the sheet. `symbology` is what a scanner that is set to send identifiers puts before it (R5)."""

    kind: Literal["datamatrix", "qr"]
    symbology: str
    elements: Elements

    @property
    def text(self) -> str:
        """The element string that the symbol carries, FNC1 as GS; the one at its start is not part of the data."""
        return element_string(self.elements)


DATAMATRIX = Symbol("datamatrix", "]d2", (("01", GTIN), ("10", LOT), ("21", SIGNS + "DM")))
QR = Symbol("qr", "]Q3", (("01", GTIN), ("10", LOT), ("21", SIGNS + "QR")))
SYMBOLS = (DATAMATRIX, QR)

_LONGEST_BETWEEN, _LONGEST_BEFORE = 6, 12
_ALIKE = 0.5
_END = " \r\n\t"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that came otherwise than printed. What does not `stop` is worth knowing and reads all the same."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """What arrived of one scan: which symbol it was (None: not of this sheet), and everything that was changed.

    `identifier` is the symbology identifier as it came, `separator` what stood where GS belongs; both may be empty.
    """

    symbol: Symbol | None
    identifier: str
    separator: str
    notices: tuple[Notice, ...]

    @property
    def exact(self) -> bool:
        """Every character arrived, and none beside them."""
        return self.symbol is not None and not any(notice.stops for notice in self.notices)


@dataclass(frozen=True, slots=True)
class _Laid:
    """A text beside what should have come: what became something else, what is missing, what is too much."""

    pairs: tuple[tuple[str, str], ...]
    separator: str
    lost: str
    added: str
    placed: bool

    @property
    def changed(self) -> list[tuple[str, str]]:
        return [(sign, came) for sign, came in self.pairs if sign != came]

    @property
    def alike(self) -> float:
        all_of_it = len(self.pairs) + len(self.lost) + len(self.added)
        return 1 - (len(self.changed) + len(self.lost) + len(self.added)) / all_of_it if all_of_it else 0.0

    @property
    def one_way(self) -> bool:
        """Each sign always became the same other one, as by another keyboard, and no two became one."""
        became: dict[str, str] = {}
        consistent = all(became.setdefault(sign, came) == came for sign, came in self.pairs)
        return self.placed and consistent and len(set(became.values())) == len(became)

    @property
    def fits(self) -> tuple[bool, float]:
        return self.placed and (self.one_way or self.alike >= _ALIKE), self.alike


def judge(raw: str) -> Judged:
    """What a scan of the sheet says of the scanner. It compares with what is printed, and guesses nothing else."""
    text = raw.strip(_END)  # never strip(): GS counts as white space
    tried = [
        (_laid(body, symbol), symbol, identifier, before)
        for symbol in SYMBOLS
        for before, identifier, body in _parted(text)
        if body and len(body) <= 4 * len(symbol.text)
    ]
    if not tried:
        return Judged(None, "", "", (Notice("scanner_other_code"),))
    laid, symbol, identifier, before = max(
        tried, key=lambda one: (*one[0].fits, one[2] == one[1].symbology, len(one[2]))
    )
    if laid.alike < _ALIKE and not laid.one_way:
        return Judged(None, text[:3] if text[:1] == "]" else "", "", (Notice("scanner_other_code"),))
    notices = (*_identified(identifier, symbol), *_separated(laid), *_changed(laid), *_missing(laid, before))
    return Judged(symbol, identifier, laid.separator, notices)


def _parted(text: str) -> Iterable[tuple[str, str, str]]:
    """What came before it, the identifier, the data: with and without. A separator at the very start is FNC1's own."""
    yield "", "", text.removeprefix(GS)
    yield "", text[:3], text[3:].removeprefix(GS)
    for symbol in SYMBOLS:
        before, identifier, rest = text[:_LONGEST_BEFORE].partition(symbol.symbology)
        if before and identifier:
            yield before, identifier, rest + text[_LONGEST_BEFORE:]


def _laid(body: str, symbol: Symbol) -> _Laid:
    """By place where the lengths agree, else by what of it can be found again in its order."""
    head, _, tail = symbol.text.partition(GS)
    between = len(body) - len(head) - len(tail)
    if 0 <= between <= _LONGEST_BETWEEN:
        came = body[: len(head)] + body[len(head) + between :]
        pairs = tuple(zip(head + tail, came, strict=True))
        placed = _Laid(pairs, body[len(head) : len(head) + between], "", "", placed=True)
        if placed.fits[0]:
            return placed
    return _by_order(body, symbol.text)


def _by_order(body: str, expected: str) -> _Laid:
    pairs: list[tuple[str, str]] = []
    separator, lost, added = "", "", ""
    for step, begins, ends, at, until in SequenceMatcher(None, expected, body, autojunk=False).get_opcodes():
        old, new = expected[begins:ends], body[at:until]
        if step == "equal" or len(old) == len(new):
            pairs += [pair for pair in zip(old, new, strict=True) if pair[0] != GS]
            separator += "".join(came for sign, came in zip(old, new, strict=True) if sign == GS)
        elif old == GS:
            separator += new
        else:
            lost += old.replace(GS, "")
            added += new
    return _Laid(tuple(pairs), separator, lost, added, placed=False)


def _identified(identifier: str, symbol: Symbol) -> Iterable[Notice]:
    if not identifier:
        yield Notice("scanner_identifier_missing", {"symbology": symbol.symbology}, stops=False)
    elif identifier.casefold() != symbol.symbology.casefold():  # its capitals are told with all others
        yield Notice("scanner_identifier_other", {"symbology": symbol.symbology, "came": identifier})


def _separated(laid: _Laid) -> Iterable[Notice]:
    if not laid.separator:
        yield Notice("scanner_separator_lost")
    elif laid.separator != GS:
        yield Notice("scanner_separator_turned", {"came": laid.separator})


def _changed(laid: _Laid) -> Iterable[Notice]:
    """Caps Lock turns every letter round, a forced case one half of them; what else changes is the keyboard's layout."""
    if not laid.changed:
        return
    cased = [(sign, came) for sign, came in laid.changed if came == sign.swapcase()]
    others = tuple((sign, came) for sign, came in laid.changed if came != sign.swapcase())
    if cased and all(sign.islower() for sign, _ in cased):
        yield Notice("scanner_only_capitals")
    elif cased and all(sign.isupper() for sign, _ in cased):
        yield Notice("scanner_only_small")
    elif cased:
        yield Notice("scanner_capitals_swapped")
    told = " ".join(f"{sign}→{came}" for sign, came in dict.fromkeys(others))
    if others and laid.one_way:
        yield Notice("scanner_layout", {"changed": told})
    elif others:
        yield Notice("scanner_misread", {"changed": told})


def _missing(laid: _Laid, before: str) -> Iterable[Notice]:
    if laid.lost:
        yield Notice("scanner_lost", {"lost": " ".join(dict.fromkeys(laid.lost))})
    if added := before + laid.added:
        yield Notice("scanner_added", {"added": added})

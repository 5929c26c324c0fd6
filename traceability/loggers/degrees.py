"""Temperatures as loggers write them: signs before, behind and around, decimal point or comma, units, and the words
for a reading that is missing or lies beyond what was measured. Exact: no float between the text and its thousandths."""

from __future__ import annotations

import re
from collections import Counter

from traceability.loggers.clocks import Unreadable
from traceability.loggers.file import possible

# neighbours that could share what they match are possessive: no text, however long, is tried in more ways than one
NUMBER = re.compile(
    r"(?P<open>\()? *+(?P<sign>[+-])? *+(?P<whole>[0-9]{1,5})?(?:(?P<point>[.,])(?P<part>[0-9]{1,17}))?(?P<behind>-)? *+(?P<close>\))?"
    r" *+(?:(?:[°º\ufffd]|deg\.?)? *+(?P<unit>[CF])|(?P<sign_unit>[℃℉]))?"
)
MISSING = frozenset(
    {"", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "nil", "nc", "err", "error", "err.", "fail", "fault", "fehler"}
    | {"open", "open circuit", "short", "short circuit", "no data", "nodata", "missing", "invalid", "?", "tidak ada", "off"}
    | {"not measured", "no sensor", "no probe", "not connected", "disconnected", "sensor error", "probe error", "#value!", "#num!"}
)  # fmt: skip
BEYOND = re.compile(
    r"[+-]?(?:o\.?l\.?|of|ovf|ovfl|ovr|ovrg|uf|unf|und|undr|udr|oor|hi|lo|hh+|ll+|high|low|inf|infinity|∞"
    r"|(?:over|under)(?:[ _-]?(?:flow|range|load|limit|scale))?|out[ _-]?of[ _-]?range|too[ _-]?(?:high|low|hot|cold))[!.]?"
    r"|(?:[<>≤≥]=?|[+]{2}|\^\^)[+<>^≤≥= ]*+(?:[+-]?[0-9.,]++)? *+(?:(?:[°º\ufffd]|deg\.?)? *+[CF])?|[0-9.,]++ *+\+",
    re.IGNORECASE,
)
"""It was warmer, or colder, than the logger can measure: the worst of all readings, and no missing one."""
DASHES = re.compile(r"[., ]*+[-–—*_][-–—.,*_ ]*+")
FRACTION = re.compile(r"\d{1,3}", re.ASCII)
LOST = -(10**9)
"""Stands in a list of thousandths for a reading that is missing."""
SENTINELS = 2
"""So many different numbers that cannot be stand for a lost probe; more of them are temperatures of another unit."""


class Beyond(Unreadable):
    """A text for a temperature that could not be measured."""


class Elsewhere(Unreadable):
    """One more number that can be no temperature in the unit that was understood."""


def missing(text: str) -> bool:
    return text.strip().lower() in MISSING or bool(DASHES.fullmatch(text.strip()))


def beyond(text: str) -> bool:
    return bool(BEYOND.fullmatch(text.strip()))


def points(text: str) -> str | None:
    """The decimal sign in a number; "" where it has none, None where this is no number."""
    match = NUMBER.fullmatch(text.strip(" \n"))
    if not match or not (match["whole"] or match["part"]):
        return None
    return match["point"] or ""


class Thousandths(dict[str, int]):
    """Text → thousandths of °C; LOST for what is missing or cannot be. Counts how numbers are written."""

    def __init__(self, point: str, unit: str) -> None:
        super().__init__()
        self.point, self.unit = point, unit
        self.places: Counter[int] = Counter()
        self.padded: Counter[int] = Counter()  # by places: distinct texts that end in 0
        self.example: dict[int, str] = {}
        self.wholes: dict[bool, str] = {}  # below ten, with a zero before it or without: texts
        self.behind = False  # whether a minus stands behind its number
        self.impossible: set[int] = set()

    def __missing__(self, text: str) -> int:
        made = self[text] = self._read(text)
        return made

    def _read(self, text: str) -> int:
        bare = text.strip(" \n")
        match = NUMBER.fullmatch(bare)
        if not match or not (match["whole"] or match["part"]):  # no text with a number in it is one of these
            if missing(bare):
                return LOST
            raise Beyond(text) if beyond(bare) else Unreadable(text)
        if match["point"] and match["point"] != (self.point or match["point"]):
            raise Unreadable(text)
        if (
            bool(match["open"]) != bool(match["close"])
            or sum(map(bool, (match["open"], match["sign"], match["behind"]))) > 1
        ):
            raise Unreadable(text)
        said = match["unit"] or {"℃": "C", "℉": "F"}.get(match["sign_unit"] or "")
        if said and said != self.unit:
            raise Unreadable(text)
        self.point = self.point or match["point"] or ""  # the first one holds for all
        self.behind = self.behind or bool(match["behind"])
        part = match["part"] or ""
        made = celsius(_signed(match), self.unit, len(part))
        if possible(made):
            self.places[len(part)] += 1
            self.example.setdefault(len(part), bare)
            whole = match["whole"] or ""
            if len(whole) == 1 or whole.startswith("0"):
                self.wholes.setdefault(len(whole) > 1, bare)
            self.padded[len(part)] += part.endswith("0")
            return made
        self.impossible.add(made)
        if len(self.impossible) > SENTINELS:
            raise Elsewhere(text)
        return LOST


def _signed(match: re.Match[str]) -> int:
    negative = match["open"] or match["sign"] == "-" or match["behind"]
    return (-1 if negative else 1) * int((match["whole"] or "0") + (match["part"] or ""))


def celsius(digits: int, unit: str, places: int) -> int:
    """Thousandths of °C of `digits`·10^−places degrees, rounded half up."""
    scale = 10**places
    if unit == "C":
        return (2000 * digits + scale) // (2 * scale)
    return (10_000 * (digits - 32 * scale) + 9 * scale) // (18 * scale)


def figure(text: str, unit: str) -> int | None:
    """The thousandths of °C of a lone figure with either decimal sign, as titles and footers write it."""
    for point in ".,":
        try:
            made = Thousandths(point, unit)._read(text)
        except Unreadable:
            continue
        return None if made == LOST else made
    return None


def uneven(places: Counter[int], padded: Counter[int]) -> int | None:
    """The rarest number of decimals, where no way of writing explains that numbers have several; else None.

    Ways: always as many; without zeros at the end; at least one, and a zero there only alone (5.0, 5.25).
    """
    if len(places) < 2:
        return None
    ends_in_zero = {n for n, count in padded.items() if count and n}
    if not ends_in_zero or (0 not in places and ends_in_zero == {1}):
        return None
    return min(places, key=lambda n: (places[n], n))

"""Dates and times of day as loggers write them, in many orders and languages. A text means one thing or is refused;
which of two orders of day and month is meant is decided in `orders`, never here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from traceability.domain.errors import Refused

DAY_S = 86_400
EPOCH = date(1970, 1, 1).toordinal()
LONGEST = 60
"""No date and no time of day has more letters."""
MOST_WORDS = 16
"""Nor, together, more words."""
WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
NUMBERS = re.compile(
    WEEKDAY + r"(\d{1,4})([-/.]|\.? |年)\s?(\d{1,2})([-/.]|\.? |月)\s?(\d{1,4})(?:日|\.|,|\s?г\.?)?", re.ASCII
)
NUMBERS = re.compile(NUMBERS.pattern)
COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)", re.ASCII)
DAY_NAMED = re.compile(
    WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]{1,2}(?:de )?([^\W\d_]{3,12})\.?,?[-/. ]{1,2}(?:de )?(\d{2}|\d{4}),?"
)
MONTH_FIRST = re.compile(WEEKDAY + r"([^\W\d_]{3,12})\.?[-/. ](\d{1,2})(?:st|nd|rd|th)?,?[-/. ]{1,2}(\d{4}|\d{2}),?")
YEAR_FIRST = re.compile(r"(\d{4})[-/. ]([^\W\d_]{3,12})\.?[-/. ](\d{1,2})")
CLOCK = re.compile(
    r"(?P<before>[^\W\d_][^\d:]*+)?\s*+"
    r"(?P<h>\d{1,2})(?P<s>[:.h時时시])\s?(?P<m>\d\d)[分분]?"
    r"(?:(?:(?P=s)|(?<=[분分])\s?|m)(?P<sec>\d\d)(?:[.,]\d{1,9})?[s秒초]?)?"
    r"\s*(?P<after>(?!Z$)[^\W\d_][^\d:+-]*?)?\s*"
    r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?"
)
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?", re.ASCII)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januari januar jän jänner janv janvier ene enero gen gennaio janeiro",
            "feb february februari februar febr fév févr février fev fevereiro febrero febbraio",
            "mar march maret mrt maart mär märz mrz mars marzo março",
            "apr april avr avril abr abril aprile",
            "may mei mai mayo mag maggio maio",
            "jun june juni juin junio giu giugno junho",
            "jul july juli juil juillet julio lug luglio julho",
            "aug august agu agustus agt ags augustus aoû août aout ago agosto",
            "sep sept september septembre septiembre set settembre setembro",
            "oct october okt oktober octobre octubre ott ottobre out outubro",
            "nov november nop nopember novembre noviembre novembro",
            "dec december des desember dez dezember déc décembre dic diciembre dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
BEFORE_NOON = frozenset(
    {"am", "a", "上午", "午前", "오전", "πμ", "öö", "sa", "ص", "de", "fm", "ap", "пробед", "прп", "дп", "قظ", "pagi", "vm"}
    | {"vorm", "पूर्वाह्न", "pg", "pd"}
)  # fmt: skip
AFTER_NOON = frozenset(
    {"pm", "p", "下午", "午後", "오후", "μμ", "ös", "ch", "م", "du", "em", "ip", "слобед", "слоб", "пп", "بظ", "nm", "nachm"}
    | {"अपराह्न", "ptg", "md"}
)  # fmt: skip
SAYS_NOTHING = frozenset({"uhr", "h", "hrs", "hr", "ч", "klo", "น", "wib", "wita", "wit", "utc", "gmt"})


class Unreadable(Exception):
    """A text that is none of what its column holds."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Clock(NamedTuple):
    """A time of day in seconds, and minutes east of UTC where the text says so."""

    second: int
    east_min: int | None
    twelve: bool


def orders(text: str) -> tuple[str, ...]:
    """The orders in which a text could be a date; "named" where the month has a name."""
    if len(text) > LONGEST:
        return ()
    if match := NUMBERS.fullmatch(text):
        first, one, _, two, third = match.groups()
        if one != two and (one, two) != ("年", "月"):
            return ()
        sizes = len(first), len(third)
        if sizes[0] == 4 and sizes[1] <= 2:
            return ("ymd",)
        if sizes[0] <= 2 and sizes[1] == 4:
            return ("dmy", "mdy")
        return ("dmy", "mdy", "ymd") if max(sizes) <= 2 and sizes[1] == 2 else ("ymd",) if sizes == (2, 1) else ()
    if COMPACT.fullmatch(text):
        return ("ymd",)
    return ("named",) if _named(text) else ()


def day(text: str, order: str) -> date | None:
    """The date in this order; None where it is none, or outside 2000 to 2099."""
    if len(text) > LONGEST:
        return None
    if match := NUMBERS.fullmatch(text):
        if order not in orders(text):
            return None
        part = dict(zip(order, (match[1], match[3], match[5]), strict=True))
        year, month, number = part["y"], int(part["m"]), int(part["d"])
    elif match := COMPACT.fullmatch(text):
        year, month, number = match[1], int(match[2]), int(match[3])
    elif named := _named(text):
        year, month, number = named
    else:
        return None
    try:
        made = date(int(year) + 2000 * (len(year) <= 2), month, number)
    except ValueError:
        return None
    return made if 2000 <= made.year < 2100 else None


def _named(text: str) -> tuple[str, int, int] | None:
    for pattern, at in ((DAY_NAMED, (3, 2, 1)), (MONTH_FIRST, (3, 1, 2)), (YEAR_FIRST, (1, 2, 3))):
        if (match := pattern.fullmatch(text)) and (month := MONTHS.get(match[at[1]].lower())):
            return match[at[0]], month, int(match[at[2]])
    return None


def clock(text: str) -> Clock | None:
    """The time of day; None where it is none."""
    match = CLOCK.fullmatch(text) if len(text) <= LONGEST else None
    if not match:
        return None
    hour, minute, second = int(match["h"]), int(match["m"]), int(match["sec"] or 0)
    twelve = False
    for word in (match["before"], match["after"]):
        if word is None or (plain := bare(word)) in SAYS_NOTHING:
            continue
        if twelve or plain not in BEFORE_NOON | AFTER_NOON or not 1 <= hour <= 12:
            return None
        twelve, hour = True, hour % 12 + 12 * (plain in AFTER_NOON)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return Clock(3600 * hour + 60 * minute + second, _east(match["zone"]), twelve)


def _east(text: str | None) -> int | None:
    if not text:
        return None
    if text == "Z":
        return 0
    match = OFFSET.fullmatch(text)
    assert match
    return (-1 if match[1] == "-" else 1) * (60 * int(match[2]) + int(match[3] or 0))


def moment(text: str) -> tuple[str, str] | None:
    """A text with date and time of day taken apart."""
    found = split(text)
    return None if found is None else found.parts(text)


class Split(NamedTuple):
    """How date and time of day share a cell: what parts the words, how many words, how many of them are the first."""

    sep: str
    words: int
    first: int
    clock_first: bool = False

    def parts(self, text: str) -> tuple[str, str] | None:
        """(date, time of day) of a cell; None where it has another number of words."""
        words = text.split(self.sep)
        if len(words) != self.words:
            return None
        halves = " ".join(words[: self.first]), " ".join(words[self.first :])
        return halves[::-1] if self.clock_first else halves

    def halves(self, strands: list[list[str]]) -> tuple[list[str], list[list[str]]]:
        """Of the words of a column, in strands: the dates, and the strands that tell the time of day."""
        one, two = strands[: self.first], strands[self.first :]
        return (woven(two), one) if self.clock_first else (woven(one), two)

    def columns(self, cells: Sequence[str]) -> tuple[list[str], list[list[str]]]:
        """The same of whole cells. Raises Unreadable."""
        flat = self.sep.join(cells).split(self.sep)
        if len(flat) != self.words * len(cells):
            raise Unreadable(next(cell for cell in cells if cell.count(self.sep) != self.words - 1))
        return self.halves([flat[i :: self.words] for i in range(self.words)])


def woven(strands: Sequence[list[str]]) -> list[str]:
    return strands[0] if len(strands) == 1 else list(map(" ".join, zip(*strands, strict=True)))


def bare(word: str) -> str:
    """A word for half of the day without dots, spaces and capitals."""
    return re.sub(r"[.\s]", "", word).lower()


def split(text: str) -> Split | None:
    """How this cell holds a date and a time of day; None where it does not."""
    if len(text) > 2 * LONGEST:
        return None
    for sep in ("T", " ", ", ", ",", " - ", "_"):
        words = text.split(sep)
        if len(words) > MOST_WORDS or (sep == "T" and not re.match(r"\d{4}-?\d\d-?\d\dT", text, re.ASCII)):
            continue
        for first in range(1, len(words)):
            one, two = " ".join(words[:first]), " ".join(words[first:])
            if orders(one) and clock(two):
                return Split(sep, len(words), first)
            if orders(two) and clock(one):
                return Split(sep, len(words), first, clock_first=True)
    return None


def seconds(local: datetime, zone: tzinfo, row: int) -> int:
    """Epoch seconds of a wall-clock time; refused where clocks were set and it stands for none or two."""
    if local.tzinfo is None:
        wall, local = local, local.replace(tzinfo=zone)
        if not isinstance(zone, timezone) and local.utcoffset() != local.replace(fold=1).utcoffset():
            raise Refused("logger_ambiguous_time", row=row, time=str(wall), zone=str(zone))
    if local.microsecond:
        raise Refused("logger_time_unreadable", row=row, time=str(local))
    return int(local.timestamp())


def midnight(one: date, zone: tzinfo) -> tuple[int, bool]:
    """Epoch seconds to which this day's time of day is added, and whether its clocks were not set."""
    here = datetime(one.year, one.month, one.day, tzinfo=zone)
    begins, ends = here.utcoffset(), (here + timedelta(days=1)).utcoffset()
    assert begins is not None
    return DAY_S * (one.toordinal() - EPOCH) - int(begins.total_seconds()), begins == ends

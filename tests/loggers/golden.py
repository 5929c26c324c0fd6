"""Logger files in every dialect, each with the readings that it holds: what readers and damage are tried on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")
DATES = {
    "iso": ("{t:%Y-%m-%d}", None),
    "dmy": ("{t:%d/%m/%Y}", "dmy"),
    "mdy": ("{t:%m/%d/%Y}", "mdy"),
    "dots": ("{t:%d.%m.%Y}", "dmy"),
    "named": ("{t:%d-%b-%Y}", None),
}
CLOCKS = {"24": "{t:%H:%M:%S}", "short": "{t:%H:%M}", "12": "{t:%I:%M:%S %p}"}
NEGATIVE = {"minus": "-{0}", "round": "({0})", "behind": "{0}-"}


@dataclass(frozen=True)
class Dialect:
    encoding: str = "utf-8"
    delimiter: str = ","
    point: str = "."
    date: str = "iso"
    clock: str = "24"
    apart: bool = False
    unit: str = "C"
    negative: str = "minus"
    number: bool = False
    second: bool = False
    title: bool = False
    count: bool = False
    footer: bool = False
    quoted: bool = False
    ended: bool = True
    line: str = "\n"


@dataclass(frozen=True)
class Golden:
    dialect: Dialect
    lines: tuple[str, ...]
    first: int  # number of the first line that is a reading
    right: tuple[tuple[int, int], ...]
    told: dict[str, str] = field(default_factory=dict)

    def data(self, lines: tuple[str, ...] | list[str] | None = None) -> bytes:
        text = self.dialect.line.join(lines or self.lines) + self.dialect.line * self.dialect.ended
        return text.encode(self.dialect.encoding)

    @property
    def rows(self) -> range:
        return range(self.first, self.first + len(self.right))


def dialects() -> list[Dialect]:
    """Each way of writing with each other one that could disturb it."""
    made = [
        Dialect(delimiter=delimiter, point=point, date=date, clock=clock, apart=apart, quoted=point == delimiter)
        for delimiter, point, date, clock, apart in product(",;\t", ".,", DATES, CLOCKS, (False, True))
    ]
    for encoding, unit, title in product(("utf-8-sig", "utf-16", "cp1252", "utf-16-le"), "CF", (False, True)):
        made.append(Dialect(encoding, ";", ",", "dots", unit=unit, title=title, footer=title, line="\r\n"))
    for negative, number, second, count, ended in product(NEGATIVE, *((False, True),) * 4):
        made.append(Dialect(negative=negative, number=number, second=second, title=count, count=count, ended=ended))
    return made


def golden(dialect: Dialect, seed: int = 0, readings: int = 40) -> Golden:
    chance = Random(seed)
    at, milli = datetime(2026, 3, chance.randrange(13, 20), 22, chance.randrange(60)), chance.randrange(-20, 60) * 100
    lines, right = [], []
    if dialect.title:
        lines += ["Fridge 7", "", "Serial Number: AB-123"]
    if dialect.count:
        lines += [f"Number of readings: {readings}"]
    names = ["No."] * dialect.number + (["Date", "Time"] if dialect.apart else ["Date/Time"])
    names += [f"Temperature (°{dialect.unit})"] + ["Humidity (%RH)"] * dialect.second
    lines.append(dialect.delimiter.join(names))
    first = len(lines)
    for number in range(1, readings + 1):
        milli += chance.choice((-100, 0, 0, 100))
        date, clock = DATES[dialect.date][0].format(t=at), CLOCKS[dialect.clock].format(t=at)
        shown = milli if dialect.unit == "C" else milli * 9 // 500 * 100 + 32_000
        text = f"{abs(shown) // 1000}{dialect.point}{abs(shown) % 1000 // 100}"
        cells = [str(number)] * dialect.number + ([date, clock] if dialect.apart else [f"{date} {clock}"])
        cells += [NEGATIVE[dialect.negative].format(text) if shown < 0 else text] + [
            f"{chance.randrange(400, 600)}"
        ] * dialect.second
        lines.append(dialect.delimiter.join(f'"{cell}"' if dialect.quoted else cell for cell in cells))
        exact = shown if dialect.unit == "C" else (10 * (shown - 32_000) + 9) // 18
        right.append((int(at.replace(tzinfo=JAKARTA).timestamp()), exact))
        at += timedelta(minutes=10)
    if dialect.footer:
        lines += ["", "End of the report"]
    return Golden(dialect, tuple(lines), first, tuple(right))

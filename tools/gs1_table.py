"""The committed table of application identifiers, made from the GS1 Syntax Dictionary.

    .venv/bin/python -m tools.gs1_table gs1-syntax-dictionary.txt > traceability/domain/gs1/table.py

It stops at whatever it does not understand: a rule that is not read is a rule that nobody keeps.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from traceability.domain.gs1.rows import Group, Part, Row

HEAD = '''"""Every application identifier of the GS1 Syntax Dictionary. Made by `tools/gs1_table.py`: never edited by hand.

GS1 Syntax Dictionary, copyright 2020-2021 BWIPP and Zint projects, 2021-2025 GS1 AISBL; Apache License 2.0.
"""

from __future__ import annotations

from traceability.domain.gs1.rows import Part, Row

# fmt: off
TABLE: tuple[Row, ...] = (
'''
LINE = re.compile(r"(\d{2,4})(?:-(\d{2,4}))?\s+(?:([*?]+)\s+)?(\S.*)")
PART = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)(\]?)((?:,[a-z0-9]+)*)")
AI_OR_PATTERN = re.compile(r"\d{2,4}|\d{1,3}n{1,2}")


def rows(text: str) -> list[Row]:
    """The dictionary, row by row; ValueError names the line that cannot be read."""
    made = []
    for line in text.splitlines():
        told, _, title = line.partition("#")
        if told.strip():
            made.append(row(told.strip(), title.strip()))
    return made


def row(told: str, title: str) -> Row:
    match = LINE.fullmatch(told)
    if match is None:
        raise ValueError(told)
    first, last, flags, rest = match.groups()
    words = rest.split()
    parts = [part(word) for word in words if "=" not in word and word != "dlpkey"]
    needs: list[tuple[Group, ...]] = []
    never: list[str] = []
    qualifiers: tuple[Group, ...] | None = None
    for word in words[len(parts) :]:
        name, _, value = word.partition("=")
        if name == "req":
            needs.append(tuple(ais(group.split("+")) for group in value.split(",")))
        elif name == "ex":
            never += ais(value.split(","))
        elif name == "dlpkey":
            qualifiers = tuple(ais(order.split(",")) for order in value.split("|")) if value else ()
        else:
            raise ValueError(told)
    if not parts or any(one.low != one.high for one in parts[:-1]):
        raise ValueError(told)
    return Row(
        first, last or first, "*" in (flags or ""), "?" in (flags or ""), tuple(parts), tuple(needs), tuple(never),
        qualifiers, title,
    )  # fmt: skip


def part(word: str) -> Part:
    match = PART.fullmatch(word)
    if match is None or bool(match[1]) != bool(match[5]):
        raise ValueError(word)
    length = int(match[4])
    return Part(match[2], 1 if match[3] else length, length, bool(match[1]), tuple(match[6].split(",")[1:]))


def ais(words: list[str]) -> Group:
    for word in words:
        if not AI_OR_PATTERN.fullmatch(word):
            raise ValueError(word)
    return tuple(words)


def source(text: str) -> str:
    """The module, as it is committed."""
    return HEAD + "".join(f"    {written(one)},\n" for one in rows(text)) + ")\n"


def written(one: Row) -> str:
    parts = ", ".join(
        f'Part("{p.kind}", {p.low}, {p.high}'
        + (f", {p.optional}" if p.optional or p.linters else "")
        + (f", {quoted(p.linters)}" if p.linters else "")
        + ")"
        for p in one.parts
    )
    told = [f'"{one.first}", "{one.last}", {one.ends}, {one.attribute}, ({parts},)']
    if one.needs:
        told.append("needs=(" + "".join(f"({''.join(f'{quoted(g)}, ' for g in n).rstrip()})," for n in one.needs) + ")")
    if one.never:
        told.append(f"never={quoted(one.never)}")
    if one.qualifiers is not None:
        told.append(f"qualifiers=({''.join(f'{quoted(order)}, ' for order in one.qualifiers).rstrip()})")
    if one.title:
        told.append(f'title="{one.title}"')
    return f"Row({', '.join(told)})"


def quoted(words: Group) -> str:
    return "(" + "".join(f'"{word}", ' for word in words).rstrip() + ")" if len(words) == 1 else (
        "(" + ", ".join(f'"{word}"' for word in words) + ")"
    )  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(source(Path(sys.argv[1]).read_text(encoding="utf-8")))

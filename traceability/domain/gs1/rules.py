"""What one value and several together have to be: the rows of the table, made ready to be asked a hundred thousand times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from traceability.domain.errors import Refused
from traceability.domain.gs1.linters import LINTERS, DateLinter, Linter
from traceability.domain.gs1.rows import Group, Part, Row
from traceability.domain.gs1.table import TABLE
from traceability.domain.identity import Element

SIGNS = {"N": "0-9", "X": '!"%-?A-Z_a-z', "Y": "#\\-/0-9A-Z", "Z": "-0-9=A-Z_a-z"}
_TYPE_LINTERS = {"Z": ("cset64",)}
_NUMBERS_NEED_NOT = frozenset(("gcppos1", "gcppos2"))  # digits alone begin with digits


@dataclass(frozen=True, slots=True)
class Ai:
    """One application identifier. `needs`: of each entry one group, of each group a member of every set."""

    ai: str
    ends: bool
    attribute: bool
    parts: tuple[Part, ...]
    needs: tuple[tuple[tuple[frozenset[str], ...], ...], ...]
    told: tuple[tuple[str | Group, ...], ...]
    """The same as it is told to people."""
    never: frozenset[str]
    qualifiers: tuple[Group, ...] | None
    low: int
    high: int


def _of(row: Row) -> list[str]:
    """The identifiers of a row: one, or a range."""
    return [str(n).zfill(len(row.first)) for n in range(int(row.first), int(row.last) + 1)]


_ALL = [ai for row in TABLE for ai in _of(row)]


@cache
def _like(pattern: str) -> frozenset[str]:
    """The identifiers that a pattern names: 31nn."""
    if "n" not in pattern:
        return frozenset((pattern,))
    stem = pattern.rstrip("n")
    return frozenset(ai for ai in _ALL if len(ai) == len(pattern) and ai.startswith(stem))


def _made(row: Row) -> dict[str, Ai]:
    """None needs or excludes itself, whatever pattern it fits."""
    needs = tuple(tuple(tuple(map(_like, group)) for group in need) for need in row.needs)
    told = tuple(tuple(group[0] if len(group) == 1 else group for group in need) for need in row.needs)
    never = frozenset[str]().union(*map(_like, row.never))
    low = sum(part.low for part in row.parts if not part.optional)
    high = sum(part.high for part in row.parts)
    return {
        ai: Ai(
            ai, row.ends, row.attribute, row.parts,
            tuple(tuple(tuple(one - {ai} for one in group) for group in need) for need in needs), told,
            never - {ai}, row.qualifiers, low, high,
        ) for ai in _of(row)
    }  # fmt: skip


AIS: Mapping[str, Ai] = {ai: made for row in TABLE for ai, made in _made(row).items()}
AI_LENGTH: Mapping[str, int] = {ai[:2]: len(ai) for ai in AIS}
"""Two digits decide how many an identifier has."""


Look = tuple[int, Linter | DateLinter, bool]
"""Which part, by whom, and whether today is asked for."""


@cache
def _shape(ai: str) -> tuple[re.Pattern[str], tuple[Look, ...]]:
    """The value as an expression with a group a part, and who looks at which. Made when it is first asked for."""
    told, closing = "", ""
    looks: list[Look] = []
    for number, part in enumerate(AIS[ai].parts, 1):
        one = f"([{SIGNS[part.kind]}]{{{part.low},{part.high}}})"
        told, closing = (f"{told}(?:{one}", closing + ")?") if part.optional else (told + one, closing)
        for name in (*_TYPE_LINTERS.get(part.kind, ()), *part.linters):
            if not (part.kind == "N" and name in _NUMBERS_NEED_NOT):
                linter = LINTERS[name]
                looks.append((number, linter, isinstance(linter, DateLinter)))
    return re.compile(told + closing), tuple(looks)


def content(ai: str, value: str, today: date) -> None:
    """Refuse a value that this identifier cannot have."""
    if ai not in AIS:
        raise Refused("code_ai_unknown", ai=ai)
    pattern, looks = _shape(ai)
    match = pattern.fullmatch(value)
    if match is None:
        raise _malformed(ai, value)
    for group, linter, dated in looks:
        text = match[group]
        if text is not None and not (linter.holds(text, today) if dated else linter.holds(text)):  # type: ignore[call-arg]
            raise Refused(linter.code, ai=ai, value=value)


REPEATED = frozenset(("01", "10", "11", "17", "7003"))
"""What stands alike on every vial of a lot, and is of no person: looked at once, remembered for a while."""
content_again = lru_cache(maxsize=4096)(content)


def _malformed(ai: str, value: str) -> Refused:
    """Signs are told before lengths, where any part has one that it cannot have."""
    rule = AIS[ai]
    allowed = "".join(SIGNS[part.kind] for part in rule.parts)
    if value and (
        re.fullmatch(f"[{allowed}]*", value) is None
        or (rule.low <= len(value) <= rule.high and _wrong_signs(rule, value))
    ):
        return Refused("code_characters", ai=ai, value=value)
    return Refused("code_length", ai=ai, value=value, low=rule.low, high=rule.high)


def _wrong_signs(rule: Ai, value: str) -> bool:
    """Whether, part by part, a sign stands where it cannot; else the length of some part is wrong."""
    at = 0
    for part in rule.parts:
        text = value[at : at + part.high]
        if re.fullmatch(f"[{SIGNS[part.kind]}]*", text) is None:
            return True
        at += part.high
    return False


@lru_cache(maxsize=2048)
def standing(ais: tuple[str, ...], *, alone: bool = True) -> Refused | None:
    """What refuses these identifiers together; `alone` False: what one needs may stand in another code on the same thing."""
    present = frozenset(ais)
    for place, ai in enumerate(ais):
        if len(present) < len(ais) and ai in ais[:place]:
            return Refused("code_ai_twice", ai=ai)
        rule = AIS[ai]
        if others := rule.never & present:
            return Refused("code_ai_together", ai=ai, other=min(others))
        if alone:
            for need, told in zip(rule.needs, rule.told, strict=True):
                if not _met(need, present):
                    return Refused("code_ai_missing", ai=ai, needs=told)
    return None


def _met(need: tuple[tuple[frozenset[str], ...], ...], present: frozenset[str]) -> bool:
    return any(all(one & present for one in group) for group in need)


def accompanied(ai: str, present: frozenset[str]) -> bool:
    """Whether what this identifier cannot stand without is there."""
    return all(_met(need, present) for need in AIS[ai].needs)


def together(elements: tuple[Element, ...], *, alone: bool = True) -> None:
    """Refuse what cannot stand together, and what stands alone and may not."""
    ais = tuple([ai for ai, _ in elements])
    if refused := standing(ais, alone=alone):
        raise Refused(refused.code, **refused.values)  # type: ignore[arg-type]
    if "8030" in ais:
        _signed(elements)


def _signed(elements: tuple[Element, ...]) -> None:
    """A digital signature (8030) signs one thing: keys that may go without a serial have to have one beside it."""
    for ai, value in elements:
        if ai in ("253", "255", "8003") and len(value) == AIS[ai].low:
            raise Refused("code_length", ai=ai, value=value, low=AIS[ai].low + 1, high=AIS[ai].high)

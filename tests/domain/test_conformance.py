"""The GS1 Syntax Dictionary kept: its table is not stale, every identifier reads, and every rule refuses what breaks it.

The figures that `docs/validation.md` states are counted here.
"""

import csv
import os
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain import gs1_examples as examples
from tools import gs1_table
from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.gs1.linters import LINTERS, check_digit, check_pair, iban
from traceability.domain.gs1.rules import SIGNS
from traceability.domain.gs1.separators import swallows
from traceability.domain.gs1.table import TABLE

TODAY = date(2026, 3, 18)
ROOT = Path(__file__).parents[2]
CORPORA = Path(os.environ.get("CORPORA") or ROOT.parent / "shared" / "corpora")
DICTIONARY = CORPORA / "gs1" / "gs1-syntax-dictionary.txt"
IDENTIFIERS = sorted(gs1.AIS)
ALONE, APART = "what has to stand beside", "what cannot stand together"


def meant(text: str) -> str:
    """A scan of the list: what cannot be seen is written \\x1d or \\u200b."""
    return re.sub(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})", lambda found: chr(int(found[1] or found[2], 16)), text)


def listed() -> list[tuple[str, str, str]]:
    with (Path(__file__).parent / "invalid_codes.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return [(rule, code, meant(scan)) for rule, code, scan in rows]


INVALID = listed()


def refusal(raw: str) -> str | None:
    """The code of the refusal; None where it is read."""
    try:
        gs1.read_any(raw, TODAY)
    except Refused as refused:
        return refused.code
    return None


def typed(elements: gs1.Elements) -> str:
    return "".join(f"({ai}){value}" for ai, value in elements)


# --------------------------------------------------------------------------------------------------------- the table


def test_the_table_is_the_dictionary():
    if not DICTIONARY.is_file():
        pytest.skip(f"the corpora with the GS1 Syntax Dictionary are not there: {CORPORA}")
    made = gs1_table.source(DICTIONARY.read_text(encoding="utf-8"))
    assert (ROOT / "traceability/domain/gs1/table.py").read_text(encoding="utf-8") == made


@pytest.mark.parametrize(
    "line", ["01 * N14,csum extra", "01 * N14 needs=02", "01 * Q14", "01 * N..14 X3", "01 * [N14", "x1 N14", "01 N14 req=a"]
)  # fmt: skip
def test_a_dictionary_that_is_not_understood_makes_no_table(line):
    with pytest.raises(ValueError):
        gs1_table.rows(line)


def test_every_linter_that_the_dictionary_names_is_there_and_has_examples():
    named = {linter for row in TABLE for part in row.parts for linter in part.linters}
    assert named <= set(LINTERS)
    assert set(LINTERS) - named == {"cset64"}  # that one is of the type Z
    assert set(examples.WRONG) | {"gcppos2"} == set(LINTERS)


def test_two_digits_tell_how_long_an_identifier_is():
    lengths: dict[str, set[int]] = {}
    for ai in gs1.AIS:
        lengths.setdefault(ai[:2], set()).add(len(ai))
    assert {two: found for two, found in lengths.items() if len(found) > 1} == {}


# ------------------------------------------------------------------------------------------------ what is right is read


def test_a_code_with_any_identifier_is_read_in_every_way_it_is_written():
    assert len(IDENTIFIERS) > 500
    for ai in IDENTIFIERS:
        elements = examples.message(ai)
        assert gs1.read_any(typed(elements), TODAY).elements == elements
        assert dict(gs1.read_any("]d2" + gs1.element_string(elements), TODAY).elements) == dict(elements)


@pytest.mark.parametrize("key", [ai for ai in IDENTIFIERS if gs1.AIS[ai].qualifiers is not None and ai in gs1.KEYS])
def test_every_key_is_read_from_a_link_with_all_that_may_qualify_it(key):
    for order in (*(gs1.AIS[key].qualifiers or ()), ()):
        elements = tuple((ai, examples.value(ai)) for ai in (key, *order))
        assert gs1.read_any(gs1.digital_link("id.gs1.org", elements), TODAY).elements == elements


def values(ai: str) -> st.SearchStrategy[str]:
    """Values of any length that this identifier may have, where no linter looks at them but the check digit."""
    parts = [
        st.just(examples.part(part)) if part.linters else st.from_regex(f"[{SIGNS[part.kind]}]{{{part.low},{part.high}}}", fullmatch=True)
        for part in gs1.AIS[ai].parts if part.kind != "Z"
    ]  # fmt: skip
    return st.tuples(*parts).map("".join) if parts else st.just(examples.value(ai))


@given(st.sampled_from(IDENTIFIERS).flatmap(lambda ai: st.tuples(st.just(ai), values(ai))))
def test_what_is_built_of_any_value_is_read_back(chosen):
    ai, value = chosen
    assume(not re.search(r"\(\d{2,4}\)|<gs>|<fnc1>", value, re.IGNORECASE))
    elements = tuple((one, value if one == ai else told) for one, told in examples.message(ai))
    assert gs1.read_any(gs1.bracketed(elements), TODAY).elements == elements
    scan = gs1.element_string(elements)
    if gs1.GS not in scan:
        return
    if gs1.AIS[ai].low < gs1.AIS[ai].high and swallows(ai, value, [one for one, _ in elements]):
        assert refusal(scan) == "code_separator_lost"  # it may hide an element: doubted, not guessed
    else:
        assert dict(gs1.read_any(scan, TODAY).elements) == dict(elements)


# -------------------------------------------------------------------------------------------- what is wrong is refused


@pytest.mark.parametrize("rule, code, raw", INVALID)
def test_what_breaks_a_rule_is_refused_with_its_reason(rule, code, raw):
    assert refusal(raw) == code


def test_the_list_of_what_is_refused_is_long_and_says_nothing_twice():
    assert len(INVALID) > 200
    assert [raw for raw, count in Counter(raw for *_, raw in INVALID).items() if count > 1] == []


def breaking() -> dict[str, list[tuple[str, str]]]:
    """For every identifier and every pair of the table a scan that breaks each rule, and the code that it is refused with."""
    made: dict[str, list[tuple[str, str]]] = {rule: [] for rule in ("signs", "lengths", "repeats", ALONE, APART)}
    for ai in IDENTIFIERS:
        message, value = examples.message(ai), examples.value(ai)
        rest = typed(tuple(one for one in message if one[0] != ai))
        longer = value + value[-1] * (gs1.AIS[ai].high - len(value) + 1)
        made["lengths"] += [("code_length", f"({ai}){rest}"), ("code_length", f"({ai}){longer}{rest}")]
        made["signs"].append(("code_characters", f"({ai}){value[:-1]}€{rest}"))
        made["repeats"].append(("code_ai_twice", typed((*message, (ai, value)))))
        if gs1.AIS[ai].needs:
            made[ALONE].append(("code_ai_missing", f"({ai}){value}"))
        for other in sorted(gs1.AIS[ai].never):
            both = dict(message) | dict(examples.message(other))
            made[APART].append(("code_ai_together", typed(tuple(both.items()))))
    return made


@pytest.mark.parametrize("rule", ["signs", "lengths", "repeats", ALONE, APART])
def test_every_identifier_and_pair_keeps_the_rules_that_the_table_has_for_it(rule):
    broken = breaking()[rule]
    assert len(broken) > 400
    assert [(code, raw, refusal(raw)) for code, raw in broken if refusal(raw) != code] == []


CHECKED = [
    (ai, sum(part.high for part in rule.parts[:at]), sum(part.high for part in rule.parts[: at + 1]))
    for ai, rule in gs1.AIS.items() for at, part in enumerate(rule.parts) if "csum" in part.linters
]  # fmt: skip


@given(st.sampled_from(CHECKED), st.integers(0, 40), st.characters())
def test_any_one_damaged_sign_of_a_checked_number_is_refused(checked, place, sign):
    ai, begins, ends = checked
    at = begins + place % (ends - begins)
    value = examples.value(ai)
    assume(sign != value[at])
    damaged = value[:at] + sign + value[at + 1 :]
    with pytest.raises(Refused):
        gs1.read_any(typed(tuple((one, damaged if one == ai else told) for one, told in examples.message(ai))), TODAY)


signs = st.text(st.sampled_from(sorted(gs1.CSET_82)), min_size=1, max_size=23)


@given(signs, st.integers(0, 24), st.sampled_from(sorted(gs1.CSET_82)))
def test_any_one_damaged_sign_before_a_check_pair_is_noticed(body, place, sign):
    whole = body + check_pair(body)
    at = place % len(whole)
    assume(whole[at] != sign)
    damaged = whole[:at] + sign + whole[at + 1 :]
    assert check_pair(damaged[:-2]) != damaged[-2:]


@pytest.mark.parametrize("whole", ["1987654Ad4X4bL5ttr2310c2K", "12345678901234567890123NT", "12345_ABCDEFGHIJKLMCP"])
def test_the_check_pair_agrees_with_the_published_numbers(whole):
    assert check_pair(whole[:-2]) == whole[-2:]


@pytest.mark.parametrize(
    "account", ["FR7630006000011234567890189", "MU43BOMM0101123456789101000MUR", "NO9386011117947"]
)
def test_accounts_of_several_lands_are_accounts(account):
    assert iban(account)


@given(st.from_regex("[0-9]{1,25}", fullmatch=True))
def test_the_check_digit_is_the_published_sum(body):
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    assert (total + int(check_digit(body))) % 10 == 0


# ------------------------------------------------------------------------------------------------------------- figures


def figures() -> dict[str, tuple[int, int]]:
    """By class of rule: how many scans that break it are refused with its code, of how many; and what is right and read."""
    told: dict[str, list[bool]] = {}
    for rule, code, raw in INVALID:
        told.setdefault(rule, []).append(refusal(raw) == code)
    for rule, broken in breaking().items():
        told[rule] += [refusal(raw) == code for code, raw in broken]
    told["right codes"] = [refusal(typed(examples.message(ai))) is None for ai in IDENTIFIERS]
    return {rule: (sum(held), len(held)) for rule, held in told.items()}


def test_the_figures_in_the_validation_are_those_that_are_counted():
    page = (ROOT / "docs/validation.md").read_text(encoding="utf-8")
    stated = {
        rule: (int(held), int(of))
        for rule, held, of in re.findall(r"^\| ([^|]+?) \| (\d+) of (\d+) \|", page, re.MULTILINE)
    }
    assert stated == figures()

"""What the texts say is there: acts as they are, commands, files, tests, requirements. A text that is out of date fails."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import click
import pytest
from flask import Flask

from traceability import cli
from traceability.domain.acts import ACTS

ROOT = Path(__file__).parent.parent
TEXTS = ("README.md", "CHANGELOG.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")))
GUIDES = ("docs/user-guide.md", "docs/panduan.md")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
FILE = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|cfg|txt|sh)")
MADE_LATER = ("instance/", "backup/", ".venv/", "/")
"""Places that an installation makes, and addresses: no files of the repository."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def commands() -> dict[str, click.Command]:
    """`migrate`, `user add` and the like, as the application knows them."""
    app = Flask("docs")
    cli.init_app(app)
    found: dict[str, click.Command] = {}
    for name, command in app.cli.commands.items():
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {below}": one for below, one in command.commands.items()}
    return found


@cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def code_in(name: str) -> list[str]:
    """Every piece of a text that is set as code, block or span, line by line."""
    return [line for found in CODE.findall(text(name)) for line in found.strip("`").splitlines()]


def test_the_table_of_acts_is_the_one_that_flask_acts_prints() -> None:
    assert text("docs/acts.md") == cli.table_of_acts(), "run: ./run flask acts > docs/acts.md"


def test_every_act_of_the_table_stands_on_its_page() -> None:
    told = text("docs/acts.md")
    assert [name for name in ACTS if f"| `{name}` |" not in told] == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_that_is_named_is_there(name: str) -> None:
    known = set(re.findall(r"^    (\w+)(?: \| -h.*)?\)$", text("run"), re.MULTILINE))
    assert {"demo", "tests", "bench", "flask"} <= known
    lines = "\n".join(code_in(name))
    assert set(re.findall(r"\./run (\w+)", lines)) - known == set()
    for line in re.findall(r"(?:^|/run |app wsgi |\s)flask ((?:--app wsgi )?[a-z-]+(?: add| list)?[^\n|`]*)", lines):
        said = line.removeprefix("--app wsgi ").split()
        command = commands().get(" ".join(said[:2])) or commands().get(said[0])
        assert command is not None, f"{name}: flask {line}"
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in said if word.startswith("--")} <= options, f"{name}: flask {line}"


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_that_is_named_is_there(name: str) -> None:
    missing = []
    for piece in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text(name), flags=re.DOTALL)):
        path = piece.partition("::")[0].partition(":")[0].strip()
        if FILE.fullmatch(path) and not path.startswith(MADE_LATER) and not (ROOT / path).exists():
            missing.append(path)
    assert missing == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_to_a_file_leads_somewhere(name: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text(name)) if "://" not in link]
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", text("docs/validation.md"))
    assert len(named) > 80
    assert [f"{path}::{one}" for path, one in named if one not in functions_in(path)] == []


def test_every_requirement_that_the_code_names_stands_in_the_validation() -> None:
    told = set(re.findall(r"^\| (R\d+b?) \|", text("docs/validation.md"), re.MULTILINE))
    folders = ("traceability", "schemas", "reports")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    named = {one for path in sources for one in re.findall(r"\bR\d{1,2}b?\b", path.read_text(encoding="utf-8"))}
    assert {"R3", "R45b", "R59"} <= named
    assert named - told == set()


def test_what_is_whole_in_the_validation_has_a_test_and_what_is_part_says_what_is_missing() -> None:
    rows = [line.split(" | ") for line in text("docs/validation.md").splitlines() if re.match(r"\| R\d", line)]
    assert len(rows) > 60
    for number, _, source, _, tests, state in rows:
        state = state.removesuffix(" |")
        assert source in ("binds", "adopted", "own"), number
        assert re.match(r"whole$|part: \w|later(: \w|$)", state), f"{number}: {state}"
        assert state != "whole" or "::test_" in tests, number


def test_every_decision_has_its_five_lines() -> None:
    parts = re.split(r"^## ", text("docs/decisions.md"), flags=re.MULTILINE)[1:]
    assert len(parts) >= 15
    for part in parts:
        title, *lines = part.strip().splitlines()
        heads = [re.match(r"- \*\*(\w+)\*\* \S", line) for line in lines]
        assert [head and head[1] for head in heads] == ["Context", "Decision", "Why", "Costs", "Where"], title


def test_both_guides_have_the_same_chapters() -> None:
    """Two languages, one guide: as many headings of each depth, and every page named in one is named in the other."""
    english, indonesian = (text(name) for name in GUIDES)
    depths = [re.findall(r"^(#+) ", one, re.MULTILINE) for one in (english, indonesian)]
    assert depths[0] == depths[1]
    pages = [set(re.findall(r"`(/[\w/…-]*)`", one)) for one in (english, indonesian)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("name", GUIDES)
def test_every_page_that_a_guide_names_is_there(name: str, tmp_path: Path) -> None:
    from traceability import create_app

    app = create_app(instance_path=str(tmp_path))
    try:
        rules = {re.sub(r"<[^>]+>", "…", rule.rule) for rule in app.url_map.iter_rules()}
    finally:
        app.extensions["store"].close()
    named = set(re.findall(r"`(/[\w/…-]*)`", text(name)))
    assert len(named) > 8
    assert named - rules == set()

"""What no single test sees: acts and who performs them, where writing happens, guards and tables against each other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Float, Numeric, inspect, text

from tests.clinic import Clinic
from tests.worlds import world, worlds
from traceability.domain.acts import ACTS
from traceability.services import MODULES, PERFORMERS, load
from traceability.store import guards
from traceability.store.tables import BESIDE, GUARDED, metadata

__all__ = ["world", "worlds"]

ROOT = Path(__file__).parents[1]
SOURCE = [path for folder in ("traceability", "schemas", "reports") for path in sorted((ROOT / folder).rglob("*.py"))]

PERFORMED_ELSEWHERE = {"system.migrate": "store/migrate.py"}
"""Acts without a service: the store's own."""


@cache
def parsed() -> dict[type[ast.AST], list[tuple[str, Any]]]:
    """Every node of the source by its kind, with the path where it stands."""
    found: dict[type[ast.AST], list[tuple[str, Any]]] = defaultdict(list)
    for path in SOURCE:
        for node in ast.walk(ast.parse(path.read_text())):
            found[type(node)].append((str(path.relative_to(ROOT)), node))
    return found


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    """They are half a million: nothing after this module carries them along."""
    yield
    parsed.cache_clear()


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, Any]]:
    for kind in kinds:
        yield from parsed()[kind]


def where(found: Callable[[Any], bool], *kinds: type[ast.AST]) -> set[str]:
    return {path for path, node in nodes(*kinds) if found(node)}


def called(name: str) -> Callable[[ast.Call], bool]:
    return lambda node: isinstance(node.func, ast.Attribute) and node.func.attr == name


# ── acts ──


def test_every_act_has_one_performer_and_every_performer_an_act() -> None:
    load()
    assert set(PERFORMERS) | set(PERFORMED_ELSEWHERE) == set(ACTS)
    assert not set(PERFORMERS) & set(PERFORMED_ELSEWHERE)
    for name, performer in PERFORMERS.items():
        assert performer.act is ACTS[name]


def test_an_act_elsewhere_is_performed_there_and_nobody_else_goes_through_the_door() -> None:
    """`store.perform` stands in the decorator's own module and where the table above says."""
    allowed = {"traceability/services/__init__.py", *(f"traceability/{path}" for path in PERFORMED_ELSEWHERE.values())}
    through = where(lambda node: called("perform")(node) and ast.unparse(node.func.value).endswith("store"), ast.Call)
    assert through == allowed


def test_every_module_of_services_that_performs_is_loaded_at_start() -> None:
    performing = {
        Path(path).stem for path, node in nodes(ast.FunctionDef)
        if path.startswith("traceability/services/")
        and any(isinstance(one, ast.Call) and getattr(one.func, "id", "") == "performs" for one in node.decorator_list)
    }  # fmt: skip
    assert performing <= {name.rpartition(".")[2] for name in MODULES}


def test_every_act_says_what_it_does_by_its_own_name_only_once() -> None:
    names = [
        one.args[0].value for _, node in nodes(ast.FunctionDef) for one in node.decorator_list
        if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "performs"
    ]  # fmt: skip
    assert sorted(names) == sorted(set(names)) == sorted(set(ACTS) - set(PERFORMED_ELSEWHERE))


# ── where things may stand ──


def test_only_the_door_commits() -> None:
    assert where(called("commit"), ast.Call) == {"traceability/store/door.py"}


def test_transactions_that_write_begin_where_they_are_expected() -> None:
    """The door, what stands beside the record, and migrations with the owner's rights; a backup only asks where the file is."""
    writer = where(lambda node: node.attr == "writer", ast.Attribute)
    assert writer == {"traceability/store/door.py", "traceability/store/engines.py", "traceability/store/backup.py"}
    savepoints = where(lambda node: isinstance(node.value, str) and "SAVEPOINT" in node.value, ast.Constant)
    assert savepoints | where(called("begin_nested"), ast.Call) == {"traceability/store/door.py"}
    assert where(called("begin"), ast.Call) <= {"traceability/store/door.py", "traceability/store/migrate.py"}


def test_the_clock_is_asked_where_the_door_is_made_and_where_a_zone_is_named() -> None:
    def tells_time(node: ast.Call) -> bool:
        function = node.func
        return isinstance(function, ast.Attribute) and (
            (function.attr in ("now", "utcnow", "today") and getattr(function.value, "id", "") in ("datetime", "date"))
            or (function.attr in ("time", "time_ns") and getattr(function.value, "id", "") == "time")
        )

    domain = {
        path
        for path in where(tells_time, ast.Call)
        if path.startswith(("traceability/domain", "traceability/services", "reports", "schemas"))
    }
    assert domain == set()
    assert where(tells_time, ast.Call) <= {
        "traceability/store/call.py",  # the clock itself, and ids that sort by time
        "traceability/formats.py",  # the name of a zone depends on the season
        "traceability/demonstration/clinic.py",  # which begins so that dose 4 is due today
    }  # fmt: skip


def test_nobody_asks_for_utcnow() -> None:
    assert (
        where(lambda node: node.attr == "utcnow" and getattr(node.value, "id", "") == "datetime", ast.Attribute)
        == set()
    )


def test_a_state_is_set_where_a_thing_is_made_and_moved_through_the_act_after_that() -> None:
    def assigned(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)

    assert where(assigned, ast.Assign, ast.AugAssign, ast.AnnAssign) == set()

    def changed(node: ast.Call) -> bool:
        return called("change")(node) and any(keyword.arg == "state" for keyword in node.keywords)

    assert where(changed, ast.Call) == {"traceability/store/tx.py"}


def test_only_the_store_writes_to_tables() -> None:
    """insert(), update() and delete() of SQLAlchemy, and their words in text, stand in the store; sessions and scans beside."""
    built = {
        path for path, node in nodes(ast.ImportFrom)
        if node.module and node.module.startswith("sqlalchemy") and {"insert", "update", "delete"} & {name.name for name in node.names}
    }  # fmt: skip
    beside = {"traceability/services/scans.py", "traceability/services/viewings.py"}
    assert built <= {"traceability/store/door.py", "traceability/store/tx.py", "traceability/store/ledger.py"} | beside
    for path in beside:
        (made,) = [node for one, node in nodes(ast.Call) if one == path and getattr(node.func, "id", "") == "insert"]
        assert ast.unparse(made) in ("insert(Row.__table__)", "insert(Viewing.__table__)")
        assert re.search(r"tables import (Scan as Row|Viewing)\n", (ROOT / path).read_text())
    words = ("INSERT INTO ", "UPDATE ", "DELETE FROM ")
    written = {
        path for path, node in nodes(ast.Constant)
        if isinstance(node.value, str) and node.value.startswith(words) and not path.startswith("traceability/store/")
    }  # fmt: skip
    for path in sorted(written):
        told = [
            n.value
            for p, n in nodes(ast.Constant)
            if p == path and isinstance(n.value, str) and n.value.startswith(words)
        ]
        tables = {one.split()[2 if one.startswith(("INSERT", "DELETE")) else 1].partition("(")[0] for one in told}
        assert tables <= set(BESIDE), path


def test_the_domain_reads_no_clock_no_file_and_no_framework() -> None:
    for path, node in nodes(ast.Import, ast.ImportFrom):
        if path.startswith("traceability/domain/"):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            for name in names:
                top = name.split(".")[0]
                assert top not in (
                    "flask",
                    "sqlalchemy",
                    "sqlmodel",
                    "marshmallow",
                    "os",
                    "io",
                    "pathlib",
                    "random",
                    "requests",
                ), (path, name)
                assert top != "traceability" or name.startswith("traceability.domain"), (path, name)


BACK = {
    ("traceability.web.errors", "traceability.web"),
}  # fmt: skip
"""Imports that lead back, made when they are needed: who somebody is when a page has failed."""


def test_no_module_comes_back_to_itself_by_what_it_imports() -> None:
    """Neither at its head nor in a function nor for types alone: such a circle is two modules that are one."""
    names = {str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__") for path in SOURCE}
    imports: dict[str, set[str]] = {name: set() for name in names}
    for path, node in nodes(ast.ImportFrom):
        one = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for told in node.names:
            whole = f"{node.module}.{told.name}"
            imports[one] |= {whole if whole in names else node.module} & names
    assert sum(map(len, imports.values())) > len(names)
    for one, other in BACK:
        imports[one].remove(other)
    TopologicalSorter(imports).prepare()


# ── tables and guards ──


def test_every_table_is_guarded_or_stands_beside_the_record_by_name() -> None:
    assert set(metadata.tables) == {*GUARDED, *BESIDE, "entry", "mention", "open"}
    assert {table.name for table in guards.guarded()} == {*GUARDED, "mention"}
    assert not set(GUARDED) & set(BESIDE)


def test_every_guarded_row_has_its_id_and_its_stamp() -> None:
    for table in guards.guarded():
        assert "act_id" in table.columns
        assert not table.columns["act_id"].nullable
        assert not table.columns["act_id"].foreign_keys


def test_what_is_sealed_can_be_erased_and_carries_its_salt() -> None:
    for name, row in GUARDED.items():
        for column in row.sealed:
            assert "salt" in row.__table__.columns, name  # type: ignore[attr-defined]
            assert row.__table__.columns[column].nullable, (name, column)  # type: ignore[attr-defined]


def test_no_float_is_stored() -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            assert not isinstance(column.type, (Float, Numeric)), (table.name, column.name)


def test_every_table_that_is_read_for_somebody_says_who_sees_it(clinic: Clinic) -> None:
    """`sight` has an answer for every table; for a table it does not know it would say: nobody."""
    from sqlalchemy.sql.elements import False_

    from traceability.store import sight

    unseen = {name for name in GUARDED if isinstance(sight.visible(name, clinic.QUALITY, clinic.clock.now), False_)}
    assert unseen <= {"password", "free_text", "signature", "scope", "identity", "device_key"}


def test_the_guards_that_stand_are_those_that_should(clinic: Clinic) -> None:
    with clinic.store.engines.reader.connect() as connection:
        assert guards.missing(connection) == []


@pytest.mark.filterwarnings(
    "ignore:Did not recognize type 'xid8'"
)  # of the table of acts that are open, which is no class
def test_a_migrated_database_is_what_the_classes_say(clinic: Clinic) -> None:
    with clinic.store.engines.reader.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: not (kind == "table" and name in ("open", "alembic_version")),
                "include_object": lambda item, name, kind, *_: not (kind == "table" and name == "open"),
            },
        )
        assert compare_metadata(context, metadata) == []


def test_both_engines_have_the_same_columns_and_the_same_indexes(clinic: Clinic) -> None:
    with clinic.store.engines.reader.connect() as connection:
        seen = inspect(connection)
        for table in metadata.sorted_tables:
            if table.name == "open":
                continue
            assert {column["name"] for column in seen.get_columns(table.name)} == set(table.columns.keys())
            there = {tuple(index["column_names"]) for index in seen.get_indexes(table.name)}
            assert there >= {tuple(column.name for column in index.columns) for index in table.indexes}, table.name


def test_every_reference_that_is_asked_by_has_an_index_or_is_named_by_the_class(clinic: Clinic) -> None:
    """`key(…, index=False)` is a decision; a reference without either would be a table scan that nobody chose."""
    for table in metadata.tables.values():
        leading = {index.columns[0].name for index in table.indexes} | {table.primary_key.columns[0].name}
        for column in table.columns:
            if column.foreign_keys and column.index:
                assert column.name in leading, (table.name, column.name)


def test_the_first_entry_is_the_migration(clinic: Clinic) -> None:
    with clinic.store.engines.reader.connect() as connection:
        row = connection.execute(
            text("SELECT act, ledger FROM entry WHERE number = 1 AND ledger = :l"), {"l": "0" * 32}
        ).one()
    assert row.act == "system.migrate"


def test_there_is_no_drawer_for_the_rest() -> None:
    assert not [one for one in SOURCE if one.name in ("utils.py", "common.py", "helpers.py", "misc.py")]


def test_the_application_starts_without_what_only_some_work_needs():
    """Paper and logger files come seldom; a start is to take two seconds and 150 MB."""
    code = "import sys, traceability.cli; from traceability.services import load; load(); print({'numpy', 'reportlab', 'pikepdf', 'pyhanko'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_module_of_services_that_performs_is_named_once() -> None:
    from traceability.services import MODULES

    assert len(MODULES) == len(set(MODULES))

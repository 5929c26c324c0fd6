"""The description is valid, names every act, and is kept: whatever a program sends, the answer is one of those it lists."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from tests.clinic import HASHED, PASSWORD, Clinic
from traceability import asking
from traceability.domain.people import SYSTEM, Role
from traceability.services import PERFORMERS, people, sessions
from traceability.store import Store

SHORT, LONG = 2, 15
NOT_ASKED = ("positive_data_acceptance",)
"""A schema cannot say which ids are there, or in which state a lot is: what fits it may still be refused."""


@pytest.fixture
def described(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=SchemathesisConfig())


Asked = tuple[Any, GenerationMode, list[tuple[Any, bool]]]
Sent = Callable[[int], list[Asked]]


@pytest.fixture(scope="module")
def kept() -> dict[int, list[Asked]]:
    return {}


@pytest.fixture
def sent(described: Any, kept: dict[int, list[Asked]]) -> Sent:
    """`sent(2)`: two things that fit and two that do not for every operation. Making them up takes longer than asking them:
    both engines are asked the same."""

    def sent(examples: int) -> list[Asked]:
        if examples not in kept:
            kept[examples] = [
                (operation, mode, made_up(operation, mode, examples))
                for operation in operations(described)
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            ]
        return kept[examples]

    return sent


@pytest.fixture
def everybody(store: Store, clinic: Clinic) -> str:
    """The username of a person who may do everything, so that acts are refused for what was sent and not for who sent it."""
    person = clinic.do(people.enrol, SYSTEM, clinic.ids["hospital"], "everybody", "E. Verybody", HASHED).id
    for role in Role:
        if role is not Role.SYSTEM:
            clinic.do(people.give, SYSTEM, person, role, clinic.ids["hospital"])
    return "everybody"


@pytest.fixture
def known(clinic: Clinic) -> dict[str, str]:
    """Ids that are there, by the names under which they are asked for."""
    lot = clinic.in_stock()
    box = clinic.consignments()[0]
    return {
        "lot_id": lot, "vial_id": clinic.vial("H3K001").id, "consignment_id": box.id, "place_id": clinic.ids["freezer"],
        "site_id": clinic.ids["site"], "product_id": clinic.ids["product"], "organisation_id": clinic.ids["hospital"],
        "product_version_id": clinic.ids["version"], "specification_id": clinic.ids["spec_endotoxin"],
        "about": lot, "to_site_id": clinic.ids["site"], "from_site_id": clinic.ids["maker_site"],
    }  # fmt: skip


def test_the_description_is_valid_and_names_every_act(app: Flask, described: Any) -> None:
    described.validate()
    told = app.test_client().get("/api/v1/openapi.json").json
    assert told["openapi"].startswith("3.1")
    named = {
        operation["operationId"]: path
        for path, item in told["paths"].items()
        for method, operation in item.items()
        if method == "post" and "operationId" in operation
    }
    kept_for_itself = {
        "system.migrate",
        "scan_log.seal",
        "viewing_log.seal",
        "identity.rekey",
        "alarm.report_silent",
        "alarm.report_due",
        "alarm.report_done",
        "form_link.answer",
    }
    assert set(PERFORMERS) - kept_for_itself == set(named)
    for name in asking.acts():
        noun, _, verb = name.partition(".")
        given_id = f"{{{asking.target(name)}}}/" if asking.target(name) else ""
        assert named[name] == f"/api/v1/{asking.plural(noun)}/{given_id}{verb}"


def test_no_schema_lets_strangers_in_and_no_hash_out(app: Flask) -> None:
    told = app.test_client().get("/api/v1/openapi.json").json
    schemas = told["components"]["schemas"]
    asked_with = {name: one for name, one in schemas.items() if name.endswith("In")}
    assert len(asked_with) > 30
    assert all(one.get("additionalProperties") is False for one in asked_with.values())
    names = {name for one in schemas.values() for name in one["properties"]}
    assert not [name for name in names if re.search("hash|salt|act_id_|hashed", name)]


def test_everything_but_the_description_and_signing_in_needs_a_token(app: Flask, described: Any) -> None:
    told = app.test_client().get("/api/v1/openapi.json").json
    assert told["security"] == [{"bearer": []}]
    for path, item in told["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            is_open = operation.get("security") == []
            assert is_open == ((path, method) == ("/api/v1/sessions", "post"))
            if not is_open:
                made = app.test_client().open(re.sub("{[^}]+}", "0" * 32, path), method=method.upper())
                assert (made.status_code, made.json["code"]) == (401, "sign_in_needed"), (method, path)


def test_the_page_loads_nothing_from_elsewhere(app: Flask) -> None:
    made = app.test_client().get("/api/v1/docs")
    assert made.status_code == 200
    assert 'data-spec="/api/v1/openapi.json"' in made.text
    assert not re.findall(r'(?:src|href)="(?!/)[^"]*"', made.text)
    assert "unsafe" not in made.headers["Content-Security-Policy"]


def test_short_whatever_is_sent_the_answer_is_one_of_those_described(
    store: Store, sent: Sent, everybody: str, known: dict[str, str]
) -> None:
    assert asked(store, sent(SHORT), everybody, known) > 300


@pytest.mark.slow
def test_long_whatever_is_sent_the_answer_is_one_of_those_described(
    store: Store, sent: Sent, everybody: str, known: dict[str, str]
) -> None:
    assert asked(store, sent(LONG), everybody, known) > 2000


def asked(store: Store, sent: list[Asked], username: str, known: dict[str, str]) -> int:
    """Ask every operation what fits and what does not; how many answers there were."""
    answers: Counter[int] = Counter()
    broken: list[str] = []
    excluded = [check for check in CHECKS.get_all() if check.__name__ in NOT_ASKED]
    for operation, mode, cases in sent:
        operation.schema.app.extensions["store"] = store
        token = sessions.sign_in(store, username, PASSWORD, "bearer").token
        for case, real in cases:
            if is_unsaid(case):
                continue
            if real:
                settle(case, known)
            try:
                made = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=excluded)
                answers[made.status_code] += 1
            except FailureGroup as failures:
                told = f"query {case.query!r}, body {case.body!r}"[:400]
                broken += [f"{operation.label}, {mode}: {failure}\n{told}" for failure in failures.exceptions]
    assert not broken, "\n\n".join(broken)
    assert max(answers) < 500, answers
    assert {200, 400, 404, 409, 422} <= set(answers), answers
    return answers.total()


def made_up(operation: Any, mode: GenerationMode, examples: int) -> list[tuple[Any, bool]]:
    """So many things to ask one operation, each time the same ones, and whether ids in them are to be real."""
    calm = settings(
        max_examples=examples, database=None, derandomize=True, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    cases: list[tuple[Any, bool]] = []

    @calm
    @given(case=operation.as_strategy(mode), real=st.booleans())
    def keep(case: Any, real: bool) -> None:
        cases.append((case, real))

    try:
        keep()
    except Unsatisfiable:  # nothing of it can be wrong
        assert mode is GenerationMode.NEGATIVE, operation.label
    return cases


def operations(described: Any) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for found in described.get_all_operations():
            yield found.ok()


def is_unsaid(case: Any) -> bool:
    """Whether what is wrong with it may be a parameter that no address can say: an empty list puts nothing into a query."""
    wrong = case.meta is not None and case.meta.generation.mode is GenerationMode.NEGATIVE
    return wrong and [] in (case.query or {}).values()


def settle(case: Any, known: dict[str, str]) -> None:
    """Put ids that are there in the place of invented ones, where something that fits was asked for."""
    if case.meta is not None and case.meta.generation.mode is GenerationMode.NEGATIVE:
        return
    for name in set(case.path_parameters or ()) & set(known):
        case.path_parameters[name] = known[name]
    if isinstance(case.body, dict):
        for name in set(case.body) & set(known):
            case.body[name] = known[name]

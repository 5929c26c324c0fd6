"""Every stable code, act, field and choice has words in both languages, and says only what it was told."""

from __future__ import annotations

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import get_args

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask, g
from flask_babel import force_locale

import traceability
from schemas.inputs import ActIn, SignatureIn
from traceability import words
from traceability.api.trouble import CODES
from traceability.domain import (
    bedside,
    checks,
    consenting,
    gs1,
    history,
    instruments,
    labels,
    papers,
    releasing,
    rules,
    scoring,
    shipping,
    states,
    tags,
)
from traceability.domain.acts import ACTS
from traceability.domain.bedside import BEDSIDE, BedsideFacts
from traceability.domain.checks import USE, Purpose, VialFacts
from traceability.domain.gs1 import linters
from traceability.domain.people import Meaning, Role
from traceability.domain.releasing import RELEASE, ReleaseFacts
from traceability.domain.rules import Finding
from traceability.services import load, watching
from traceability.store.tables import GUARDED
from traceability.web import language
from traceability.words import titles
from traceability.words.acts import ACT_WORDS, SENTENCES
from traceability.words.choices import CHOICES
from traceability.words.columns import COLUMNS
from traceability.words.fields import FIELDS
from traceability.words.findings import FINDINGS, RuleWords
from traceability.words.readings import READINGS
from traceability.words.refusals import REFUSALS
from traceability.words.said import Said, When, named, variants

ROOT = Path(traceability.__file__).parent.parent
CATALOGUES = ROOT / "traceability/translations/id/LC_MESSAGES"
TABLES = {"FINDINGS": FINDINGS, "REFUSALS": REFUSALS, "READINGS": READINGS, "ACT_WORDS": ACT_WORDS,
          "SENTENCES": SENTENCES, "FIELDS": FIELDS, "CHOICES": CHOICES, "COLUMNS": COLUMNS, "TITLES": (titles.AGAINST, titles.NOT_ON_RECORD, titles.A_VIAL, titles.CONTENT, titles.BEFORE, titles.SENSOR, titles.TWICE, titles.PAPER, titles.SUSPENDED, titles.OUTSIDE, titles.ANNOUNCED)}  # fmt: skip
FROM_ELSEWHERE = {
    # how a code is named where it is not written out → the codes that it can be
    "code": set(CODES.values()),
    "CODES.get(status, 'request_refused')": {*CODES.values(), "request_refused"},
    "f'logger_{error.reason}'": {"logger_truncated", "logger_damaged", "logger_too_large"},
    "refusal": {"label_glyph_missing", "document_glyph_missing"},
    "refusal['code']": set(),  # the ledger's own, said again
    "told['code']": set(),
    "self.code": set(),
    "refused.code": set(),  # a pairing of elements that was judged before, said again
    "linter.code": {linter.code for linter in linters.LINTERS.values()},
}
TOLD_BESIDE = {
    # values that are not written where the refusal is made
    "logger_contradicts_itself": {"said", "found", "reading", "row"},
    "maker_differs": set(),
    "zone_differs": {"file", "given"},
    "readings_contradict": {"count", "at", "had_mc", "told_mc"},
    "title_unheard": {"row", "count"},
    "logger_too_seldom": {"interval_s", "longest_s"},
    "lone_jump": {"readings", "count"},
    "alarm_differs": {"count", "reading"},
    "days_missing": {"count"},
    "days_unheard": {"count"},
    "readings_missing": {"count"},
    "interval_differs": {"said_s", "found_s"},
    "span_differs": {"said", "found"},
    "steps_uneven": {"count", "interval_s"},
    "channel_ignored": {"channel"},
    "serial_unknown": {"kind", "serial"},
    "scanner_identifier_missing": {"symbology"},
    "scanner_identifier_other": {"symbology", "came"},
    "scanner_separator_turned": {"came"},
    "scanner_layout": {"changed"},
    "scanner_misread": {"changed"},
    "scanner_lost": {"lost"},
    "scanner_added": {"added"},
    "no_order": {"ordered", "k"},
    "field_too_short": {"least"},
    "field_choice": {"words"},
}
ASKED_ELSEWHERE = {"code_of_a_person", "subject_not_asked", "form_expired", "forbidden"}
"""Codes that a face refuses with in words of its own, or that are about to be asked for."""
SAME = {
    "Administrator", "QA", "GLN", "GTIN", "SSCC", "SHA-256", "Vial", "Lot", "Label", "lot", "label", "vial", "Volume", "Instrument",
    "Format", "Serial", "Sensor", "Sensor %(serial)s", "GIAI", "Webhook", "alarm", "Alarm", "sensor", "Vial %(serial)s, %(state)s", "WOMAC", "KOOS", "Reagent", "Donor", "Status", "%(route)s: %(numbers)s.", "Labels", "Material",
}  # fmt: skip
FORBIDDEN = re.compile(
    r"\b(please|error|invalid|successfully|silakan|mohon|tolong|galat|dengan sukses)\b", re.IGNORECASE
)
MOMENT = datetime(2026, 4, 14, 3, 4, 5, tzinfo=UTC)


# ------------------------------------------------------------------------------------------------------- what is there


MADE = ("Refused", "Conflict", "Notice", "Finding")


@cache
def coded() -> list[tuple[str, str, ast.Call]]:
    """Where one of these is made: its name, the path, the call."""
    return [
        (node.func.id, str(path.relative_to(ROOT)), node)
        for folder in ("traceability", "reports", "schemas")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MADE and node.args
    ]


def calls(*called: str) -> Iterator[tuple[str, ast.Call]]:
    assert set(called) <= set(MADE)
    return ((path, node) for name, path, node in coded() if name in called)


def codes_of(argument: ast.expr) -> set[str]:
    if isinstance(argument, ast.Constant):
        return {argument.value}
    if isinstance(argument, ast.IfExp):
        return codes_of(argument.body) | codes_of(argument.orelse)
    return FROM_ELSEWHERE[ast.unparse(argument)]


def refusals() -> dict[str, list[set[str]]]:
    """Every code that is raised or noted, with the names of its values at each of its places."""
    found: dict[str, list[set[str]]] = defaultdict(list)
    for _, call in calls("Refused", "Conflict", "Notice"):
        given = {keyword.arg for keyword in call.keywords if keyword.arg} - {"findings"}
        for code in codes_of(call.args[0]):
            found[code].append(given | TOLD_BESIDE.get(code, set()))
    found["not_found"] = [{"noun"}]
    found["not_confirmed"] = [{"act_id"}]
    found["not_kept"] = [{"act_id"}]
    for path in (*(ROOT / "schemas").rglob("*.py"), *(ROOT / "traceability/api").rglob("*.py")):
        for code in re.findall(r'"(field_[a-z_]+)"', path.read_text()):
            found[code] += [{"least", "most"}, {"length"}] if code == "field_length" else [TOLD_BESIDE.get(code, set())]
    found["field_too_long"] = [{"field", "most"}, {"most"}]
    return found


RULES = {rule.code for rule in (*USE, *RELEASE, *BEDSIDE)}
RAISED = refusals()


def modules() -> list[object]:
    names = [one.name for one in walk_packages(traceability.__path__, "traceability.") if ".migrations" not in one.name]
    return [
        import_module(name)
        for name in names
        if name.startswith(("traceability.domain", "traceability.store", "traceability.services"))
    ]


ENUMS = {
    one.__name__: one
    for module in modules()
    for one in vars(module).values()
    if inspect.isclass(one) and issubclass(one, StrEnum) and one is not StrEnum
}


def texts(told: object, *at: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Every text of the tables: where it stands, its context, what it says in English."""
    match told:
        case Said(context, text):
            yield at, context, text
        case When(_, text):
            yield at, "", text
        case RuleWords():
            for one in ("title", "holds", "fails", "unknown"):
                yield from texts(getattr(told, one), *at, one)
        case str():
            if told:
                yield at, "", told
        case dict():
            for key, one in told.items():
                yield from texts(one, *at, str(key))
        case tuple():
            names = getattr(told, "_fields", range(len(told)))
            for name, one in zip(names, told, strict=True):
                yield from texts(one, *at, str(name))


ALL = [one for name, table in TABLES.items() for one in texts(table, name)]


def in_indonesian() -> dict[tuple[str, str], str]:
    with (CATALOGUES / "words.po").open("rb") as file:
        return {
            (one.context or "", one.id): one.string for one in read_po(file, locale="id") if one.id and not one.fuzzy
        }


# --------------------------------------------------------------------------------------------------------- all is said


def test_every_refusal_and_every_notice_has_a_sentence():
    assert len(RAISED) > 100
    assert set(RAISED) - set(REFUSALS) - set(READINGS) - set(FINDINGS) == set()


def test_no_sentence_is_left_over_from_a_code_that_is_gone():
    assert (set(REFUSALS) | set(READINGS)) - set(RAISED) - ASKED_ELSEWHERE == set()
    assert not set(REFUSALS) & set(READINGS)
    assert not (set(REFUSALS) | set(READINGS)) & set(FINDINGS)


def test_every_rule_has_words_and_every_row_of_words_a_rule():
    made = {code for _, call in calls("Finding") for code in codes_of(call.args[0])}
    assert set(FINDINGS) == RULES | made | {"serial_unknown", "subject_not_asked"}


def test_every_act_is_named():
    assert set(ACT_WORDS) == set(ACTS)
    sometimes = {name for name, act in ACTS.items() if act.also_when == "frees"}
    assert {name for name, told in ACT_WORDS.items() if told.signed} == sometimes


def test_every_field_of_every_act_has_a_label_and_no_label_is_without_a_field():
    known: dict[str, set[str]] = {
        name: set(inspect.signature(one.work).parameters) - {"tx"} for name, one in load().items()
    }
    sealed = {"mrn", "nik", "born", "wristband"}  # of `subjects.seal_identity`, before its act
    names = {*ActIn().fields, *SignatureIn().fields, *sealed}.union(*known.values())
    assert names - set(FIELDS) == set()
    acts = {f"{act}.{name}" for act, given in known.items() for name in given | set(ActIn().fields)}
    assert set(FIELDS) - names - acts == set()
    for act in ("consignment.ship", "consignment.transfer"):
        assert FIELDS[f"{act}.due_on"].hint == f"Empty: {shipping.ARRIVES_WITHIN_D} days after shipping."


def test_every_choice_has_a_word_and_no_word_is_without_a_choice():
    assert len(ENUMS) > 20
    for name, enum in ENUMS.items():
        assert set(CHOICES[name]) == {str(one) for one in enum}, name
    others = {
        "Bucket": set(states.BUCKET.values()),
        "Layout": set(tags.VIALS),
        "Paper": set(labels.PAPERS),
        "Instrument": set(instruments.INSTRUMENTS),
        "Subscale": {part.name for version in scoring.VERSIONS.values() for part in version.subscales},
        "Code": set(get_args(gs1.Kind)),
        "Language": set(language.LANGUAGES),
        "Reason": set(
            re.findall(
                r'"((?:stay|assumed|reading|calibration)_[a-z_]+)"',
                inspect.getsource(history) + inspect.getsource(watching),
            )
        ),
        "Change": {rule.code for rule in releasing.MATERIAL},
        "recall_class": {"1", "2", "3"},
    }
    for name, wanted in others.items():
        assert set(CHOICES[name]) == wanted, name
    assert set(gs1.KEYS) <= set(CHOICES["Ai"])
    assert set(CHOICES) == {*ENUMS, *others, "Ai", "Noun"}


def test_every_noun_that_is_not_found_or_was_ended_has_a_word():
    told = {
        keyword.value.value
        for _, call in calls("Refused", "Conflict")
        for keyword in call.keywords
        if keyword.arg == "noun" and isinstance(keyword.value, ast.Constant)
    }
    assert {"hold", "vial", "review"} <= told
    assert not {*told, *GUARDED, *(act.noun for act in ACTS.values())} - set(CHOICES["Noun"])


def test_every_meaning_is_a_sentence_in_the_first_person():
    assert set(SENTENCES) == {str(one) for one in Meaning}
    assert all(re.match(r"I .*\.$", one) for one in SENTENCES.values())


# ------------------------------------------------------------------------------------------------- both languages, well


def test_babel_finds_every_text_of_the_tables():
    found = {
        (context or "", message)
        for _, _, message, _, context in extract_from_dir(ROOT / "traceability/words", method_map=[("**.py", "python")])
    }
    assert not {(context, text) for _, context, text in ALL} - found
    assert found == set(in_indonesian())


def test_every_text_is_said_in_indonesian_with_the_same_values_and_in_good_words():
    mine, wrong = in_indonesian(), []
    for context, text in sorted({(context, text) for _, context, text in ALL}):
        told = mine.get((context, text), "")
        faults = {
            "not said": not told,
            "other values": named(told) != named(text),
            "English still": told == text and text not in SAME,
            "no sentence": told[-1:] != text[-1:] and text[-1:] in ".%",
            "forbidden word": FORBIDDEN.search(f"{text} {told}"),
            "straight quotes": re.search(r"""["']""", text + told),
        }
        wrong += [(fault, text) for fault, found in faults.items() if found]
    assert wrong == []


def test_no_other_catalogue_says_the_same_text_otherwise():
    mine = in_indonesian()
    for path in CATALOGUES.glob("*.po"):
        with path.open("rb") as file:
            for one in read_po(file, locale="id"):
                key = (one.context or "", one.id)
                assert key not in mine or mine[key] == one.string, f"{path.name}: {one.id}"


def test_every_column_that_the_audit_trail_shows_has_a_word():
    columns = {column.name for row in GUARDED.values() for column in row.__table__.columns}
    assert columns - set(FIELDS) - set(COLUMNS) == {"id", "act_id", "salt", "demonstration"}
    assert set(COLUMNS) - columns == set()


def test_sentences_end_with_a_stop_and_names_do_not():
    for at, _, text in ALL:
        is_name = at[0] in ("CHOICES", "COLUMNS", "TITLES") or at[-1] in ("title", "button", "label")
        assert text.endswith(".") is not is_name or at[0] == "FIELDS", (at, text)


# --------------------------------------------------------------------------------------------- only what it was told


@pytest.mark.parametrize("code", sorted(set(RAISED) - set(FINDINGS)))
def test_a_refusal_says_only_what_it_was_told(code):
    told = [one.text if isinstance(one, When) else one for one in variants(REFUSALS.get(code) or READINGS[code])]
    everything = set().union(*RAISED[code])
    for text in told:
        assert named(text) <= everything, text
    for given in RAISED[code]:
        assert any(named(text) <= given for text in told), given


def vials() -> Iterator[VialFacts]:
    """A vial against which nothing stands, and the same with one fact changed."""
    known = history.History(True, None, (), 60)
    fine = VialFacts(
        at=MOMENT, purpose=Purpose.STOCK, asker_id="us", holder_id="us", state=states.Custody.IN_STOCK, serial="K001", lot_number="UC26-H3",
        lot_state=states.LotState.CERTIFIED, usable_until=MOMENT + timedelta(days=9), expires=date(2026, 4, 22), superseded=(),
        release=checks.ReleaseFact("RC-1", "full", None, False), holds=(), recalls=(), history=known, thawed_at=None, thaw_s=7200,
        in_use_s=None, budget_s=3600, label_waits=False,
        route=checks.RouteFact("service", "", (papers.CredentialFact("1", "D-1", MOMENT.date(), MOMENT.date()),), MOMENT.date()),
    )  # fmt: skip
    yield fine
    yield replace(fine, purpose=Purpose.ISSUE)
    right = fine.route
    assert right is not None
    for route in (None, replace(right, papers=()), replace(right, papers=(replace(right.papers[0], valid_from=None),)),
                  replace(right, route="marketed", number="MA-1"), replace(right, day=date(2026, 4, 15))):  # fmt: skip
        yield replace(fine, purpose=Purpose.ISSUE, route=route)
    at = {"01": "09521234543213", "21": "K001"}
    for changed in (
        {"state": states.Custody.GIVEN}, {"state": states.Custody.DESTROYED}, {"state": states.Custody.LOST}, {"usable_until": None},
        {"at": MOMENT + timedelta(days=10)}, {"recalls": (checks.StopFact("R-1", "glass"), checks.StopFact("R-2", "lot"))},
        {"holds": (checks.StopFact("H-1", "EX-1"),)}, {"lot_state": states.LotState.DECLINED}, {"lot_state": states.LotState.ANNOUNCED},
        {"thawed_at": MOMENT - timedelta(hours=1)}, {"thawed_at": MOMENT - timedelta(hours=3)},
        {"thawed_at": MOMENT, "thaw_s": None}, {"budget_s": 59}, {"history": replace(known, bands=(history.Band("above", -5_000, 59, 60),))},
        {"history": replace(known, bands=(history.Band("below", -40_000, 59, 60),))}, {"release": None}, {"holder_id": "them"}, {"label_waits": None},
        {"label_waits": True}, {"release": checks.ReleaseFact("RC-1", "full", None, True)},
        {"release": checks.ReleaseFact("RC-1", "conditional", MOMENT, False)},
        {"release": checks.ReleaseFact("RC-1", "full", None, False, tuple(rule.code for rule in releasing.MATERIAL))},
        {"label_until": MOMENT}, {"refrozen_at": MOMENT}, {"state": states.Custody.ISSUED, "purpose": Purpose.BEDSIDE, "thawed_at": None},
        {"history": history.History(True, None, (), 60, 99_999), "thawed_at": None}, {"clock_behind": MOMENT + timedelta(days=1)},
        *({"release": checks.ReleaseFact("RC-1", "named_patient", None, False, (), theirs)} for theirs in (None, True, False)),
        {"rejected": ("EX-1",)}, {"shortened": checks.ShortenedFact("EX-1", MOMENT.date(), MOMENT)},
        {"history": history.History(None, MOMENT, ("reading_too_old", "stay_none"), 60)},
        {"scanned": gs1.Identity(None, (*at.items(), ("10", "OTHER")))},
        {"scanned": gs1.Identity(None, tuple(at.items()), expires=date(2026, 1, 1))},
        {"scanned": gs1.Identity(None, tuple(at.items()), expires=date(2026, 1, 1)), "superseded": (date(2026, 1, 1),)},
    ):  # fmt: skip
        yield replace(fine, **changed)


def dossiers() -> Iterator[ReleaseFacts]:
    (vial, *_) = vials()
    vial = replace(vial, release=None)
    paper = papers.CredentialFact("1", "GMP-1", date(2026, 1, 1), date(2026, 12, 31))
    result = releasing.ResultFact("sterility", True, True, frozenset({"analyst"}))
    fine = ReleaseFacts(
        at=MOMENT, today=MOMENT.date(), releaser_ids=frozenset({"qa"}), lot_number="UC26-H3", lot_state=states.LotState.CERTIFIED, transcribed=False,
        certifier_ids=("maker",), made_on=date(2026, 3, 9), expires=date(2026, 9, 30), certificate_ids=("1",), gmp=(paper,),
        licences=(paper,), route="service", route_number="", route_credentials=(paper,), mandatory_tests=("sterility",),
        results=(result,), outside=(), vials=(vial,), counted_ok=1, transit_logged=True, open_excursions=(), reviewed_through=48211, last_entry=48211, unreviewed=0,
    )  # fmt: skip
    yield fine
    undated, old = replace(paper, valid_from=None), replace(paper, suspensions=(papers.Suspended(date(2026, 1, 2)),))
    hot = history.History(None, MOMENT, ("stay_none",), 9999)
    out = replace(vial, rejected=("EX-1",))
    bad = replace(
        vial, state=states.Custody.LOST, label_waits=True, history=hot, holds=(checks.StopFact("H-1", "EX-1"),),
        release=checks.ReleaseFact("RC-1", "full", None, False),
    )  # fmt: skip
    for changed in (
        {"lot_state": states.LotState.ANNOUNCED, "transcribed": None}, {"transcribed": True}, {"certificate_ids": ()}, {"gmp": ()},
        {"gmp": (undated,), "licences": (undated,), "route_credentials": (undated,)}, {"gmp": (old,), "licences": (old,)}, {"licences": ()},
        {"route_credentials": ()}, {"route_credentials": (old,)}, {"route": "marketed"}, {"route": "marketed", "route_number": "MA-1"},
        {"expires": None}, {"expires": date(2026, 4, 1)}, {"counted_ok": 0}, {"vials": (bad,)}, {"vials": (out,)}, {"transit_logged": None},
        {"open_excursions": ("EX-1", "EX-2")}, {"mandatory_tests": ("sterility", "endotoxin")}, {"mandatory_tests": ()}, {"results": ()},
        {"results": (replace(result, conforms=None, reviewed=False),)}, {"results": (replace(result, conforms=False),)},
        {"outside": (releasing.OutsideFact("sterility", "K-1"),)}, {"releaser_ids": frozenset({"analyst"})}, {"releaser_ids": frozenset({"maker"})}, {"reviewed_through": 48210, "unreviewed": 1}, {"reviewed_through": 0, "unreviewed": 9},
    ):  # fmt: skip
        yield replace(fine, **changed)


def signed() -> Iterator[tuple[Finding, ...]]:
    """A form that nobody issued, one that was over on its day, one that is signed again."""
    old, new = (consenting.Form(f"v{n}", "id", date(2026, n, 1), n == 2) for n in (1, 2))
    for name, on, forms in (
        ("v9 (id)", date(2026, 3, 1), []),
        ("v1 (id)", date(2026, 3, 1), [old, new]),
        ("v1 (id)", date(2026, 1, 5), [old, new]),
    ):
        yield consenting.asks(consenting.Signed(name, on, forms, MOMENT.date()))


def injections() -> Iterator[BedsideFacts]:
    fine = BedsideFacts(
        wristband_matches=True, course_laterality="right", laterality="right", consent_stands=True, ended_at=None, ordered=True, verified=True, k=2,
        given_before=(1,), given_already=False, due=MOMENT.date(), today=MOMENT.date(), window_d=2, nearest_given_on=date(2026, 4, 7),
        interval_d=7, vial_kept_for_dose=True, ordered_ul=3000, given_ul=3000, product_matches=True, vials=(),
        held_ul=3000,
    )  # fmt: skip
    yield fine
    for changed in (
        {"wristband_matches": None}, {"wristband_matches": False}, {"laterality": "left"}, {"consent_stands": False}, {"ordered": False},
        {"verified": False}, {"given_before": ()}, {"given_already": True}, {"due": date(2026, 4, 1)}, {"nearest_given_on": None},
        {"nearest_given_on": date(2026, 4, 12)}, {"ended_at": MOMENT}, {"vial_kept_for_dose": False}, {"vial_kept_for_dose": None}, {"given_ul": None},
        {"given_ul": 2500}, {"product_matches": False}, {"others_started": ("H3K001",)}, {"cleared": False}, {"inspection": "particles"},
        {"given_ul": 3500}, {"held_ul": None}, {"also_open": True}, *({"form": {one.code: one for one in found}} for found in signed()), {"doses": 5, "given_beside": 4},
    ):  # fmt: skip
        yield replace(fine, **changed)


def findings() -> list[Finding]:
    return [
        *(one for facts in vials() for one in rules.run(USE, facts)),
        *(one for facts in dossiers() for one in rules.run(RELEASE, facts)),
        *(one for facts in injections() for one in rules.run(bedside.BEDSIDE, facts)),
        Finding("no_order", False, rules.Severity.STOP, {"ordered": False, "k": None}),
        Finding("serial_unknown", False, rules.Severity.ASK, {"kind": "vial", "serial": "K009"}),
        Finding("recalled", False, rules.Severity.STOP, {}),  # as whoever may not see the vial is told
        Finding("dose_of_another", False, rules.Severity.STOP, {"k": 2}),
        Finding("watched_short", False, rules.Severity.ASK, {"watched_s": 60, "planned_s": 1800}),
        Finding("state_contradicts", False, rules.Severity.ASK, {"serial": "K009", "state": states.Custody.GIVEN}),
        Finding("better_than_known", False, rules.Severity.ASK, {"serial": "K009", "since": MOMENT}),
        Finding("left_before_it_was_out", False, rules.Severity.ASK, {"serial": "K009"}),
        Finding("decided_before", False, rules.Severity.ASK, {"serial": "K009", "excursion": "EX-1"}),
        Finding("moved_since", False, rules.Severity.ASK, {"serial": "K009", "since": MOMENT}),
        Finding("serial_unknown", False, rules.Severity.ASK, {"kind": "shipper", "serial": None}),
    ]


def test_every_rule_was_heard_to_hold_and_not_to_hold():
    heard = defaultdict(set)
    for one in findings():
        heard[one.code].add(one.holds)
    for code in RULES:
        assert True in heard[code], code
        assert heard[code] - {True}, code
        assert None not in heard[code] or FINDINGS[code].unknown, f"{code} can be unknown and does not say so"


@pytest.mark.parametrize("tongue", ["en", "id"])
def test_a_finding_says_only_what_was_found_and_the_same_after_a_replay(tongue, app):
    with app.test_request_context(headers={"Cookie": f"language={tongue}"}):
        for one in findings():
            told = words.sentence(one.code, one.values, holds=one.holds)
            assert not re.search(r"–(?!\w)|%\(|\bNone[,;:]|_|\[|[Tt]rue|datetime", told), f"{one}: {told}"
            again = Finding.of(one.plain())
            kept = words.sentence(again.code, again.values, holds=again.holds)
            for title in ("glass", "lot", "EX-1") if one.code in ("recalled", "held") else ():
                told = told.replace(f": {title}", "", 1)  # what somebody typed is not kept with a finding
            assert kept == told


def test_every_variant_of_a_finding_is_said_by_some_finding():
    never = {("temperature_unknown", "fails"), ("storage_known", "fails"), ("transport_measured", "fails"),  # True or unknown only
             ("temperature_unknown", "unknown"), ("label_contradicts", "fails"), ("label_superseded", "fails"),
             ("rejected", "fails"), ("shortened", "fails")}  # their last is for a refusal without values  # fmt: skip
    said = {words.sentence(one.code, one.values, holds=one.holds) for one in findings()}
    for code in RULES - {"not_found"}:
        for answer in ("holds", "fails", "unknown"):
            if (code, answer) in never or getattr(FINDINGS[code], answer) is None:
                continue
            for one in variants(getattr(FINDINGS[code], answer)):
                text = one.text if isinstance(one, When) else one
                like = "(.|\n)+".join(re.escape(part) for part in re.split(r"%\(\w+\)s", text))
                assert any(re.fullmatch(like, sentence) for sentence in said), (code, text)


def test_who_can_lift_it_is_named_and_a_fact_stays():
    assert words.who_answers("not_released") == "QA"
    assert words.who_answers("held") == "QA"
    assert words.who_answers("expired") == "Nobody: it stays so"
    assert words.who_answers("expired", None) == "Maker’s QA"
    assert words.who_answers("label_superseded") == "Pharmacist or Storekeeper"
    stops = {rule.code for rule in USE if rule.severity is rules.Severity.ASK}
    assert all(FINDINGS[code].who for code in stops), "what is undecided has somebody who decides"


# ------------------------------------------------------------------------------------------------------- how it reads


@pytest.fixture
def app() -> Flask:
    made = Flask("words")
    language.init_app(made)
    made.testing = True
    return made


@pytest.fixture
def indonesian(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Cookie": "language=id"}):
        g.zone = "Asia/Jakarta"
        yield


def test_without_a_request_words_are_english_and_times_universal(app):
    told = {"since": MOMENT, "limit_s": 7200}
    english = "Thawing began 14 Apr 2026 03:04 UTC; the 2\u00a0h 00\u00a0min allowed from then are over."
    assert words.sentence("thaw_spent", told) == english
    with app.app_context():
        assert words.sentence("thaw_spent", told) == english
    with app.app_context(), force_locale("id"):
        assert words.sentence("thaw_spent", told).startswith("Pencairan dimulai 14 Apr 2026 03.04 UTC;")


def test_in_a_request_words_and_values_are_the_readers(indonesian):
    assert words.sentence("budget_spent", {"allowed_s": 14400, "used_s": 14760}) == (
        "Terlalu lama di luar penyimpanan: boleh 4\u00a0jam 00\u00a0menit, terpakai 4\u00a0jam 06\u00a0menit."
    )
    assert (
        words.sentence("not_yours", {"noun": "vial"})
        == "Ini milik organisasi lain: vial. Hanya orangnya sendiri yang dapat melakukannya."
    )
    assert "14 Apr 2026 10.04 WIB" in words.sentence("before_shipping", {"shipped": MOMENT.isoformat()})
    assert words.sentence("reading_impossible", {"low": 2000, "now": -20400, "high": 3000}).startswith(
        "Terendah 2,0\u00a0°C, sekarang −20,4\u00a0°C"
    )
    assert words.act_words("lot.certify") == (
        "Sertifikasi lot",
        "Tandatangani dan sertifikasi",
        "Lot sudah disertifikasi.",
        "",
    )
    assert words.field_label("number", "lot.announce") == "Nomor lot"
    assert words.choice_word(states.Custody.MADE) == words.choice_word("Custody", "made") == "Dibuat"


def test_titles_that_acts_make_are_words_and_what_somebody_wrote_stands(indonesian):
    assert words.told_title("C-4: K003 broken, K004 absent") == "C-4: K003 pecah, K004 tidak ada"
    assert words.told_title("C-4: X9 extra, not on record").startswith("C-4: X9 ")
    assert "tidak tercatat" in words.told_title("C-4: X9 extra, not on record")
    dose = words.told_title("C-7: dose given against expired, wrong_side")
    assert "expired" not in dose
    assert "_" not in dose
    assert (
        words.told_title("EX-1: K001 was given before this was known") == "EX-1: K001 diberikan sebelum ini diketahui"
    )
    content = words.told_title("Vials of F-01: better_than_known, moved_since")
    assert content.startswith("Vial dari F-01: “")
    assert "_" not in content
    assert words.told_title("Box arrived broken, absent label") == "Box arrived broken, absent label"
    held = words.sentence("held", {"holds": ["H-2: C-4: K003 broken", "H-3: Label broken"]})
    assert "C-4: K003 pecah" in held
    assert "H-3: Label broken" in held


def test_codes_inside_a_sentence_are_words():
    told = words.sentence(
        "wrong_state", {"noun": "vial", "state": states.Custody.MADE, "needs": ["in_transit", "back_in_pharmacy"]}
    )
    assert told == "It is recorded as: made (vial). This can be done only from: in transit or back in pharmacy."
    assert words.sentence("not_permitted", {"act": "lot.release", "roles": [Role.QUALITY, "maker_qa"]}) == (
        "“Release vials of the lot” is not yours to do. It takes: QA or maker’s QA."
    )
    assert (
        words.sentence("not_permitted", {"act": "web.people", "roles": ["quality"]})
        == "This is not yours to do. It takes: QA."
    )
    assert words.sentence("code_ai_missing", {"ai": "10", "needs": ("01", ("02", "37"))}) == (
        "Beside lot (10) the code has to give: product (01) or product inside (02) + count (37). Scan the whole code."
    )


def test_a_text_that_looks_like_a_date_stays_what_was_typed():
    assert "“2026-04-14”" in words.sentence("number_unreadable", {"value": "2026-04-14"})
    assert "lot 2026-04-14" in words.sentence("labels_printed_already", {"lot": "2026-04-14"})


def test_numbers_of_people_are_not_said_again():
    told = words.sentence("code_check_digit", {"ai": "8018", "value": "952123450000000001"})
    assert "9521" not in told
    assert "“…”" in told


def test_long_lists_and_texts_are_cut_and_one_line():
    told = words.sentence("labels_back", {"serials": [f"K{n:03d}" for n in range(500)]})
    assert "K011 and 488 more." in told
    assert "K012" not in told
    cut = words.sentence("code_brackets", {"text": "a\x1db\n" + "c" * 900})
    assert "a␣b␣ccc" in cut
    assert len(cut) < 250


def test_a_code_without_words_is_loud_in_tests_and_readable_for_people(app):
    with app.app_context():
        for ask in (lambda: words.sentence("of_tomorrow", {}), lambda: words.act_words("of.tomorrow"),
                    lambda: words.field_label("of_tomorrow"), lambda: words.rule_title("of_tomorrow")):  # fmt: skip
            with pytest.raises(KeyError):
                ask()
        app.testing = False
        assert words.sentence("of_tomorrow", {}) == "There is no sentence for this yet: of_tomorrow."
    assert words.act_words("of.tomorrow").button == "There is no sentence for this yet: of.tomorrow."
    assert words.choice_word("Custody", "of_tomorrow") == "of_tomorrow"


def test_a_rule_that_always_knows_still_says_that_it_does_not():
    assert words.sentence("held", {}, holds=None) == "It is not known whether this holds: No hold."

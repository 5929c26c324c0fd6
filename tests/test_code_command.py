"""`flask code read`: every line of scans is answered by one line of JSON, whatever stands in it."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from traceability import code_command, create_app
from traceability.domain import gs1
from traceability.domain.errors import Refused

GTIN = "09521234543213"
VIAL = gs1.vial_elements(GTIN, "UC26-H3", date(2027, 8, 31), "K7M4Q2")
SCAN = "]d2" + gs1.element_string(VIAL)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home = tmp_path_factory.mktemp("instance")
    return create_app(
        {"DATABASE_URL": f"sqlite:///{home}/traceability.sqlite", "SECURE": False}, instance_path=str(home)
    )


def read(app: Flask, sent: bytes, *arguments: str) -> list[dict[str, Any]]:
    done = app.test_cli_runner().invoke(args=["code", "read", *arguments], input=sent)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


def test_a_vial_is_answered_with_what_it_says(app):
    (told,) = read(app, f"{SCAN}\r\n".encode())
    assert told == {
        "ok": True, "symbology": "]d2", "elements": [["01", GTIN], ["17", "270831"], ["10", "UC26-H3"], ["21", "K7M4Q2"]],
        "identity": {"kind": "vial", "gtin": GTIN, "lot": "UC26-H3", "serial": "K7M4Q2", "expires": "2027-08-31"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "raw, identity",
    [
        ("00106141411234567897", {"kind": "shipper", "sscc": "106141411234567897"}),
        ("(414)9521234543213(254)F-01", {"kind": "place", "gln": "9521234543213", "place": "F-01"}),
        ("(8004)9521234F01", {"kind": "asset", "giai": "9521234F01"}),
        ("(8003)09521234543213F1", {"kind": "asset", "grai": "09521234543213F1"}),
        ("(8018)899123400000000015(8019)3", {"kind": "person", "gsrn": "899123400000000015", "instance": "3"}),
        (f"(01){GTIN}(7003)2708310930", {"kind": "vial", "gtin": GTIN, "expires_at": "2027-08-31T09:30"}),
        ("G123498654321H", {"kind": "donation", "din": "G123498654321"}),
        ("(90)NA18240104109", {"kind": "alias", "scheme": "identifikasi", "alias": "(90)NA18240104109"}),
        ("(400)ORDER", {"kind": "other"}),
    ],
)
def test_everything_else_that_can_stand_on_something_is_told_apart(app, raw, identity):
    (told,) = read(app, raw.encode())
    assert (told["ok"], told["symbology"], told["identity"]) == (True, None, identity)


def test_a_refusal_has_its_code_and_a_sentence_in_the_language_that_was_asked_for(app):
    lost = SCAN.replace(gs1.GS, "")
    english, indonesian = read(app, lost.encode())[0], read(app, lost.encode(), "--language", "id")[0]
    assert english == {
        "ok": False, "code": "code_separator_lost",
        "message": "The separator was lost. Scan again; if it stays so, set the scanner to send GS.",
    }  # fmt: skip
    assert indonesian["message"].startswith("Pemisah hilang.")


def test_every_line_is_answered_in_its_order_the_empty_and_the_endless_too(app):
    sent = b"\n".join([SCAN.encode(), b"", b"x" * 1_000_000, b"\xff\xfe\x00", SCAN.encode(), b"hello"])
    assert [one.get("code") for one in read(app, sent)] == [
        None, "code_empty", "code_too_long", "code_unreadable", None, "code_unreadable",
    ]  # fmt: skip


def test_signs_that_part_lines_elsewhere_part_none_here(app):
    (told,) = read(app, "(01)09521234543213(10)A\x0bB\x0c\x1c\x1e\x85\u2028C".encode())
    assert told["code"] == "code_characters"


def test_a_file_is_read_like_the_standard_input(app, tmp_path: Path):
    file = tmp_path / "scans.txt"
    file.write_bytes(SCAN.encode() + b"\n")
    assert read(app, b"", str(file)) == read(app, SCAN.encode())


@given(st.binary(max_size=600), st.integers(1, 60))
def test_bytes_of_any_kind_in_pieces_of_any_size_are_the_same_lines(sent, size):
    class Pieces(io.BytesIO):
        def read1(self, most: int = -1) -> bytes:
            return super().read1(size)

    found = [line for lines in code_command.batches(Pieces(sent)) for line in lines]
    assert found == sent.removesuffix(b"\n").split(b"\n") if sent else found == []


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda read: read.decode("latin-1"))))
def test_whatever_is_scanned_the_answer_is_json_in_one_line(raw):
    told = code_command.answer(raw, date(2026, 3, 18))
    assert "\n" not in told
    answer = json.loads(told)
    if answer["ok"]:
        found = gs1.read_any(raw, date(2026, 3, 18))
        assert [tuple(one) for one in answer["elements"]] == list(found.elements)
        assert answer["identity"]["kind"] == found.kind
    else:
        with pytest.raises(Refused, match=answer["code"]):
            gs1.read_any(raw, date(2026, 3, 18))

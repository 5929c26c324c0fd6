"""Every real file that we have, against its maker's own figures, as the command tells it."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask_babel import Babel

from tests.loggers.test_loggers import JAKARTA, LOGGERS, codes, needs_corpus, read, refusal
from traceability import loggers
from traceability.log_command import log
from traceability.loggers import Told

pytestmark = needs_corpus
WHERE = {
    # name: readings, first, last, min, max, channel
    "hanwell.csv": (10, "2025-11-21T00:00:00", "2025-11-21T04:30:00", 18.3, 18.5, "Temperature (C)"),
    "rotronic.csv": (10, "2020-01-24T13:37:22", "2020-01-29T01:37:22", 20.0, 20.6, "Temperature"),
    "tandd.csv": (10, "2021-08-21T08:06:00", "2021-08-21T10:21:00", 22.7, 23.0, "No.3 ch3 °C"),
    "tinytag.csv": (10, "2021-07-26T14:26:00", "2021-07-26T18:56:00", 20.873, 20.887, "1 Temperature"),
}


@pytest.fixture
def app() -> Flask:
    made = Flask(__name__)
    Babel(made)
    return made


def told(app, name: str, *options: str) -> dict:
    run = app.test_cli_runner().invoke(log, ["read", str(LOGGERS / name), "--json", *options])
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", sorted(WHERE))
def test_a_short_export_reads_right_and_waits_for_a_person(app, name):
    found = told(app, name, "--low", "2", "--high", "20.6")
    count, first, last, low, high, channel = WHERE[name]
    assert (found["readings"], found["first"], found["last"]) == (count, first, last)
    assert (found["min"], found["max"], found["channel"], found["unit"]) == (low, high, channel, "C")
    assert found["zone"] is None
    assert "zone_not_given" in [one["code"] for one in found["warnings"]]
    assert all(one["sentence"].endswith(".") for one in found["warnings"])
    assert found["minutes_below"] == 0
    assert read(name, (LOGGERS / name).read_bytes()).confirm


def test_a_q_tag_reads_as_its_maker_read_it(app):
    found = told(app, "berlinger-qtag-clm.txt", "--zone", "Asia/Jakarta", "--low", "2", "--high", "8")
    assert (found["readings"], found["serial"], found["activation_energy"]) == (424, "RCPJ00010", 83.0)
    assert (found["first"], found["last"]) == ("2023-04-17T15:23:00+07:00", "2023-04-20T13:53:00+07:00")
    assert (found["min"], found["max"]) == (9.7, 12.7)
    assert abs(found["mkt"] - 10.4) < 0.1
    assert abs(found["mean"] - 10.4) < 0.1
    assert (found["minutes_above"], found["minutes_below"], found["warnings"]) == (4240, 0, [])


def test_a_fridge_tag_of_days_has_days_and_no_reading(app):
    found = told(app, "berlinger-fridge-tag-2.txt", "--high", "8")
    assert (found["readings"], len(found["days"]), found["minutes_above"], found["mkt"]) == (0, 60, None, None)
    assert found["days"][-1] == {"date": "2026-04-29", "min": 21.8, "max": 23.5, "mean": 22.4}
    assert (found["first"], found["last"]) == ("2026-03-01", "2026-04-29")


def test_a_fridge_tag_cut_short_is_refused_with_one_sentence(app):
    path = LOGGERS / "berlinger-fridge-tag-2l-truncated.txt"
    run = app.test_cli_runner().invoke(log, ["read", str(path)])
    assert run.exit_code == 1
    assert run.stderr.startswith("The file is cut off")
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""


def test_the_elitech_report_is_told_as_its_maker_told_it(app):
    found = told(app, "elitech-rc5-ext-temp.xls")
    assert (found["readings"], found["min"], found["max"], found["zone"]) == (16_063, 23.7, 26.7, "UTC+02:00")
    assert abs(found["mean"] - 24.0) < 0.1
    assert abs(found["mkt"] - 24.0) < 0.1
    assert found["first"] == "2023-10-04T15:20:18+02:00"


@pytest.mark.parametrize("name", ["berlinger-qtag-clm.txt", "berlinger-fridge-tag-2.txt"])
def test_every_byte_that_a_tag_signed_counts(name):
    """Whatever one byte becomes: the same readings (in its line ends alone), or refused."""
    data = (LOGGERS / name).read_bytes()
    right = read(name, data)
    for at in range(0, len(data), 97):
        for new in (data[at] ^ 1, ord("7"), ord("-"), 0x80):
            changed = data[:at] + bytes([new]) + data[at + 1 :]
            if changed != data:
                assert refusal(changed).code in ("logger_signature_wrong", "logger_truncated", "logger_unknown_format")
    again = read(name, data.replace(b"\r\n", b"\n"))
    assert (again.times, again.values, again.days) == (right.times, right.values, right.days)


@pytest.mark.parametrize("name", ["berlinger-qtag-clm.txt", "berlinger-fridge-tag-2.txt"])
def test_a_tag_without_its_signature_is_whole_or_refused_and_waits_for_a_person(name):
    data = (LOGGERS / name).read_bytes()
    right = read(name, data)
    bare = read(name, data[: data.index(b"Cert:")])
    assert (bare.times, bare.values, bare.days) == (right.times, right.values, right.days)
    assert (codes(bare), bare.confirm, right.confirm) == (["maker_signature_missing"], True, False)
    for keep in range(len(data) // 9, data.index(b"Cert:") - 300, 211):
        assert refusal(data[:keep]).code in ("logger_truncated", "logger_damaged", "logger_row_unreadable")


def test_what_is_confirmed_is_what_was_shown():
    data = (LOGGERS / "tinytag.csv").read_bytes()
    one, other = read("a.csv", data), loggers.read("b.csv", data, Told(zone=JAKARTA, unit="F"))
    assert one.digest == read("c.csv", data).digest != other.digest
    assert (one.understanding["unit"], other.understanding["unit"]) == ("C", "F")

"""Alarms reach people: by mail and by webhook, in their language, once, also when servers are down, slow or say no."""

from __future__ import annotations

import base64
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.clinic import Clinic
from tests.watched import Watched, watched
from tests.worker.conftest import Hook, Mail, Working, told
from traceability.domain.errors import Refused
from traceability.services import alarms, contacts, outbox
from traceability.services.outbox import Sending
from traceability.store.tables.alarms import Channel
from traceability.worker import look, webhook
from traceability.worker.webhook import own, shown_secret

ROOT = Path(__file__).parents[2]


@pytest.fixture
def freezer(in_stock: Clinic) -> Watched:
    """Its sensor is read when somebody reads it: nobody is told that it is silent."""
    return watched(in_stock, live=False)


def sendings(freezer: Watched) -> list[Sending]:
    with freezer.clinic.store.read(freezer.clinic.QUALITY) as view:
        return [each for one in freezer.alarms() for each in outbox.sendings(view, one)]


def acknowledged(freezer: Watched) -> None:
    for one in freezer.alarms():
        freezer.clinic.do(alarms.acknowledge, freezer.clinic.PHARMACIST, one.id, reason="I look")


# ── what is told ──


def test_a_freezer_that_is_too_warm_is_told_by_mail_at_once_and_once(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    told(freezer.clinic, "pharmacy@hospital.example")
    app = working(**mail.config)
    assert look(app).sent == 0
    freezer.reads(-12.0)
    done = look(app)
    assert (done.planned, done.sent, done.failed) == (1, 1, 0)
    (message,) = mail.post.messages
    assert mail.post.to == [["pharmacy@hospital.example"]]
    assert message["Subject"] == "Alarm A-1: F-01-Q is out of limits"
    text = message.get_content()
    assert "Out of limits since 1 Apr 2026" in text
    assert "Furthest: −12.0\u00a0°C. Limits: −25 to −15\u00a0°C." in text
    assert f"https://trace.hospital.example/alarms/{freezer.alarms()[0].id}" in text
    assert message["Auto-Submitted"] == "auto-generated"
    for _ in range(3):
        freezer.clinic.clock.tick(hours=2)
        freezer.reads(-12.0)
        assert look(app).sent == 0
    (one,) = sendings(freezer)
    assert (one.state, one.tries) == ("sent", 1)


def test_a_silent_sensor_is_told_in_the_language_of_who_is_told(freezer: Watched, working: Working, mail: Mail) -> None:
    told(freezer.clinic, "apotek@hospital.example", language="id")
    watched(freezer.clinic, "freezer", "T-2")
    freezer.clinic.clock.tick(minutes=20)
    done = look(working(**mail.config))
    assert (done.silent, done.sent) == (1, 1)
    (message,) = mail.post.messages
    assert message["Subject"] == "Alarm A-1: sensor di F-01 diam"
    assert message["Content-Language"] == "id"
    assert "Sensor T-2 mengukur setiap 5\u00a0menit." in message.get_content()
    assert "Tidak ada pembacaan sejak 1 Apr 2026" in message.get_content()


def test_no_vial_no_lot_and_no_patient_is_in_a_message(
    freezer: Watched, working: Working, mail: Mail, hook: Hook
) -> None:
    clinic = freezer.clinic
    subject = clinic.subject()
    told(clinic, "pharmacy@hospital.example")
    told(clinic, hook.url)
    freezer.reads(-12.0)
    assert look(working(**mail.config, WEBHOOK_LOOPBACK=True)).sent == 2
    said = mail.post.messages[0].as_string() + mail.post.messages[0].get_content() + hook.requests[0][2].decode()
    with clinic.store.engines.reader.connect() as connection:
        secret = {
            str(one)
            for query in (
                "SELECT serial FROM vial", "SELECT id FROM vial", "SELECT number FROM lot", "SELECT id FROM lot",
                "SELECT pseudonym FROM subject", "SELECT name FROM person", "SELECT name FROM product",
            )
            for one in connection.exec_driver_sql(query).scalars()
        }  # fmt: skip
    assert len(secret) > 15
    assert [one for one in secret if one in said] == []
    assert "Canary" not in said
    assert subject not in said


def test_a_webhook_is_signed_so_that_its_receiver_knows_whose_it_is(
    freezer: Watched, working: Working, hook: Hook
) -> None:
    contact = told(freezer.clinic, hook.url)
    freezer.reads(-12.0)
    assert look(working(WEBHOOK_LOOPBACK=True)).sent == 1
    ((path, headers, body),) = hook.requests
    assert path == "/alarms?from=trace"
    secret = base64.b64decode(shown_secret(outbox.secret(freezer.clinic.store, contact)).removeprefix("whsec_"))
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    assert headers["Webhook-Signature"] == f"v1,{expected}"
    said = json.loads(body)
    assert said["type"] == "alarm.raised"
    one = said["data"]
    assert (one["number"], one["kind"], one["place"]["code"]) == ("A-1", "out_of_limits", "F-01-Q")
    assert (one["value_mc"], one["low_limit_mc"], one["high_limit_mc"]) == (-12_000, -25_000, -15_000)
    assert "\n" not in one["title"]


# ── who is told when ──


def test_the_next_is_told_when_nobody_has_acknowledged_and_not_after(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    for address, after_s in (("first@h.example", 0), ("second@h.example", 900), ("third@h.example", 3600)):
        told(freezer.clinic, address, after_s=after_s)
    app = working(**mail.config)
    freezer.reads(-12.0)
    assert look(app).sent == 1
    freezer.clinic.clock.tick(seconds=899)
    assert look(app).sent == 0
    freezer.clinic.clock.tick(seconds=1)
    assert look(app).sent == 1
    assert "Nobody has acknowledged it for 15\u00a0min." in mail.post.messages[1].get_content()
    acknowledged(freezer)
    freezer.clinic.clock.tick(hours=9)
    look(app)
    assert mail.post.to == [["first@h.example"], ["second@h.example"]]


def test_what_is_over_is_told_all_the_same_and_a_short_silence_is_not(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    """That vials were too warm has to be looked at; that a sensor was not heard for a while has not."""
    told(freezer.clinic, "pharmacy@h.example")
    freezer.reads(-12.0, -20.0)
    other = watched(freezer.clinic, "freezer", "T-2")
    freezer.clinic.clock.tick(minutes=20)
    assert alarms.report(freezer.clinic.store) == 1
    other.reads(-20.0)
    assert look(working(**mail.config)).sent == 1
    assert "It is over. Somebody has to look all the same." in mail.post.messages[0].get_content()


def test_what_waits_is_not_sent_any_more_once_it_is_acknowledged_or_nobody_is_to_be_told(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    told(freezer.clinic, "one@h.example")
    ended = told(freezer.clinic, "two@h.example")
    app = working(**mail.config)
    mail.stop()
    freezer.reads(-12.0)
    look(app)
    freezer.clinic.do(contacts.end, freezer.clinic.QUALITY, ended, reason="left")
    acknowledged(freezer)
    mail.start()
    freezer.clinic.clock.tick(hours=2)
    assert look(app).sent == 0
    assert {one.state for one in sendings(freezer)} == {"not_needed"}


def test_another_house_is_told_nothing(freezer: Watched, working: Working, mail: Mail) -> None:
    clinic = freezer.clinic
    clinic.do(contacts.add, clinic.MAKER_QA, Channel.EMAIL, "qa@maker.example")
    freezer.reads(-12.0)
    assert look(working(**mail.config)).planned == 0
    with clinic.store.read(clinic.QUALITY) as view:
        assert contacts.contacts(view) == []


@pytest.mark.parametrize(
    "channel, address",
    [
        ("email", "a@b.example, c@d.example"), ("email", "a@b.example\nBcc: c@d.example"), ("email", "nobody"),
        ("email", "a@b..example"), ("email", "<a@b.example>"), ("email", "ä@b.example"), ("email", "a b@c.example"),
        ("webhook", "http://elsewhere.example/"), ("webhook", "ftp://elsewhere.example/"), ("webhook", "https:///x"),
        ("webhook", "https://name:word@elsewhere.example/"), ("webhook", "https://elsewhere.example:99999/"),
        ("webhook", "https://elsewhere.example/a b"), ("webhook", "https://elsewhere.example/#part"), ("webhook", "a@b.example"),
        ("webhook", "https://[::1"), ("webhook", "https://x.example/\r\nHost: y"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_is_no_address_is_refused(clinic: Clinic, channel: str, address: str) -> None:
    with pytest.raises(Refused, match="contact_address"):
        clinic.do(contacts.add, clinic.QUALITY, Channel(channel), address)


def test_an_address_is_sealed_in_the_ledger_and_added_once(clinic: Clinic) -> None:
    told(clinic, "night.duty@hospital.example")
    with pytest.raises(Refused, match="already_there"):
        told(clinic, "night.duty@hospital.example")
    with clinic.store.engines.reader.connect() as connection:
        bodies = "".join(connection.exec_driver_sql("SELECT body FROM entry").scalars())
    assert "contact.add" in bodies
    assert "night.duty" not in bodies
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(contacts.add, clinic.PHARMACIST, Channel.EMAIL, "x@y.example")


# ── what goes wrong ──


def test_a_server_that_is_down_is_tried_again_later_and_later(freezer: Watched, working: Working, mail: Mail) -> None:
    told(freezer.clinic, "one@h.example")
    told(freezer.clinic, "two@h.example")
    app = working(**mail.config)
    mail.stop()
    freezer.reads(-12.0)
    assert look(app).failed == 1  # the other would wait for the same server
    waiting = sorted(sendings(freezer), key=lambda one: one.tries)
    assert [(one.state, one.tries) for one in waiting] == [("waits", 0), ("failed", 1)]
    assert "ConnectionRefusedError" in waiting[1].trouble
    assert look(app).failed == 1
    assert look(app).failed == 0  # not yet
    mail.start()
    freezer.clinic.clock.tick(seconds=60)
    assert look(app).sent == 2
    assert [one.state for one in sendings(freezer)] == ["sent"] * 2


def test_after_many_tries_it_is_given_up_loudly(freezer: Watched, working: Working, mail: Mail, caplog: Any) -> None:
    told(freezer.clinic, "gone@h.example")
    app = working(**mail.config)
    freezer.reads(-12.0)
    mail.post.answers = ["550 no such mailbox"] * 99
    begun, tried = freezer.clinic.clock.now, []
    while not (done := look(app)).given_up:
        tried += [freezer.clinic.clock.now] * done.failed
        freezer.clinic.clock.tick(minutes=1)
        assert freezer.clinic.clock.now - begun < timedelta(hours=9)
    waits = [(after - before).total_seconds() / 60 for before, after in pairwise(tried)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    (one,) = sendings(freezer)
    assert (one.state, one.tries, one.trouble) == ("given_up", outbox.MOST_TRIES, "550 no such mailbox")
    with freezer.clinic.store.read(freezer.clinic.QUALITY) as view:
        assert [row.number for row in outbox.given_up(view)] == ["A-1"]
    assert "could not be told after 12 tries" in caplog.text
    freezer.clinic.clock.tick(days=1)
    assert look(app).failed == 0


def test_one_mailbox_that_is_refused_keeps_nobody_else_from_being_told(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    told(freezer.clinic, "one@h.example")
    told(freezer.clinic, "two@h.example", after_s=0, language="id")
    freezer.reads(-12.0)
    mail.post.answers = ["452 mailbox full"]
    done = look(working(**mail.config))
    assert (done.sent, done.failed) == (1, 1)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_server_that_answers_byte_by_byte_or_not_at_all_is_left_in_time(freezer: Watched, working: Working) -> None:
    """Each byte would begin a socket's timeout anew."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.sendall(b"220-wait\r\n")
                    while not over.wait(0.2):
                        connection.sendall(b"220-wait\r\n" if mails else b"X")
                except OSError:
                    pass

    mails = True
    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    port = listening.getsockname()[1]
    told(freezer.clinic, "one@h.example")
    freezer.reads(-12.0)
    config = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": port,
        "SMTP_FROM": "t@h.example",
        "SMTP_SECURITY": "none",
        "SEND_TIMEOUT_S": 1,
    }
    began = time.monotonic()
    assert look(working(**config)).failed == 1
    mails = False
    told(freezer.clinic, f"http://127.0.0.1:{port}/")
    assert look(working(**config, WEBHOOK_LOOPBACK=True)).failed == 1
    assert time.monotonic() - began < 8
    over.set()
    listening.close()
    thread.join(5)


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
@pytest.mark.parametrize("engine", ["sqlite"])
def test_only_a_yes_is_a_yes_and_nobody_leads_a_webhook_elsewhere(
    freezer: Watched, working: Working, hook: Hook, status: int
) -> None:
    told(freezer.clinic, hook.url)
    freezer.reads(-12.0)
    hook.answers = [status]
    app = working(WEBHOOK_LOOPBACK=True)
    assert look(app).failed == 1
    assert [path for path, _, _ in hook.requests] == ["/alarms?from=trace"]
    assert sendings(freezer)[0].trouble == f"it answered {status}"
    freezer.clinic.clock.tick(minutes=1)
    assert look(app).sent == 1
    first, second = (headers["Webhook-Id"] for _, headers, _ in hook.requests)
    assert first == second


@pytest.mark.parametrize("engine", ["sqlite"])
def test_no_webhook_leads_into_this_machine_unless_that_is_set(
    freezer: Watched, working: Working, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(freezer.clinic, hook.url)
    told(freezer.clinic, "https://inside.example:8443/")
    monkeypatch.setattr(webhook.socket, "getaddrinfo", resolving("127.0.0.2"))  # whatever happens, it stays here
    freezer.reads(-12.0)
    assert look(working()).failed == 2
    assert hook.requests == []
    assert {one.trouble for one in sendings(freezer)} == {
        "the address leads into this machine: WEBHOOK_LOOPBACK is not set"
    }


def resolving(address: str) -> Any:
    really = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: Any, **more: Any) -> Any:
        return really(address if host.endswith(".example") else host, port, *rest, **more)

    return resolve


@pytest.mark.parametrize(
    "address, is_own",
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("0.0.0.0", True), ("169.254.169.254", True),
     ("fe80::1", True), ("224.0.0.1", True), ("192.0.2.7", False), ("10.255.255.254", False), ("2001:db8::7", False)],
)  # fmt: skip
def test_which_addresses_are_this_machines(address: str, is_own: bool) -> None:
    assert own(address) is is_own


def test_the_machines_own_address_on_the_network_is_its_own() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # nothing is sent: it asks by which address one would go
        except OSError:
            pytest.skip("this machine has no network")
        address = asked.getsockname()[0]
    assert own(address)


def test_without_a_mail_server_it_waits_and_says_why(freezer: Watched, working: Working) -> None:
    told(freezer.clinic, "one@h.example")
    freezer.reads(-12.0)
    assert look(working()).failed == 1
    assert sendings(freezer)[0].trouble == "SMTP_HOST is not set"


@pytest.mark.parametrize(
    "config, why",
    [({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY"), ({"SMTP_HOST": "m.example"}, "SMTP_FROM"),
     ({"SMTP_SECURITY": "none", "SMTP_USERNAME": "a"}, "password would be read")],
)  # fmt: skip
@pytest.mark.parametrize("engine", ["sqlite"])
def test_half_a_configuration_is_refused(freezer: Watched, working: Working, config: dict[str, Any], why: str) -> None:
    with pytest.raises(RuntimeError, match=why):
        working(**config)


# ── TLS and a password ──


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost, and its key, in one file."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    path = tmp_path / "localhost.pem"
    path.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Mail]:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    made = Mail(tls=context, password="a long word").start()
    yield made
    made.stop()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_mail_goes_over_tls_with_a_name_and_a_password(
    freezer: Watched, working: Working, secure: Mail, certificate: Path
) -> None:
    told(freezer.clinic, "one@h.example")
    freezer.reads(-12.0)
    config = secure.config | {"SMTP_HOST": "localhost", "SMTP_SECURITY": "starttls", "SMTP_USERNAME": "trace"}
    good = {"SMTP_PASSWORD": "a long word", "SMTP_CA_FILE": str(certificate)}
    for more, why in (
        (good | {"SMTP_CA_FILE": None}, "CERTIFICATE_VERIFY_FAILED"),
        (good | {"SMTP_PASSWORD": "another"}, "535"),
        (good | {"SMTP_HOST": "127.0.0.1"}, "CERTIFICATE_VERIFY_FAILED"),
    ):
        assert look(working(**config | more)).failed == 1
        assert why in sendings(freezer)[0].trouble, why
        freezer.clinic.clock.tick(hours=1)
    assert secure.post.messages == []
    assert look(working(**config | good)).sent == 1
    assert len(secure.post.messages) == 1


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_server_without_tls_gets_nothing_where_tls_is_asked(freezer: Watched, working: Working, mail: Mail) -> None:
    told(freezer.clinic, "one@h.example")
    freezer.reads(-12.0)
    assert look(working(**mail.config | {"SMTP_SECURITY": "starttls"})).failed == 1
    assert mail.post.messages == []


# ── two at once, and one that dies ──


def test_two_workers_at_once_send_each_message_once(freezer: Watched, working: Working, mail: Mail) -> None:
    for n in range(6):
        told(freezer.clinic, f"n{n}@h.example")
    app = working(**mail.config)
    freezer.reads(-12.0)
    ready = threading.Barrier(4)
    done: list[Any] = []

    def work() -> None:
        ready.wait()
        done.append(look(app))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look(app)
    assert sorted(to[0] for to in mail.post.to) == [f"n{n}@h.example" for n in range(6)]
    assert len(done) == 4


def test_while_one_worker_is_at_work_another_does_nothing(freezer: Watched, working: Working, mail: Mail) -> None:
    told(freezer.clinic, "one@h.example")
    app = working(**mail.config)
    freezer.reads(-12.0)
    with freezer.clinic.store.engines.lone("worker") as mine:
        assert mine
        assert look(app).alone is False
        with freezer.clinic.store.engines.lone("something else") as other:
            assert other
    assert mail.post.messages == []
    assert look(app).sent == 1


def test_a_message_that_two_have_in_hand_is_taken_by_one(freezer: Watched, working: Working) -> None:
    """Where the lock was lost: each try is written down before it is made."""
    store = freezer.clinic.store
    told(freezer.clinic, "one@h.example")
    freezer.reads(-12.0)
    outbox.plan(store)
    assert outbox.plan(store) == 0
    (one,) = outbox.due(store)
    assert [outbox.take(store, one), outbox.take(store, one)] == [True, False]


def test_after_a_crash_between_the_servers_yes_and_ours_it_is_told_again_under_the_same_id(
    freezer: Watched, working: Working, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(freezer.clinic, "one@h.example")
    app = working(**mail.config)
    freezer.reads(-12.0)
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "sent", crash)
        with pytest.raises(KeyboardInterrupt):
            look(app)
    (one,) = sendings(freezer)
    assert (one.state, one.tries, len(mail.post.messages)) == ("begun", 1, 1)
    assert look(app).sent == 0  # not at once: it may have been taken
    freezer.clinic.clock.tick(minutes=1)
    assert look(app).sent == 1
    first, second = mail.post.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert [one.state for one in sendings(freezer)] == ["sent"]


def crash(*_: object) -> None:
    raise KeyboardInterrupt


def test_after_a_crash_before_it_was_sent_it_is_told_all_the_same(
    freezer: Watched, working: Working, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(freezer.clinic, "one@h.example")
    app = working(**mail.config)
    freezer.reads(-12.0)
    with monkeypatch.context() as patched:
        patched.setattr("traceability.worker.mail.message", crash)
        with pytest.raises(KeyboardInterrupt):
            look(app)
    assert mail.post.messages == []
    freezer.clinic.clock.tick(minutes=1)
    assert look(app).sent == 1


# ── the command ──


@pytest.fixture
def installed(freezer: Watched, mail: Mail, tmp_path: Path) -> dict[str, str]:
    """The environment of `flask worker` over the database of the story."""
    store = freezer.clinic.store
    told(freezer.clinic, "one@h.example")
    freezer.reads(-12.0)
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "TRACE_DATABASE_URL": store.engines.writer.url.render_as_string(hide_password=False),
        **{f"TRACE_{name}": str(value) for name, value in mail.config.items()},
        "FLASK_APP": "tests.worker.installed:app",
        "TRACE_TEST_INSTANCE": str(store.documents.parent),
    }


def command(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "worker", *arguments], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_one_look_by_command_says_what_it_did(freezer: Watched, mail: Mail, installed: dict[str, str]) -> None:
    process = command(installed, "--once")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "1 messages new, 1 sent, 0 not taken" in said
    assert len(mail.post.messages) == 1


def test_the_command_goes_on_until_it_is_told_to_stop_and_finishes_what_it_has_in_hand(
    freezer: Watched, mail: Mail, installed: dict[str, str]
) -> None:
    came = threading.Event()
    mail.post.before = came.set
    process = command(installed, "--interval", "1")
    try:
        assert came.wait(60)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=20)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 0, said
    assert "the worker has stopped" in said
    assert [one.state for one in sendings(freezer)] == ["sent"]

"""Alarms, what is due and recalls by e-mail: SMTP with TLS, one address a message, told once by its Message-ID."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from traceability.asking import Store
from traceability.services.outbox import Message
from traceability.worker import words
from traceability.worker.undelivered import Undelivered, within

LINES = SMTP.clone(max_line_length=200)
"""A title stays in one line: where it would just not fit, Python begins it with an empty one, and a filter may stumble there."""


def send(config: Mapping[str, Any], store: Store, one: Message) -> None:  # noqa: ARG001
    """Returns when the server has taken it; raises Undelivered."""
    if not config["SMTP_HOST"]:
        raise Undelivered("SMTP_HOST is not set", away=True)
    made = message(config, one)
    kind = smtplib.SMTP_SSL if config["SMTP_SECURITY"] == "tls" else smtplib.SMTP
    server = kind.__new__(kind)  # it listens to the greeting while it is made, and that may last
    try:
        with within(config["SEND_TIMEOUT_S"], lambda: server.sock):
            _greet(server, config)
            server.send_message(made)
            with suppress(smtplib.SMTPException, OSError):  # it has the message: how it says good-bye changes nothing
                server.quit()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as refused:
        raise Undelivered(_said(refused)) from refused
    except (smtplib.SMTPException, OSError) as trouble:
        raise Undelivered(f"{config['SMTP_HOST']}: {_said(trouble)}", away=True) from trouble
    finally:
        server.close()


def message(config: Mapping[str, Any], one: Message) -> EmailMessage:
    made = EmailMessage(policy=LINES)
    made["From"], made["To"] = config["SMTP_FROM"], one.contact.address
    made["Subject"] = words.subject(one)
    made["Date"] = format_datetime(one.at)
    made["Message-ID"] = f"<{one.id}@{config['SMTP_FROM'].rpartition('@')[2].strip('>')}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(words.text(config, one))  # takes every Content- header of before away
    made["Content-Language"] = one.contact.language
    return made


def _greet(server: smtplib.SMTP, config: Mapping[str, Any]) -> None:
    told: dict[str, Any] = {"timeout": float(config["SEND_TIMEOUT_S"])}
    if isinstance(server, smtplib.SMTP_SSL):
        told["context"] = _context(config)
    type(server).__init__(server, config["SMTP_HOST"], int(config["SMTP_PORT"]), **told)
    if config["SMTP_SECURITY"] == "starttls":
        server.starttls(context=_context(config))  # refused where the server does not offer it
    if config["SMTP_USERNAME"]:
        server.login(str(config["SMTP_USERNAME"]), str(config["SMTP_PASSWORD"] or ""))


def _context(config: Mapping[str, Any]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=config["SMTP_CA_FILE"])


def _said(trouble: Exception) -> str:
    """The server's answer where it gave one, else what went wrong. Addresses are left out: this stands on a page."""
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(trouble.recipients.values()))
        return f"{code} {said.decode('utf-8', 'replace')}"
    if isinstance(trouble, smtplib.SMTPResponseException):
        said = trouble.smtp_error
        return f"{trouble.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    return f"{type(trouble).__name__}: {trouble}"

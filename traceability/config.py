"""What an installation sets: environment first, then `instance/config.py`, then these defaults. Half-configured: refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask

DEFAULTS: dict[str, Any] = {
    "DATABASE_URL": None,  # SQLite in the instance folder where nothing is said
    "DATABASE_OWNER_URL": None,  # who may change tables; the same as DATABASE_URL on SQLite
    "DIGITAL_LINK_DOMAIN": "https://id.gs1.org",
    "EXTERNAL_URL": None,  # where the QR of a printed record leads; without it, where the record was asked for
    "ORIGIN": "secretome-trace",  # names this installation in checkpoints
    "SECURE": True,  # cookies over HTTPS only; the demonstration on loopback says no
    "DEMONSTRATION": False,
    "WORKER_INTERVAL_S": 15,  # how often `flask worker` looks for silent sensors and alarms to be told
    "SMTP_HOST": None,  # without it e-mails of alarms wait, and the alarms page says so
    "SMTP_PORT": 587,
    "SMTP_SECURITY": "starttls",  # or tls from the first byte (465), or none: never with a name and a password
    "SMTP_USERNAME": None,
    "SMTP_PASSWORD": None,
    "SMTP_FROM": None,  # the address that alarms come from
    "SMTP_CA_FILE": None,  # whose certificates are believed; without it those of the system
    "SEND_TIMEOUT_S": 20,  # so long a mail server or webhook may take altogether
    "WEBHOOK_LOOPBACK": False,  # whether a webhook may lead into this machine itself
    "WEBHOOK_CA_FILE": None,
    "SEAL_CERTIFICATE": None,  # PEM, the site's certificate first; without it instance/keys/seal.pem, or no seal
    "SEAL_KEY": None,  # PEM; without it instance/keys/seal-key.pem
    "SEAL_KEY_PASSPHRASE": None,
    "SEAL_TSA_URL": None,  # a time stamping authority (RFC 3161); without it seals carry this machine's time
    "SEAL_TSA_CERTIFICATES": None,  # PEM, from which the authority's certificate must come
    "SEAL_TSA_REQUIRED": True,  # no stamp, no document; or, if not, the document says that it has none
    "SEAL_TSA_TIMEOUT_S": 10,
    "LOCKOUT_AFTER": 10,
    "MAX_CONTENT_LENGTH": 52 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
    "MAX_FORM_PARTS": 12_000,
}


def configure(app: Flask, given: dict[str, Any] | None) -> None:
    """Settings of this installation; raises RuntimeError with the one thing that is missing."""
    app.config.from_mapping(DEFAULTS)
    app.config.from_pyfile("config.py", silent=True)
    app.config.from_prefixed_env("TRACE")
    app.config.update(given or {})
    instance = Path(app.instance_path)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not app.config["DATABASE_URL"]:
        app.config["DATABASE_URL"] = f"sqlite:///{instance / 'traceability.sqlite'}"
    if app.config["DATABASE_URL"].startswith("sqlite"):
        app.config["DATABASE_OWNER_URL"] = app.config["DATABASE_URL"]
    is_demo = (instance / "demonstration").exists()
    app.config["DEMONSTRATION"] = is_demo or app.config["DEMONSTRATION"]
    if app.config["DEMONSTRATION"]:
        app.config["SECURE"] = os.environ.get("TRACE_SECURE", "") == "1"
    if wrong := _mail(app.config):
        raise RuntimeError(wrong)
    if not app.config["DIGITAL_LINK_DOMAIN"].startswith("https://"):
        raise RuntimeError("DIGITAL_LINK_DOMAIN must begin with https://")


def _mail(config: dict[str, Any]) -> str:
    """What is missing for e-mail, where anything of it is set."""
    if config["SMTP_SECURITY"] not in ("starttls", "tls", "none"):
        return "SMTP_SECURITY is starttls, tls or none"
    if config["SMTP_HOST"] and not config["SMTP_FROM"]:
        return "SMTP_FROM is not set: an e-mail comes from somebody"
    if config["SMTP_USERNAME"] and config["SMTP_SECURITY"] == "none":
        return "SMTP_SECURITY is none: a password would be read on its way"
    return ""

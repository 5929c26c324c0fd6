"""A refusal as people and programs meet it: a status, a sentence in their language, every finding (RFC 9457)."""

from __future__ import annotations

import sqlite3
from typing import Any

from traceability.domain.errors import Refused
from traceability.domain.rules import Finding
from traceability.services.importing import question
from traceability.words import sentence

STATUS = {
    "not_found": 404,
    "wristband_unknown": 404,
    "not_permitted": 403,
    "not_yours": 403,
    "not_trained": 403,
    "glass_whole": 403,
    "identity_not_looked_at": 403,
    "sign_in_not_accepted": 401,
    "sign_in_needed": 401,
    "too_many_tries": 429,
    "not_confirmed": 503,
    "not_kept": 503,
    "act_left_open": 503,
    "identity_key_missing": 503,
    "database_away": 503,
    "act_id_malformed": 400,
    "act_id_missing": 400,
    "input_malformed": 422,
    "form_expired": 400,
    "request_malformed": 400,
    "password_must_change": 403,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "media_type_unsupported": 415,
    "password_not_accepted": 422,
    "password_length": 422,
    "file_refused": 422,
    "file_damaged": 422,
    "picture_not_understood": 422,
    "link_used": 410,
    "link_over": 410,
    "paper_busy": 503,
    "failed": 500,
}
PREFIXES = (
    ("code_", 422),
    ("field_", 422),
    ("logger_", 422),
    ("label_does", 422),
    ("document_glyph", 422),
    ("paper_", 422),
)


def status_of(code: str) -> int:
    """422 for what cannot be read, 409 for what stands against it, others by name."""
    return STATUS.get(code) or next((status for prefix, status in PREFIXES if code.startswith(prefix)), 409)


def told(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "holds": finding.holds,
        "message": sentence(finding.code, finding.values, holds=finding.holds),
    }


def problem(refused: Refused) -> dict[str, Any]:
    """RFC 9457 with a stable `code`; `entry` is the number under which the refusal stands in the ledger."""
    status = status_of(refused.code)
    made: dict[str, Any] = {
        "type": f"/problems/{refused.code}",
        "title": sentence(refused.code, refused.values),
        "status": status,
        "code": refused.code,
    }
    if refused.findings:
        made["findings"] = [told(finding) for finding in refused.findings]
    if entry := refused.values.get("entry"):
        made["entry"] = entry
    if errors := refused.values.get("errors"):
        made["errors"] = errors
    if asked := question(refused):
        made["question"] = {"field": asked.field, "choices": [choice for choice, _ in asked.choices]}
    if understanding := refused.values.get("understanding"):
        made |= {"understanding": understanding, "digest": refused.values.get("digest")}
    return made


def away(error: BaseException) -> bool:
    """The database could not be reached, or went: no mistake of a page. By what drivers say, not by their classes."""
    raw = getattr(error, "orig", None) or error
    if isinstance(raw, sqlite3.Error):
        return getattr(raw, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
    if not any(kind.__module__.startswith("psycopg") for kind in type(raw).__mro__):
        return False
    state = getattr(raw, "sqlstate", None)
    return type(raw).__name__ == "OperationalError" if state is None else state[:2] in ("08", "53", "57")

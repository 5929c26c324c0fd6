"""What every response carries: a strict content policy with a nonce, the other security headers, and caching.

A view that needs another value sets the header itself; nothing here overwrites it.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(self), camera=(self), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(self), "
        "screen-wake-lock=(self), usb=()"
    ),
}
A_YEAR = 365 * 24 * 3600
PLAIN = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
"""For programs: nothing of such an answer is ever drawn."""


def csp_nonce() -> str:
    """The nonce of this response, for `<script nonce="{{ csp_nonce() }}">`."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return str(g.csp_nonce)


@cache
def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def stamp(endpoint: str, values: dict[str, object]) -> None:
    """`url_for("static", …)` names the content: no release is shown with another's style or script."""
    if endpoint == "static" and current_app.static_folder and "filename" in values:
        path = Path(current_app.static_folder, str(values["filename"]))
        if path.is_file():
            values["v"] = fingerprint(path)


def finish(response: Response) -> Response:
    if response.mimetype in ("application/json", "application/problem+json"):
        response.headers.extend(PLAIN)
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"
        return response
    policy = POLICY.format(nonce=csp_nonce())
    if request.is_secure:
        policy += "; upgrade-insecure-requests"
        response.headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}; includeSubDomains")
    response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static" or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    elif "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


def init_app(app: Flask) -> None:
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.url_defaults(stamp)
    app.after_request(finish)

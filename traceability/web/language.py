"""In which language a page speaks: chosen by link, kept in a cookie, else what the browser asks for.

Catalogues are read from their .po files when first asked for, so that none is stale and nothing is to be compiled. All of
`translations/<language>/LC_MESSAGES/*.po` are merged: the shell's is messages.po, a noun may have its own.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, abort, g, has_request_context, redirect, request
from flask_babel import Babel
from werkzeug.wrappers import Response

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}
COOKIE = "language"
OF_PEOPLE = frozenset({"code", "8017", "8018", "8019"})
"""Parts of an address that may name a person: a scanned code, and the numbers that a GS1 address has for people."""
A_YEAR = 365 * 24 * 3600
FOLDER = Path(__file__).parent.parent / "translations"


def choose() -> str:
    """What was chosen just now, else the cookie, else the best of Accept-Language, else English: also for a command."""
    if not has_request_context():
        return "en"
    kept = g.get("spoken") or request.cookies.get(COOKIE)
    return kept if kept in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en")


def change(language: str) -> Response:
    """Keep the choice, speak so from now on, and go back to the page it was made on."""
    if language not in LANGUAGES:
        abort(404)
    g.spoken = language
    response = redirect(local(request.args.get("next", "")), 303)
    response.set_cookie(COOKIE, language, max_age=A_YEAR, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def local(target: str) -> str:
    """A path of our own, or the first page: a link cannot send anybody elsewhere."""
    parts = urlsplit(target.replace("\\", "/"))
    is_ours = target.startswith("/") and not target.startswith("//") and not parts.scheme and not parts.netloc
    return target if is_ours and target.isprintable() and "\\" not in target else "/"


def here() -> str:
    """The address of this page, to come back to: without a code that was scanned, which may be a person’s number."""
    if OF_PEOPLE.isdisjoint(request.args):
        return request.full_path.rstrip("?")
    left = [(name, told) for name, told in request.args.items(multi=True) if name not in OF_PEOPLE]
    return f"{request.path}?{urlencode(left)}".rstrip("?")


class Catalogues(dict[tuple[str, str], Translations]):
    """By language and domain, as Flask-Babel looks for them. No start waits for a language that nobody reads."""

    def __missing__(self, key: tuple[str, str]) -> Translations:
        made = self[key] = catalogue(key[0])
        return made


def catalogue(language: str) -> Translations:
    """All .po files of one language as one; a fuzzy entry counts as missing."""
    merged = Translations()
    for path in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        compiled = BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language))
        compiled.seek(0)
        one = Translations(compiled)
        merged.merge(one)
        merged.plural = one.plural
    return merged


def init_app(app: Flask) -> None:
    babel = Babel(app, locale_selector=choose)
    with app.app_context():
        domain = babel.domain_instance
    domain.cache = Catalogues()
    app.context_processor(lambda: {"language": choose(), "languages": LANGUAGES, "way_back": here})

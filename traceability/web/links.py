"""Where an act is performed, and whether this person's roles permit it: for buttons and links on every page."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import gettext as _

from traceability import asking
from traceability.domain.acts import ACTS
from traceability.web import now
from traceability.words import act_words, choice_word, role_word, told_title


def may(name: str) -> bool:
    """This person's roles permit the act; the rest is asked when it is performed."""
    return bool(ACTS[name].roles & asking.actor().roles(now()))


def may_word(name: str) -> str:
    """Who might, for a button that is closed."""
    return _("For %(roles)s.", roles=", ".join(role_word(role) for role in sorted(ACTS[name].roles)))


def act_url(name: str, noun_id: str | None = None, **query: str) -> str:
    """Where an act is performed, whoever draws its page. Without an id it asks about what."""
    noun, _dot, verb = name.partition(".")
    path = "/".join(part for part in (asking.plural(noun), noun_id, verb) if part)
    asked = {key: value for key, value in query.items() if value}
    return f"{request.script_root}/{path}" + (f"?{urlencode(asked)}" if asked else "")


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        may=may,
        may_word=may_word,
        act_url=act_url,
        act_words=act_words,
        choice_word=choice_word,
        role_word=role_word,
        told_title=told_title,
    )

"""The audit trail: every act of an organisation, done or refused, with what it changed, by whom, when and why."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from traceability import formats, problems
from traceability.asking import actor, store
from traceability.domain.acts import ACTS
from traceability.domain.errors import NotFound
from traceability.domain.people import SYSTEM
from traceability.domain.rules import Finding
from traceability.domain.typed import meant
from traceability.services import audit as reads
from traceability.services import audit_reviews, organisations, proofs, scopes, viewings
from traceability.web import blueprint
from traceability.words import act_words, choice_word, column_label, field_label, meaning_sentence, role_word, sentence
from traceability.words.fields import FIELDS

FEW = 12
"""So many changed rows stand open; the rest of an entry is behind a line that says how many."""


@blueprint.get("/audit", endpoint="audit")
def trail() -> ResponseReturnValue:
    with store().read(actor()) as view:
        owners = reads.ledgers(view)
        ledger = request.args.get("ledger") or owners[0].id
        if ledger != actor().organisation_id and (site := organisations.site_of(view, ledger)):
            g.zone = ZoneInfo(site.zone)  # the day and hour of who wrote it
        asked, errors = asked_of(ledger, request.args)
        page = reads.page(view, asked, before=number_of(request.args.get("before")))
        chosen = number_of(request.args.get("entry"))
        detail = reads.entry(view, ledger, chosen) if chosen is not None else None
        people = reads.people(view, ledger)
        proof = proofs.of_entry(store(), view, ledger, chosen) if chosen is not None else None
        reviewed = audit_reviews.reviewed_through(view, None, of=ledger)
        lot = reads.lot_of(view, asked.about)
        person = reads.person_of(view, asked.person_id)
        scope = scopes.scope(view, ledger)
        may_review = ledger == actor().organisation_id and bool(ACTS["audit.review"].roles & actor().roles(view.at))
    rows = [row(one, page.names) for one in page.entries]
    spoken = {"about": page.names[asked.about][1]} if asked.about in page.names else {}
    kept = {key: value for key, value in request.args.items() if value and key not in ("entry", "before")}
    return render_template(
        "audit/audit.html", rows=rows, page=page, owners=[(one.id, one.name) for one in owners], asked=asked, errors=errors, people=people,
        acts=[(name, act_words(name).title) for name in sorted(ACTS)], kept=kept,
        given={**request.args, **spoken, "act": asked.act, "person": person},
        one=entry(detail) if detail else None, proof=proof, reviewed=reviewed, lot=lot, scope=scope, may_review=may_review,
        watched=actor().holds(viewings.GUESTS, view.at), chosen=chosen,
        page_zone=formats.zone_name(g.zone),
        following=url_for("web.audit", **(kept | {"before": str(page.before)})) if page.before else None,
    )  # fmt: skip


def row(one: reads.Told, names: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """One line of the trail: what was done to what, or why it was refused."""
    about = names.get(one.noun_id or "")
    refusal = one.body.get("refusal")
    return {
        "entry": one, "act": act_words(one.act).title if one.act in ACTS else one.act, "about": about[1] if about else "",
        "refused": sentence(refusal["code"], refusal["values"]) if refusal else "", "moves": moves(one.body, names),
        "late": one.source != "live", "who": performer(one),
    }  # fmt: skip


def performer(one: reads.Told) -> str:
    """By name; the system itself is nobody's name."""
    return role_word("system") if one.body["person_id"] == SYSTEM.person_id else one.person


def label(name: str) -> str:
    """A column as the form called it; one that no form asks for goes by its own name."""
    if name == "demonstration":
        return _("demonstration")
    return field_label(name) if name in FIELDS else column_label(name)


def moves(body: dict[str, Any], names: dict[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The heart of an entry: states that changed first, else what a form calls a field, else which rows, counted."""
    changes = body.get("changes", ())
    changed = [(one["table"], name, pair) for one in changes for name, pair in (one.get("set") or {}).items()]
    told = [
        (choice_word("Noun", table), *(said(table, name, word, names) for word in pair))
        for table, name, pair in changed
        if name == "state"
    ]
    if not told:
        plain = [one for one in changed if one[1] in FIELDS and one[1] != "until"]
        told = [(label(name), *(said(table, name, one, names) for one in pair)) for table, name, pair in plain]
    if not told:
        told = [(choice_word("Noun", one["table"]), "", "") for one in changes if one["table"] not in BESIDES]
    counted = Counter(told)
    return [(f"{n} × {thing}" if n > 1 else thing, was, now) for (thing, was, now), n in counted.items()][:3]


BESIDES = ("free_text", "signature")
"""Rows that come with any act: the reason, the signatures."""


def entry(detail: reads.Detail) -> dict[str, Any]:
    """One entry laid open: row by row before and after, signatures, and every finding of a refusal."""
    told, body = detail.entry, detail.entry.body
    refusal = body.get("refusal")
    findings = [problems.told(Finding.of(one)) for one in refusal["findings"]] if refusal else []
    changes = [changed(one, detail.names) for one in body.get("changes", ()) if one["table"] != "signature"]
    return {
        "entry": told, "who": performer(told), "act": act_words(told.act).title if told.act in ACTS else told.act, "findings": findings,
        "refused": sentence(refusal["code"], refusal["values"]) if refusal else "",
        "beside": [problems.told(Finding.of(one)) for one in body.get("findings", ())],
        "about": [(noun, name) for noun, name in (detail.names[one] for one in body.get("about", ()) if one in detail.names)],
        "changes": changes[:FEW], "more": changes[FEW:],
        "signatures": [(one, meaning_sentence(one.meaning)) for one in in_order(told.act, detail.entry.signatures)],
    }  # fmt: skip


def in_order(act: str, signed: list[Any]) -> list[Any]:
    """As they were asked for: who acted first, then who witnessed."""
    asked = ACTS[act].signatures if act in ACTS else ()
    return sorted(signed, key=lambda one: asked.index(one.meaning) if one.meaning in asked else len(asked))


def changed(change: dict[str, Any], names: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """One row of the record, before and after: [(field, before or None, after)]."""
    pairs = change.get("set") or {key: [None, after] for key, after in change["new"].items()}
    is_new = "new" in change
    told = [
        (
            label(key),
            None if is_new else said(change["table"], key, before, names),
            said(change["table"], key, after, names),
        )
        for key, (before, after) in pairs.items()
        if key != "demonstration" or after
    ]
    about = names.get(change["id"])
    return {
        "table": choice_word("Noun", change["table"]),
        "name": about[1] if about else "",
        "new": is_new,
        "pairs": told,
    }


def said(table: str, name: str, told: Any, names: dict[str, tuple[str, str]]) -> str:
    """A value of one column: a word of a closed list as it is said, anything else as `value` has it."""
    kind = reads.LISTS.get((table, name))
    return choice_word(kind, str(told)) if kind and told not in (None, "") else value(told, names)


def value(told: Any, names: dict[str, tuple[str, str]] | None = None) -> str:
    """A value of the ledger as people read it: names for ids, local times, and nothing rounded."""
    match told:
        case None | "":
            return formats.DASH
        case True:
            return _("yes")
        case False:
            return _("no")
        case str() if told.startswith("sealed:"):
            return _("sealed")
        case str() if names and told in names:
            return names[told][1]
        case str() if len(told) == 27 and told.endswith("Z"):
            return formats.moment(datetime.fromisoformat(told), seconds=True)
        case str() if len(told) >= 32 and " " not in told:
            return f"{told[:8]}…"
        case str() | int():
            return str(told)
        case list() | dict():  # findings, a dossier: read where they are shown, not here
            return ngettext("%(num)d part", "%(num)d parts", len(told))
    return str(told)[:80]


def asked_of(ledger: str, given: MultiDict[str, str]) -> tuple[reads.Asked, dict[str, str]]:
    times, errors = days_of(given)
    about, act, person = (meant(given.get(name, "")) for name in ("about", "act", "person"))
    asked = reads.Asked(
        ledger, about, act, person, bool(given.get("refused")), *times, number_of(given.get("above")) or 0
    )
    return asked, errors


FIRST, LAST = date(1970, 1, 1), date(9000, 1, 1)
"""Between these any zone may be reckoned."""


def days_of(given: MultiDict[str, str]) -> tuple[list[datetime | None], dict[str, str]]:
    """From when on and before when: whole days of the page's zone, as the fields `from` and `to` name them."""
    errors: dict[str, str] = {}
    since, until = (_day(meant(given.get(name, "")), name, errors) for name in ("from", "to"))
    days = (since, until and until + timedelta(days=1))
    return [datetime.combine(day, time(), g.zone) if day else None for day in days], errors


def _day(told: str, name: str, errors: dict[str, str]) -> date | None:
    try:
        made = date.fromisoformat(told) if told else None
        if made is not None and not FIRST <= made <= LAST:
            raise ValueError(told)
        return made
    except ValueError:
        errors[name] = _("A date, such as 2026-04-14.")
        return None


def number_of(told: str | None) -> int | None:
    """A number of an entry as an address carries it; anything else is no address of ours."""
    if not told:
        return None
    if not told.isascii() or not told.isdigit() or len(told) > 15:
        raise NotFound("entry")
    return int(told)

"""Adverse events: why serious, outcome, causality, expectedness, and whom they are reported to."""

from __future__ import annotations

from reports.words import Words


def event_outcome(_: Words, stored: str | None) -> str:
    return {
        "recovered": _("recovered"),
        "recovering": _("recovering"),
        "not_recovered": _("not recovered"),
        "sequelae": _("recovered with sequelae"),
        "fatal": _("fatal"),
        "unknown": _("unknown"),
        None: _("unknown"),
    }.get(stored, str(stored))


def serious_because(_: Words, stored: str) -> str:
    return {
        "death": _("patient died"),
        "life_threatening": _("life threatening"),
        "hospitalisation": _("hospital stay, new or longer"),
        "disability": _("lasting disability"),
        "congenital": _("congenital anomaly"),
        "other": _("otherwise medically important"),
    }.get(stored, stored)


def causality(_: Words, stored: str) -> str:
    return {
        "certain": _("certain"),
        "probable": _("probable"),
        "possible": _("possible"),
        "unlikely": _("unlikely"),
        "conditional": _("conditional"),
        "unassessable": _("cannot be judged"),
    }.get(stored, stored)


def expectedness(_: Words, stored: str) -> str:
    return {
        "expected": _("expected (listed)"),
        "unexpected": _("unexpected (not listed)"),
        "unknown": _("unknown"),
    }.get(stored, stored)


def challenge(_: Words, stored: str | None) -> str:
    return {
        "yes": _("yes"),
        "no": _("no"),
        "not_applicable": _("does not apply"),
        None: _("unknown"),
    }.get(stored, str(stored))


def sex(_: Words, stored: str | None) -> str:
    return {"female": _("female"), "male": _("male"), None: _("unknown")}.get(stored, str(stored))


def reported_to(_: Words, stored: str) -> str:
    return {
        "authority": _("authority"),
        "maker": _("maker"),
        "ethics_committee": _("ethics committee"),
    }.get(stored, stored)


def report_origin(_: Words, stored: str | None) -> str | None:
    return {
        "study": _("study"),
        "literature": _("literature"),
        "health_professional": _("health professional"),
        "other": _("other"),
    }.get(str(stored), stored)


def expedited(_: Words, stored: str) -> str:
    return {
        "fatal": _("fatal or life threatening, first report"),
        "complete": _("fatal or life threatening, whole report"),
        "serious": _("serious, related and unexpected"),
    }.get(stored, stored)

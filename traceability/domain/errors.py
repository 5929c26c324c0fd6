"""The one family of refusals. Codes are stable; sentences for people are made from them in `traceability/words`."""

from __future__ import annotations

from traceability.domain.rules import Finding


class Refused(Exception):
    """The system says no: `code` is stable for ever, `values` fill the sentence, `findings` are all the reasons.

    Anything that is not a `Refused` is a bug of ours and is shown as one, without its text.
    """

    def __init__(self, code: str, *, findings: tuple[Finding, ...] = (), **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
        self.findings = findings

    def __str__(self) -> str:
        named = ", ".join([f"{key}={value}" for key, value in self.values.items()])
        told = "; ".join(finding.code for finding in self.findings)
        return " ".join(part for part in (self.code, named and f"({named})", told and f"[{told}]") if part)


class NotFound(Refused):
    """There is no such thing, or it is not this person's to see: the two are never told apart."""

    def __init__(self, noun: str) -> None:
        super().__init__("not_found", noun=noun)


class Conflict(Refused):
    """Somebody else was first, or the same act id came back with other content."""


class NotKept(Refused):
    """There was no room, or no connection, before anything was kept: the same act may be asked again under its id."""

    def __init__(self, act_id: str) -> None:
        super().__init__("not_kept", act_id=act_id)


class Unconfirmed(Refused):
    """The database did not say whether the act was kept. Ask by its id; never repeat it under a new one."""

    def __init__(self, act_id: str) -> None:
        super().__init__("not_confirmed", act_id=act_id)

"""What a rule is, what it answers and what all answers together say: rules themselves stand in `checks` and `bedside`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from traceability.domain.plain import plain

F = TypeVar("F")


class Severity(StrEnum):
    """What it means that a rule does not hold: a fact that will not change, or something undecided."""

    STOP = "stop"
    ASK = "ask"


STOP, ASK = Severity.STOP, Severity.ASK


class Verdict(StrEnum):
    USE = "use"
    ASK_QA = "ask_qa"
    DO_NOT_USE = "do_not_use"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's answer. `holds` None: it could not be evaluated. `values` fill the sentence and name the evidence."""

    code: str
    holds: bool | None
    severity: Severity
    values: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "holds": self.holds, "severity": str(self.severity), "values": plain(self.values)}

    @staticmethod
    def of(told: Mapping[str, Any]) -> Finding:
        return Finding(told["code"], told["holds"], Severity(told["severity"]), told["values"])


Answer = tuple[bool | None, Mapping[str, Any]]
"""Whether it holds, and what was found."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[F]):
    code: str
    severity: Severity
    ask: Callable[[F], Answer]

    def find(self, facts: F) -> Finding:
        """An unknown asks, whatever the rule would mean if it were known not to hold."""
        holds, values = self.ask(facts)
        return Finding(self.code, holds, Severity.ASK if holds is None else self.severity, values)


def run(rules: Iterable[Rule[F]], facts: F) -> tuple[Finding, ...]:
    """Every rule's finding, those that do not hold first, the stops before the rest."""
    found = [rule.find(facts) for rule in rules]
    return tuple(sorted(found, key=lambda one: (one.holds is True, one.severity is not Severity.STOP)))


def unmet(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.holds is not True)


def verdict(findings: Iterable[Finding]) -> Verdict:
    """A stop forbids, anything else unmet asks, and nothing unmet permits."""
    left = unmet(findings)
    if any(finding.severity is Severity.STOP for finding in left):
        return Verdict.DO_NOT_USE
    return Verdict.ASK_QA if left else Verdict.USE

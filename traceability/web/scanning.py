"""What became of one scan among many: done, done before, or not accepted and kept on the page until it is acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from traceability.asking import Done
from traceability.web.posting import Trouble


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` ok, warn, already or stop; only stop holds the box. `word` is large, `why` below it."""

    kind: str
    word: str
    why: tuple[str, ...]
    code: str
    status: int = 200
    act_id: str | None = None

    @property
    def held(self) -> bool:
        return self.kind == "stop"


def outcome(done: Done | Trouble, code: str, *, already: set[str], word: str, kind: str = "ok") -> Outcome:
    """A scanner sends twice what is read twice: a repetition is shown, not done again, and holds nothing up."""
    if isinstance(done, Trouble):
        why = (*done.general, *done.fields.values())
        repeated = done.code in already
        code = "" if done.code.startswith("code_") else code  # what is no code of ours may be a person's number
        return Outcome("already" if repeated else "stop", "", why, code, 200 if repeated else done.status, done.act_id)
    answer: dict[str, Any] = dict(done.answer)
    return Outcome("already" if done.repeated else kind, word, (str(answer.get("serial", "")),), code)

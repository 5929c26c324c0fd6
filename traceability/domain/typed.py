"""What somebody typed where a code, a serial, a lot, an act or a person is asked for, as they mean it. Free text stays as it was typed."""

from __future__ import annotations

import unicodedata


def meant(typed: str) -> str:
    """Full-width letters, digits and signs as the plain ones (NFKC), without blanks around; separators of codes stay."""
    return unicodedata.normalize("NFKC", typed).strip(" \t\r\n")

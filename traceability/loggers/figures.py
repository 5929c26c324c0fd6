"""The maker's own figures by what titles and footers call them: least, most, mean, MKT, in English, Indonesian, German,
French and Spanish. Which of them agree with the readings is said in `sound`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from traceability.loggers import degrees

WORD = re.compile(r"[^\W\d_]+")
HUMP = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])")
KINDS = {
    "mkt": re.compile(r"mkt\w*|kinetic|kinetik|kinetisch\w*|cinétique|cinetica|cinética"),
    "min": re.compile(
        r"(?:t|temp)?min(?:i|imum|ima|imo|ime|imal\w*|t|temp\w*)?|mínim\w*|lowest|coldest|least|terendah|terdingin|tiefst\w*"
        r"|niedrigst\w*|kleinst\w*|kältest\w*|basse|baja"
    ),
    "max": re.compile(
        r"(?:t|temp)?max(?:i|imum|ima|imo|ime|imal\w*|t|temp\w*)?|máxim\w*|maks(?:imum|imal)?|highest|warmest|hottest|peak|tertinggi"
        r"|terpanas|höchst\w*|hoechst\w*|spitzen?\w*|wärmst\w*|haute|élevée|alta"
    ),
    "mean": re.compile(
        r"(?:t|temp)?(?:mean|average|averaged|avg|ave|avrg)(?:t|temp\w*)?|mittel\w*|mittlere|durchschnitt\w*|moy(?:enne)?"
        r"|promedio|prom|media|medio|rata|rerata"
    ),
}
BEFORE = re.compile(
    r"t|temp\w*|tmp|suhu|température|readings?|values?|recorded|measured|logged|observed|overall|total|trip|journey|actual|the|of"
    r"|in|wert|messwert|gemessene|nilai|pembacaan|valeurs?|lectura|valor|plus|la|le|más|mas|data|statistics?|summary|result|c|f"
    r"|sensor|probe|channel|ch|internal|external|primary|main"
)
"""Words that may stand before it and leave it the maker's figure of the temperature."""
NO_FIGURE = re.compile(
    r"alarm|limit|thresh|set|delay|humid|%|\brh\b|kelemb|feucht|humed|vocht|humidité|dew|taup|press|druck|lux|light|volt|co2|allow"
    r"|spec|range|batt|time|date|durat|dauer|durasi|count|number|jumlah|batas|grenz|límite|at$",
    re.IGNORECASE,
)
FIGURE = re.compile(
    r"(?<![\w.,:/-])[(]?[+-]? ?[0-9]{1,4}(?:[.,][0-9]{1,6})?[)]?(?: ?(?:[°º\ufffd]|deg\.?)? ?[CF]\b| ?[℃℉])?(?![\w:]|[.,/-][0-9])"
    r"(?! ?(?:%|(?!(?:at|on|um|am|pada|le|el|à|a|den)\b)[^\W\d_]))"
)
"""A temperature in a text, and no date, no time of day and nothing of another unit."""


def told(label: str, values: Sequence[str], aligned: str) -> Iterator[tuple[str, str]]:
    """Each figure that a title names, with its number as it is written; nothing of one that speaks of something else.
    `aligned`: what stands in the column of the temperature."""
    kinds = _kinds(label)
    if not kinds:
        return
    text = " ".join(values)[:200]
    if len(kinds) == 1:
        numbers = [aligned] if degrees.points(aligned) is not None else FIGURE.findall(text)
        yield kinds[0], numbers[0] if numbers else text
    elif len(numbers := FIGURE.findall(text.replace("/", " / "))) == len(kinds):
        yield from zip(kinds, numbers, strict=True)


def _kinds(label: str) -> list[str]:
    if NO_FIGURE.search(label):
        return []
    words = WORD.findall(HUMP.sub(" ", label).lower())
    if any(KINDS["mkt"].fullmatch(word) for word in words):
        return ["mkt"]
    made: list[str] = []
    for word in words:
        kind = next((name for name, pattern in KINDS.items() if pattern.fullmatch(word)), None)
        if kind is not None and kind not in made:
            made.append(kind)
        elif kind is None and not made and not BEFORE.fullmatch(word):
            return []
    return made

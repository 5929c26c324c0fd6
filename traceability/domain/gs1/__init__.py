"""The one reader and writer of codes: scanner text in, checked identity out. It never guesses.

Rules come from the GS1 Syntax Dictionary (`table`, `rules`, `linters`); ISBT 128, BPOM and our own codes stand beside.
Not here: what a code means in our store.
"""

from traceability.domain.gs1.building import bracketed, digital_link, element_string, unambiguous, vial_elements
from traceability.domain.gs1.linters import CSET_82, check_digit
from traceability.domain.gs1.reader import LONGEST, checked, join, read, read_any, read_part
from traceability.domain.gs1.rules import AIS
from traceability.domain.gs1.separators import GS, STAND_INS
from traceability.domain.gs1.strings import reads_as_element
from traceability.domain.identity import KEYS, Element, Elements, Identity, Kind

__all__ = [
    "AIS", "CSET_82", "GS", "KEYS", "LONGEST", "STAND_INS", "Element", "Elements", "Identity", "Kind",
    "bracketed", "check_digit", "checked", "digital_link", "element_string", "join", "read", "read_any", "read_part",
    "reads_as_element", "unambiguous", "vial_elements",
]  # fmt: skip

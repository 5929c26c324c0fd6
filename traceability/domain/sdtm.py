"""What study data looks like in CDISC's tabulation: variables in their order, their labels, terms and origin (SDTMIG 3.4, R52, R53, R63).

Names, order and core designations follow the guide; controlled terms are written as CDISC publishes them. What is a term of
our own is called so. Pure: the values are made in `services/study_tables.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from traceability.domain.instruments import INSTRUMENTS
from traceability.domain.visits import POINTS

Origin = Literal["Collected", "Derived", "Assigned", "Protocol", "Not Available"]
CDISC, OWN = "CDISC", "sponsor-defined"
ISO, COUNTRY, CTCAE = "ISO 8601", "ISO 3166-1 alpha-3", "CTCAE grade 1 to 5"
STANDARDS = frozenset({ISO, COUNTRY, CTCAE})
"""What is not of a list of terms here."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`codelist`: one of `CODELISTS`, `ARM` (the protocols of a study), or one of `STANDARDS`, which it follows.

    `about`: how it is made, or why it is empty.
    """

    name: str
    label: str
    type: Literal["Char", "Num"] = "Char"
    core: Literal["Req", "Exp", "Perm"] = "Req"
    origin: Origin = "Assigned"
    codelist: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    label: str
    structure: str
    variables: tuple[Variable, ...]

    @property
    def head(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.variables)


V = Variable
_STUDY = V("STUDYID", "Study Identifier", about="The house whose data it is.")
_PERSON = V(
    "USUBJID", "Unique Subject Identifier",
    about="The pseudonym; of a person known at two houses by one national number, the one that was given first.",
)  # fmt: skip


def _domain(name: str) -> tuple[Variable, Variable, Variable]:
    return _STUDY, V("DOMAIN", "Domain Abbreviation", about=f"{name} throughout."), _PERSON


def _supplement(name: str) -> Dataset:
    return Dataset(
        f"SUPP{name}", f"Supplemental Qualifiers for {name}", "One record per supplemental qualifier per related record",
        (
            _STUDY, V("RDOMAIN", "Related Domain Abbreviation", about=f"{name} throughout."), _PERSON,
            V("IDVAR", "Identifying Variable", core="Exp"), V("IDVARVAL", "Identifying Variable Value", core="Exp"),
            V("QNAM", "Qualifier Variable Name", codelist=f"SUPP{name}"), V("QLABEL", "Qualifier Variable Label"),
            V("QVAL", "Data Value", origin="Collected"), V("QORIG", "Origin"), V("QEVAL", "Evaluator", core="Exp", origin="Not Available"),
        ),
    )  # fmt: skip


def _uncoded(name: str, label: str, kind: Literal["Char", "Num"] = "Char") -> Variable:
    return V(name, label, kind, "Exp", "Not Available", about="Empty: not coded.")


DM = Dataset(
    "DM",
    "Demographics",
    "One record per subject",
    (
        *_domain("DM"),
        V("SUBJID", "Subject Identifier for the Study", about="The pseudonym at the site."),
        V(
            "RFSTDTC",
            "Subject Reference Start Date/Time",
            core="Exp",
            origin="Derived",
            codelist=ISO,
            about="The first injection.",
        ),
        V(
            "RFENDTC",
            "Subject Reference End Date/Time",
            core="Exp",
            origin="Derived",
            codelist=ISO,
            about="The last injection.",
        ),
        V("RFXSTDTC", "Date/Time of First Study Treatment", core="Exp", origin="Derived", codelist=ISO),
        V("RFXENDTC", "Date/Time of Last Study Treatment", core="Exp", origin="Derived", codelist=ISO),
        V(
            "RFICDTC",
            "Date/Time of Informed Consent",
            core="Exp",
            origin="Collected",
            codelist=ISO,
            about="The first consent to the therapy.",
        ),
        V(
            "RFPENDTC",
            "Date/Time of End of Participation",
            core="Exp",
            origin="Not Available",
            codelist=ISO,
            about="Not recorded.",
        ),
        V("DTHDTC", "Date/Time of Death", core="Exp", origin="Not Available", codelist=ISO, about="Not recorded."),
        V(
            "DTHFL",
            "Subject Death Flag",
            core="Exp",
            origin="Derived",
            codelist="NY",
            about="Y where an event was fatal, else null.",
        ),
        V("SITEID", "Study Site Identifier", about="The GLN of the site, where it has one; else its name."),
        V(
            "AGE",
            "Age",
            "Num",
            "Exp",
            "Not Available",
            about="Empty: the birth date is identity, and identity is not opened for an export.",
        ),
        V("AGEU", "Age Units", core="Exp", origin="Not Available", codelist="AGEU", about="Empty with AGE."),
        V(
            "SEX",
            "Sex",
            origin="Collected",
            codelist="SEX",
            about="As told with an adverse event; U where nobody told it.",
        ),
        V("RACE", "Race", core="Exp", origin="Not Available", about="Not recorded."),
        V("ARMCD", "Planned Arm Code", core="Exp", origin="Derived", codelist="ARM"),
        V(
            "ARM",
            "Description of Planned Arm",
            core="Exp",
            origin="Derived",
            codelist="ARM",
            about="The protocol of the first course.",
        ),
        V("ACTARMCD", "Actual Arm Code", core="Exp", origin="Derived", codelist="ARM"),
        V(
            "ACTARM",
            "Description of Actual Arm",
            core="Exp",
            origin="Derived",
            codelist="ARM",
            about="The same, once something was given.",
        ),
        V("ARMNRS", "Reason Arm and/or Actual Arm is Null", core="Exp", origin="Derived", codelist="ARMNULRS"),
        V(
            "ACTARMUD",
            "Description of Unplanned Actual Arm",
            core="Exp",
            origin="Derived",
            about="What was given without a course on record.",
        ),
        V(
            "COUNTRY",
            "Country",
            origin="Derived",
            codelist=COUNTRY,
            about="Where the zone of the site tells it, else empty.",
        ),
    ),
)
EX = Dataset(
    "EX",
    "Exposure",
    "One record per vial per injection",
    (
        *_domain("EX"),
        V("EXSEQ", "Sequence Number", "Num", origin="Derived"),
        V(
            "EXREFID",
            "Reference ID",
            core="Perm",
            origin="Collected",
            about="The serial of the vial; of one that nobody identified, its code as read.",
        ),
        V(
            "EXSPID",
            "Sponsor-Defined Identifier",
            core="Perm",
            origin="Derived",
            about="The dose of the course, as planned; empty where it was not.",
        ),
        V("EXLNKID", "Link ID", core="Perm", about="The same for the vials of one injection."),
        V("EXTRT", "Name of Treatment", origin="Protocol", about="The product."),
        V("EXDOSE", "Dose", "Num", "Exp", "Collected", about="What was given of this vial."),
        V("EXDOSU", "Dose Units", core="Exp", codelist="UNIT"),
        V("EXDOSFRM", "Dose Form", core="Exp", codelist="FRM"),
        V("EXROUTE", "Route of Administration", core="Perm", codelist="ROUTE"),
        V("EXLOT", "Lot Number", core="Perm", origin="Collected", about="The maker's number of the lot."),
        V("EXLOC", "Location of Dose Administration", core="Perm", codelist="LOC"),
        V("EXLAT", "Laterality", core="Perm", origin="Collected", codelist="LAT"),
        V("EPOCH", "Epoch", core="Perm", codelist="EPOCH"),
        V("EXSTDTC", "Start Date/Time of Treatment", core="Exp", origin="Collected", codelist=ISO),
        V(
            "EXENDTC",
            "End Date/Time of Treatment",
            core="Exp",
            origin="Collected",
            codelist=ISO,
            about="The same: an injection has one time.",
        ),
        V("EXSTDY", "Study Day of Start of Treatment", "Num", "Perm", "Derived"),
        V("EXENDY", "Study Day of End of Treatment", "Num", "Perm", "Derived"),
    ),
)
QS = Dataset(
    "QS",
    "Questionnaires",
    "One record per score per source per visit per course of a knee per subject",
    (
        *_domain("QS"),
        V("QSSEQ", "Sequence Number", "Num", origin="Derived"),
        V(
            "QSGRPID",
            "Group ID",
            core="Perm",
            origin="Derived",
            about="The same for values that tell of one moment: where there are several, SUPPQS tells which counts.",
        ),
        V("QSTESTCD", "Question Short Name", codelist="QSTESTCD"),
        V("QSTEST", "Question Name", codelist="QSTESTCD"),
        V(
            "QSCAT",
            "Category of Question",
            codelist="QSCAT",
            about="The instrument. Grades of readers and what a laboratory measures stand here too.",
        ),
        V("QSSCAT", "Subcategory for Question", core="Perm", about="The subscale."),
        V("QSORRES", "Finding in Original Units", core="Exp", origin="Collected", about="As the source gives it."),
        V(
            "QSORRESU",
            "Original Units",
            core="Perm",
            origin="Collected",
            codelist="UNIT",
            about="Of what is measured, by the term of CDISC for the same unit: ng/mL is ug/L, and the figure stays.",
        ),
        V(
            "QSSTRESC",
            "Character Result/Finding in Std Format",
            core="Exp",
            origin="Derived",
            about="The same figure; it is not rescaled here (see QSNORM).",
        ),
        V("QSSTRESN", "Numeric Finding in Standard Units", "Num", "Perm", "Derived"),
        V("QSSTRESU", "Standard Units", core="Perm", origin="Collected", codelist="UNIT", about="The same."),
        V(
            "QSLOC",
            "Location Used for the Measurement",
            core="Perm",
            codelist="LOC",
            about="Empty where the source names no knee.",
        ),
        V(
            "QSLAT",
            "Laterality",
            core="Perm",
            origin="Collected",
            codelist="LAT",
            about="Empty where the source names no knee.",
        ),
        V(
            "QSLOBXFL",
            "Last Observation Before Exposure Flag",
            core="Exp",
            origin="Derived",
            codelist="NY",
            about="Y of one baseline value of a test and knee: the last that counts, up to the day of that knee's own first injection. Of a"
            " value without knee: of the first into either. Never of a later course of a knee. None where nothing was injected.",
        ),
        V(
            "QSEVAL",
            "Evaluator",
            core="Perm",
            origin="Derived",
            codelist="EVAL",
            about="READER where the source names one.",
        ),
        V(
            "QSEVALID",
            "Evaluator Identifier",
            core="Perm",
            origin="Derived",
            codelist="MEDEVAL",
            about="READER 1, READER 2 …: readers are numbered, not named.",
        ),
        V("VISITNUM", "Visit Number", "Num", "Exp", codelist="VISIT"),
        V("VISIT", "Visit Name", core="Perm", codelist="VISIT"),
        V(
            "QSDTC",
            "Date/Time of Finding",
            core="Exp",
            origin="Collected",
            codelist=ISO,
            about="Empty where the source gives no day.",
        ),
        V("QSDY", "Study Day of Finding", "Num", "Perm", "Derived"),
    ),
)
AE = Dataset(
    "AE",
    "Adverse Events",
    "One record per adverse event per subject, as it was told last",
    (
        *_domain("AE"),
        V("AESEQ", "Sequence Number", "Num", origin="Derived"),
        V("AESPID", "Sponsor-Defined Identifier", core="Perm", about="The number of the event."),
        V(
            "AETERM",
            "Reported Term for the Adverse Event",
            origin="Collected",
            about="In the words of who told it; empty where they were erased.",
        ),
        V(
            "AEMODIFY",
            "Modified Reported Term",
            core="Perm",
            origin="Collected",
            about="The term that the house gave it, not from a licensed dictionary.",
        ),
        _uncoded("AELLT", "Lowest Level Term"),
        _uncoded("AELLTCD", "Lowest Level Term Code", "Num"),
        V("AEDECOD", "Dictionary-Derived Term", origin="Not Available", about="Empty: not coded, MedDRA is licensed."),
        _uncoded("AEPTCD", "Preferred Term Code", "Num"),
        _uncoded("AEHLT", "High Level Term"),
        _uncoded("AEHLTCD", "High Level Term Code", "Num"),
        _uncoded("AEHLGT", "High Level Group Term"),
        _uncoded("AEHLGTCD", "High Level Group Term Code", "Num"),
        _uncoded("AEBODSYS", "Body System or Organ Class"),
        _uncoded("AEBDSYCD", "Body System or Organ Class Code", "Num"),
        _uncoded("AESOC", "Primary System Organ Class"),
        _uncoded("AESOCCD", "Primary System Organ Class Code", "Num"),
        V(
            "AESER",
            "Serious Event",
            core="Exp",
            origin="Derived",
            codelist="NY",
            about="As told; by the grade where nobody said it; empty where neither is known.",
        ),
        V("AEACN", "Action Taken with Study Treatment", core="Exp", origin="Not Available", about="Not recorded."),
        V(
            "AEREL",
            "Causality",
            core="Exp",
            origin="Collected",
            codelist="CAUSE",
            about="The gravest of what was judged of it.",
        ),
        V("AEOUT", "Outcome of Adverse Event", core="Perm", origin="Collected", codelist="OUT"),
        V("AESCONG", "Congenital Anomaly or Birth Defect", core="Perm", origin="Collected", codelist="NY"),
        V("AESDISAB", "Persist or Signif Disability/Incapacity", core="Perm", origin="Collected", codelist="NY"),
        V("AESDTH", "Results in Death", core="Perm", origin="Collected", codelist="NY"),
        V("AESHOSP", "Requires or Prolongs Hospitalization", core="Perm", origin="Collected", codelist="NY"),
        V("AESLIFE", "Is Life Threatening", core="Perm", origin="Collected", codelist="NY"),
        V("AESMIE", "Other Medically Important Serious Event", core="Perm", origin="Collected", codelist="NY"),
        V("AETOXGR", "Standard Toxicity Grade", core="Perm", origin="Collected", codelist=CTCAE),
        V(
            "AEDTC",
            "Date/Time of Collection",
            core="Perm",
            origin="Collected",
            codelist=ISO,
            about="The day on which what was told last was heard of.",
        ),
        V("AESTDTC", "Start Date/Time of Adverse Event", core="Exp", origin="Collected", codelist=ISO),
        V("AEENDTC", "End Date/Time of Adverse Event", core="Exp", origin="Collected", codelist=ISO),
        V("AEDY", "Study Day of Collection", "Num", "Perm", "Derived"),
        V("AESTDY", "Study Day of Start of Adverse Event", "Num", "Perm", "Derived"),
        V("AEENDY", "Study Day of End of Adverse Event", "Num", "Perm", "Derived"),
    ),
)
DATASETS = {one.name: one for one in (DM, _supplement("DM"), EX, _supplement("EX"), QS, _supplement("QS"), AE)}

QUALIFIERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    # of each supplement: name → label, origin
    "SUPPDM": {"AEASKED": ("Adverse Events Asked For", "CRF")},
    "SUPPEX": {"EXMODE": ("How It Was Recorded", "CRF"), "EXCOURSE": ("Course of This Person, Numbered", "Derived"),
        "EXDEMO": ("Demonstration Data", "Assigned")},
    "SUPPQS": {
        "QSCOUNT": ("Counts (Y), Beside (N), Undecided (U)", "Derived"), "QSADJFL": ("Adjudicated Value Flag", "Assigned"),
        "QSRNGLO": ("Reported Range, Low", "CRF"), "QSRNGHI": ("Reported Range, High", "CRF"),
        "QSNORM": ("0 to 100, 0 Best", "Derived"), "QSCOURSE": ("Course of This Person, Numbered", "Derived"),
        "QSVERS": ("Version of the Instrument", "CRF"),
        "QSSRC": ("Source of the Value", "CRF"), "QSDEMO": ("Demonstration Data", "Assigned"),
    },
}  # fmt: skip

_NAMED = ("BASELINE", "AFTER SERIES", "MONTH 2", "MONTH 4", "MONTH 6", "FOLLOW-UP")
VISITS: Mapping[str, tuple[int, str]] = {
    point: (n, name) for n, (point, name) in enumerate(zip(POINTS, _NAMED, strict=True), 1)
}
TESTS: Mapping[tuple[str, str | None], tuple[str, str]] = {
    ("VAS", None): ("VASPAIN", "Visual Analogue Scale, Pain"), ("NRS", None): ("NRSPAIN", "Numeric Rating Scale, Pain"),
    ("PGA", None): ("PTGLOBAL", "Patient Global Assessment"), ("KL", None): ("KLGRADE", "Kellgren-Lawrence Grade"),
    ("WOMAC", None): ("WOMTOT", "WOMAC Total"), ("WOMAC", "pain"): ("WOMPAIN", "WOMAC Pain"),
    ("WOMAC", "stiffness"): ("WOMSTIFF", "WOMAC Stiffness"), ("WOMAC", "function"): ("WOMFUNC", "WOMAC Physical Function"),
    ("KOOS", None): ("KOOSTOT", "KOOS Total"), ("KOOS", "symptoms"): ("KOOSSYMP", "KOOS Symptoms"),
    ("KOOS", "pain"): ("KOOSPAIN", "KOOS Pain"), ("KOOS", "function"): ("KOOSADL", "KOOS Daily Living"),
    ("KOOS", "sport"): ("KOOSSPRT", "KOOS Sport and Recreation"), ("KOOS", "quality_of_life"): ("KOOSQOL", "KOOS Quality of Life"),
    ("KSS", None): ("KSSTOT", "Knee Society Score"), ("T2", None): ("MRIT2", "MRI T2 of Cartilage"),
    ("COMP", None): ("COMP", "Cartilage Oligomeric Matrix Protein"), ("CTX-II", None): ("CTXII", "C-Telopeptide of Collagen II"),
    ("hs-CRP", None): ("HSCRP", "C-Reactive Protein, High Sensitivity"), ("MMP-3", None): ("MMP3", "Matrix Metalloproteinase 3"),
    ("TGF-β1", None): ("TGFB1", "Transforming Growth Factor Beta 1"),
}  # fmt: skip
OUTCOMES = {
    "recovered": "RECOVERED/RESOLVED", "recovering": "RECOVERING/RESOLVING", "not_recovered": "NOT RECOVERED/NOT RESOLVED",
    "sequelae": "RECOVERED/RESOLVED WITH SEQUELAE", "fatal": "FATAL", "unknown": "UNKNOWN",
}  # fmt: skip
BECAUSE = {
    "congenital": "AESCONG", "disability": "AESDISAB", "death": "AESDTH", "hospitalisation": "AESHOSP",
    "life_threatening": "AESLIFE", "other": "AESMIE",
}  # fmt: skip
CAUSES = ("certain", "probable", "possible", "conditional", "unassessable", "unlikely")
"""WHO-UMC, the gravest first."""
OURS: Mapping[str, Mapping[str, str]] = {
    "VISIT": {word: str(n) for n, word in VISITS.values()}, "CAUSE": {one.upper(): f"WHO-UMC: {one}" for one in CAUSES},
    "QSTESTCD": dict(TESTS.values()), "QSCAT": {name: one.title for name, one in INSTRUMENTS.items()},
    **{name: {key: label for key, (label, _) in told.items()} for name, told in QUALIFIERS.items()},
}  # fmt: skip
"""Lists of our own. Arms, and tests that a source calls in its own way, are those of a study and stand beside these."""
UNITS = {"ng/mL": "ug/L", "pg/mL": "ng/L", "ng/mmol": "ug/mol"}
"""Of units that CDISC publishes as synonyms the term itself: the same unit, the same figure."""
READERS = 3
"""So many readers CDISC numbers; a study with more goes on counting, which its list allows."""
CODELISTS: Mapping[str, Mapping[str, str]] = {
    "NY": {"Y": "Yes", "N": "No"}, "SEX": {"F": "Female", "M": "Male", "U": "Unknown"}, "AGEU": {"YEARS": "Year"},
    "LAT": {"LEFT": "Left", "RIGHT": "Right"}, "LOC": {"KNEE JOINT": "Knee joint"},
    "UNIT": {"mL": "Milliliter", **{UNITS.get(unit, unit): unit for one in INSTRUMENTS.values() for unit in one.units}},
    "EVAL": {"READER": "Reader"}, "MEDEVAL": {f"READER {n}": f"Reader {n}" for n in range(1, READERS + 1)},
    "FRM": {"INJECTION": "Injection"}, "ROUTE": {"INTRA-ARTICULAR": "Intra-articular"}, "EPOCH": {"TREATMENT": "Treatment"},
    "OUT": {term: term.capitalize() for term in OUTCOMES.values()},
    "ARMNULRS": {"NOT ASSIGNED": "No course on record", "ASSIGNED, NOT TREATED": "A course, and nothing given",
                 "UNPLANNED TREATMENT": "Given without a course on record"},
    **OURS,
}  # fmt: skip


def tests_of(told: Iterable[tuple[str, str | None]]) -> dict[tuple[str, str | None], tuple[str, str]]:
    """Short name (at most eight letters) and name of each instrument and subscale; of those that a source calls in its own way,
    made of that, and numbered where two would be one.
    """
    asked = set(told)
    made = {one: TESTS[one] for one in asked if one in TESTS}
    used = {code for code, _ in TESTS.values()}
    for instrument, subscale in sorted(asked - TESTS.keys(), key=lambda one: (one[0], one[1] or "")):
        own = f"{instrument}{subscale or ''}".upper()
        letters = "".join(letter for letter in own if letter.isascii() and letter.isalnum())
        code, n = letters[:8], 1
        while code in used:
            n += 1
            code = f"{letters[: 8 - len(str(n))]}{n}"
        used.add(code)
        made[instrument, subscale] = code, f"{instrument} {subscale or ''}".strip()[:40]
    return made


def study_day(day: date | None, first: date | None) -> int | None:
    """--DY: day 1 is the day of the first injection, the day before it is −1; there is no day 0. None where either is unknown."""
    if day is None or first is None:
        return None
    days = (day - first).days
    return days + 1 if days >= 0 else days

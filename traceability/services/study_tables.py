"""Study data as rows: the long table of scores, and the domains of SDTM with what describes them. The same record, the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from traceability.domain.harm import last_words
from traceability.domain.instruments import INSTRUMENTS, normalised
from traceability.domain.sdtm import (
    BECAUSE,
    CAUSES,
    CDISC,
    CODELISTS,
    DATASETS,
    OURS,
    OUTCOMES,
    OWN,
    QUALIFIERS,
    READERS,
    UNITS,
    VISITS,
    study_day,
    tests_of,
)
from traceability.domain.weighing import Counts
from traceability.services import eventbook
from traceability.services.study import Injection, Person, Study, Told
from traceability.store.tables import AdverseEvent, Score
from traceability.store.tables.outcomes import Asked
from traceability.store.tables.subjects import Laterality

LONG = (
    "pseudonym", "laterality", "course", "instrument", "instrument_version", "subscale", "time_point", "observed_on", "study_day", "value",
    "unit", "low", "high", "normalised", "source", "reader", "counts", "adjudicated", "demonstration",
)  # fmt: skip
"""A line a score; the names are those that an import knows. `course`: of which of that person’s, numbered in their order."""
SERIOUS = {True: "Y", False: "N", None: None}
COUNTED = {Counts.COUNTS: "Y", Counts.BESIDE: "N", Counts.UNDECIDED: "U"}
COUNTRIES = {"Asia/Jakarta": "IDN", "Asia/Pontianak": "IDN", "Asia/Makassar": "IDN", "Asia/Jayapura": "IDN"}

Row = Mapping[str, Any]
Tests = Mapping[tuple[str, str | None], tuple[str, str]]


def long(study: Study) -> Iterator[tuple[Any, ...]]:
    """Every score of every source. `counts`: counts, beside (another was chosen), or undecided."""
    for person in study.persons:
        for told in person.scores:
            one = told.score
            yield (
                person.whose[one.subject_id], one.laterality, person.nth(told.place[0]), one.instrument,
                one.instrument_version, one.subscale, str(one.time_point),
                one.observed_on, study_day(one.observed_on, person.first_on), one.raw, one.unit, one.low, one.high, _normal(told),
                one.source, one.reader, str(told.counts), told.adjudicated, one.demonstration,
            )  # fmt: skip


def _normal(told: Told) -> Decimal | None:
    one = told.score
    known = INSTRUMENTS.get(one.instrument)
    return normalised(one, known.best) if known else None


def sdtm(study: Study, house: str) -> dict[str, list[list[Any]]]:
    """The rows of each dataset under its head, in its order. A variable that has no value is empty."""
    found: dict[str, list[Row]] = {name: [] for name in DATASETS}
    arms, tests = _arms(study), _tests(study)
    for person in study.persons:
        key = {"STUDYID": house, "USUBJID": person.number}
        _demographics(found, person, key, arms)
        _exposure(found, person, key)
        _questionnaires(found, person, key, tests)
        _events(found, person, key, study)
    return {
        name: [list(dataset.head), *([row.get(column) for column in dataset.head] for row in found[name])]
        for name, dataset in DATASETS.items()
    }


def _demographics(found: dict[str, list[Row]], person: Person, key: Row, arms: Mapping[str, str]) -> None:
    times = [_moment(one) for one in person.injections]
    first, last = (times[0], times[-1]) if times else (None, None)
    arm = {"ARMCD": arms[person.protocol], "ARM": person.protocol} if person.protocol else {}
    if person.protocol and times:
        arm |= {"ACTARMCD": arms[person.protocol], "ACTARM": person.protocol}
    elif person.protocol:
        arm |= {"ARMNRS": "ASSIGNED, NOT TREATED"}
    elif times:
        arm |= {"ARMNRS": "UNPLANNED TREATMENT", "ACTARMUD": person.injections[0].product}
    else:
        arm |= {"ARMNRS": "NOT ASSIGNED"}
    told = {str(one.sex)[:1].upper() for one in person.events if one.sex is not None}
    found["DM"].append(
        {
            **key, "DOMAIN": "DM", "SUBJID": person.subjects[0].pseudonym, "RFSTDTC": first, "RFENDTC": last, "RFXSTDTC": first,
            "RFXENDTC": last, "RFICDTC": person.consented, "SITEID": _site(person), "SEX": told.pop() if len(told) == 1 else "U",
            "DTHFL": "Y" if any(_fatal(one) for one in person.events) else None,
            "COUNTRY": COUNTRIES.get(person.zone.key), **arm,
        }
    )  # fmt: skip
    asked = {one.asked for one in person.events} - {Asked.NOT_ASKED}
    _beside(found, "DM", key, None, {"AEASKED": "Y" if asked else "N"})


def _exposure(found: dict[str, list[Row]], person: Person, key: Row) -> None:
    links = {one_id: n for n, one_id in enumerate(dict.fromkeys(one.given.id for one in person.injections), 1)}
    for n, one in enumerate(person.injections, 1):
        at = _moment(one)
        day = study_day(one.at.date(), person.first_on)
        found["EX"].append(
            {
                **key, "DOMAIN": "EX", "EXSEQ": n, "EXREFID": one.serial, "EXSPID": f"DOSE {one.k}" if one.k else None,
                "EXLNKID": links[one.given.id], "EXTRT": one.product or "UNKNOWN", "EXDOSE": _ml(one.part.given_ul), "EXDOSU": "mL",
                "EXDOSFRM": "INJECTION", "EXROUTE": "INTRA-ARTICULAR", "EXLOT": one.lot, "EXLOC": "KNEE JOINT",
                "EXLAT": str(one.given.laterality).upper(), "EPOCH": "TREATMENT", "EXSTDTC": at, "EXENDTC": at,
                "EXSTDY": day, "EXENDY": day,
            }
        )  # fmt: skip
        demo = "Y" if one.given.demonstration else None
        beside = {"EXMODE": str(one.given.mode).upper(), "EXCOURSE": person.nth(one.course_id), "EXDEMO": demo}
        _beside(found, "EX", key, ("EXSEQ", n), beside)


def _questionnaires(found: dict[str, list[Row]], person: Person, key: Row, tests: Tests) -> None:
    order = {name: n for n, name in enumerate(INSTRUMENTS)}

    def rank(told: Told) -> tuple[Any, ...]:
        one = told.score
        return (
            VISITS[str(one.time_point)][0],
            order.get(one.instrument, 99),
            one.subscale or "",
            str(told.place[1] or ""),
            person.nth(told.place[0]) or 0,
            one.id,
        )

    last = _last_before(person)
    readers: dict[str, int] = {}
    moments: dict[tuple[Any, ...], int] = {}
    for n, told in enumerate(sorted(person.scores, key=rank), 1):
        one, (visit, name) = told.score, VISITS[str(told.score.time_point)]
        code, test = tests[one.instrument, one.subscale]
        together = moments.setdefault(rank(told)[:-1], len(moments) + 1)
        reader = readers.setdefault(one.reader, len(readers) + 1) if one.reader else None
        found["QS"].append(
            {
                **key, "DOMAIN": "QS", "QSSEQ": n, "QSGRPID": together, "QSTESTCD": code, "QSTEST": test, "QSCAT": one.instrument,
                "QSSCAT": (one.subscale or "").upper() or None, "QSORRES": one.raw, "QSSTRESC": one.raw, "QSSTRESN": one.raw,
                "QSORRESU": UNITS.get(one.unit or "", one.unit), "QSSTRESU": UNITS.get(one.unit or "", one.unit),
                "QSLOC": "KNEE JOINT" if one.laterality else None, "QSLAT": str(one.laterality).upper() if one.laterality else None,
                "QSLOBXFL": "Y" if one.id in last else None,
                "QSEVAL": "READER" if reader else None, "QSEVALID": f"READER {reader}" if reader else None,
                "VISITNUM": visit, "VISIT": name, "QSDTC": one.observed_on, "QSDY": study_day(one.observed_on, person.first_on),
            }
        )  # fmt: skip
        beside = {
            "QSCOUNT": COUNTED[told.counts], "QSADJFL": "Y" if told.adjudicated else None, "QSRNGLO": one.low, "QSRNGHI": one.high,
            "QSNORM": _normal(told), "QSCOURSE": person.nth(told.place[0]),
            "QSVERS": one.instrument_version, "QSSRC": one.source, "QSDEMO": "Y" if one.demonstration else None,
        }  # fmt: skip
        _beside(found, "QS", key, ("QSSEQ", n), beside)


def _events(found: dict[str, list[Row]], person: Person, key: Row, study: Study) -> None:
    for n, one in enumerate((one for one in person.events if one.asked is Asked.YES), 1):
        told = one.aware_at.astimezone(person.zone).date()
        because = {str(reason) for reason in one.criteria} | ({"death"} if _fatal(one) else set())
        found["AE"].append(
            {
                **key, "DOMAIN": "AE", "AESEQ": n, "AESPID": one.number, "AETERM": one.description, "AEMODIFY": one.term,
                "AESER": SERIOUS[eventbook.serious(one)], "AEREL": _cause(one, study),
                "AEOUT": OUTCOMES.get("fatal" if _fatal(one) else str(one.outcome)),
                **{name: "Y" for reason, name in BECAUSE.items() if reason in because}, "AETOXGR": one.grade,
                "AEDTC": told, "AESTDTC": one.onset_on, "AEENDTC": one.ended_on, "AEDY": study_day(told, person.first_on),
                "AESTDY": study_day(one.onset_on, person.first_on), "AEENDY": study_day(one.ended_on, person.first_on),
            }
        )  # fmt: skip


def _fatal(one: AdverseEvent) -> bool:
    """Said by outcome, by why it is serious, or by grade 5."""
    return one.asked is Asked.YES and eventbook.telling(one).is_fatal


def _last_before(person: Person) -> set[str]:
    """Of each test and knee the one baseline value that counts and was seen last, up to the day of that knee's own first injection.

    Of a value without knee: of the first into either. One without a day is it where none has one; of several on a day the first
    told is. What was never injected has none, nor has a later course of a knee.
    """
    firsts: dict[Laterality | None, date] = {}
    for given in person.injections:
        for side in (given.given.laterality, None):
            firsts.setdefault(side, given.at.date())
    found: dict[tuple[Any, ...], Score] = {}
    for told in sorted(person.scores, key=lambda each: each.score.id):
        one = told.score
        first, on = firsts.get(told.place[1]), one.observed_on or date.min
        if not person.begins_with(told.place[0]):
            continue
        if told.counts is not Counts.COUNTS or VISITS[str(one.time_point)][0] != 1 or first is None or on > first:
            continue
        key = one.instrument, one.subscale, told.place[1]
        if key not in found or on > (found[key].observed_on or date.min):
            found[key] = one
    return {one.id for one in found.values()}


def _cause(one: AdverseEvent, study: Study) -> str | None:
    """The gravest of what each who judged said last."""
    said = eventbook.words_of(study.judged.get(one.first_id or one.id, ()))
    words = {str(word.causality) for word in last_words(said)}
    return next((cause.upper() for cause in CAUSES if cause in words), None)


def _beside(found: dict[str, list[Row]], domain: str, key: Row, of: tuple[str, int] | None, told: Row) -> None:
    for name, value in told.items():
        if value is not None:
            label, origin = QUALIFIERS[f"SUPP{domain}"][name]
            found[f"SUPP{domain}"].append(
                {
                    **key, "RDOMAIN": domain, "IDVAR": of[0] if of else None, "IDVARVAL": of[1] if of else None, "QNAM": name,
                    "QLABEL": label, "QVAL": value, "QORIG": origin,
                }
            )  # fmt: skip


def _moment(given: Injection) -> str:
    """To the minute, where it happened, with the offset of its zone (ISO 8601)."""
    return given.at.isoformat(timespec="minutes")


def _site(person: Person) -> str:
    return (person.site.gln or person.site.name) if person.site else ""


def _ml(ul: int) -> str:
    return f"{(Decimal(ul) / 1000).normalize():f}"


# ── what describes it ──

DEFINE = ("dataset", "order", "variable", "label", "type", "length", "core", "origin", "codelist", "about")


def define(rows: Mapping[str, Sequence[Sequence[Any]]]) -> Iterator[tuple[Any, ...]]:
    """A line a variable; `length` as it is used here."""
    for name, dataset in DATASETS.items():
        for n, one in enumerate(dataset.variables):
            longest = max((len(_said(row[n])) for row in rows[name][1:]), default=0)
            yield name, n + 1, one.name, one.label, one.type, longest, one.core, one.origin, one.codelist, one.about


TERMS = ("codelist", "term", "meaning", "defined_by")


def codelists(study: Study) -> Iterator[tuple[str, str, str, str]]:
    """Every list that a variable names, and who made it: CDISC, or this house (`sponsor-defined`)."""
    own = dict(_tests(study).values())
    arms = {code: name for name, code in _arms(study).items()}
    for name, terms in {**CODELISTS, "QSTESTCD": {**CODELISTS["QSTESTCD"], **own}, "ARM": arms}.items():
        by = CDISC if name in CODELISTS and name not in OURS else OWN
        yield from ((name, term, meaning, by) for term, meaning in terms.items())
    most = max((len({told.score.reader for told in one.scores} - {None}) for one in study.persons), default=0)
    yield from (("MEDEVAL", f"READER {n}", f"Reader {n}", OWN) for n in range(READERS + 1, most + 1))


def _arms(study: Study) -> Mapping[str, str]:
    return {name: f"P{n}" for n, name in enumerate(sorted({one.protocol for one in study.persons if one.protocol}), 1)}


def _tests(study: Study) -> Tests:
    return tests_of((told.score.instrument, told.score.subscale) for person in study.persons for told in person.scores)


def _said(value: Any) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)

"""The records on paper, in both languages: nothing lost, the same bytes for the same record, read back from the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import traceability
from reports import meanings, terms
from reports.words import LANGUAGES, Words
from tests.reports import (
    samples,
    samples_card,
    samples_case,
    samples_cioms,
    samples_coldchain,
    samples_contingency,
    samples_outcomes,
    samples_recall,
    samples_trail,
)
from traceability.domain import checks, releasing
from traceability.domain.bedside import BEDSIDE
from traceability.domain.errors import Refused
from traceability.domain.harm import (
    Causality,
    Challenge,
    EventOutcome,
    Expectedness,
    Expedited,
    ReportedTo,
    ReportOrigin,
    SeriousBecause,
    Sex,
)
from traceability.domain.people import Meaning, Role
from traceability.domain.records import CardRecord, ContingencyRecord, OutcomesRecord, Record, told
from traceability.domain.states import BUCKET, ConsignmentState, Custody, LotState
from traceability.store.tables.consignments import Found
from traceability.store.tables.lots import MaterialKind, Route
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.quality import CaseKind, ReleaseKind, ScopeKind
from traceability.words.acts import SENTENCES

ROOT = Path(traceability.__file__).parent
RECORDS: dict[str, tuple[str, Callable[[], Record]]] = {
    "release": ("release", samples.release),
    "analysis": ("analysis", samples.analysis),
    "trace": ("trace", samples.trace),
    "administration": ("administration", samples.administration),
    "late": ("administration", samples.late_and_against_rules),
    "corrected": ("administration", samples.corrected),
    "place": ("coldchain", samples_coldchain.place),
    "vial": ("coldchain", samples_coldchain.vial),
    "recall": ("recall", samples_recall.recall),
    "case": ("case", samples_case.case),
    "trail": ("trail", samples_trail.trail),
    "outcomes": ("outcomes", samples_outcomes.outcomes),
    "cioms": ("cioms", samples_cioms.cioms),
    "card": ("card", samples_card.card),
    "contingency": ("contingency", samples_contingency.contingency),
}


def digest(record: Record) -> str:
    return sha256(told(record).encode()).hexdigest()


def draw(paper: str, record: Record, language: str = "en", **other: Any) -> bytes:
    given = {
        "language": language, "digest": digest(record), "checkpoint": samples.CHECKPOINT, "status_url": samples.STATUS_URL,
        "renderer": samples.RENDERER,
    }  # fmt: skip
    pdf: bytes = import_module(f"reports.{paper}").draw(record, **(given | other))
    return pdf


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page as a reader finds it, each run of spaces and line ends as one space."""
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


def text_of(pdf: bytes) -> str:
    return " ".join(pages_of(pdf))


@cache
def a_drawn(name: str, language: str) -> tuple[str, Record, str, bytes]:
    paper, make = RECORDS[name]
    record = make()
    return paper, record, language, draw(paper, record, language)


@pytest.fixture(params=[(name, language) for name in RECORDS for language in LANGUAGES], ids=lambda one: "-".join(one))
def drawn(request: pytest.FixtureRequest) -> tuple[str, Record, str, bytes]:
    return a_drawn(*request.param)


def test_an_equal_record_gives_equal_bytes_and_another_one_others(drawn: tuple[str, Any, str, bytes]) -> None:
    paper, record, language, pdf = drawn
    assert draw(paper, replace(record), language) == pdf
    assert draw(paper, replace(record, head=replace(record.head, version=9)), language) != pdf
    assert b"Helvetica" not in pdf


def test_every_page_carries_number_whole_digest_whole_root_and_the_mark_of_a_demonstration(
    drawn: tuple[str, Any, str, bytes],
) -> None:
    _, record, language, pdf = drawn
    pages = pages_of(pdf)
    mark = {"en": "DEMONSTRATION DATA", "id": "DATA DEMONSTRASI"}[language]
    count = {"en": "Page {} of {}", "id": "Halaman {} dari {}"}[language]
    for number, text in enumerate(pages, 1):
        for part in (record.head.number, digest(record), str(samples.CHECKPOINT["root"]), mark):
            assert part in text
        assert count.format(number, len(pages)) in text


def test_every_signer_stands_there_with_role_meaning_time_and_what_is_covered(
    drawn: tuple[str, Any, str, bytes],
) -> None:
    _, record, language, pdf = drawn
    if isinstance(record, OutcomesRecord | CardRecord | ContingencyRecord):
        return  # nobody signs a comparison
    text, _say = text_of(pdf), Words(language, "Asia/Jakarta")
    for one in record.signatures:
        for part in (
            one.name,
            terms.role(_say, one.role),
            terms.meaning(_say, one.meaning),
            meanings.sentence(_say, one.meaning),
        ):
            assert part in " ".join(text.split())
        assert one.covers in text.replace(" ", "")
    assert {"en": "18 Mar 2026 09:14:03 WIB", "id": "18 Mar 2026 09.14.03 WIB"}[language] in text


def test_the_code_on_every_page_leads_to_the_status(drawn: tuple[str, Any, str, bytes]) -> None:
    for page in pypdfium2.PdfDocument(drawn[3]):
        found = zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())
        entries = {one.text for one in found if "/given?dose_id=" in one.text}  # of a contingency sheet
        assert {one.text for one in found} - entries == {samples.STATUS_URL}


def test_the_release_record_names_lot_serials_tests_with_limits_and_every_rule() -> None:
    text = text_of(draw("release", samples.release()))
    for part in (
        "UC26-H3",
        "09521234543213",
        "PWS.01.04.1.3.333.09.21-0082",
        "31 Aug 2027 (before: 28 Feb 2027)",
        *samples.SERIALS,
    ):
        assert part in text
    for test, *_ in samples.TESTS:
        assert test in text
    for limit in ("≥ 3.0", "7.0 to 7.6", "≤ 0.25", "≥ 1.0 × 10¹⁰", "no growth"):
        assert limit in text
    for rule in releasing.RELEASE:
        assert terms.rule(Words("en", "UTC"), rule.code) in text
    assert "Newer facts exist: 3 entries" in text
    assert "pH 7.2 7.3 D. Wulandari; misread display; entry 46 902" in text


def test_a_paper_whose_source_gives_no_dates_says_not_reported_and_unknown() -> None:
    text = text_of(draw("release", samples.release()))
    assert "11/1/10/KES/PMDN/2018 Ministry of Health Production not reported Unknown" in text.replace("\ufffe", "")


def test_a_transcribed_lot_never_reads_certified() -> None:
    text = text_of(draw("release", samples.release()))
    assert "State of the lot transcribed by the hospital" in text
    assert "not certified here by the maker" in text
    assert "Certified by the maker" not in text
    own = replace(samples.CERTIFIED, transcribed=False)
    assert "Certified by the maker on 2 Mar 2026" in text_of(draw("release", samples.release(certified=own)))


def test_a_voided_release_says_so_first_and_a_conditional_one_until_when() -> None:
    void = replace(samples.RELEASED, void_at=samples.AT, void_reason="A result was reported late.")
    first = pages_of(draw("release", samples.release(release=void)))[0]
    assert "RELEASE VOIDED on 18 Mar 2026 09:14 WIB: A result was reported late." in first
    until = replace(samples.RELEASED, kind="conditional", until=samples.AT, condition="sterility to follow")
    first = pages_of(draw("release", samples.release(release=until)))[0]
    assert "RELEASED ON CONDITION" in first
    assert "Until 18 Mar 2026 09:14 WIB, on condition: sterility to follow" in first


def test_the_trace_repeats_its_heads_and_holds_every_vial_and_the_sum() -> None:
    pages = pages_of(draw("trace", samples.trace()))
    text = " ".join(pages)
    assert all(serial in text for serial in samples.SERIALS)
    assert all("Serial Custody Place" in page for page in pages if any(one in page for one in samples.SERIALS[20:]))
    for part in ("VIALS MISSING 10 missing", "Donor D-4KQ7", "095212300000000017", "58 whole, 1 broken, 1 absent"):
        assert part in text


@pytest.mark.parametrize(
    "buckets, filled, word",
    [({"in_stock": 60}, 60, "RECONCILED"), ({"in_stock": 59}, 60, "DOES NOT RECONCILE"), ({"in_stock": 61}, 60, "DOES NOT RECONCILE"),
     ({"in_stock": 59, "missing": 1}, 60, "VIALS MISSING")],
)  # fmt: skip
def test_the_trace_answers_first_whether_every_vial_is_accounted_for(buckets: Any, filled: int, word: str) -> None:
    lot = replace(samples.LOT, filled=filled)
    assert word in pages_of(draw("trace", samples.trace(buckets=buckets, lot=lot)))[0]


def test_an_unwatched_place_and_a_gap_are_unknown_and_a_warm_bench_counts_as_out() -> None:
    text = text_of(draw("trace", samples.trace()))
    assert "nothing – – Unknown" in text
    assert "2 gaps, 1 h 02 min without reading" in text
    assert "Counted as out" in text
    clean = replace(samples.CUSTODY[1], excursions=())
    assert "−24.1 −12.6 Gap" in text_of(draw("trace", samples.trace(custody=(clean,))))


def test_a_dose_recorded_late_says_when_why_and_what_stood_against_it() -> None:
    text = text_of(draw("administration", samples.late_and_against_rules()))
    for part in ("GIVEN, WITH FINDINGS", "2 rules were not met", "Given 14 Apr 2026 10:40:52 WIB (03:40:52 UTC)",
                 "Entered 14 Apr 2026 17:40:52 WIB (10:40:52 UTC)", "contingency sheet 14", "Q9X404MN", "Q9X410MN",
                 "Not expired Not met 1 Apr 2026", "Reaction not reported"):  # fmt: skip
        assert part in text
    assert "GIVEN, WITH FINDINGS" not in text_of(draw("administration", samples.administration()))


@pytest.mark.parametrize("language, asked, all_met, others_met", [
    ("en", "whether it had its permit at the bedside was not asked, and the rules were judged as of then, with what is known now.", "Every rule was met.", "Every other rule was met."),
    ("id", "ada tidaknya izin di sisi pasien tidak ditanyakan, dan aturan dinilai untuk saat itu, dengan yang diketahui sekarang.", "Semua aturan terpenuhi.", "Semua aturan lain terpenuhi."),
])  # fmt: skip
def test_a_dose_told_afterwards_never_reads_as_if_its_permit_had_been_asked(
    language: str, asked: str, all_met: str, others_met: str
) -> None:
    def said(**told: object) -> str:
        return text_of(draw("administration", samples.administration(**told), language))

    hours = samples.GIVEN_AT + timedelta(hours=7)
    for mode in ("late", "transcribed"):
        late = said(mode=mode, recorded_at=hours)
        assert f"{asked} {others_met}" in late
        assert all_met not in late
    assert asked not in said()
    assert all_met in said()
    soon = said(mode="late", recorded_at=samples.GIVEN_AT + timedelta(minutes=5))
    assert asked not in soon, "told within a quarter of an hour it is judged by its permit, too"
    assert all_met in soon
    assert asked in text_of(draw("administration", samples.late_and_against_rules(), language))


def test_demonstration_rows_are_marked_one_by_one_or_all_at_once() -> None:
    text = text_of(draw("trace", samples.trace()))
    assert "Donor D-4KQ7 (demonstration)" in text
    assert "Harvest HV-26-9 (demonstration)" not in text
    assert "All rows of this table are demonstration data." in text


@pytest.mark.parametrize("name", ["分泌", "a\x1db", "\u202eevil"])
def test_a_glyph_that_is_not_there_stops_the_record(name: str) -> None:
    with pytest.raises(Refused, match="document_glyph_missing"):
        draw("release", samples.release(maker=name))


def test_markup_in_a_reason_is_printed_as_it_stands() -> None:
    hostile = "<b>bold</b><img src='/etc/passwd'/>"
    change = replace(samples.CHANGES[0], reason=hostile)
    assert hostile.replace(" ", "") in text_of(draw("release", samples.release(changes=(change,)))).replace(" ", "")


def test_a_certificate_of_analysis_says_first_whether_the_lot_conforms_and_hides_no_result() -> None:
    text = " ".join(pages_of(draw("analysis", samples.analysis())))
    for said in ("NOT COMPLETE", "Endotoxin", "0.31 EU/mL", "K-7, closed", "The dilution was pipetted twice.", "oos-report.pdf",
                 "lab-2026-03.csv", "misread display"):  # fmt: skip
        assert said in text
    whole = tuple(replace(one, value=one.value or "1", conforms=True) for one in samples.analysis().tests)
    assert "CONFORMS" in pages_of(draw("analysis", samples.analysis(tests=whole)))[0]
    assert (
        "NOT COMPLETE"
        in pages_of(draw("analysis", samples.analysis(tests=whole, tried=(replace(samples.OUTSIDE, answered=False),))))[
            0
        ]
    )
    out = (replace(whole[0], conforms=False), *whole[1:])
    assert "OUTSIDE SPECIFICATION" in pages_of(draw("analysis", samples.analysis(tests=out)))[0]
    assert "BELUM LENGKAP" in pages_of(draw("analysis", samples.analysis(), "id"))[0]


def test_a_release_for_a_named_patient_says_so_and_what_does_not_hold() -> None:
    named = replace(samples.RELEASED, kind="named_patient", accepted=("results_conform",))
    text = pages_of(draw("release", samples.release(release=named)))[0]
    assert "RELEASED FOR A NAMED PATIENT" in text
    assert "answered for: Every result within its limits." in text


def test_the_digest_is_of_the_canonical_json_and_moves_with_every_value() -> None:
    record = samples.release()
    assert digest(record) == digest(replace(record))
    assert digest(replace(record, out_of_storage_s=661)) != digest(record)
    assert '"out_of_storage_s":660' in told(record)
    assert '"as_of":"2026-03-18T02:14:03.000000Z"' in told(record)


# ------------------------------------------------------------------------------------------------------------- words


def test_every_sentence_of_paper_has_its_indonesian() -> None:
    with (ROOT / "translations/id/LC_MESSAGES/documents.po").open("rb") as file:
        known = {message.id for message in read_po(file, locale="id") if message.string and not message.fuzzy}
    python, jinja = [("**.py", "python")], [("**.html", "jinja2")]
    said = {
        one[2] for one in extract_from_dir(str(ROOT.parent / "reports"), python, keywords={"_": None, "self": None})
    }
    said |= {one[2] for one in extract_from_dir(str(ROOT / "web/templates/documents"), jinja)}
    said |= {one[2] for one in extract_from_dir(str(ROOT / "web"), [("documents.py", "python")])}
    assert len(said) > 300
    hidden = [path.name for path in (ROOT.parent / "reports").rglob("*.py") if "{_(" in path.read_text()]
    assert hidden == []  # a sentence inside an f-string is not found above
    assert said - known == set()


@pytest.mark.parametrize(("language", "own"), [("en", "own serial of the hospital"), ("id", "nomor seri rumah sakit")])
def test_a_vial_that_came_without_a_serial_is_named_by_its_over_label(language: str, own: str) -> None:
    (vial, *rest) = samples.administration().vials
    over = replace(vial, serial="A2ANDJFP", giai="952123454321A2ANDJFP")
    text = " ".join(text_of(draw("administration", samples.administration(vials=(over, *rest)), language)).split())
    assert "(8004) 952123454321A2ANDJFP" in text
    assert own in text


def test_a_signature_says_in_both_languages_what_its_signer_read_and_for_whom_they_stood_in() -> None:
    with (ROOT / "translations/id/LC_MESSAGES/words.po").open("rb") as file:
        pages = read_po(file, locale="id")
    for meaning in Meaning:
        assert meanings.sentence(Words("en", "UTC"), meaning) == SENTENCES[meaning]
        assert meanings.sentence(Words("id", "UTC"), meaning) == pages.get(SENTENCES[meaning]).string
    stood_in = replace(samples_trail.trail().signatures[0], name="N. Putri", behalf="R. Maharani", delegation=4711)
    for language, said in {
        "en": "for R. Maharani, delegation no. 4 711",
        "id": "untuk R. Maharani, delegasi no. 4 711",
    }.items():
        told = " ".join(text_of(draw("trail", samples_trail.trail(signatures=(stood_in,)), language)).split())
        assert said in told.replace("\xa0", " "), language


WORDS_OF_THE_RECORD: tuple[tuple[Any, list[str]], ...] = (
    (terms.role, [*Role]), (terms.meaning, [*Meaning]), (meanings.sentence, [*Meaning]), (terms.custody, [*Custody]), (terms.bucket, [*BUCKET.values()]),
    (terms.consignment, [*ConsignmentState]), (terms.route, [*Route]), (terms.paper, [*CredentialKind]),
    (terms.material, [*MaterialKind]), (terms.case, [*CaseKind]), (terms.lot, [*LotState]), (terms.release, [*ReleaseKind]),
    (terms.purpose, [*checks.Purpose]),
    (terms.causality, [*Causality]), (terms.expectedness, [*Expectedness]), (terms.event_outcome, [*EventOutcome]),
    (terms.serious_because, [*SeriousBecause]), (terms.challenge, [*Challenge]), (terms.reported_to, [*ReportedTo]),
    (terms.report_origin, [*ReportOrigin]), (terms.expedited, [*Expedited]), (terms.sex, [*Sex]),
    (terms.rule, [rule.code for rules in (releasing.RELEASE, checks.USE, BEDSIDE) for rule in rules]),
)  # fmt: skip


@pytest.mark.parametrize("term, stored", [(term, str(word)) for term, words in WORDS_OF_THE_RECORD for word in words])
def test_every_stored_word_has_a_term_in_indonesian(term: Any, stored: str) -> None:
    assert "_" not in term(Words("en", "UTC"), stored)
    said = term(Words("id", "UTC"), stored)
    assert said != stored or (term, stored) in {(terms.role, "administrator")}
    assert said[0].isupper() == term(Words("en", "UTC"), stored)[0].isupper()


@pytest.mark.parametrize("stored", [*ScopeKind, *Found])
def test_every_counted_word_has_a_term_in_indonesian(stored: str) -> None:
    term = terms.covers if stored in [*ScopeKind] else terms.found
    assert term(Words("id", "UTC"), {str(stored): 2}) != term(Words("en", "UTC"), {str(stored): 2}) or stored == "vial"
    assert "_" not in term(Words("en", "UTC"), {str(stored): 2})


@pytest.mark.parametrize(
    "seconds, english, indonesian",
    [(0, "0 s", "0 detik"), (48, "48 s", "48 detik"), (11 * 60, "11 min", "11 menit"), (14_400, "4 h", "4 jam"), (14_760, "4 h 06 min", "4 jam 06 menit"),
     (14_401, "4 h 00 min 01 s", "4 jam 00 menit 01 detik"), (90 * 86_400, "90 d", "90 hari")],
)  # fmt: skip
def test_a_duration_beyond_its_limit_by_a_second_does_not_look_like_the_limit(
    seconds: int, english: str, indonesian: str
) -> None:
    assert Words("en", "UTC").duration(seconds).replace("\xa0", " ") == english
    assert Words("id", "UTC").duration(seconds).replace("\xa0", " ") == indonesian


@pytest.mark.parametrize(
    "value, english, indonesian",
    [("0.06", "0.06", "0,06"), ("7.30", "7.30", "7,30"), ("2.4E+10", "2.4 × 10¹⁰", "2,4 × 10¹⁰"), ("-3", "−3", "−3"), ("no growth", "no growth", "no growth"),
     ("48211", "48 211", "48 211"), ("NaN", "NaN", "NaN"), ("1e-7", "1 × 10⁻⁷", "1 × 10⁻⁷")],
)  # fmt: skip
def test_a_result_is_printed_as_its_source_gave_it(value: str, english: str, indonesian: str) -> None:
    assert Words("en", "UTC").quantity(value).replace("\xa0", " ") == english
    assert Words("id", "UTC").quantity(value).replace("\xa0", " ") == indonesian


def test_values_have_units_signs_and_zones() -> None:
    en, id_ = Words("en", "Asia/Jakarta"), Words("id", "Asia/Makassar")
    assert en.celsius(-20_400) == "−20.4\xa0°C"
    assert id_.celsius(-20_812) == "−20,812\xa0°C"
    assert en.band(-25_000, -15_000) == "−25 to −15\xa0°C"
    assert id_.millilitres(2_900) == "2,9\xa0mL"
    assert id_.moment(samples.AT).replace("\xa0", " ") == "18 Mar 2026 10.14 WITA"
    midnight = samples.AT.replace(hour=20)
    assert en.moment(midnight, universal=True).replace("\xa0", " ") == "19 Mar 2026 03:14 WIB (18 Mar 2026 20:14 UTC)"


def test_an_audit_extract_tells_acts_refusals_and_who_reviewed_them_and_runs_over_pages() -> None:
    words = {
        "en": ("Refused: release_refused", "the whole ledger", "Left out, outside this sight"),
        "id": ("Ditolak: release_refused", "seluruh buku besar", "Tidak dimuat, di luar lingkup ini"),
    }
    for language, said in words.items():
        pages = pages_of(draw("trail", samples_trail.trail(), language))
        assert len(pages) > 3
        for part in (*said, "vial.state: in_transit → in_stock", "R. Maharani", "looked for twice"):
            assert part in " ".join(pages), (language, part)


def test_a_closed_recall_prints_the_figures_that_were_signed_beside_those_of_today() -> None:
    closed = samples_recall.recall()
    told = text_of(draw("recall", closed))
    assert "38 of 40 vials accounted for, 95 %." in told
    assert "Signed at closing: 37 of 40, 92.5 %." in told
    assert "Not accounted for when it was closed: 8XKD02, 8XKD05, 8XKD08." in told
    assert "Signed at closing" not in text_of(draw("recall", replace(closed, closed=None, closed_at=None)))


def test_a_corrected_injection_prints_what_was_told_first_and_one_told_by_mistake_says_so_above_all() -> None:
    text = text_of(draw("administration", samples.corrected(), "id"))
    for part in ("Lutut kiri", "Lutut kanan", "7,5", "2,8", "as the paper sheet shows", "431"):
        assert part in text, part
    assert "vas_after" not in text
    never = replace(samples.administration(), void_at=samples.GIVEN_AT)
    assert "TOLD BY MISTAKE" in text_of(draw("administration", never))


def test_the_report_of_an_event_has_the_fields_of_cioms_and_says_unknown_where_nobody_knows() -> None:
    text = text_of(draw("cioms", samples_cioms.cioms()))
    for part in ("SERIOUS Joint infection, follow-up 1", "1 Patient MWD7K4", "2 Born not in this record", "2a Age 57 years", "4–6 Onset 20 Mar 2026",
                 "hospital stay, new or longer yes", "patient died not told", "UC26-H3 Q9X400MN 3 mL Right knee, into the joint", "19 Duration 7 days",
                 "20 Dechallenge yes", "21 Rechallenge unknown", "24b Number not reported", "T. Wijaya for the maker, copied unlikely",
                 "Investigator’s brochure, 3", "AE-17", "Staphylococcus aureus"):  # fmt: skip
        assert part in text, part
    assert "SERIOUSNESS NOT REPORTED" in text_of(draw("cioms", samples_cioms.cioms(serious=None, criteria=())))
    assert "SERIUS" in text_of(draw("cioms", samples_cioms.cioms(), "id"))


def test_a_day_on_paper_is_the_day_that_it_was_where_the_record_belongs() -> None:
    at = datetime(2026, 3, 18, 23, 30, tzinfo=UTC)  # half past six in the morning of the 19th in Jakarta
    early = samples_card.card(given=(replace(samples_card.card().given[0], given_at=at),))
    text = text_of(draw("card", early))
    assert "1 19 Mar 2026" in text
    assert "18 Mar 2026 lot" not in text
    assert [Words("en", zone).day(at) for zone in ("Asia/Jakarta", "UTC")] == [
        "19\xa0Mar\xa02026",
        "18\xa0Mar\xa02026",
    ]
    assert Words("en", "Asia/Jakarta").day(date(2026, 3, 18)) == "18\xa0Mar\xa02026", "a plain date is no moment"


def test_a_patients_card_says_what_was_given_and_not_who_carries_it_and_leads_to_whether_it_is_current() -> None:
    pdf = draw("card", samples_card.card())
    text = text_of(pdf)
    for part in ("Right knee, 3 of 5 doses", "MWD7K4", "UC26-H3", "Q9X4020MN", "Q9X4021MN", "Name: ____"):
        assert part in text, part
    assert len(pypdfium2.PdfDocument(pdf)) == 1
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=300 / 72).to_pil()
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    assert [one.text for one in found] == [samples.STATUS_URL] * 2  # above the sheet and on the card
    many = samples_card.card(given=samples_card.card().given * 4)
    assert "8 before these are on record." in text_of(draw("card", many))
    assert "Nothing yet." in text_of(draw("card", samples_card.card(given=())))


def test_a_card_counts_no_dose_that_went_into_another_knee_and_lists_it_under_that_knee() -> None:
    first, *_rest, last = samples_card.card().given
    record = samples_card.card(given=(replace(last, k=None),), elsewhere=(replace(first, laterality="left"),))
    text = text_of(draw("card", record))
    assert "Right knee, 0 of 5 doses; other injections: 1" in text
    assert "Planned for this knee, given into another Left knee: 1 " in text
    many = samples_card.card(given=record.given * 9, elsewhere=record.elsewhere * 6)
    assert text_of(draw("card", many)).count("before these are on record.") == 2
    assert "Lutut kiri: 1 " in text_of(draw("card", record, "id"))


def test_a_contingency_sheet_says_what_is_known_has_boxes_for_the_rest_and_a_code_that_opens_the_late_entry() -> None:
    record = samples_contingency.contingency()
    pdf = draw("contingency", record)
    pages = pypdfium2.PdfDocument(pdf)
    assert len(pages) == len(record.sheets) + 1  # a page a dose, and the proof
    text = text_of(pdf)
    for part in ("MWD7K4, Right knee, dose 2 of 5", "(21)Q9X4012MN", "ordered and verified", "KQ2VXT, Left knee, dose 1 of 5", "none is kept",
                 "not ordered", "Injected by: name, signature, date, time", "Withdrawn, mL"):  # fmt: skip
        assert part in text, part
    for n, one in enumerate(record.sheets):
        image = pages[n].render(scale=300 / 72).to_pil()
        found = {each.text for each in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)}
        assert found == {samples.STATUS_URL, samples.STATUS_URL.rpartition("/d/")[0] + one.entry}
    assert "No dose is planned for this day." in text_of(
        draw("contingency", samples_contingency.contingency(sheets=()))
    )
    assert "Disuntik oleh" in text_of(draw("contingency", record, "id"))

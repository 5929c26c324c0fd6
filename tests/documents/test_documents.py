"""Records printed from the real thing: numbered, superseded, revoked, kept byte for byte, and seen by whom they concern."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from tests.clinic import Clinic
from tests.printed import RELEASE, TRACE, bytes_of, link, printed, row, text_of
from traceability.domain.errors import Conflict, NotFound, Refused
from traceability.domain.people import Actor, Meaning, Role
from traceability.domain.records import RecordKind
from traceability.domain.states import DocumentState
from traceability.services import attachments, documents, excursions, releases, results, stops
from traceability.services.records import release as release_record
from traceability.services.records import trace as trace_record
from traceability.store import Call
from traceability.store.tables import Entry, Excursion
from traceability.store.tables.coldchain import Decision
from traceability.store.tables.quality import ScopeKind
from traceability.store.verify import verify


def test_a_release_record_says_what_was_released_on_what_by_whom(clinic: Clinic, release: str) -> None:
    done = printed(clinic, RELEASE, release)
    kept, text = row(clinic, done.id), text_of(bytes_of(clinic, done.id))
    assert (kept.number, kept.version, kept.state) == ("REL-0001", 1, DocumentState.CURRENT)
    for part in ("REL-0001", "UC26-H3", "RELEASED 5 of 5 vials", "09521234543213", "PWS.01.04.1.3.333.09.21-0082",
                 "Endotoxin", "≤ 0.25 0.06 EU/mL Inside", "D. Wulandari", "I. Lestari", "T. Wijaya", "R. Maharani",
                 "22 rules asked, 22 met", "None: every value is the one first entered.", "coa.pdf"):  # fmt: skip
        assert part in text
    assert all(f"H3K00{n}" in text for n in range(1, 6))


def test_the_digest_on_paper_is_that_of_the_kept_canonical_json(clinic: Clinic, release: str) -> None:
    done = printed(clinic, RELEASE, release)
    kept = row(clinic, done.id)
    assert kept.record is not None
    assert sha256(kept.record.encode()).hexdigest() == kept.record_sha256
    assert kept.record == json.dumps(json.loads(kept.record), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    pdf = bytes_of(clinic, done.id)
    for page in pypdfium2.PdfDocument(pdf):
        assert kept.record_sha256 in page.get_textpage().get_text_range()
    assert sha256(pdf).hexdigest() == kept.bytes_sha256


def test_the_checkpoint_on_paper_is_of_the_ledger_just_before_it(clinic: Clinic, release: str) -> None:
    with clinic.store.engines.reader.connect() as connection:
        size, root = verify(connection).roots[clinic.ids["hospital"]]
    done = printed(clinic, RELEASE, release)
    point = row(clinic, done.id).checkpoint
    assert (point["size"], point["root"]) == (size, root)
    assert done.number == size + 1
    assert f"root {root}" in text_of(bytes_of(clinic, done.id))


def test_the_code_on_the_page_leads_to_its_status(clinic: Clinic, release: str) -> None:
    done = printed(clinic, RELEASE, release)
    image = pypdfium2.PdfDocument(bytes_of(clinic, done.id))[0].render(scale=200 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == "https://trace.example.org/d/REL-0001/1"


def test_the_same_facts_at_the_same_moment_are_the_same_bytes(clinic: Clinic, release: str) -> None:
    first = documents.prepare(clinic.store, clinic.QUALITY, RELEASE, release, "en", link)
    assert documents.prepare(clinic.store, clinic.QUALITY, RELEASE, release, "en", link) == first
    clinic.clock.tick(seconds=1)
    assert (
        documents.prepare(clinic.store, clinic.QUALITY, RELEASE, release, "en", link).record_sha256
        != first.record_sha256
    )


def test_a_second_issue_supersedes_the_first_in_one_act(clinic: Clinic, release: str) -> None:
    first = printed(clinic, RELEASE, release)
    clinic.clock.tick(minutes=1)
    second = printed(clinic, RELEASE, release, language="id")
    assert row(clinic, first.id).state is DocumentState.SUPERSEDED
    new = row(clinic, second.id)
    assert (new.number, new.version, new.state) == ("REL-0001", 2, DocumentState.CURRENT)
    assert "Versi 2, menggantikan 1" in text_of(bytes_of(clinic, second.id))
    with clinic.store.read(clinic.QUALITY) as view:
        followed = documents.document(view, first.id).successor
    assert followed is not None
    assert followed.id == second.id
    assert documents.status(clinic.store, "REL-0001", 1).newest == 2


def test_each_kind_and_each_lot_has_its_own_number(clinic: Clinic, lot: str, release: str) -> None:
    other = clinic.lot("UC26-H4")
    made = [printed(clinic, kind, noun) for kind, noun in ((RELEASE, release), (TRACE, lot), (TRACE, other))]
    assert [done.answer["number"] for done in made] == ["REL-0001", "BT-0001", "BT-0002"]


def test_maker_and_hospital_print_their_own_trace_and_neither_supersedes_the_other(clinic: Clinic, lot: str) -> None:
    hospital, maker = printed(clinic, TRACE, lot), printed(clinic, TRACE, lot, clinic.MAKER_QA)
    assert maker.answer["number"] == "BT-0002"
    assert row(clinic, hospital.id).state is DocumentState.CURRENT
    with pytest.raises(NotFound):
        row(clinic, hospital.id, clinic.MAKER_QA)


def test_a_double_click_is_one_document(clinic: Clinic, release: str) -> None:
    call = Call()
    first = printed(clinic, RELEASE, release, call=call)
    clinic.clock.tick(seconds=2)
    again = printed(clinic, RELEASE, release, call=call)
    assert (again.id, again.repeated) == (first.id, True)
    with clinic.store.read(clinic.QUALITY) as view:
        assert len(documents.documents(view)) == 1


def test_an_act_id_that_printed_something_else_is_a_conflict(clinic: Clinic, lot: str, release: str) -> None:
    call = Call()
    printed(clinic, RELEASE, release, call=call)
    with pytest.raises(Conflict, match="act_id_reused"):
        printed(clinic, TRACE, lot, call=call)


def test_who_was_overtaken_gets_the_next_version_under_one_act_id(
    clinic: Clinic, release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between drawing and linking somebody else issued the same record: refused, drawn again, issued."""
    drawn, overtaken = documents.prepare, []

    def slow(*args: Any) -> documents.Drawn:
        made = drawn(*args)
        if not overtaken:
            overtaken.append(True)
            monkeypatch.setattr(documents, "prepare", drawn)
            printed(clinic, RELEASE, release, clinic.QUALITY2)
        return made

    monkeypatch.setattr(documents, "prepare", slow)
    call = Call()
    done = printed(clinic, RELEASE, release, call=call)
    assert done.answer["version"] == 2
    assert printed(clinic, RELEASE, release, call=call).id == done.id
    with clinic.store.engines.reader.connect() as connection:
        refused = connection.execute(
            Entry.__table__.select().where(Entry.__table__.c.refused == "document_number_taken")  # type: ignore[attr-defined]
        ).all()
        assert verify(connection).problems == []
    assert len(refused) == 1


def test_a_document_that_cannot_be_drawn_is_not_issued(clinic: Clinic, lot: str) -> None:
    clinic.do(stops.hold, clinic.QUALITY, "標籤模糊", ScopeKind.LOT, (lot,), reason="photo 3")
    with pytest.raises(Refused, match="document_glyph_missing"):
        printed(clinic, TRACE, lot)
    with clinic.store.read(clinic.QUALITY) as view:
        assert documents.documents(view) == []


def test_the_trace_holds_every_vial_ancestor_and_box_and_reconciles(founded: Clinic) -> None:
    clinic, lot = founded, founded.lot()
    clinic.in_stock(lot, broken=("H3K001",), absent=("H3K002",))
    text = text_of(bytes_of(clinic, printed(clinic, TRACE, lot).id))
    for part in ("VIALS MISSING 1 missing. 5 vials on record, 5 filled", "Donor D-4KQ7", "Cell bank MCB-3", "Harvest HV-26-9",
                 "S-4471", "3 whole, 1 broken, 1 absent", "H3K001 discarded", "H3K002 lost", "H3K003 in stock F-01-Q",
                 "Count differs: C-1: H3K00", "Wasted 1", "Missing 1", "In stock 3"):  # fmt: skip
        assert part in text


def test_an_excursion_and_a_hold_stand_on_paper_with_who_closed_them_and_why(arrived: Clinic) -> None:
    clinic, lot, box = arrived, arrived.ids["lot"], arrived.ids["box"]
    clinic.counted(box)
    clinic.put_away(box)
    clinic.logged(box, warm={8: -9.5})
    text = text_of(bytes_of(clinic, printed(clinic, TRACE, lot).id))
    assert re.search(r"EX-1 Excursion at .* peak −9.5 °C, limits −25 to −15 °C; H-1 .* still open", text)
    with clinic.store.read(clinic.QUALITY) as view:
        (hold,) = stops.open_holds(view)
        there = excursions.undecided(view, view.need(Excursion, hold.excursion_id))
    clinic.clock.tick(hours=1)
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    decided = (hold.excursion_id, there, Decision.USE)
    clinic.do(excursions.dispose, clinic.QUALITY, *decided, signed=signed, reason="inside the budget")
    placed = clinic.do(stops.hold, clinic.QUALITY, "Label blurred", ScopeKind.LOT, (lot,), reason="photo 3")
    text = text_of(bytes_of(clinic, printed(clinic, TRACE, lot).id))
    assert "R. Maharani, inside the budget" in text
    assert f"{placed.answer['number']} Hold: Label blurred (this lot)" in text


def test_a_result_entered_twice_is_a_change_since_first_entry(in_stock: Clinic) -> None:
    clinic, lot = in_stock, in_stock.tested(in_stock.ids["lot"], endotoxin="0.09")
    clinic.clock.tick(minutes=5)
    again = clinic.do(
        results.enter,
        clinic.ANALYST,
        lot,
        clinic.ids["spec_endotoxin"],
        "0.06",
        clinic.clock.now,
        reason="misread display",
    )
    clinic.do(results.review, clinic.QUALITY2, again.id, signed=(clinic.sign("lestari", Meaning.REVIEWED),))
    with clinic.store.read(clinic.QUALITY) as view:
        (change,) = trace_record.build(view, lot, "BT-0001", 1).changes
    assert (change.what, change.of, change.before, change.after) == ("result", "Endotoxin", "0.09", "0.06")
    assert (change.who, change.reason, change.entry) == ("D. Wulandari", "misread display", again.number)


def test_facts_newer_than_the_release_are_counted_and_printing_is_none_of_them(
    clinic: Clinic, lot: str, release: str
) -> None:
    def newer() -> int:
        with clinic.store.read(clinic.QUALITY) as view:
            return release_record.build(view, release, "REL-0001", 1).newer_entries

    assert newer() == 0
    printed(clinic, RELEASE, release)
    assert newer() == 0
    clinic.do(stops.hold, clinic.QUALITY, "Label blurred", ScopeKind.LOT, (lot,), reason="photo 3")
    assert newer() == 1


def test_a_voided_release_is_printed_as_voided_with_its_reason(clinic: Clinic, release: str) -> None:
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(releases.void, clinic.QUALITY, release, signed=signed, reason="a result came late")
    assert "RELEASE VOIDED" in (text := text_of(bytes_of(clinic, printed(clinic, RELEASE, release).id)))
    assert "a result came late" in text


def test_reasons_on_paper_are_not_readable_in_the_ledger(clinic: Clinic, release: str) -> None:
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(releases.void, clinic.QUALITY, release, signed=signed, reason="a result came late")
    done = printed(clinic, RELEASE, release)
    assert "a result came late" in (row(clinic, done.id).record or "")
    with clinic.store.engines.reader.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM entry").scalars().all()
        assert not any("a result came late" in body for body in bodies)
        assert verify(connection).problems == []


def test_a_revoked_document_says_so_and_cannot_be_revoked_again(clinic: Clinic, release: str) -> None:
    done = printed(clinic, RELEASE, release)
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(documents.revoke, clinic.STOREKEEPER, done.id, reason="wrong")
    clinic.do(documents.revoke, clinic.QUALITY, done.id, reason="the wrong lot was chosen")
    assert documents.status(clinic.store, "REL-0001", 1).state is DocumentState.REVOKED
    with pytest.raises(Refused, match="wrong_state"):
        clinic.do(documents.revoke, clinic.QUALITY, done.id, reason="again")
    assert printed(clinic, RELEASE, release).answer["version"] == 2
    assert documents.status(clinic.store, "REL-0001", 1).state is DocumentState.REVOKED


@pytest.mark.parametrize("spoil", ["missing", "changed"])
def test_bytes_that_are_gone_or_changed_are_a_problem_and_never_made_anew(
    clinic: Clinic, release: str, spoil: str
) -> None:
    done = printed(clinic, RELEASE, release)
    path = clinic.store.documents / f"{row(clinic, done.id).bytes_sha256}.pdf"
    if spoil == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused, match="document_bytes_differ"):
        bytes_of(clinic, done.id)
    assert path.exists() is (spoil == "changed")


def test_what_is_half_written_is_not_there(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it came in or was drawn here: there is one way to keep a file."""
    before = set(clinic.store.documents.iterdir())
    monkeypatch.setattr(attachments.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    for keep in (
        lambda: attachments.keep_bytes(clinic.store, b"%PDF-", ".pdf"),
        lambda: attachments.keep(clinic.store, BytesIO(b"%PDF-1.7")),
    ):
        with pytest.raises(OSError, match="disk full"):
            keep()
        assert set(clinic.store.documents.iterdir()) == before


@pytest.mark.parametrize("kind", [RELEASE, TRACE])
def test_nobody_prints_what_they_may_not_see(clinic: Clinic, lot: str, release: str, kind: RecordKind) -> None:
    with pytest.raises(NotFound):
        printed(clinic, kind, release if kind is RELEASE else lot, clinic.ELSEWHERE)


def test_the_maker_does_not_see_the_hospitals_release(clinic: Clinic, release: str) -> None:
    with pytest.raises(NotFound):
        printed(clinic, RELEASE, release, clinic.MAKER_QA)


def test_a_place_of_another_organisation_is_named_by_whose_site_it_is(clinic: Clinic, lot: str) -> None:
    with clinic.store.read(clinic.QUALITY) as view:
        record = trace_record.build(view, lot, "BT-0001", 1)
    places = [stay.place for stay in record.custody]
    assert places[0] == "PT. Bifarma Adiluhung, Jakarta"
    assert "MF-01" not in str(record)
    assert places[-1] == "F-01-Q"


def test_documents_are_listed_by_kind_and_by_lot_newest_first(clinic: Clinic, lot: str, release: str) -> None:
    other = clinic.lot("UC26-H4")
    numbers = [
        printed(clinic, kind, noun).answer["number"]
        for kind, noun in ((RELEASE, release), (TRACE, lot), (TRACE, other))
    ]
    with clinic.store.read(clinic.QUALITY) as view:
        assert [one.document.number for one in documents.documents(view)] == numbers[::-1]
        assert [one.document.number for one in documents.documents(view, lot_id=lot)] == ["BT-0001", "REL-0001"]
        assert [one.document.number for one in documents.documents(view, kind=TRACE)] == ["BT-0002", "BT-0001"]
        assert {one.lot.number for one in documents.documents(view, lot_id=lot) if one.lot} == {"UC26-H3"}
    with clinic.store.read(clinic.ELSEWHERE) as view:
        assert documents.documents(view) == []


def test_a_copy_of_a_record_with_one_value_changed_has_another_digest(clinic: Clinic, release: str) -> None:
    from traceability.domain.records import told

    with clinic.store.read(clinic.QUALITY) as view:
        record = release_record.build(view, release, "REL-0001", 1)
    assert told(replace(record, serials=record.serials[:-1])) != told(record)


def test_an_inspector_of_one_lot_reads_what_was_printed_of_it_where_it_was_granted(released: Clinic) -> None:
    """The release record and the trace of that lot, their bytes too; not another lot's, and not the maker's print."""
    other = released.certificate(released.tested(released.in_stock(released.lot("UC26-K2", 2))))
    elsewhere = released.release(other).id
    mine = [printed(released, RELEASE, released.ids["release"]).id, printed(released, TRACE, released.ids["lot"]).id]
    theirs = [
        printed(released, RELEASE, elsewhere).id, printed(released, TRACE, other).id,
        printed(released, TRACE, released.ids["lot"], who=released.MAKER_QA).id,
    ]  # fmt: skip
    grants = tuple(replace(one, role=Role.INSPECTOR, lot_id=released.ids["lot"]) for one in released.QUALITY.grants)
    inspector = Actor("e" * 32, "I. Nspector", "d" * 32, grants)
    with released.store.read(inspector) as view:
        assert [one.document.id for one in documents.documents(view)] == mine[::-1]
        assert [one.document.id for one in documents.documents(view, lot_id=released.ids["lot"])] == mine[::-1]
    for document_id in mine:
        assert documents.kept(released.store, row(released, document_id, inspector)).startswith(b"%PDF-")
    for document_id in theirs:
        with pytest.raises(NotFound):
            row(released, document_id, inspector)


def test_a_vial_that_was_given_has_no_unknown_temperature_in_the_release_record(clinic: Clinic, release: str) -> None:
    """It lies nowhere any more: what is not known of others is said, and nothing of it."""
    clinic.give_dose(clinic.course(), 1)
    given = next(one for one in clinic.vials(clinic.ids["lot"]) if one.state == "given")
    with clinic.store.read(clinic.QUALITY) as view:
        record = release_record.build(view, release, "REL-0001", 1)
    assert given.serial in record.serials
    assert record.unknown_temperature == ()
    assert "Temperature not known" not in text_of(bytes_of(clinic, printed(clinic, RELEASE, release).id))

"""The demonstration as `./run demo` loads it: whole, marked wherever it was invented, and its papers lead to its own port."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from traceability import create_app
from traceability.demonstration import cohort
from traceability.domain.people import SYSTEM
from traceability.domain.recalling import answer_due
from traceability.services import comparisons, documents, progress
from traceability.services.comparisons import Chosen
from traceability.store.tables import Document, Identity, Recall, Score, Subject


def test_it_is_whole_marked_and_its_papers_lead_to_its_own_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "8937")
    monkeypatch.setattr(cohort, "LOTS", cohort.LOTS[:1])  # one of the sixty: all of them take minutes
    monkeypatch.setattr(cohort, "EACH", 1)
    app = create_app({}, instance_path=str(tmp_path))
    store, run = app.extensions["store"], app.test_cli_runner()
    loaded = run.invoke(args=["demo", "--cohort"])
    assert loaded.exit_code == 0, loaded.output
    told = run.invoke(args=["verify"])
    assert told.exit_code == 0, told.output  # the files too: loggers, certificates, printed records
    store.standing()
    with store.read(SYSTEM) as view:
        printed = view.all(Document)
        assert {one.demonstration for one in (*view.all(Identity), *view.all(Subject))} == {True}
        invented = {one.source: one.demonstration for one in view.all(Score)}
        assert [source for source, mark in invented.items() if mark] == ["visit"], (
            "only what was published is not marked"
        )
        seen = comparisons.told(view, Chosen(visit="month_6"))
        assert [seen.names[one.group] for one in seen.comparison.scores.groups] == ["UC25-A1"]
        mock, real = sorted(view.all(Recall), key=lambda one: one.started_at)
        told = progress.standing(view, real.id)
    assert (mock.mock, (mock.figures or {})["coverage_bp"], (mock.figures or {})["missing"]) == (True, 9375, ["M40013"])
    due = answer_due(real.started_at, real.clocks)
    assert due is not None
    assert due < store.clock()
    assert {one.name for one in told.told if one.notice.acknowledged_at is None} == {"Second hospital (demonstration)"}
    assert told.tally == {"vials": 10, "scanned": 5, "documented": 0, "recorded": 1, "unaccounted": 4}
    assert [[one.reached for one in tries] for tries in told.contacts.values()] == [[False, True]]
    for one in printed:
        page = pypdfium2.PdfDocument(documents.kept(store, one))[0]
        (found,) = zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())
        assert found.text == f"http://127.0.0.1:8937/d/{one.number}/{one.version}"
    store.close()

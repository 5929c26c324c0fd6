"""Until when a lot may be used, stated anew by a document: the date counts at once, old labels ask, and what is over stays over (R3)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.stories.case import refusal, reserve
from tests.stories.test_silent_maker import silent_maker
from tests.stories.test_verdict import ASK_QA, DO_NOT_USE, USE, again, outdated
from traceability.domain import checks
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.services import expiry, labels, lots
from traceability.services.verdicts import facts, scan
from traceability.store.tables.lots import Route

SHORTER, LONGER = date(2026, 6, 30), date(2027, 3, 31)


def document(clinic: Clinic, lot: str, who: str = "MAKER_QA") -> str:
    told = ("cd" * 32, "stability.pdf", "application/pdf", 900)
    return clinic.do(lots.attach, getattr(clinic, who), *told, lot_id=lot, kind="stability_statement").id


def restate(clinic: Clinic, expires: date, **told: Any) -> Any:
    lot = clinic.ids["lot"]
    clinic.clock.tick(minutes=5)
    signed = (clinic.sign("wijaya", Meaning.CERTIFIED),)
    told = {"attachment_id": told.pop("attachment_id", None) or document(clinic, lot), "reason": "stability", **told}
    return clinic.do(expiry.restate, clinic.MAKER_QA, lot, expires, signed=signed, **told)


def unscanned(clinic: Clinic, serial: str) -> list[str]:
    """What stands against a vial where nobody holds it under a scanner: in lists and picks."""
    with clinic.store.read(clinic.PHARMACIST) as view:
        (fact,) = facts(view, [clinic.vial(serial).id], Purpose.STOCK)
    return [one.code for one in checks.use(fact)]


def relabelled(clinic: Clinic, serial: str) -> None:
    clinic.clock.tick(minutes=1)
    vial = clinic.vial(serial)
    clinic.do(labels.reprint, clinic.PHARMACIST, [vial.id], "vial_16x30", reason="new date")
    clinic.do(labels.scan_back, clinic.PHARMACIST, clinic.code(vial))


def test_a_shorter_date_counts_at_once_and_ends_the_release(released: Clinic) -> None:
    old = released.code(released.vial("H3K001"))
    restate(released, SHORTER)
    assert outdated(released) == ["expiry_shortened"]
    with released.store.read(released.PHARMACIST) as view:  # the maker's document goes with the lot
        assert "stability.pdf" in {one.name for one in lots.attachments(view, released.ids["lot"])}
        assert [one.code for one in scan(view, old, Purpose.STOCK).findings] == ["release_outdated", "label_superseded"]
        assert len(expiry.superseded(view, released.ids["lot"])) == 5
    assert unscanned(released, "H3K001") == ["release_outdated", "label_superseded"]
    again(released)
    relabelled(released, "H3K001")
    assert unscanned(released, "H3K001") == []
    assert unscanned(released, "H3K002") == ["label_superseded"]
    released.clock.now = datetime(2026, 6, 30, 17, 0, tzinfo=UTC)
    assert released.scan("H3K001") == (DO_NOT_USE, ["expired"])


def test_a_longer_date_keeps_the_release_and_asks_for_new_labels(released: Clinic) -> None:
    old = released.code(released.vial("H3K001"))
    restate(released, LONGER)
    with released.store.read(released.PHARMACIST) as view:
        found = scan(view, old, Purpose.STOCK)
    assert (str(found.verdict), [one.code for one in found.findings]) == (ASK_QA, ["label_superseded"])
    relabelled(released, "H3K001")
    assert released.scan("H3K001") == (USE, [])
    with released.store.read(released.PHARMACIST) as view:
        assert [one.serial for one in expiry.superseded(view, released.ids["lot"])] == [
            "H3K002", "H3K003", "H3K004", "H3K005",
        ]  # fmt: skip
    with pytest.raises(Refused, match="label_contradicts"):  # the old label is not read back as the new one
        released.do(labels.scan_back, released.PHARMACIST, old)


def test_a_date_takes_its_document_and_what_is_over_gets_no_later_one(released: Clinic) -> None:
    other = document(released, released.lot("UC26-H4", 2))
    for expires, told, code in (
        (date(2026, 9, 30), {}, "expiry_same"),
        (SHORTER, {"attachment_id": other}, "document_of_another_lot"),
        (SHORTER, {"attachment_id": "f" * 32}, "not_found"),
        (date(2026, 3, 1), {}, "field_date_outside"),
    ):
        with pytest.raises(Refused) as no:
            restate(released, expires, **told)
        assert no.value.code == code
    released.clock.now = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="expiry_over"):
        restate(released, LONGER)


def test_the_hospital_transcribes_only_for_a_maker_that_never_signs_in(released: Clinic) -> None:
    signed = (released.sign("maharani", Meaning.TRANSCRIBED), released.sign("putri", Meaning.VERIFIED))

    def transcribe(lot: str) -> None:
        paper = document(released, lot, "QUALITY")
        released.do(expiry.transcribe, released.QUALITY, lot, LONGER, paper, reason="its letter", signed=signed)

    with pytest.raises(Refused, match="not_yours"):
        transcribe(released.ids["lot"])
    silent_maker(released)
    quiet = released.do(
        lots.announce, released.QUALITY, released.ids["quiet_version"], "Q-1", date(2026, 3, 1), date(2026, 9, 30),
        released.ids["quiet_place"], Route.SERVICE, serials=("Q0001",),
    ).id  # fmt: skip
    transcribe(quiet)
    with released.store.read(released.QUALITY) as view:
        stated = lots.expiries(view, quiet)
    assert [(one.version, one.expires, one.transcribed) for one in stated] == [
        (1, date(2026, 9, 30), False), (2, LONGER, True),
    ]  # fmt: skip


def test_a_maker_that_withdraws_its_certification_stops_the_lot_and_nobody_else_can(released: Clinic) -> None:
    lot = released.ids["lot"]
    with pytest.raises(Refused, match="not_yours"):
        released.do(
            lots.decline, released.QUALITY, lot, reason="doubt", signed=(released.sign("maharani", Meaning.DECIDED),)
        )
    assert released.scan("H3K001") == (USE, [])
    released.do(
        lots.decline, released.MAKER_QA, lot, reason="donor", signed=(released.sign("wijaya", Meaning.DECIDED),)
    )
    assert released.scan("H3K001")[1] == ["lot_declined"]


def test_a_date_that_was_shortened_and_stated_again_gives_no_release_back(released: Clinic) -> None:
    with released.store.read(released.QUALITY) as view:
        old = lots.expiries(view, released.ids["lot"])[-1].expires
    restate(released, SHORTER)
    restate(released, old)
    assert outdated(released) == ["expiry_shortened"]
    again(released)
    assert released.scan("H3K001") == ("use", [])


@pytest.mark.parametrize("engine", ["sqlite"])
def test_which_vial_goes_first_follows_the_date_that_counts_also_where_the_servers_clock_went_back(
    released: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = released
    clinic.released_lot("UC26-M4", 2, expires=date(2026, 7, 31))
    older, real = clinic.ids["lot"], time.time_ns
    clinic.ids["lot"] = clinic.vial("M4K001").lot_id
    paper = document(clinic, clinic.ids["lot"])
    with monkeypatch.context() as clock:  # its row sorts before the statement that it replaces
        clock.setattr(time, "time_ns", lambda: real() - 3_600_000_000_000)
        restate(clinic, LONGER, attachment_id=paper)
    relabelled(clinic, "M4K001")
    clinic.ids["lot"] = older
    dose = clinic.ordered(clinic.course(), 1)
    no = refusal(lambda: reserve(clinic, "M4K001", dose))
    assert (no.code, no.values["serial"]) == ("not_first_to_expire", "H3K001")
    reserve(clinic, "H3K001", dose)

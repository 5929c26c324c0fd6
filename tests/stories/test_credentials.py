"""Papers of makers and sites: told of before they end, and what was made under one that did not count is held (R15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.test_verdict import ASK_QA, USE
from traceability.domain.errors import Refused
from traceability.domain.papers import CredentialFact, Standing, Suspended, standing
from traceability.domain.people import Meaning
from traceability.services import courses, credentials, products, subjects
from traceability.services.stops import open_holds
from traceability.services.worklist import papers
from traceability.store.tables import Credential, Suspension
from traceability.store.tables.lots import Route
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.subjects import Laterality

ENDS = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (ENDS - timedelta(days=91), Standing.VALID), (ENDS - timedelta(days=90), Standing.WITHIN_90),
        (ENDS - timedelta(days=30), Standing.WITHIN_30), (ENDS - timedelta(days=7), Standing.WITHIN_7),
        (ENDS, Standing.WITHIN_7), (ENDS + timedelta(days=1), Standing.OVER), (date(2025, 12, 31), Standing.BEGINS),
    ],
)  # fmt: skip
def test_a_paper_is_told_of_ninety_thirty_and_seven_days_before_it_ends(day: date, told: Standing) -> None:
    assert standing(CredentialFact("1", "P-1", date(2026, 1, 1), ENDS), day) is told


def test_a_suspension_lasts_to_the_day_it_was_lifted_and_what_was_made_meanwhile_stays_uncovered() -> None:
    paper = CredentialFact("1", "P-1", date(2026, 1, 1), ENDS, (Suspended(date(2026, 3, 1), date(2026, 3, 31)),))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [paper.covers(day) for day in days] == [True, False, False, True]
    assert standing(paper, date(2026, 3, 15)) is Standing.SUSPENDED
    assert standing(CredentialFact("1", "P-1", None, None), ENDS) is Standing.UNDATED


def told(clinic: Clinic) -> list[tuple[str, str]]:
    """What QA of the hospital is told of papers, and how it stands."""
    with clinic.store.read(clinic.QUALITY) as view:
        return [(one.values["number"], one.values["standing"]) for one in papers(view)]


def test_the_hospital_is_told_of_its_makers_papers_too_until_a_newer_one_is_on_file(certified: Clinic) -> None:
    assert told(certified) == []
    certified.clock.now = datetime(2027, 12, 27, 3, tzinfo=UTC)
    assert [one[1] for one in told(certified)] == ["within_7"] * 3
    certified.do(
        products.record_credential, certified.MAKER_QA, certified.ids["maker"], CredentialKind.GMP, "GMP-NEW", "issuer", "secretome",
        valid_from=date(2027, 12, 1), valid_until=date(2029, 12, 31),
    )  # fmt: skip
    assert len(told(certified)) == 2
    certified.clock.now = datetime(2028, 1, 1, 3, tzinfo=UTC)
    assert [one[1] for one in told(certified)] == ["over"] * 2


def test_no_course_is_planned_on_a_route_that_no_paper_of_the_hospital_allows_and_a_patient_is_enrolled_all_the_same(
    certified: Clinic,
) -> None:
    clinic = certified
    designation = clinic.ids[CredentialKind.DESIGNATION]
    since = clinic.clock.now.date()
    clinic.protocol()
    clinic.do(credentials.suspend, clinic.QUALITY, designation, since, reason="the ministry wrote")
    with pytest.raises(Refused) as refused:
        clinic.course()
    assert refused.value.code == "no_paper_stands"
    assert [(one.code, one.holds, one.values["kind"]) for one in refused.value.findings] == [
        ("paper_named", False, "designation")
    ]
    sealed = subjects.seal_identity(clinic.store, name="A. Second", mrn="MRN-2", born=date(1970, 1, 1))
    enrolled = clinic.do(subjects.enrol, clinic.PHYSICIAN, sealed).answer
    assert [(one["code"], one["holds"]) for one in enrolled["findings"]] == [("route_allowed", False)]
    paper(clinic, CredentialKind.TRIAL, "CT-1", since)  # that it treats in a trial says nothing of another protocol
    with pytest.raises(Refused, match="no_paper_stands"):
        planned(clinic)
    clinic.protocol("Knee, in the trial", route=Route.TRIAL, approval_number="CT-1")
    planned(clinic)


def planned(clinic: Clinic) -> None:
    today = clinic.clock.now.date()
    clinic.do(courses.plan, clinic.PHYSICIAN, clinic.ids["subject"], clinic.ids["protocol"], Laterality.RIGHT, today)


def paper(clinic: Clinic, kind: CredentialKind, number: str, day: date | None, product: str | None = None) -> str:
    """A paper of the hospital for one day; without a day one whose dates are not reported."""
    return clinic.do(
        products.record_credential, clinic.QUALITY, clinic.ids["hospital"], kind, number, "authority", "knee",
        valid_from=day, valid_until=day, product_id=product,
    ).id  # fmt: skip


def test_a_protocol_that_names_no_number_is_on_record_and_nobody_plans_on_it(founded: Clinic) -> None:
    founded.protocol(ethics_number="")
    with pytest.raises(Refused) as refused:
        founded.course()
    assert refused.value.code == "no_paper_stands"
    assert [(one.values["kind"], one.values["number"]) for one in refused.value.findings] == [("ethics", "")]
    founded.protocol("Knee, registered", route=Route.MARKETED, ethics_number="", approval_number="")
    with pytest.raises(Refused, match="no_paper_stands"):
        planned(founded)
    founded.protocol("Knee, registered", route=Route.MARKETED, ethics_number="", approval_number="DKI 26 1234567890 A1")
    planned(founded)


def test_a_number_of_no_paper_of_a_former_one_or_of_another_product_is_not_taken_into_a_protocol(
    founded: Clinic,
) -> None:
    clinic, today = founded, founded.clock.now.date()
    other = clinic.do(products.register, clinic.MAKER_QA, clinic.ids["maker"], "09521234543220", "Another product").id
    paper(clinic, CredentialKind.ETHICS, "KE-2 of a former day", today - timedelta(days=1))
    paper(clinic, CredentialKind.ETHICS, "KE-3 without days", None)
    paper(clinic, CredentialKind.ETHICS, "KE-4 of another product", today, other)
    for number, holds in {
        "KE-1 of no paper": False, "KE-2 of a former day": False, "KE-3 without days": None, "KE-4 of another product": False,
    }.items():  # fmt: skip
        with pytest.raises(Refused) as refused:
            clinic.protocol(ethics_number=number)
        assert (refused.value.code, refused.value.findings[0].holds) == ("protocol_paper_missing", holds), number
    with pytest.raises(Refused, match="paper_number_malformed"):
        clinic.protocol(ethics_number="pending")
    paper(clinic, CredentialKind.ETHICS, "ke/5 2026", today, clinic.ids["product"])
    clinic.protocol(ethics_number="KE-52026")  # the same letters and digits, however they are typed
    with pytest.raises(Refused, match="credential_of_making"):
        clinic.do(
            products.record_credential, clinic.MAKER_QA, clinic.ids["maker"], CredentialKind.GMP, "G-1", "authority", "knee",
            product_id=other,
        )  # fmt: skip


def test_an_approval_of_another_product_releases_no_lot_and_lets_no_vial_be_used(ready: Clinic) -> None:
    clinic, today = ready, ready.clock.now.date()
    other = clinic.do(products.register, clinic.MAKER_QA, clinic.ids["maker"], "09521234543220", "Another product").id
    clinic.release(clinic.ids["lot"])
    paper(clinic, CredentialKind.DESIGNATION, "HK-9", today, other)
    paper(clinic, CredentialKind.DESIGNATION, "HK-10", today + timedelta(days=1), clinic.ids["product"])
    clinic.do(credentials.suspend, clinic.QUALITY, clinic.ids[CredentialKind.DESIGNATION], today, reason="a letter")
    assert clinic.scan("H3K001", "issue") == (ASK_QA, ["route_closed"])
    assert "route_allowed" in {one.code for one in clinic.dossier(clinic.ids["lot"]).findings if one.holds is False}
    clinic.clock.tick(days=1)
    assert clinic.scan("H3K001", "issue")[1] != ["route_closed"]


def test_before_the_first_lot_has_come_every_route_is_asked_and_a_paper_without_dates_is_not_known_to_allow_one(
    founded: Clinic,
) -> None:
    clinic = founded
    with clinic.store.read(clinic.PHYSICIAN) as view:
        assert {one.values["route"]: one.holds for one in credentials.routes_open(view)} == {
            "marketed": False, "service": True, "trial": False,
        }  # fmt: skip
    clinic.do(
        products.record_credential,
        clinic.QUALITY,
        clinic.ids["hospital"],
        CredentialKind.ETHICS,
        "KE-1",
        "the committee",
        "knee",
    )
    with clinic.store.read(clinic.PHYSICIAN) as view:
        assert {one.values["route"]: one.holds for one in credentials.routes_open(view)}["trial"] is None


def suspend(clinic: Clinic, day: date) -> dict:
    gmp = clinic.ids[CredentialKind.GMP]
    return dict(clinic.do(credentials.suspend, clinic.MAKER_QA, gmp, day, reason="inspection").answer)


def test_lots_made_since_the_suspension_began_are_held_by_it_everywhere(released: Clinic) -> None:
    """Made on 9 March; the authority suspends from the 1st, and says so in April."""
    later = released.lot("UC26-J1", 2, made_on=date(2026, 4, 1))
    assert suspend(released, date(2026, 4, 2)) == {"id": released.ids["gmp"], "held": []}
    answer = suspend(released, date(2026, 3, 1))
    assert (sorted(answer["held"]), answer["hold"]) == (["UC26-H3", "UC26-J1"], "H-1")
    with released.store.read(released.MAKER_QA) as view:
        (hold,) = open_holds(view)
    assert released.ids[CredentialKind.GMP]
    assert "PWS.01.04.1.3.333.09.21-0082: suspended before these were made" in str(hold.title)
    assert released.scan("H3K001") == (ASK_QA, ["held", "release_outdated"])
    assert later
    assert suspend(released, date(2026, 2, 1)) == {"id": released.ids["gmp"], "held": []}  # once


def test_another_paper_that_covers_the_day_keeps_the_lot_free(released: Clinic) -> None:
    released.do(
        products.record_credential, released.MAKER_QA, released.ids["maker"], CredentialKind.GMP, "GMP-2", "issuer", "secretome",
        valid_from=date(2026, 1, 1), valid_until=date(2027, 1, 1),
    )  # fmt: skip
    assert suspend(released, date(2026, 3, 1))["held"] == []
    assert released.scan("H3K001") == (USE, [])


def test_a_suspension_is_lifted_by_a_signature_and_its_holds_one_by_one(released: Clinic) -> None:
    gmp, signed = released.ids[CredentialKind.GMP], (released.sign("wijaya", Meaning.DECIDED),)

    def lift(day: date) -> None:
        released.do(credentials.lift, released.MAKER_QA, gmp, day, reason="inspected again", signed=signed)

    with pytest.raises(Refused, match="credential_not_suspended"):
        lift(date(2026, 3, 5))
    suspend(released, date(2026, 3, 1))
    with pytest.raises(Refused, match="field_date_outside"):
        lift(date(2026, 2, 28))
    lift(date(2026, 3, 5))  # the lot was made on the 9th
    assert released.scan("H3K001") == (ASK_QA, ["held"])


def recorded_again(clinic: Clinic, paper: str, number: str, who: str = "MAKER_QA") -> str:
    """The same paper on file once more, with newer dates."""
    owner = {"gmp": "maker", "designation": "hospital"}[paper]
    return clinic.do(
        products.record_credential, getattr(clinic, who), clinic.ids[owner], paper, number, "issuer", "secretome",
        valid_from=date(2025, 1, 1), valid_until=date(2029, 12, 31),
    ).id  # fmt: skip


def test_a_suspended_paper_that_is_recorded_once_more_is_as_suspended(released: Clinic) -> None:
    day = released.clock.now.date()
    released.do(credentials.suspend, released.QUALITY, released.ids["designation"], day, reason="the authority says so")
    twin = recorded_again(released, "designation", "hk 01.07/demo/2024", "QUALITY")  # typed a little otherwise
    assert released.scan("H3K001", "issue") == ("ask_qa", ["route_closed"])
    with released.store.read(released.QUALITY) as view:
        mine = {one.credential.id: one.standing for one in credentials.of_holder(view, released.ids["hospital"]).held}
    assert (mine[twin], mine[released.ids["designation"]]) == (Standing.SUSPENDED,) * 2
    released.clock.tick(days=2)
    signed = (released.sign("maharani", Meaning.DECIDED),)
    released.do(credentials.lift, released.QUALITY, twin, day, reason="they say so again", signed=signed)
    assert released.scan("H3K001", "issue") == ("use", [])  # lifted on either row it is lifted


def test_a_paper_recorded_while_another_of_its_kind_is_suspended_covers_nothing_until_that_is_lifted(
    released: Clinic,
) -> None:
    """Its number with a word before or behind it would be a new paper, which nobody signs."""
    clinic, day = released, released.clock.now.date()
    designation = clinic.ids["designation"]
    clinic.do(credentials.suspend, clinic.QUALITY, designation, day, reason="the authority says so")
    typed = ("No. HK.01.07/DEMO/2024", "HK.01.07/DEMO/2024 (salinan)", "HK-2")
    later = [recorded_again(clinic, "designation", number, "QUALITY") for number in typed]
    assert clinic.scan("H3K001", "issue") == ("ask_qa", ["route_closed"])
    with clinic.store.read(clinic.QUALITY) as view:
        held = {one.credential.id: one for one in credentials.of_holder(view, clinic.ids["hospital"]).held}
    assert [(held[one].standing, held[one].itself) for one in later] == [(Standing.SUSPENDED, False)] * 3
    assert (held[designation].standing, held[designation].itself) == (Standing.SUSPENDED, True)
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(credentials.lift, clinic.QUALITY, designation, day, reason="they say so again", signed=signed)
    assert clinic.scan("H3K001", "issue") == ("ask_qa", ["route_closed"])  # through today it lasted
    clinic.clock.tick(days=1)
    assert clinic.scan("H3K001", "issue") == ("use", [])


def test_of_a_paper_that_is_on_file_twice_a_suspension_holds_the_lots_made_under_it(released: Clinic) -> None:
    with released.store.read(released.QUALITY) as view:
        number = view.need(Credential, released.ids["gmp"]).number
    twin = recorded_again(released, "gmp", number)
    told = released.do(credentials.suspend, released.MAKER_QA, twin, date(2026, 3, 1), reason="struck off")
    assert told.answer["held"] == ["UC26-H3"]
    released.do(credentials.suspend, released.MAKER_QA, released.ids["gmp"], date(2026, 2, 1), reason="since February")
    with released.store.read(released.QUALITY) as view:
        (only,) = view.known(Suspension)
    assert (only.since, released.scan("H3K001", "issue")[1]) == (date(2026, 2, 1), ["held", "release_outdated"])

"""A role at one site of a house acts at this site: on what is there, what was there before, and what comes there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from tests.clinic import WHO, Clinic
from tests.stories.test_still_stopped import asks_for_two
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Actor, Meaning, Role
from traceability.services import coldchain, consignments, courses, organisations, people, releases, stops, vials
from traceability.services.subjects import enrol, seal_identity
from traceability.store import reach
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import ScopeKind


@pytest.fixture
def annex(clinic: Clinic) -> Clinic:
    return with_annex(clinic)


def with_annex(clinic: Clinic) -> Clinic:
    """The hospital has a second site with a freezer, and QA who are limited to nothing open it."""
    clinic.ids["annex"] = site = clinic.do(
        organisations.open_site, SYSTEM, clinic.ids["hospital"], "Klaten", "Asia/Jakarta"
    ).id
    clinic.ids["annex_freezer"] = clinic.do(
        organisations.open_place, clinic.QUALITY, site, PlaceKind.FREEZER, "K-01", "K-01"
    ).id
    return clinic


def limit(clinic: Clinic, site: str, *who: str) -> None:
    """From now on these hold their roles at one site of their organisation only."""
    for name in who:
        actor: Actor = getattr(clinic, name)
        with clinic.store.read(SYSTEM) as view:
            held = [one for one in people.grants(view, actor.person_id) if one.until is None]
        for grant in held:
            clinic.do(people.end, SYSTEM, grant.id, reason="of one site only")
            clinic.do(people.give, SYSTEM, actor.person_id, grant.role, grant.organisation_id, site_id=clinic.ids[site])


HOSPITAL = [name for name in WHO if name not in ("MAKER_QA", "MAKER_QA2", "ELSEWHERE")]


def signed(clinic: Clinic, who: str, meaning: Meaning) -> Any:
    return (clinic.sign(WHO[who], meaning),)


def held(clinic: Clinic, kind: ScopeKind, target: str) -> str:
    return clinic.do(stops.hold, clinic.QUALITY2, "x", kind, (target,), since=clinic.clock.now, reason="x").id


def release(clinic: Clinic) -> Any:
    return clinic.release(clinic.ids["lot"], ("H3K001",))


def void(clinic: Clinic) -> Any:
    return clinic.do(
        releases.void,
        clinic.QUALITY,
        clinic.ids["release"],
        reason="x",
        signed=signed(clinic, "QUALITY", Meaning.DECIDED),
    )


def lift(kind: ScopeKind, target: str) -> Callable[[Clinic], Any]:
    def ask(clinic: Clinic) -> Any:
        told = clinic.vial("H3K002").id if kind is ScopeKind.VIAL else clinic.ids[target]
        hold = held(clinic, kind, told)
        return clinic.do(
            stops.lift, clinic.QUALITY, hold, reason="x", signed=signed(clinic, "QUALITY", Meaning.DECIDED)
        )

    return ask


def hold(kind: ScopeKind, target: str) -> Callable[[Clinic], Any]:
    def ask(clinic: Clinic) -> Any:
        told = clinic.vial("H3K002").id if kind is ScopeKind.VIAL else clinic.ids[target]
        return clinic.do(stops.hold, clinic.QUALITY, "x", kind, (told,), since=clinic.clock.now, reason="x")

    return ask


def about(act: Any, who: str, *more: str, **told: Any) -> Callable[[Clinic], Any]:
    """An act on a vial that lies at the first site."""
    return lambda clinic: clinic.do(
        act, getattr(clinic, who), clinic.vial("H3K003").id, *(clinic.ids[one] for one in more), **told
    )


def reading(clinic: Clinic) -> Any:
    return clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["freezer"], -20_000, -21_000, -19_000)


def assuming(clinic: Clinic) -> Any:
    call = {"reason": "x", "signed": signed(clinic, "QUALITY", Meaning.DECIDED)}
    return clinic.do(organisations.assume, clinic.QUALITY, clinic.ids["bare_freezer"], -25_000, -15_000, 3600, **call)


def opening(clinic: Clinic) -> Any:
    return clinic.do(organisations.open_place, clinic.QUALITY, clinic.ids["site"], PlaceKind.BENCH, "B-9", "B-9")


ASKED: dict[str, tuple[str, Callable[[Clinic], Any]]] = {
    "release": ("ready", release),
    "void": ("released", void),
    "discard": ("released", about(vials.discard, "QUALITY", reason="x")),
    "report_broken": ("released", about(vials.report_broken, "WITNESS", reason="x")),
    "move within": ("released", about(vials.move, "STOREKEEPER", "freezer")),
    "move away": ("released", about(vials.move, "STOREKEEPER", "annex_freezer")),
    "hold over a vial": ("released", hold(ScopeKind.VIAL, "")),
    "hold over a place": ("released", hold(ScopeKind.PLACE, "freezer")),
    "hold over a site": ("released", hold(ScopeKind.SITE, "site")),
    "hold over a box": ("arrived", hold(ScopeKind.CONSIGNMENT, "box")),
    "lift over a vial": ("released", lift(ScopeKind.VIAL, "")),
    "lift over a place": ("released", lift(ScopeKind.PLACE, "freezer")),
    "reading": ("released", reading),
    "assuming": ("released", assuming),
    "opening": ("released", opening),
    "count": ("arrived", lambda clinic: clinic.counted(clinic.ids["box"])),
    "turn away": ("arrived", lambda clinic: clinic.do(consignments.turn_away, clinic.PHARMACIST, clinic.ids["box"], reason="x")),
    "logger": ("arrived", lambda clinic: clinic.logged(clinic.ids["box"])),
}  # fmt: skip


def test_who_signs_second_is_limited_to_their_site_like_the_first(ready: Clinic) -> None:
    """The house asks for two: who approves has to be of the site where the vials lie."""
    clinic, lot = with_annex(ready), ready.ids["lot"]
    asks_for_two(clinic)
    clinic.reviewed(lot)

    def approved() -> Any:
        dossier = clinic.dossier(lot)
        two = (clinic.sign("maharani", Meaning.RELEASED), clinic.sign("lestari", Meaning.APPROVED))
        chosen = [one.id for one in dossier.vials]
        return clinic.do(releases.release, clinic.QUALITY, lot, chosen, dossier.digest, signed=two)

    limit(clinic, "annex", "QUALITY2")
    with pytest.raises(Refused) as no:
        approved()
    assert (no.value.code, no.value.values["meaning"]) == ("signer_elsewhere", "approved")
    assert clinic.scan("H3K001")[1] == ["not_released"]
    limit(clinic, "site", "QUALITY2")
    approved()
    assert clinic.scan("H3K001") == ("use", [])


@pytest.mark.parametrize("name", ASKED)
def test_who_is_of_another_site_is_refused_and_of_this_one_is_not(
    request: pytest.FixtureRequest, engine: str, name: str
) -> None:
    step, ask = ASKED[name]
    clinic = with_annex(request.getfixturevalue(step))
    limit(clinic, "annex", "QUALITY", "PHARMACIST", "STOREKEEPER", "WITNESS")
    with pytest.raises(Refused) as no:
        ask(clinic)
    assert no.value.code == "not_permitted"
    with clinic.store.engines.reader.connect() as connection:
        entry = connection.execute(
            text("SELECT body FROM entry WHERE ledger = :mine AND number = :n"),
            {"mine": clinic.ids["hospital"], "n": no.value.values["entry"]},
        ).scalar_one()
    assert json.loads(entry)["refusal"]["code"] == "not_permitted"
    limit(clinic, "site", "QUALITY", "PHARMACIST", "STOREKEEPER", "WITNESS")
    if name == "move away":
        with pytest.raises(Refused, match="not_permitted"):  # its end is at the other
            ask(clinic)
    else:
        assert ask(clinic)


def test_a_lot_goes_its_whole_way_by_people_of_the_one_site_where_it_is(annex: Clinic) -> None:
    """What the others' sites are is nobody's limit: the maker's people are of theirs."""
    clinic = annex
    limit(clinic, "site", *HOSPITAL)
    limit(clinic, "maker_site", "MAKER_QA")
    clinic.released_lot()
    course = clinic.course()
    assert clinic.give_dose(course, 1).answer.get("findings", []) == []
    vial = clinic.ready_vial(course, 2, thaw=False)
    clinic.do(courses.take_back, clinic.PHARMACIST, vial.id, clinic.ids["freezer"], reason="did not come")
    assert clinic.do(
        stops.hold, clinic.MAKER_QA, "x", ScopeKind.VIAL, (vial.id,), reason="x"
    )  # it lies at the hospital


def test_what_was_given_is_kept_though_the_record_has_the_vial_at_another_site(released: Clinic) -> None:
    """The permit is refused; what happened all the same is a fact."""
    clinic = with_annex(released)
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    limit(clinic, "annex", "PHYSICIAN")
    with pytest.raises(Refused, match="not_permitted"):
        clinic.start_dose(course, 1, vial)
    assert clinic.give_dose(course, 1, vial=vial, start=False).answer["findings"] == ["not_started"]
    assert clinic.vial(vial.serial).state == "given"


def test_what_has_no_place_is_not_limited_by_site(released: Clinic) -> None:
    clinic = with_annex(released)
    limit(clinic, "annex", "QUALITY", "PHYSICIAN")
    assert clinic.do(enrol, clinic.PHYSICIAN, seal_identity(clinic.store, name="A. B", mrn="MRN-1", born=clinic.clock.now.date()))  # fmt: skip
    assert clinic.do(stops.hold, clinic.QUALITY, "x", ScopeKind.LOT, (clinic.ids["lot"],), reason="x")
    vial = clinic.vial("H3K004").id
    clinic.do(vials.report_lost, clinic.STOREKEEPER, vial, reason="gone")
    assert clinic.do(vials.report_found, clinic.QUALITY, vial, clinic.ids["annex_freezer"], reason="here it is")


def test_one_that_left_a_place_does_not_keep_its_reading_from_being_kept(released: Clinic) -> None:
    """An excursion names the vials that lay there: some have come to another site meanwhile."""
    clinic, here = with_annex(released), released.ids["read_freezer"]
    clinic.do(coldchain.read, clinic.STOREKEEPER, here, -20_000, -20_000, -20_000)
    for serial in ("H3K001", "H3K002"):
        clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial(serial).id, here)
    clinic.clock.tick(hours=2)
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, clinic.ids["annex_freezer"])
    clinic.clock.tick(hours=2)
    limit(clinic, "site", "STOREKEEPER")
    done = clinic.do(coldchain.read, clinic.STOREKEEPER, here, -10_000, -20_000, -10_000)
    assert done.answer["excursions"]
    with clinic.store.engines.reader.connect() as connection:
        named = connection.execute(
            text("SELECT about_id FROM mention WHERE act_id = :id"), {"id": done.act_id}
        ).scalars()
        assert {clinic.vial("H3K001").id, clinic.vial("H3K002").id} <= set(named)


def test_a_role_for_every_site_is_not_given_or_ended_by_who_is_of_one(annex: Clinic) -> None:
    """Whoever could give what they do not hold would be limited by nothing. The installation and who is of all sites may."""
    clinic, house = annex, annex.ids["hospital"]
    limit(clinic, "annex", "ADMINISTRATOR", "QUALITY")
    who = clinic.WITNESS.person_id
    for actor, role in ((clinic.ADMINISTRATOR, Role.STOREKEEPER), (clinic.QUALITY, Role.QUALITY)):
        for site in (None, clinic.ids["site"]):
            with pytest.raises(Refused, match="not_permitted"):
                clinic.do(people.give, actor, who, role, house, site_id=site)
        given = clinic.do(people.give, actor, who, role, house, site_id=clinic.ids["annex"]).id
        assert clinic.do(people.end, clinic.ADMINISTRATOR, given, reason="enough")
    with clinic.store.read(SYSTEM) as view:
        (grant,) = people.grants(view, clinic.PHARMACIST.person_id)
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(people.end, clinic.ADMINISTRATOR, grant.id, reason="x")
    clinic.do(people.give, SYSTEM, clinic.QUALITY.person_id, Role.ADMINISTRATOR, house)
    with pytest.raises(Refused, match="not_permitted"):  # QA is named as QA, not as who administers every site
        clinic.do(people.give, clinic.QUALITY, who, Role.QUALITY, house)


def test_who_is_of_every_site_is_asked_for_none(released: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any) -> set[str]:
        raise AssertionError

    monkeypatch.setattr(reach, "sites", asked)
    assert released.do(vials.discard, released.QUALITY, released.vial("H3K001").id, reason="x")
    limit(released, "site", "QUALITY")
    with pytest.raises(AssertionError):
        released.do(vials.discard, released.QUALITY, released.vial("H3K002").id, reason="x")


def test_a_large_lot_is_asked_about_in_parts(released: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "AT_ONCE", 2)
    told = [one.id for one in released.vials(released.ids["lot"])]
    with released.store.engines.reader.connect() as connection:
        assert reach.sites(connection, told, released.ids["hospital"]) == {released.ids["site"]}
        assert reach.sites(connection, told, released.ids["other"]) == set()
        assert reach.sites(connection, [released.ids["box"]], released.ids["maker"]) == {released.ids["maker_site"]}
        assert reach.sites(connection, [], released.ids["hospital"]) == set()

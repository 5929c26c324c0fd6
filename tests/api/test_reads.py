"""Lists and single records by HTTP: what one may see, page by page, and nothing of anybody else."""

from __future__ import annotations

from datetime import timedelta

from tests.api.conftest import Ask, signature
from tests.clinic import GTIN, HASHED, Clinic
from traceability.domain.checks import Purpose
from traceability.domain.people import SYSTEM, Role
from traceability.domain.states import ConsignmentState
from traceability.services import organisations, people, scans
from traceability.services.organisations import OrganisationKind
from traceability.services.verdicts import scan
from traceability.store import Call

LISTS = (
    "lots", "consignments", "places", "products", "persons", "holds", "recalls", "cases", "releases", "entries",
    "organisations", "materials", "credentials",
)  # fmt: skip


def test_a_vial_shows_its_code_and_where_it_lay(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.in_stock()
    asking = ask("putri")
    listed = asking.get(f"/lots/{lot}/vials", limit=2).json
    assert [one["serial"] for one in listed["items"]] == ["H3K001", "H3K002"]
    assert listed["items"][0]["code"] == f"https://id.gs1.org/01/{GTIN}/10/UC26-H3/21/H3K001?17=260930"
    rest = asking.get(f"/lots/{lot}/vials", limit=200, after=listed["next"]).json
    assert ([one["serial"] for one in rest["items"]], rest["next"]) == (["H3K003", "H3K004", "H3K005"], None)
    one = asking.get(f"/vials/{listed['items'][0]['id']}").json
    assert one["lot"]["number"] == "UC26-H3"
    assert one["stays"][0]["place"] == "MF-01"
    assert one["stays"][-1]["place"] == "F-01-Q"
    assert one["stays"][-1]["until"] is None
    with_hyphens = f"{one['id'][:8]}-{one['id'][8:12]}-{one['id'][12:16]}-{one['id'][16:20]}-{one['id'][20:]}"
    assert asking.get(f"/vials/{with_hyphens.upper()}").json["id"] == one["id"]


def test_a_consignment_tells_how_each_vial_was_found(ask: Ask, clinic: Clinic) -> None:
    box = clinic.arrived(clinic.shipped(clinic.lot()))
    clinic.counted(box, broken=("H3K001",), absent=("H3K002",))
    made = ask("handayani").get(f"/consignments/{box}").json
    assert made["state"] == ConsignmentState.CHECKED_IN
    assert made["tally"] == {"shipped": 0, "ok": 3, "broken": 1, "absent": 1, "extra": 0, "extra_broken": 0}
    assert [(line["vial"]["serial"], line["found"]) for line in made["lines"]][:3] == [
        ("H3K001", "broken"), ("H3K002", "absent"), ("H3K003", "ok"),
    ]  # fmt: skip
    assert made["handovers"][0]["seal"] == "S-4471"
    assert ask("maharani").get("/cases").json["items"][0]["consignment_id"] == box


def test_a_list_is_read_to_its_end_page_by_page(ask: Ask, clinic: Clinic) -> None:
    for number in ("UC26-H3", "UC26-H4"):
        clinic.in_stock(clinic.lot(number, 2), broken=(f"{number[-2:]}K001",))
    asking = ask("maharani")
    for noun in LISTS:
        key = "number" if noun == "entries" else "id"
        whole = asking.get(f"/{noun}", limit=200).json
        assert whole["next"] is None
        told, after = [], None
        while after != "":
            page = asking.get(f"/{noun}", limit=1, **({"after": after} if after else {})).json
            told += page["items"]
            assert len(page["items"]) == (1 if whole["items"] else 0), noun
            after = page["next"] or ""
        assert [one[key] for one in told] == [one[key] for one in whole["items"]], noun
        assert [one[key] for one in told] == sorted((one[key] for one in told), reverse=True), noun


def test_a_list_is_asked_for_properly(ask: Ask, clinic: Clinic) -> None:
    asking = ask("maharani")
    for noun in LISTS:
        for query in ({"limit": 0}, {"limit": 201}, {"limit": "x"}, {"after": "\x00"}, {"sort": "name"}):
            made = asking.get(f"/{noun}", **query)
            assert (made.status_code, made.json["code"]) == (422, "input_malformed"), (noun, query)
            assert list(made.json["errors"]) == list(query), (noun, query)


def test_nothing_of_another_organisation_is_there(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.released_lot()
    box, vial = clinic.consignments()[0].id, clinic.vial("H3K001").id
    asking = ask("other")
    for path in (
        f"/lots/{lot}",
        f"/lots/{lot}/vials",
        f"/lots/{lot}/dossier",
        f"/vials/{vial}",
        f"/consignments/{box}",
    ):
        made = asking.get(path)
        assert (made.status_code, made.json["code"]) == (404, "not_found"), path
    for noun in ("lots", "consignments", "releases", "cases", "holds", "places"):
        assert asking.get(f"/{noun}").json["items"] == [], noun
    assert asking.get("/entries", about=lot).json["items"] == []
    unknown = asking.get(f"/lots/{'0' * 32}")
    assert (unknown.status_code, unknown.json) == (404, asking.get(f"/lots/{lot}").json), "absent and foreign are alike"
    assert asking.get("/lots/not-an-id").status_code == 404


def test_the_trail_is_of_ones_own_ledger(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.in_stock()
    ours = ask("maharani").get("/entries", about=lot, limit=200).json["items"]
    theirs = ask("wijaya").get("/entries", about=lot, limit=200).json["items"]
    arrived = {"consignment.arrive", "consignment.count", "consignment.check_in", "consignment.attach_log"}
    assert {one["act"] for one in ours} == {"vial.put_away", *arrived}  # a lot's vials and its box are of its trail
    assert {one["act"] for one in theirs} >= {"lot.announce", "lot.certify", "consignment.ship"}
    assert not {one["act_id"] for one in ours} & {one["act_id"] for one in theirs}
    of_lot = {lot, clinic.consignments()[0].id, *(vial.id for vial in clinic.vials(lot))}
    assert all(of_lot & set(one["about"]) for one in ours)
    assert [one["number"] for one in ours] == sorted((one["number"] for one in ours), reverse=True)


def test_near_misses_and_refusals_are_asked_for_alike_in_whatever_width_it_is_typed(ask: Ask, clinic: Clinic) -> None:
    clinic.in_stock()  # not released: a scan asks QA
    with clinic.store.read(clinic.PHARMACIST) as view:
        found = scan(view, clinic.code(clinic.vial("H3K001")), Purpose.STOCK)
    scans.log(clinic.store, clinic.PHARMACIST, found)
    scans.log_of(clinic.store).flush()
    quality, at = ask("maharani"), clinic.clock.now
    times = {"since": at.isoformat(), "until": (at + timedelta(hours=1)).isoformat()}
    about = {"about": "ＵＣ２６－Ｈ３", "person_id": "ｐｕｔｒｉ", **times}
    assert [one["serial"] for one in quality.get("/near-misses", **about, purpose="stock").json["items"]] == ["H3K001"]
    for other in ({"purpose": "bedside"}, {"since": times["until"]}, {"until": times["since"]}, {"about": "UC99"}):
        assert quality.get("/near-misses", **about | other).json["items"] == [], other
    assert quality.get("/near-misses", purpose="anything").status_code == 422
    code = clinic.code(clinic.vial("H3K001")) + "\x1d91COLD"  # as scanners send it: separators and all
    scanned = quality.get("/near-misses", about=code).json["items"]
    assert [one["serial"] for one in scanned] == ["H3K001"]
    of_vial = [one["number"] for one in quality.get("/entries", about=code).json["items"]]
    assert of_vial == [one["number"] for one in quality.get("/entries", about="H3K001").json["items"]] != []
    assert (
        ask("putri")
        .post("/places/open", {"site_id": clinic.ids["site"], "name": "x", "code": "X", "kind": "fridge"})
        .status_code
        == 403
    )
    refused = {"refused": "yes", "person_id": "putri", **times}
    (one,) = quality.get("/entries", **refused, act="ｐｌａｃｅ．ｏｐｅｎ").json["items"]
    assert one["outcome"] == "refused"
    assert quality.get("/entries", **refused, act="lot.release").json["items"] == []
    assert quality.get("/entries", act="no.act").status_code == 422


def test_a_guest_reads_the_trail_of_who_let_them_in_and_of_nobody_else(ask: Ask, clinic: Clinic) -> None:
    lot, other = clinic.in_stock(), clinic.lot("UC26-K2")
    authority = organisations.register(clinic.store, SYSTEM, Call(), "BPOM", OrganisationKind.AUTHORITY).id
    who = people.enrol(clinic.store, SYSTEM, Call(), authority, "inspector", "P. Inspector", HASHED).id
    people.give(clinic.store, SYSTEM, Call(), who, Role.INSPECTOR, clinic.ids["hospital"], lot_id=lot)
    asking = ask("inspector")
    found = asking.get("/entries", limit=200).json["items"]
    vials = {vial.id for vial in clinic.vials(lot)}
    assert found
    assert all({lot, *vials} & set(one["about"]) for one in found)
    assert found == asking.get("/entries", limit=200, ledger=clinic.ids["hospital"]).json["items"]
    assert asking.get("/entries", about=other).json["items"] == []
    for ledger in (authority, clinic.ids["maker"]):
        assert asking.get("/entries", ledger=ledger).status_code == 404


def test_a_recall_is_known_everywhere_and_its_scope_where_it_may_be_seen(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.released_lot()
    told = {
        "title": "Particles", "class_": 2, "mandatory": False, "kind": "lot", "target_ids": [lot], "reason": "complaint",
        "signatures": [signature("wijaya", "recalled")],
    }  # fmt: skip
    assert ask("wijaya").post("/recalls/start", told).status_code == 201
    (here,) = ask("putri").get("/recalls", open="true").json["items"]
    (there,) = ask("other").get("/recalls", open="true").json["items"]
    assert (here["title"], [one["target_id"] for one in here["scopes"]]) == ("Particles", [lot])
    assert (there["title"], there["scopes"]) == ("Particles", [])
    assert ask("other").get("/recalls", open="false").json["items"] == []
    made = ask("putri").get("/scan", code=clinic.code(clinic.vial("H3K001"))).json
    assert (made["verdict"], made["findings"][0]["code"]) == ("do_not_use", "recalled")


def test_products_come_with_their_limits_and_tests(ask: Ask, clinic: Clinic) -> None:
    (product,) = ask("putri").get("/products").json["items"]
    (version,) = product["versions"]
    assert (product["gtin"], version["thaw_s"], version["low_mc"]) == (GTIN, 5400, -25000)
    assert {one["test"] for one in version["specifications"]} == {"Sterility", "Endotoxin"}

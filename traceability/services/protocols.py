"""Protocols: how a course goes, which visits follow, and the papers of the hospital under which it may be planned (R15, R41)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from sqlmodel import col

from traceability.domain import papers
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding
from traceability.domain.visits import Planned, possible, usual
from traceability.services import Answer, credentials, performs
from traceability.services.credentials import Ours
from traceability.store import Tx, View
from traceability.store.tables import Product, ProtocolVersion, Visit
from traceability.store.tables.lots import Route
from traceability.store.tables.outcomes import TimePoint


class PlannedVisit(TypedDict):
    """A visit as it is told: days after the first injection, and how many days before and after that are in time."""

    time_point: TimePoint
    day: int
    window_d: int


@performs("protocol.issue")
def issue(
    tx: Tx,
    product_id: str,
    name: str,
    *,
    doses: int = 5,
    interval_d: int = 7,
    window_d: int = 2,
    volume_ul: int = 3000,
    observation_min: int = 30,
    joint: str = "knee",
    route: Route = Route.SERVICE,
    ethics_number: str = "",
    approval_number: str = "",
    visits: Sequence[PlannedVisit] | None = None,
) -> Answer:
    """A protocol version, signed (R41): by default five doses, seven days apart, 3 mL, one knee, and the usual visits.

    A number that it names is that of a paper of this hospital that stands today for the product; it may name none, and is
    then on record and planned on by nobody. `visits`: none told, the usual ones; an empty list, none.
    """
    product = tx.need(Product, product_id)
    if not (
        0 < doses <= 52
        and 0 < interval_d <= 366
        and 0 <= window_d < interval_d
        and volume_ul > 0
        and observation_min >= 0
    ):
        raise Refused("protocol_impossible")
    planned = usual(doses, interval_d) if visits is None else [_planned(one) for one in visits]
    possible(planned)
    for number in (ethics_number, approval_number):
        if number and not papers.is_number(number):
            raise Refused("paper_number_malformed", number=number)
    earlier = [
        one.version
        for one in tx.all(ProtocolVersion, ProtocolVersion.name == name)
        if one.organisation_id == tx.actor.organisation_id
    ]
    row = ProtocolVersion(
        organisation_id=tx.actor.organisation_id, name=name, version=1 + max(earlier, default=0), product_id=product.id, joint=joint,
        doses=doses, interval_d=interval_d, window_d=window_d, volume_ul=volume_ul, observation_min=observation_min,
        route=route, ethics_number=ethics_number, approval_number=approval_number,
    )  # fmt: skip
    if wrong := tuple(
        one for one in asked_of(credentials.ours(tx), row) if one.holds is not True and one.values.get("number")
    ):
        raise Refused("protocol_paper_missing", findings=wrong, name=name)
    tx.add(row)
    tx.add_all(
        [
            Visit(protocol_version_id=row.id, time_point=TimePoint(point), day=day, window_d=window_d)
            for point, day, window_d in planned
        ]
    )
    tx.covers = {
        "name": name,
        "version": row.version,
        "route": route,
        "ethics": ethics_number,
        "approval": approval_number,
    }
    return {"id": row.id}


def _planned(one: PlannedVisit) -> Planned:
    return Planned(one["time_point"], one["day"], one["window_d"])


# -------------------------------------------------------------------------------------------------------------- reads


def asked_of(mine: Ours, protocol: ProtocolVersion) -> tuple[Finding, ...]:
    """Every paper that the law asks a protocol of this route to name, and whether it stands today for its product (R15)."""
    route = Route(protocol.route)
    kinds = papers.NAMED_PAPERS.get(route, (str(route),))
    told = {kind: protocol.ethics_number if kind == "ethics" else protocol.approval_number for kind in kinds}
    return credentials.named(mine, route, protocol.product_id, told)


def missing(mine: Ours, protocol: ProtocolVersion) -> tuple[Finding, ...]:
    """Why no course may be planned on it today; empty where one may."""
    return tuple(one for one in asked_of(mine, protocol) if one.holds is not True)


@dataclass(frozen=True, slots=True)
class Protocol:
    """A version with its product, its visits in their order, and what keeps it from being planned on."""

    version: ProtocolVersion
    product: Product
    visits: tuple[Visit, ...]
    missing: tuple[Finding, ...]


def protocols(view: View) -> list[Protocol]:
    """Those of this hospital, the newest version of each name first; a course names its version."""
    found = view.all(ProtocolVersion, order=(ProtocolVersion.name, col(ProtocolVersion.version).desc()))
    planned, mine = visits(view, [one.id for one in found]), credentials.ours(view)
    of = {one.id: one for one in view.all(Product, col(Product.id).in_({one.product_id for one in found}))}
    return [Protocol(one, of[one.product_id], planned.get(one.id, ()), missing(mine, one)) for one in found]


def visits(view: View, version_ids: Iterable[str]) -> dict[str, tuple[Visit, ...]]:
    """The visits of each of these versions, in their order."""
    made: dict[str, list[Visit]] = defaultdict(list)
    for one in view.all(
        Visit, col(Visit.protocol_version_id).in_(sorted(set(version_ids))), order=(Visit.day, Visit.id)
    ):
        made[one.protocol_version_id].append(one)
    return {version: tuple(found) for version, found in made.items()}

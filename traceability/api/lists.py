"""Lists as {"items": […], "next": cursor | null}, newest first, of nouns that need no more than that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from schemas.fields import Flag
from schemas.outputs import (
    CaseOut,
    CredentialOut,
    HoldOut,
    MaterialOut,
    OrganisationOut,
    Out,
    PlaceOut,
    ProductOut,
    RecallOut,
    ReleaseOut,
    page_of,
)
from traceability.api import asked, blueprint
from traceability.asking import actor, store
from traceability.services import lists

Read = Callable[..., list[Any]]


class OpenIn(asked.PageIn):
    is_open = Flag(data_key="open", metadata={"description": "Only those that stand, or only those that ended."})


LIST, ONE = (400, 401, 403, 422), (400, 401, 403, 404, 422)
"""How a read may be refused."""


def cut(found: list[Any], limit: int, key: Callable[[Any], Any]) -> dict[str, Any]:
    """A page from one item more than it takes: the one too many says that there is more."""
    more = len(found) > limit
    return {"items": found[:limit], "next": str(key(found[limit - 1])) if more else None}


def listed(noun: str, item: type[Out], read: Read, summary: str, query: type[Schema] = asked.PageIn) -> None:
    """`GET /api/v1/<nouns>` over one read of the services."""

    def view(told: dict[str, Any]) -> dict[str, Any]:
        limit, after = told.pop("limit"), asked.cursor(told.pop("after", None))
        with store().read(actor()) as view:
            return cut(read(view, limit=limit + 1, after=after, **told), limit, lambda one: one["id"])

    view.__doc__ = summary
    view.__name__ = noun
    made = blueprint.response(200, page_of(item))(blueprint.arguments(query, location="query")(view))
    blueprint.add_url_rule(f"/{noun}", noun, blueprint.refuses(*LIST)(made), methods=["GET"], tags=[noun])


listed("organisations", OrganisationOut, lists.organisations, "Organisations and their sites.")
listed("places", PlaceOut, lists.places, "Places in sight, with how many vials lie there now.")
listed("products", ProductOut, lists.products, "Products, their versions, and what a lot of each must be tested for.")
listed("materials", MaterialOut, lists.materials, "Coded donors, banks, harvests and reagents.")
listed("credentials", CredentialOut, lists.credentials, "Certificates and licences.")
listed(
    "holds",
    HoldOut,
    lists.holds,
    "Holds of one's own organisation, and those of others over vials that it holds.",
    OpenIn,
)
listed("recalls", RecallOut, lists.recalls, "Recalls of every organisation: they stop use everywhere.", OpenIn)
listed("cases", CaseOut, lists.cases, "Cases of one's own organisation.", OpenIn)
listed("releases", ReleaseOut, lists.releases, "Releases of one's own organisation.")

"""At which sites of their own house the things are that an act is about: who holds a role at some sites acts at these."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, text

AT_ONCE = 5_000
"""SQLite takes some thirty thousand values in one statement, and these stand in it five times."""


def sites(connection: Connection, about: Iterable[str], organisation_id: str) -> set[str]:
    """Of places and sites themselves, of vials where they lie now, of courses where they are given, of boxes where they are
    received, or were sent from.

    What is at another organisation's sites is not limited by a site of one's own.
    """
    ids, found = sorted(about), set()
    for begin in range(0, len(ids), AT_ONCE):
        some = {"ids": ids[begin : begin + AT_ONCE], "mine": organisation_id}
        found |= set(connection.execute(_SITES, some).scalars())
    return found


_SITES = text(
    "SELECT DISTINCT x.id FROM site x JOIN (SELECT id FROM site WHERE id IN :ids"
    " UNION ALL SELECT site_id FROM course WHERE id IN :ids"
    " UNION ALL SELECT site_id FROM place WHERE id IN :ids"
    " UNION ALL SELECT p.site_id FROM stay s JOIN place p ON p.id = s.place_id WHERE s.until IS NULL AND s.vial_id IN :ids"
    " UNION ALL SELECT CASE WHEN consignee_id = :mine THEN to_site_id ELSE from_site_id END FROM consignment WHERE id IN :ids"
    ") y ON y.id = x.id WHERE x.organisation_id = :mine"
).bindparams(bindparam("ids", expanding=True))

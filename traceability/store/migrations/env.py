"""Alembic's entry: it runs on the connection that `migrate.py` hands it, inside that transaction."""

from typing import Any, Literal

from alembic import context

from traceability.store.tables import metadata
from traceability.store.tables.row import Choice, Json, Utc


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Types in a migration are plain ones: a migration must not change when our classes do."""
    if kind == "type" and isinstance(item, Choice):
        return "sa.String(24)"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    if kind == "type" and isinstance(item, Utc):
        return "Utc()"
    if kind == "type" and type(item).__name__ == "AutoString":
        length = getattr(item, "length", None)
        return f"sa.String({length})" if length else "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render,
    include_object=lambda item, name, kind, *_: not (kind == "table" and name == "open"),
    version_table_schema=context.config.attributes.get("schema"),
)
with context.begin_transaction():
    context.run_migrations()

"""Where the record is kept: `Store.perform` is the door, `Store.read` the window. Nothing else touches the database."""

from traceability.store.call import Call, Done, Source, new_id
from traceability.store.door import Store
from traceability.store.hot import Reader
from traceability.store.tx import AHEAD, LONG_AGO, Tx
from traceability.store.view import View

__all__ = ["AHEAD", "Call", "Done", "LONG_AGO", "Reader", "Source", "Store", "Tx", "View", "new_id"]

"""What a printed record says, read for somebody who may see it: one module a record, shared parts in `parts.py`."""

"""Shape only: what a request may look like. Whether it may happen is decided by the acts and their checks."""

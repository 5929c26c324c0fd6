"""Pure: a record in, PDF bytes out. No store, no clock, no base-14 font."""

"""Pure: a record in, PDF bytes out. No store, no clock, no base-14 font."""

VERSION = "0.2.0"
"""Of the drawing, kept with each document: raised whenever an equal record would give other bytes."""

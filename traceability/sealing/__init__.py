"""Documents sealed by the site's certificate (PAdES), and seals checked. Imported where it is needed: pyHanko takes a second.

Not here: what a document says and where it is kept (`services.documents`), what it looks like (`reports`).
"""

"""An example region to look around in, and registers of any size to measure with.

Everything comes out of one generator. The same day gives the same region: its chance is seeded
with the name of the profile and that day. Rows go in by COPY as owner, valued by the engine of the
pages; the database's own guards of the books are off while they do, and the books are proved after.
"""

"""Tables, transactions and access; one Django app for each idea.

In every app: `models` holds tables and constraints, `actions` the writes, `queries` the reads,
`access` the only way to get an object for somebody. What each app is for is told at its top, and
which stands above which in contract 4 of pyproject.toml: an app imports those below it alone.
"""

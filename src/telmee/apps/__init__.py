"""Tables, transactions and access; one Django app for each idea.

In every app: `models` holds tables and constraints, `actions` the writes, `queries` the reads,
`access` the only way to get an object for somebody. Order of the floors: reports >
contributions > contracts > ledger > schemes > organisations > audit.
"""

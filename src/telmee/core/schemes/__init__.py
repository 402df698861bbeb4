"""Schemes: the published rules of one client, as dated data.

`model` says what a scheme is, `check` tells every fault of a file's contents, `build` makes the
one from the other, `select` picks the version that holds. Reading files is
`telmee.integrations.scheme_files`.
"""

"""The books: per contract entries that are never changed, and balances that follow from them.

Only this app and `telmee.apps.reports` touch the tables; others call `actions` and `queries`.
"""

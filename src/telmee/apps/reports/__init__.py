"""Figures over many contracts, for dashboards and accounts; this app has no tables of its own."""

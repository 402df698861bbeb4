"""Figures over many contracts, for dashboards and for the reports that a client publishes.

The database adds them up (`results`, `portfolio`), from the tables of the apps below. The tables of
this app hold what a client wants to reach (`goals`), what was published (`freezing`) and its files.
"""

"""Schemes for everybody: what they say, what effort is worth, what a contract owes."""

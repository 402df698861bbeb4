"""Contracts, who is party to them, what they owe and what is planned."""

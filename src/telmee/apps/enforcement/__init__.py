"""Enforcement: the ladder of a client, and what was decided by it on a contract that is behind.

The product proposes (`queries`, from where contracts stand at that moment; nothing of it is kept)
and a person decides (`actions`): a step, with its facts, that only grows. Days and euros that a
client lets go of are in `leniency`, leaving the ladder in `leaving`, the effect in `enforced`.
"""

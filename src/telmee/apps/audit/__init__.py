"""The journal: who did what, when, for which organisation and why."""

"""Published versions of the rule sets: what a contract points to never changes."""

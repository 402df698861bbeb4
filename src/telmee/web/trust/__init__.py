"""Pages about trust: the rule of a client, who lost it for a time, and samples that test it."""

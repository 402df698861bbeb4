"""Decisions of a client about lines of effort, and objections to them."""

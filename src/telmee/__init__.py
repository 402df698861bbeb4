"""Telmee: social return in Dutch public procurement, every euro explained."""

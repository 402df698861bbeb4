"""Contributions: what a contractor says was done, the proof of it, and what was decided."""

"""Settlements: what a contract comes to in the end, agreed by both sides, and frozen since."""

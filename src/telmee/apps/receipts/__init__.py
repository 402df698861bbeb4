"""Receipts: every figure that somebody acted on, kept with its story and never changed."""

"""Deciding: the queue, the page of one line, and taking a decision back."""

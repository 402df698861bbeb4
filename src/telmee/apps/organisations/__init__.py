"""Organisations, the people who act for them, and the recognitions that they hold."""

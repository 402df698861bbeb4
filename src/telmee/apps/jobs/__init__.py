"""The work of the worker: what begins by itself, what was asked for, and what was given up."""

"""A whole installation: its database, front end and programs, its backup, and its commands."""

"""The pages around the work: start, accessibility, privacy, security contact, health, demo mail."""

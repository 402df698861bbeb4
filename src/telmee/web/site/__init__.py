"""The pages around the work: accessibility, privacy, security contact, health, demo mail."""

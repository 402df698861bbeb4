"""One folder per outside thing: its client, its settings, and a stand-in for tests."""

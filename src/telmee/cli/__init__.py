"""The commands of `./telmee`: read, call core, write. No rule lives here."""

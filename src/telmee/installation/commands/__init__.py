"""The commands of `./telmee` that run, keep and move a whole installation."""

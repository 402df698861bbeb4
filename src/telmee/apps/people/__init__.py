"""People behind effort, known by a code of their contractor and never by a name."""

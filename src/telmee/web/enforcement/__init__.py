"""Pages of enforcement: the ladder of a client, what is due, and the steps on a contract."""

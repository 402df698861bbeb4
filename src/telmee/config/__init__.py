"""What Django starts with: settings from the environment, addresses, and the entry of a server."""

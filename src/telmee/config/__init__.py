"""The whole house put together: settings, addresses, the embedded database, the commands."""

"""The page with what public bodies published about their results."""

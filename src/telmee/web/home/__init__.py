"""The first page of everybody: what to do today, and where one stands."""

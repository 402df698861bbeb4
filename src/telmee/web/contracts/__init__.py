"""The pages of contracts: the list, registering, and everything about one contract."""

"""Pages about coverage: lists of purchases beside the register, and what is said of each gap."""

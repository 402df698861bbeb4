"""Pages about the codes of people, for the contractor who chose them."""

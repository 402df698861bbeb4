"""Pages about contributions, as the contractor makes them and both parties read them."""

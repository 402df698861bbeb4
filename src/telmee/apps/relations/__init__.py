"""How the two sides of a contract keep in touch: contacts, conversations, tasks, who stands in."""

"""The pages of keeping in touch: contact persons, conversations, tasks, and what is for today."""

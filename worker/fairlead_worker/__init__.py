"""A program: a process that represents available agents. It decides nothing; the store does."""

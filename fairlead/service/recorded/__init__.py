"""Recorded contacts: a file that people have, read into contacts, and each line that is none with its reason."""

"""How to reach a Redis: clients built on purpose, and the embedded server."""

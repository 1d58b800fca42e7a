"""Requests, by who makes them. A session makes its own: see working.py."""

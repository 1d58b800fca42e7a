"""Requests, by who makes them. A session makes its own: see store/session.py."""

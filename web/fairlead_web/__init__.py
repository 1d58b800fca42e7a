"""What an instance shows over HTTP."""

"""Programs: where contacts come from."""

"""Configuration as people write it: TOML in, a plan of what changes, TOML out."""

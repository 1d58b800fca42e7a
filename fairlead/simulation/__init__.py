"""Virtual time over the same transitions: what a configuration makes of a day, before it is applied."""

"""The `fairlead` command: one file for each topic."""

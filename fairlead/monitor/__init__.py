"""The read side: a snapshot in; measures, tables and metrics out."""

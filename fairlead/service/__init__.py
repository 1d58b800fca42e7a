"""What programs and people ask of an instance; every front end is thin over it."""

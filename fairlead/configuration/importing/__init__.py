"""Configurations of other systems, read as one of Fairlead's: one file for each format.

A format makes a draft, which has whatever the files tell, under names that are allowed; what a draft has that a
configuration may not have is left out, with a note that says so. So what is imported can always be applied.
"""

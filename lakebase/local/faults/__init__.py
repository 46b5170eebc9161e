"""What goes wrong on purpose: set, listed and cleared on the control surface, so that one can see who copes with it.

A fault lives in memory only: none survives a restart.
"""

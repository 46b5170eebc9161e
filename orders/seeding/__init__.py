"""Rows to learn with: the small sample, a believable crowd of any size, and the way back to the sample."""

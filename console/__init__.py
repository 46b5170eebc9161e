"""The query builder: one statement at a time, read-only, bounded, and able to prove it."""

"""Read-only endpoints: each a PostgreSQL of its own that follows the log of its branch's read-write one."""

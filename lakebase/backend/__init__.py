"""ENGINE = "lakebase.backend": Django's PostgreSQL engine, logging in with Lakebase tokens. See base.py."""

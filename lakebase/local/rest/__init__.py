"""The REST API, one file for each resource: its rules, and how it reads on the wire.

contents.py tells which of them answers what; it is asked by http_surface.py, outside of this room.

Contract: the databricks-sdk's service/postgres.py, docs.databricks.com/api/postgres/v1, and the answers of the service
that databricks/cli recorded.
"""

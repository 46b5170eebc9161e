"""Lakebase Local: an emulator of Databricks Lakebase Autoscaling with real PostgreSQL behind it.

It imports nothing of the rest of the project and needs no Django. Others reach it by its address only.

Clients come in by gateway/ (the Postgres wire) and by http_surface.py (rest/, and control.py for tests and labs).
Both act on workspace.py: the records of store.py, and for each endpoint a compute.py, which starts and stops a server
of cluster/. history/ keeps what leads back to a moment, standby/ follows a primary, faults/ lets things go wrong.
server.py starts it all; child.py and pytest_plugin.py do so for the tests of others.
"""

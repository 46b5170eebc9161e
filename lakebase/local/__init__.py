"""Lakebase Local: an emulator of Databricks Lakebase Autoscaling with real PostgreSQL behind it.

It imports nothing of the rest of the project and needs no Django. Others reach it by its address only.
"""

"""The query builder, and what its Postgres role may read."""

from django.apps import AppConfig

# Of DATABASES: where the reader logs in.
ALIAS = "reader"


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = "Query builder"
    # `manage.py lakebase grant` makes this role, without a login, and lets the site's role change into it.
    reader = "lakeshop_reader"
    # All it reads of the shop, by name: neither who signs in, nor sessions, nor what is made in future.
    reads = ("users", "products", "orders", "order_items", "audit_log")
    # How it reads them: see migrations/0001_bounded_reading.sql.
    calls = ("console_open", "console_next", "console_plan")

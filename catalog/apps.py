"""Who buys and what is sold: the shop's users and its products."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"
    # The history of imports is only added to.
    grants = {"csv_imports": ("SELECT", "INSERT")}

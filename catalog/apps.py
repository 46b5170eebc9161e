"""Who buys and what is sold: the shop's users and its products."""

from django.apps import AppConfig

from audit.records import RecordPage


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"
    grants = {
        # The history of imports is only added to.
        "csv_imports": ("SELECT", "INSERT"),
        # No models of Django's, which would be given the same: see search/indexing.py.
        "product_search": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "product_search_vocabulary": ("SELECT", "INSERT"),
        "product_search_queue": ("SELECT", "DELETE"),
        "product_vectors": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    }
    record_pages = {
        "products": RecordPage("catalog:product", "product_id"),
        "users": RecordPage("catalog:user", "user_id"),
    }

"""Who buys and what is sold: the shop's users and its products."""

from django.apps import AppConfig

from audit.records import RecordPage


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"
    # The history of imports is only added to.
    grants = {"csv_imports": ("SELECT", "INSERT")}
    record_pages = {
        "products": RecordPage("catalog:product", "product_id"),
        "users": RecordPage("catalog:user", "user_id"),
    }

"""What was bought: orders and the lines they are made of."""

from django.apps import AppConfig

from audit.records import RecordPage


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = "Orders"
    grants = {
        # place_order() alone writes them, with the site's own rights; nobody changes one afterwards.
        "order_placements": ("SELECT", "INSERT"),
        # Kept by triggers and by functions of their owner.
        "daily_deltas": ("SELECT",),
        "daily_figures": ("SELECT",),
        "sales_deltas": ("SELECT",),
        "category_sales": ("SELECT",),
        "product_sales": ("SELECT",),
        "product_days": ("SELECT",),
        "figures_week": ("SELECT",),
        "deleted_orders": ("SELECT",),
        "counted_orders": ("SELECT",),
    }
    record_pages = {
        "orders": RecordPage("orders:order", "order_id", called="Order {order_id}"),
        "order_items": RecordPage("orders:order", "order_id", called="Line of order {order_id}"),
    }

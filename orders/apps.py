"""What was bought: orders and the lines they are made of."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = "Orders"
    # place_order() alone writes them, with the site's own rights; nobody changes one afterwards.
    grants = {"order_placements": ("SELECT", "INSERT")}

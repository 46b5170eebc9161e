"""Orders as a CSV file, one row for each line of an order; an order without lines has one row too."""

from catalog.csv_export import Export, guarded

ORDERS = Export(
    "orders",
    columns={
        "order_id": "o.order_id",
        "order_date": """to_char(o.order_date AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
        **{name: f"o.{name}" for name in ("status", "payment_method", "total_amount")},
        **{name: guarded(f"u.{name}") for name in ("email", "username")},
        "shipping_address": "o.shipping_address::text",
        "sku": guarded("p.sku"),
        "product": guarded("p.name"),
        **{name: f"i.{name}" for name in ("quantity", "unit_price", "subtotal")},
    },
    source="""orders AS o JOIN users AS u ON u.user_id = o.user_id LEFT JOIN order_items AS i ON i.order_id = o.order_id
        LEFT JOIN products AS p ON p.product_id = i.product_id""",
    key="o.order_id",
    order="o.order_id, i.order_item_id",
)

"""A few products that differ in everything, for what is searched in them."""

from catalog.search import Found

GOODS = (
    ("LAMP-DESK", "Desk lamp", "Warm light for reading at night, with a dimmer.", "Lighting", "29.00", ["led", "desk"]),
    ("MON-27", "27 inch monitor", "A sharp screen for long working days.", "Electronics", "299.00", ["screen"]),
    ("KET-1", "Electric kettle", "Boils water for tea in two minutes.", "Kitchen", "35.00", ["tea"]),
    ("SHOE-42", "Trail running shoes", "Light shoes for muddy forest paths.", "Sports", "89.00", ["outdoor"]),
    ("BOOK-SQL", "SQL in plain words", "A book about databases for beginners.", "Books", "25.00", ["programming"]),
    ("HDPH-BT", "Wireless headphones", "Music without cables and without noise.", "Electronics", "149.00", ["audio"]),
    ("CHR-OFF", "Office chair", "Supports your back while you sit all day.", "Furniture", "199.00", ["desk"]),
)


def skus(found: Found) -> list[str]:
    return [hit.product.sku for hit in found.hits]

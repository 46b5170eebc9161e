"""A small file of each kind, to be filled in: every column with two rows that could be imported as they are."""

from __future__ import annotations

import csv
import io

from pages.csv_lines import BYTE_ORDER_MARK

from .columns import KINDS

ROWS: dict[str, tuple[dict[str, str], ...]] = {
    "products": (
        {
            "sku": "LAMP-BRASS-01",
            "name": "Desk lamp, brass",
            "description": "Turns in every direction.",
            "price": "49.90",
            "stock_quantity": "25",
            "category": "Lighting",
            "tags": "lamp,brass",
        },
        {
            "sku": "MUG-BLUE-02",
            "name": "Mug, blue",
            "description": "",
            "price": "12.50",
            "stock_quantity": "0",
            "category": "Kitchen",
            "tags": '{mug,"blue, glazed"}',
        },
    ),
    "users": (
        {
            "email": "ada@example.com",
            "username": "ada",
            "full_name": "Ada Example",
            "role": "customer",
            "metadata": '{"tier": "gold"}',
            "preferences": '{"newsletter": true}',
            "is_active": "true",
        },
        {
            "email": "grace@example.com",
            "username": "grace",
            "full_name": "Grace Example",
            "role": "vendor",
            "metadata": "",
            "preferences": "",
            "is_active": "false",
        },
    ),
}


def example(kind: str) -> bytes:
    """The file, as a spreadsheet opens it rightly."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column.name for column in KINDS[kind].columns])
    writer.writeheader()
    writer.writerows(ROWS[kind])
    return (BYTE_ORDER_MARK + text.getvalue()).encode()

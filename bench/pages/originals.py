"""What the original application asked for the same content, on the same rows, with the indexes that it had."""

import psycopg

from bench.figures import Figures
from bench.pages.asked import Asked
from bench.pages.queries import Observer, taken_by

# Of its indexes those that ours lack and that a question below could use.
INDEXES = (
    "CREATE INDEX original_audit_table ON audit_log (table_name)",
    "CREATE INDEX original_audit_operation ON audit_log (operation)",
    "CREATE INDEX original_audit_created ON audit_log (created_at DESC)",
    "CREATE INDEX original_orders_date ON orders (order_date DESC)",
    "CREATE INDEX original_orders_status ON orders (status)",
    "ANALYZE audit_log",
    "ANALYZE orders",
)
LATEST = "SELECT {} FROM audit_log {} ORDER BY created_at DESC LIMIT {}"
CARDS = [
    "SELECT count(*) FROM users",
    "SELECT count(*) FROM products",
    "SELECT count(*) FROM orders",
    "SELECT coalesce(sum(total_amount), 0) FROM orders WHERE status = 'completed'",
]
RECENT = (
    "SELECT order_id, username, order_date, status, total_amount FROM orders JOIN users USING (user_id) "
    "ORDER BY order_date DESC LIMIT 5"
)
STOCK = "SELECT name, stock_quantity, category FROM products ORDER BY stock_quantity DESC LIMIT 10"
ACTIVITY = LATEST.format("table_name, operation, record_id, created_at", "", 10)
CHOICES = [
    "SELECT user_id, username, email FROM users ORDER BY username",
    "SELECT product_id, name, price FROM products ORDER BY name",
]
# It had no list of products, users or orders but those of its query builder, whose whole answer went to the browser.
ASKED = {
    "dashboard": [*CARDS, STOCK, RECENT, ACTIVITY],
    "tick: dashboard, nothing new": [*CARDS, STOCK, RECENT, ACTIVITY],
    "create order": CHOICES,
    "products": ["SELECT * FROM products"],
    "users": ["SELECT * FROM users"],
    "orders": ["SELECT * FROM orders ORDER BY order_date DESC LIMIT 20"],
    "audit trail": [LATEST.format("*", "", 50)],
    "audit trail, table": [LATEST.format("*", "WHERE table_name = 'products'", 50)],
    "audit trail, rare operation": [LATEST.format("*", "WHERE operation = 'DELETE'", 50)],
    "audit trail, table and operation": [
        LATEST.format("*", "WHERE table_name = 'products' AND operation = 'INSERT'", 50)
    ],
    "tick: audit trail, nothing new": [LATEST.format("*", "", 50)],
}


def compare(figures: Figures, superuser: str, observer: Observer, pages: list[Asked]) -> None:
    """All SQL of a page, with who asks and every filter's choices, beside theirs; ours first, without their indexes."""
    ours = {asked.name: observer.asking(asked) for asked in pages if asked.name in ASKED}
    with psycopg.connect(superuser, autocommit=True, options="-c search_path=ecommerce") as session:
        for statement in INDEXES:
            session.execute(statement.encode())
    for name, statements in ASKED.items():
        mine, theirs = ours[name].milliseconds, taken_by(statements)
        queries = f"{len(ours[name].statements)} / {len(statements)} queries"
        figures.say(name, f"{queries}, {mine:.2f} / {theirs:.2f} ms = 1 : {theirs / mine:.1f}")

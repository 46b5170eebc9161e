from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
TRIGGERS = "".join(
    f"DROP TRIGGER figures_{event} ON {table};"
    for table in ("users", "products", "orders", "order_items")
    for event in ("truncate", "delete", "update", "insert")
)
REVERSE = f"""
{TRIGGERS}
DROP TRIGGER figures_remember ON orders;
DROP FUNCTION figures_lock();
DROP FUNCTION figures_forget();
DROP FUNCTION figures_remember_order();
DROP FUNCTION figures_count_lines();
DROP FUNCTION figures_count_changed_orders();
DROP FUNCTION figures_count_orders();
DROP FUNCTION figures_count_made();
DROP FUNCTION figures_refuse(text);
DROP VIEW counted_orders;
DROP FUNCTION sales_day(date);
DROP FUNCTION utc_day(timestamptz);
DROP TABLE deleted_orders, figures_week, product_days, product_sales, category_sales, sales_deltas, daily_figures,
    daily_deltas;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_place_order")]
    operations = [migrations.RunSQL(SQL, REVERSE)]

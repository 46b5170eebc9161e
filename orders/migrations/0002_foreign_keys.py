from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
ALTER TABLE order_items DROP CONSTRAINT order_items_product_id_fkey, DROP CONSTRAINT order_items_order_id_fkey;
ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("catalog", "0002_updated_at")]
    operations = [migrations.RunSQL(SQL, REVERSE)]

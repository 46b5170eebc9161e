from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
DROP TRIGGER keep_category ON order_items;
DROP TRIGGER fill_category ON order_items;
DROP FUNCTION fill_category();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_audit")]
    operations = [migrations.RunSQL(SQL, REVERSE)]

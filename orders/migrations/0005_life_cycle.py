from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
DROP FUNCTION cancel_order(bigint);
DROP FUNCTION move_order(bigint, text);
DROP TRIGGER give_stock_back ON orders;
DROP FUNCTION give_stock_back();
DROP FUNCTION order_goods_refused(bigint[]);
DROP TRIGGER keep_life_cycle ON orders;
DROP FUNCTION keep_order_life_cycle();
DROP FUNCTION order_move_refused(bigint, text, text);
DROP FUNCTION order_status_following(text);
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_line_category")]
    operations = [migrations.RunSQL(SQL, REVERSE)]

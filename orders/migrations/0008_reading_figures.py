from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
DROP FUNCTION figures_differences();
DROP FUNCTION figures_counted(date);
DROP FUNCTION figures_kept(date);
DROP FUNCTION top_products_this_week(int);
DROP FUNCTION top_products(int);
DROP FUNCTION revenue_by_category();
DROP FUNCTION revenue_by_day(int);
DROP FUNCTION shop_totals();
DROP FUNCTION recount_figures();
DROP FUNCTION fold_many_deltas();
DROP FUNCTION fold_figures();
DROP FUNCTION figures_today();
DROP FUNCTION move_figures_week(date);
DROP FUNCTION fold_sales_deltas();
DROP FUNCTION fold_daily_deltas();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_figures")]
    operations = [migrations.RunSQL(SQL, REVERSE)]

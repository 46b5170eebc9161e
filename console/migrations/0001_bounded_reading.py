from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
DROP FUNCTION ecommerce.console_plan(text, int);
DROP FUNCTION ecommerce.console_next(int, int);
DROP FUNCTION ecommerce.console_open(text);
"""


class Migration(migrations.Migration):
    # The schema is made before the first migration of all; the functions read no table of their own.
    dependencies = []
    operations = [migrations.RunSQL(SQL, REVERSE)]

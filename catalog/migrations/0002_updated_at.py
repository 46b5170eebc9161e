from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
DROP TRIGGER keep_updated_at ON products;
DROP TRIGGER keep_updated_at ON users;
DROP FUNCTION keep_updated_at();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunSQL(SQL, REVERSE)]

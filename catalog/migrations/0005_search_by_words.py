"""Users are found by a part of them among hundreds of thousands, where pg_trgm is to be had."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
# The extension goes when it came with this and nothing else has come to need it.
REVERSE = """
DROP INDEX IF EXISTS users_words;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm' AND extnamespace = 'ecommerce'::regnamespace) THEN
        DROP EXTENSION pg_trgm;
    END IF;
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
    RAISE NOTICE 'pg_trgm stays: %', SQLERRM;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_csv_imports")]

    operations = [migrations.RunSQL(SQL, reverse_sql=REVERSE)]

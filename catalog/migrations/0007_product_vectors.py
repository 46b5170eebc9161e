"""Products are found by what they mean, where pgvector is to be had."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
# The extension goes when it came with this and nothing else has come to need it.
REVERSE = """
DROP TABLE ecommerce.product_vectors;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'vector' AND extnamespace = 'ecommerce'::regnamespace) THEN
        DROP EXTENSION vector;
    END IF;
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
    RAISE NOTICE 'pgvector stays: %', SQLERRM;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_product_search")]

    operations = [migrations.RunSQL(SQL, reverse_sql=REVERSE)]

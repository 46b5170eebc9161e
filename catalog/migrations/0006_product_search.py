"""Products are found by a part of their name, SKU or tags among hundreds of thousands, at no cost to orders."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
DROP TRIGGER search_truncate ON ecommerce.products;
DROP TRIGGER search_update ON ecommerce.products;
DROP TRIGGER search_delete ON ecommerce.products;
DROP TRIGGER search_insert ON ecommerce.products;
DROP FUNCTION ecommerce.product_search_enqueue();
DROP TABLE ecommerce.product_search_queue;
DROP TABLE ecommerce.product_search_vocabulary;
DROP TABLE ecommerce.product_search;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_search_by_words")]

    operations = [migrations.RunSQL(SQL, reverse_sql=REVERSE)]

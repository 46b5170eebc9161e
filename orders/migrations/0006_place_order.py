from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
DROP FUNCTION place_order(bigint, bigint[], bigint[], jsonb, text, text);
DROP FUNCTION order_fingerprint(bigint[], bigint[], jsonb, text);
DROP FUNCTION order_head_refusals(bigint, bigint[], bigint[], jsonb, text, text);
DROP FUNCTION order_refusal(text, text);
DROP FUNCTION order_line_refusals(bigint[], bigint[]);
DROP FUNCTION order_lines_told(bigint[], text);
ALTER TABLE order_placements DROP CONSTRAINT order_placements_order_id_fkey;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_life_cycle"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderPlacement",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        db_column="order_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="placement",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_column="user_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.shopuser",
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=200)),
                ("fingerprint", models.CharField(max_length=64)),
                ("txid", models.BigIntegerField()),
                ("placed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "order_placements",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "idempotency_key"), name="order_placements_key")
                ],
            },
        ),
        migrations.RunSQL(SQL, REVERSE),
    ]

from pathlib import Path

from django.db import migrations, models

import audit.models

SQL = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
DROP FUNCTION ecommerce.audit_fold_counts();
DROP VIEW ecommerce.audit_summary;
DROP TABLE ecommerce.audit_count_deltas;
DROP TABLE ecommerce.audit_counts;
DROP TABLE ecommerce.audit_log;
DROP FUNCTION ecommerce.audit_drop_before(timestamptz);
DROP FUNCTION ecommerce.audit_keep_entries();
DROP FUNCTION ecommerce.audit_record_truncate();
DROP FUNCTION ecommerce.audit_record_change();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            SQL,
            REVERSE,
            state_operations=[
                migrations.CreateModel(
                    name="AuditEntry",
                    fields=[
                        ("audit_id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("table_name", models.TextField()),
                        ("operation", models.TextField()),
                        ("record_id", models.BigIntegerField(null=True)),
                        ("old_data", models.JSONField(decoder=audit.models.ExactDecoder, null=True)),
                        ("new_data", models.JSONField(decoder=audit.models.ExactDecoder, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.TextField()),
                        ("actor", models.TextField(null=True)),
                        ("request_id", models.TextField(null=True)),
                        ("txid", models.BigIntegerField()),
                    ],
                    options={
                        "verbose_name_plural": "audit entries",
                        "db_table": "audit_log",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="AuditSummary",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("table_name", models.TextField()),
                        ("operation", models.TextField()),
                        ("entries", models.BigIntegerField()),
                        ("unfolded", models.BigIntegerField()),
                    ],
                    options={"db_table": "audit_summary", "managed": False},
                ),
            ],
        )
    ]

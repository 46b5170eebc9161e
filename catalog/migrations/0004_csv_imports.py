import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_audit"),
    ]

    operations = [
        migrations.CreateModel(
            name="CsvImport",
            fields=[
                ("import_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("file_name", models.CharField(blank=True, max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("lines", models.BigIntegerField()),
                ("inserted", models.BigIntegerField()),
                ("updated", models.BigIntegerField()),
                ("unchanged", models.BigIntegerField()),
                ("rejected", models.BigIntegerField()),
                ("seconds", models.FloatField()),
                (
                    "imported_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("actor", models.TextField(blank=True)),
                ("request_id", models.TextField(blank=True)),
                ("txid", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "CSV import",
                "db_table": "csv_imports",
                "ordering": ("import_id",),
                "indexes": [models.Index(fields=["sha256", "kind", "import_id"], name="csv_imports_file")],
            },
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("console", "0001_bounded_reading"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="PastQuery",
            fields=[
                ("query_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sql", models.TextField()),
                ("asked_at", models.DateTimeField(db_default=Now())),
                ("seconds", models.FloatField(null=True)),
                ("rows", models.IntegerField(null=True)),
                ("trouble", models.TextField(blank=True, default="")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "past_queries",
                "verbose_name_plural": "past queries",
                "indexes": [models.Index(fields=["person", "-query_id"], name="past_queries_of_person")],
            },
        ),
    ]

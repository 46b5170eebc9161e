import datetime

from django.db import migrations, models

FIRST = datetime.datetime(2, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_product_vectors")]
    operations = [
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("created_at__gte", FIRST),
                    ("created_at__lt", END),
                    ("updated_at__gte", FIRST),
                    ("updated_at__lt", END),
                ),
                name="products_times_readable",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopuser",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("created_at__gte", FIRST),
                    ("created_at__lt", END),
                    ("updated_at__gte", FIRST),
                    ("updated_at__lt", END),
                ),
                name="users_times_readable",
            ),
        ),
    ]

import datetime

from django.db import migrations, models

FIRST = datetime.datetime(2, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)
READABLE = models.Q(
    ("created_at__gte", FIRST), ("created_at__lt", END), ("updated_at__gte", FIRST), ("updated_at__lt", END)
)


def constrain(model: str, table: str) -> migrations.AddConstraint:
    told = "Give a date from year 2 to year 9998."
    name = f"{table}_times_readable"
    return migrations.AddConstraint(
        model, models.CheckConstraint(condition=READABLE, name=name, violation_error_message=told)
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_product_vectors")]
    operations = [constrain("product", "products"), constrain("shopuser", "users")]

import datetime

from django.db import migrations, models

FIRST = datetime.datetime(2, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_reading_figures")]
    operations = [
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("order_date__gte", FIRST), ("order_date__lt", END)),
                name="orders_date_readable",
                violation_error_message="Give a date from year 2 to year 9998.",
            ),
        ),
    ]

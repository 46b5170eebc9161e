from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Product",
            fields=[
                ("product_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "sku",
                    models.CharField(
                        blank=True,
                        db_default=django.db.models.functions.text.Concat(
                            models.Value("LS-"),
                            django.db.models.functions.text.Upper(
                                django.db.models.functions.text.Left(
                                    django.db.models.functions.text.MD5(
                                        django.db.models.functions.comparison.Cast(
                                            django.contrib.postgres.functions.RandomUUID(), models.TextField()
                                        )
                                    ),
                                    16,
                                )
                            ),
                        ),
                        max_length=64,
                        verbose_name="SKU",
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("description", models.TextField(blank=True, db_default="")),
                ("price", models.DecimalField(decimal_places=2, max_digits=10)),
                ("stock_quantity", models.IntegerField(db_default=0)),
                ("category", models.CharField(db_default="Other", max_length=100)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(validators=[django.core.validators.MaxLengthValidator(500)]),
                        blank=True,
                        db_default=[],
                        size=None,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "db_table": "products",
                "ordering": ("product_id",),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="products_tags"),
                    models.Index(fields=["category", "product_id"], name="products_category"),
                    models.Index(fields=["stock_quantity", "product_id"], name="products_stock"),
                    models.Index(fields=["created_at", "product_id"], name="products_created_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sku",),
                        name="products_sku_key",
                        violation_error_message="This SKU is another product's.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sku__regex", "^[^ \\t\\r\\n\\u00A0](.*[^ \\t\\r\\n\\u00A0])?$")),
                        name="products_sku_given",
                        violation_error_message="Give an SKU without blanks around it or leave it out.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="products_name_given",
                        violation_error_message="Give a name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0), ("price__lte", Decimal("99999999.99"))),
                        name="products_price_not_negative",
                        violation_error_message="Give a price from 0 to 99999999.99.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stock_quantity__gte", 0)),
                        name="products_stock_not_negative",
                        violation_error_message="Give a stock of 0 or more.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShopUser",
            fields=[
                ("user_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=255)),
                ("username", models.CharField(max_length=100)),
                ("full_name", models.CharField(blank=True, db_default="", max_length=255)),
                ("metadata", models.JSONField(blank=True, db_default={})),
                ("preferences", models.JSONField(blank=True, db_default={})),
                ("is_active", models.BooleanField(db_default=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "db_table": "users",
                "ordering": ("user_id",),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["metadata"], name="users_metadata", opclasses=["jsonb_path_ops"]
                    ),
                    models.Index(fields=["created_at", "user_id"], name="users_created_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        name="users_email_key",
                        violation_error_code="email_taken",
                        violation_error_message="This e-mail is another user's.",
                    ),
                    models.UniqueConstraint(
                        fields=("username",),
                        name="users_username_key",
                        violation_error_message="This username is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email__regex", "^[^@\\s]+@[^@\\s.]+(\\.[^@\\s.]+)+$")),
                        name="users_email_shape",
                        violation_error_message="Write the e-mail as name@example.com.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("username__regex", "^[^ \\t\\r\\n\\u00A0](.*[^ \\t\\r\\n\\u00A0])?$")),
                        name="users_username_given",
                        violation_error_message="Give a username without blanks around it.",
                    ),
                ],
            },
        ),
    ]

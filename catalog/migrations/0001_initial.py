from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

import catalog.tag_list
import pages.exact_json
import pages.visible

# As pages/visible.py had them when this was written.
CONTROL = r"\u0001-\u001F\u007F-\u009F\u2028\u2029"
INVISIBLE = (
    r"\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164"
    r"\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U0001D173-\U0001D17A\U000E0000-\U000E0FFF"
)
A_CONTROL = f"[{CONTROL}]"
A_CONTROL_IN_LINES = r"[\u0001-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]"
A_HIDDEN = f"[{CONTROL}{INVISIBLE}]"
SOMETHING_SEEN = rf"[^{CONTROL} \u00A0\u1680\u2000-\u200A\u202F\u205F\u2800\u3000{INVISIBLE}]"


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
                        validators=[pages.visible.key],
                        verbose_name="SKU",
                    ),
                ),
                ("name", models.CharField(max_length=255, validators=[pages.visible.name])),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        db_default="",
                        max_length=1000000,
                        validators=[pages.visible.no_control_in_lines],
                    ),
                ),
                ("price", models.DecimalField(decimal_places=2, max_digits=10)),
                ("stock_quantity", models.IntegerField(db_default=0)),
                ("category", models.CharField(db_default="Other", max_length=100, validators=[pages.visible.name])),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(
                            validators=[django.core.validators.MaxLengthValidator(500), pages.visible.no_control]
                        ),
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
                    models.Index(fields=["name", "product_id"], name="products_name"),
                    models.Index(fields=["price", "product_id"], name="products_price"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sku",),
                        name="products_sku_key",
                        violation_error_message="This SKU is another product's.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sku__regex", "^[^ \\t\\r\\n\\u00A0](.*[^ \\t\\r\\n\\u00A0])?$"),
                            models.Q(("sku__regex", A_HIDDEN), _negated=True),
                        ),
                        name="products_sku_given",
                        violation_error_message=(
                            "Give an SKU without blanks around it or hidden characters in it, or none."
                        ),
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("name__regex", SOMETHING_SEEN), models.Q(("name__regex", A_CONTROL), _negated=True)
                        ),
                        name="products_name_given",
                        violation_error_message="Give a name of one line that can be seen.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category__regex", SOMETHING_SEEN), models.Q(("category__regex", A_CONTROL), _negated=True)
                        ),
                        name="products_category_given",
                        violation_error_message="Give a category of one line that can be seen.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("description"), 1000000
                            ),
                            models.Q(("description__regex", A_CONTROL_IN_LINES), _negated=True),
                        ),
                        name="products_description_readable",
                        violation_error_message=(
                            "Give a description of at most 1,000,000 characters, without control characters."
                        ),
                    ),
                    models.CheckConstraint(
                        condition=catalog.tag_list.IsTagList("tags"),
                        name="products_tags_list",
                        violation_error_message="Give one list of at most 500 tags, each a text of one line.",
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
                ("email", models.EmailField(max_length=255, validators=[pages.visible.key])),
                ("username", models.CharField(max_length=100, validators=[pages.visible.key])),
                (
                    "full_name",
                    models.CharField(blank=True, db_default="", max_length=255, validators=[pages.visible.name]),
                ),
                (
                    "metadata",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        decoder=pages.exact_json.ExactDecoder,
                        encoder=pages.exact_json.ExactEncoder,
                    ),
                ),
                (
                    "preferences",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        decoder=pages.exact_json.ExactDecoder,
                        encoder=pages.exact_json.ExactEncoder,
                    ),
                ),
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
                    models.Index(fields=["full_name", "user_id"], name="users_full_name"),
                    models.Index(fields=["email", "user_id"], name="users_email"),
                    models.Index(
                        fields=["created_at", "user_id"], name="users_inactive", condition=models.Q(is_active=False)
                    ),
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
                        condition=models.Q(
                            ("email__regex", "^[^@\\s]+@[^@\\s.]+(\\.[^@\\s.]+)+$"),
                            models.Q(("email__regex", A_HIDDEN), _negated=True),
                        ),
                        name="users_email_shape",
                        violation_error_message="Write the e-mail as name@example.com.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("username__regex", "^[^ \\t\\r\\n\\u00A0](.*[^ \\t\\r\\n\\u00A0])?$"),
                            models.Q(("username__regex", A_HIDDEN), _negated=True),
                        ),
                        name="users_username_given",
                        violation_error_message="Give a username without blanks around it or hidden characters in it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("full_name", ""),
                            models.Q(
                                ("full_name__regex", SOMETHING_SEEN),
                                models.Q(("full_name__regex", A_CONTROL), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="users_full_name_visible",
                        violation_error_message="Give a name of one line that can be seen, or none.",
                    ),
                ],
            },
        ),
    ]

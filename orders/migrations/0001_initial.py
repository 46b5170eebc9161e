from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.lookups
from django.db import migrations, models

import orders.json_type
import pages.exact_json


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("order_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("order_date", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("paid", "Paid"),
                            ("shipped", "Shipped"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="pending",
                        max_length=20,
                    ),
                ),
                ("total_amount", models.DecimalField(db_default=Decimal("0"), decimal_places=2, max_digits=20)),
                (
                    "shipping_address",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        decoder=pages.exact_json.ExactDecoder,
                        encoder=pages.exact_json.ExactEncoder,
                    ),
                ),
                (
                    "payment_method",
                    models.CharField(
                        choices=[
                            ("credit_card", "Credit card"),
                            ("paypal", "PayPal"),
                            ("bank_transfer", "Bank transfer"),
                        ],
                        db_default="credit_card",
                        max_length=20,
                    ),
                ),
                ("stock_taken", models.BooleanField(db_default=False, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        db_column="user_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="catalog.shopuser",
                    ),
                ),
            ],
            options={
                "db_table": "orders",
                "ordering": ("order_id",),
            },
        ),
        migrations.CreateModel(
            name="OrderItem",
            fields=[
                ("order_item_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("quantity", models.IntegerField()),
                ("unit_price", models.DecimalField(decimal_places=2, max_digits=10)),
                (
                    "subtotal",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("quantity"), "*", models.F("unit_price")
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=20),
                    ),
                ),
                ("category", models.CharField(blank=True, db_default="", editable=False, max_length=100)),
                (
                    "order",
                    models.ForeignKey(
                        db_column="order_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="orders.order",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_column="product_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "db_table": "order_items",
                "ordering": ("order_item_id",),
            },
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["user", "order_date"], name="orders_user"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["status", "order_date"], name="orders_status"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["order_date", "order_id"], name="orders_date"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["pending", "paid", "shipped", "completed", "cancelled"])),
                name="orders_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("payment_method__in", ["credit_card", "paypal", "bank_transfer"])),
                name="orders_payment_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("total_amount__gte", 0), ("total_amount__lte", Decimal("999999999999999999.99"))),
                name="orders_total_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    orders.json_type.JsonType("shipping_address"), models.Value("object")
                ),
                name="orders_shipping_address_object",
                violation_error_message="Give the shipping address as a JSON object.",
            ),
        ),
        migrations.AddIndex(
            model_name="orderitem",
            index=models.Index(fields=["order"], name="order_items_order"),
        ),
        migrations.AddIndex(
            model_name="orderitem",
            index=models.Index(fields=["product"], name="order_items_product"),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)),
                name="order_items_quantity_positive",
                violation_error_message="Give a quantity of 1 or more.",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit_price__gte", 0), ("unit_price__lte", Decimal("99999999.99"))),
                name="order_items_price_not_negative",
            ),
        ),
    ]

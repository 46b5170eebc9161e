"""Orders and their lines. The database keeps subtotals, states and references right, whoever writes."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.lookups import Exact

from catalog.models import HIGHEST_PRICE, Product, ShopUser
from pages.calendar import times_readable
from pages.exact_json import ExactDecoder, ExactEncoder

from .json_type import JsonType

# Also keeps out NaN, which PostgreSQL holds to be greater than every number.
HIGHEST_TOTAL = Decimal("999999999999999999.99")


class Status(models.TextChoices):
    PENDING = "pending"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"

    @property
    def following(self) -> tuple[Status, ...]:
        """What an order in this status may become. The database holds to the same (0005_life_cycle.sql)."""
        return FOLLOWING[self]


FOLLOWING = {
    Status.PENDING: (Status.PAID, Status.CANCELLED),
    Status.PAID: (Status.SHIPPED, Status.CANCELLED),
    Status.SHIPPED: (Status.COMPLETED,),
    Status.COMPLETED: (),
    Status.CANCELLED: (),
}


class PaymentMethod(models.TextChoices):
    CREDIT_CARD = "credit_card", "Credit card"
    PAYPAL = "paypal", "PayPal"
    BANK_TRANSFER = "bank_transfer", "Bank transfer"


class OrderQuerySet(models.QuerySet["Order"]):
    def newest_first(self) -> OrderQuerySet:
        return self.order_by("-order_date", "-order_id")

    def in_status(self, status: str) -> OrderQuerySet:
        return self.filter(status=status)

    def completed(self) -> OrderQuerySet:
        """The orders that count as revenue."""
        return self.in_status(Status.COMPLETED)

    def placed_by(self, user: ShopUser) -> OrderQuerySet:
        return self.filter(user=user)


class Order(models.Model):
    """What one user bought at one time; its total is the sum of its items' subtotals."""

    order_id = models.BigAutoField(primary_key=True)
    # The database's own constraints say what happens on deletion (0002_foreign_keys.sql), which Django 5.2 cannot.
    user = models.ForeignKey(
        ShopUser, models.PROTECT, related_name="orders", db_column="user_id", db_constraint=False, db_index=False
    )
    order_date = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=20, choices=Status, db_default=Status.PENDING)
    total_amount = models.DecimalField(max_digits=20, decimal_places=2, db_default=Decimal(0))
    shipping_address = models.JSONField(blank=True, db_default={}, decoder=ExactDecoder, encoder=ExactEncoder)
    payment_method = models.CharField(max_length=20, choices=PaymentMethod, db_default=PaymentMethod.CREDIT_CARD)
    # Only what was taken from stock is given back: orders of a seed or a plain INSERT never took any.
    stock_taken = models.BooleanField(db_default=False, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        db_table = "orders"
        ordering = ("order_id",)
        constraints = (
            models.CheckConstraint(condition=Q(status__in=Status.values), name="orders_status_known"),
            models.CheckConstraint(
                condition=Q(payment_method__in=PaymentMethod.values), name="orders_payment_method_known"
            ),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, total_amount__lte=HIGHEST_TOTAL), name="orders_total_not_negative"
            ),
            models.CheckConstraint(
                condition=Exact(JsonType("shipping_address"), models.Value("object")),
                name="orders_shipping_address_object",
                violation_error_message="Give the shipping address as a JSON object.",
            ),
            times_readable("orders_date_readable", "order_date"),
        )
        indexes = (
            models.Index(fields=["user", "order_date"], name="orders_user"),
            models.Index(fields=["status", "order_date"], name="orders_status"),
            models.Index(fields=["order_date", "order_id"], name="orders_date"),
        )

    def __str__(self) -> str:
        return f"Order {self.order_id}"

    def may_be(self, status: Status) -> bool:
        """Whether it may become so from what it is."""
        return status in Status(self.status).following


class OrderItem(models.Model):
    """One line of an order: so many of a product, at the price and in the category it had then."""

    order_item_id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(
        Order, models.CASCADE, related_name="items", db_column="order_id", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="items", db_column="product_id", db_constraint=False, db_index=False
    )
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)
    subtotal = models.GeneratedField(
        expression=F("quantity") * F("unit_price"),
        output_field=models.DecimalField(max_digits=20, decimal_places=2),
        db_persist=True,
    )
    # The database fills in the product's when none is given (0004_line_category.sql).
    category = models.CharField(max_length=100, blank=True, db_default="", editable=False)

    class Meta:
        db_table = "order_items"
        ordering = ("order_item_id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="order_items_quantity_positive",
                violation_error_message="Give a quantity of 1 or more.",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, unit_price__lte=HIGHEST_PRICE), name="order_items_price_not_negative"
            ),
        )
        indexes = (
            models.Index(fields=["order"], name="order_items_order"),
            models.Index(fields=["product"], name="order_items_product"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"


class OrderPlacement(models.Model):
    """That a customer placed an order under an idempotency key: asked for again with that key, it is the same order.

    Written by place_order() alone; the key is free again when its order is deleted.
    """

    # The database deletes it with its order: the site's role may not.
    order = models.OneToOneField(
        Order, models.DO_NOTHING, primary_key=True, related_name="placement", db_column="order_id", db_constraint=False
    )
    # For whom it was placed then, whatever plain SQL makes of the order later: keys of two customers never meet.
    user = models.ForeignKey(
        ShopUser, models.DO_NOTHING, related_name="+", db_column="user_id", db_constraint=False, db_index=False
    )
    idempotency_key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    txid = models.BigIntegerField()
    placed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "order_placements"
        constraints = (models.UniqueConstraint(fields=["user", "idempotency_key"], name="order_placements_key"),)

    def __str__(self) -> str:
        return f"{self.idempotency_key}: order {self.order_id}"

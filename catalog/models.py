"""Users and products of the shop. The database checks and completes its rows: a plain INSERT is as good as a form."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import MD5, Cast, Concat, Left, Length, Lower, Now, StrIndex, Upper
from django.db.models.lookups import GreaterThan, LessThanOrEqual

from pages import visible
from pages.calendar import times_readable
from pages.exact_json import ExactDecoder, ExactEncoder

from .tag_list import LONGEST_TAG, MOST_TAGS, IsTagList

# Whitespace and a second @ are what typing errors bring; more than this only a mail to the address can tell.
EMAIL_SHAPE = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$"
# An upper bound also keeps out NaN, which PostgreSQL holds to be greater than every number.
HIGHEST_PRICE = Decimal("99999999.99")
LOW_STOCK = 10
# What tells one row from another has no blanks around it: a spreadsheet adds them, and nobody sees them.
NO_BLANKS_AROUND = r"^[^ \t\r\n\u00A0](.*[^ \t\r\n\u00A0])?$"
# In characters; more would not come back in with an import, nor be a text that anybody reads.
LONGEST_DESCRIPTION = 1_000_000
TRIGRAM = 3
LONG_NUMBER = re.compile(r"\d{5,}")  # a shorter one may be a year, which many have
# Where words are looked for.
USER_WORDS, PRODUCT_WORDS = ("username", "full_name", "email"), ("name", "sku")
ROLES = ("customer", "vendor", "admin")


def holding(words: str, *fields: str) -> Q:
    """In one of the fields, in any case. Fewer than three letters must begin it: trigrams find none inside."""
    return Q.create([_holds(field, words) for field in fields], connector=Q.OR)


def telling_part(words: str) -> str:
    """What an index of trigrams is asked for: of each trigram it reads all the rows, of a domain or a word that all
    have it would read all there are. So of an address the person, of a numbered thing the number, else all of it."""
    person, at, domain = words.partition("@")
    if at and domain and len(person) >= TRIGRAM:
        return f"{person}@"
    return max(LONG_NUMBER.findall(words), key=len, default=words)


def _holds(field: str, words: str) -> Q:
    telling, look = telling_part(words), "icontains" if len(words) >= TRIGRAM else "istartswith"
    found = Q(**{f"{field}__{look}": telling})
    return found if telling == words else found & Q(GreaterThan(StrIndex(Upper(field), Upper(Value(words))), 0))


def _is_name(field: str) -> Q:
    """One line, and something to see in it."""
    return Q(**{f"{field}__regex": visible.SOMETHING_SEEN}) & ~Q(**{f"{field}__regex": visible.A_CONTROL})


class ShopUserQuerySet(models.QuerySet["ShopUser"]):
    def active(self) -> ShopUserQuerySet:
        return self.filter(is_active=True)

    def in_role(self, role: str) -> ShopUserQuerySet:
        """Users whose metadata says {"role": role}."""
        return self.filter(metadata__contains={"role": role})

    def with_words(self, words: str) -> ShopUserQuerySet:
        """Users whose names or e-mail hold the words, see `holding`."""
        return self.filter(holding(words, *USER_WORDS))

    def newest_first(self) -> ShopUserQuerySet:
        return self.order_by("-created_at", "-user_id")


class ShopUser(models.Model):
    """A customer, vendor or admin of the shop, as data. People who sign in to the site are django.contrib.auth's."""

    user_id = models.BigAutoField(primary_key=True)
    email = models.EmailField(max_length=255, validators=[visible.key])
    username = models.CharField(max_length=100, validators=[visible.key])
    full_name = models.CharField(max_length=255, blank=True, db_default="", validators=[visible.name])
    metadata = models.JSONField(blank=True, db_default={}, decoder=ExactDecoder, encoder=ExactEncoder)
    preferences = models.JSONField(blank=True, db_default={}, decoder=ExactDecoder, encoder=ExactEncoder)
    is_active = models.BooleanField(db_default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ShopUserQuerySet.as_manager()

    class Meta:
        db_table = "users"
        ordering = ("user_id",)
        # Not unique=True on the fields: Django then makes a second index, for LIKE 'prefix%'.
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="users_email_key",
                violation_error_code="email_taken",
                violation_error_message="This e-mail is another user's.",
            ),
            models.UniqueConstraint(
                fields=["username"], name="users_username_key", violation_error_message="This username is taken."
            ),
            models.CheckConstraint(
                condition=Q(email__regex=EMAIL_SHAPE) & ~Q(email__regex=visible.A_HIDDEN),
                name="users_email_shape",
                violation_error_message="Write the e-mail as name@example.com.",
            ),
            models.CheckConstraint(
                condition=Q(username__regex=NO_BLANKS_AROUND) & ~Q(username__regex=visible.A_HIDDEN),
                name="users_username_given",
                violation_error_message="Give a username without blanks around it or hidden characters in it.",
            ),
            models.CheckConstraint(
                condition=Q(full_name="") | _is_name("full_name"),
                name="users_full_name_visible",
                violation_error_message="Give a name of one line that can be seen, or none.",
            ),
            times_readable("users_times_readable", "created_at", "updated_at"),
        )
        indexes = (
            GinIndex(fields=["metadata"], name="users_metadata", opclasses=["jsonb_path_ops"]),
            models.Index(fields=["created_at", "user_id"], name="users_created_at"),
            models.Index(fields=["full_name", "user_id"], name="users_full_name"),
            models.Index(fields=["email", "user_id"], name="users_email"),
            models.Index(fields=["created_at", "user_id"], name="users_inactive", condition=Q(is_active=False)),
        )

    def __str__(self) -> str:
        return f"{self.username} ({self.email})"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """As Django does; a taken e-mail is told at its field, where Django knows no field of an expression."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as refusal:
            told: dict[str, list[ValidationError]] = refusal.update_error_dict({})
            of_all = told.pop(NON_FIELD_ERRORS, [])
            for error in of_all:
                told.setdefault("email" if error.code == "email_taken" else NON_FIELD_ERRORS, []).append(error)
            raise ValidationError(told) from None


class ProductQuerySet(models.QuerySet["Product"]):
    def available(self) -> ProductQuerySet:
        return self.filter(stock_quantity__gt=0)

    def low_on_stock(self, below: int = LOW_STOCK) -> ProductQuerySet:
        return self.filter(stock_quantity__lt=below).order_by("stock_quantity", "product_id")

    def best_stocked(self) -> ProductQuerySet:
        return self.order_by("-stock_quantity", "-product_id")

    def in_category(self, category: str) -> ProductQuerySet:
        return self.filter(category=category)

    def tagged(self, *tags: str) -> ProductQuerySet:
        """Products that carry all of these tags."""
        return self.filter(tags__contains=list(tags))

    def newest_first(self) -> ProductQuerySet:
        return self.order_by("-created_at", "-product_id")


class Product(models.Model):
    """Something the shop sells, its price today and how many are left."""

    product_id = models.BigAutoField(primary_key=True)
    # 64 random bits where nobody gives one: no two meet, and none is confused with the shop's own numbering.
    sku = models.CharField(
        "SKU",
        max_length=64,
        blank=True,
        validators=[visible.key],
        db_default=Concat(models.Value("LS-"), Upper(Left(MD5(Cast(RandomUUID(), models.TextField())), 16))),
    )
    name = models.CharField(max_length=255, validators=[visible.name])
    description = models.TextField(
        max_length=LONGEST_DESCRIPTION, blank=True, db_default="", validators=[visible.no_control_in_lines]
    )
    price = models.DecimalField(max_digits=10, decimal_places=2)
    stock_quantity = models.IntegerField(db_default=0)
    category = models.CharField(max_length=100, db_default="Other", validators=[visible.name])
    tags = ArrayField(
        models.TextField(validators=[MaxLengthValidator(LONGEST_TAG), visible.no_control]), blank=True, db_default=[]
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        db_table = "products"
        ordering = ("product_id",)
        constraints = (
            models.UniqueConstraint(
                fields=["sku"], name="products_sku_key", violation_error_message="This SKU is another product's."
            ),
            models.CheckConstraint(
                condition=Q(sku__regex=NO_BLANKS_AROUND) & ~Q(sku__regex=visible.A_HIDDEN),
                name="products_sku_given",
                violation_error_message="Give an SKU without blanks around it or hidden characters in it, or none.",
            ),
            models.CheckConstraint(
                condition=_is_name("name"),
                name="products_name_given",
                violation_error_message="Give a name of one line that can be seen.",
            ),
            models.CheckConstraint(
                condition=_is_name("category"),
                name="products_category_given",
                violation_error_message="Give a category of one line that can be seen.",
            ),
            models.CheckConstraint(
                condition=Q(LessThanOrEqual(Length("description"), LONGEST_DESCRIPTION))
                & ~Q(description__regex=visible.A_CONTROL_IN_LINES),
                name="products_description_readable",
                violation_error_message=(
                    f"Give a description of at most {LONGEST_DESCRIPTION:,} characters, without control characters."
                ),
            ),
            models.CheckConstraint(
                condition=IsTagList("tags"),
                name="products_tags_list",
                violation_error_message=f"Give one list of at most {MOST_TAGS} tags, each a text of one line.",
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0, price__lte=HIGHEST_PRICE),
                name="products_price_not_negative",
                violation_error_message=f"Give a price from 0 to {HIGHEST_PRICE}.",
            ),
            models.CheckConstraint(
                condition=Q(stock_quantity__gte=0),
                name="products_stock_not_negative",
                violation_error_message="Give a stock of 0 or more.",
            ),
            times_readable("products_times_readable", "created_at", "updated_at"),
        )
        indexes = (
            GinIndex(fields=["tags"], name="products_tags"),
            models.Index(fields=["category", "product_id"], name="products_category"),
            models.Index(fields=["stock_quantity", "product_id"], name="products_stock"),
            models.Index(fields=["created_at", "product_id"], name="products_created_at"),
            models.Index(fields=["name", "product_id"], name="products_name"),
            models.Index(fields=["price", "product_id"], name="products_price"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"


class CsvImport(models.Model):
    """One CSV file that was imported: by whom, with what outcome, and under which transaction the audit has it."""

    # What a Report of importing/importer.py tells as well.
    TOLD = (
        *("kind", "file_name", "sha256", "lines", "inserted", "updated", "unchanged", "rejected"),
        *("seconds", "actor", "request_id", "txid"),
    )

    import_id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    lines = models.BigIntegerField()
    inserted = models.BigIntegerField()
    updated = models.BigIntegerField()
    unchanged = models.BigIntegerField()
    rejected = models.BigIntegerField()
    seconds = models.FloatField()
    imported_at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.TextField(blank=True)
    request_id = models.TextField(blank=True)
    txid = models.BigIntegerField()

    class Meta:
        db_table = "csv_imports"
        ordering = ("import_id",)
        verbose_name = "CSV import"
        indexes = (models.Index(fields=["sha256", "kind", "import_id"], name="csv_imports_file"),)

    def __str__(self) -> str:
        return f"{self.file_name or 'a file'} of {self.kind}"

"""The project as an app: its schema exists before the first migration writes anything."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.db import connections
from django.db.models.signals import pre_migrate


class LakeShopConfig(AppConfig):
    name = "lakeshop"
    default = True  # of the classes here
    verbose_name = "LakeShop"

    def ready(self) -> None:
        # Sent only by apps that have models, hence from any of them: before the first, `django_migrations` is not made.
        pre_migrate.connect(make_schema, dispatch_uid="lakeshop.make_schema")


class Admin(admin.AdminConfig):
    """Django's admin, for the role admin."""

    default = False
    default_site = "lakeshop.admin_site.Site"


class StaticFiles(StaticFilesConfig):
    """Leaves out of `collectstatic` the builds of Bootstrap and the parts of Ace that no page asks for."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("*.rtl.*", "bootstrap-*", "bootstrap/js", "bootstrap.css*"),
        *(f"django_ace/{part}" for part in ("widget.*", "ace/snippets", "ace/css/theme", "ace/theme-*", "ace/ext-*")),
        *(
            f"django_ace/ace/{part}"
            for part in ("worker-*", "keybinding-*", "mode-[!s]*", "mode-s[!q]*", "mode-sql[a-z]*")
        ),
    ]


def make_schema(*, using: str, **_: Any) -> None:
    """Make the shop's schema unless it is there; without it every table would silently land in `public`.

    A role that may not create anything passes when the schema exists: even CREATE SCHEMA IF NOT EXISTS asks for CREATE.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NULL", [settings.SHOP_SCHEMA])
        (missing,) = cursor.fetchone()
        if missing:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {connection.ops.quote_name(settings.SHOP_SCHEMA)}")

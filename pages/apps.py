"""What every page is made of: roles, forms, tables, charts. It knows nothing of the shop."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.urls import register_converter


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "Pages"

    def ready(self) -> None:
        from .accounts import make_roles
        from .keys import KeyConverter
        from .wording import set_wording

        set_wording()
        register_converter(KeyConverter, "key")
        post_migrate.connect(make_roles, sender=apps.get_app_config("auth"), dispatch_uid="pages.make_roles")

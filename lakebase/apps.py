"""The app: its commands and its checks. The engine works without it."""

from django.apps import AppConfig
from django.core import checks


class LakebaseConfig(AppConfig):
    name = "lakebase"
    verbose_name = "Lakebase"

    def ready(self) -> None:
        from .checks import check_entries, tell_mode

        checks.register(check_entries)
        checks.register(tell_mode, checks.Tags.database)

"""The scripts of an admin page, without those that make up a third of it and serve nothing here."""

from django.contrib import admin
from django.forms import Media

# They make slugs while one types, for `prepopulated_fields`.
SLUGS = ("/urlify.js", "/prepopulate.js", "/xregexp.js", "/xregexp.min.js")


class ShopAdmin(admin.ModelAdmin):
    """For models without `prepopulated_fields`."""

    @property
    def media(self) -> Media:
        # No public attribute of Media lists its scripts.
        return Media(js=[path for path in super().media._js if not str(path).endswith(SLUGS)])  # type: ignore[attr-defined]

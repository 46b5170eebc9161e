"""What the site's pages in the admin have in common: the length of lists, and no scripts that serve nothing here."""

from django.contrib import admin
from django.forms import Media

from .keyset import PAGE_SIZE

# They make slugs while one types, for `prepopulated_fields`.
SLUGS = ("/urlify.js", "/prepopulate.js", "/xregexp.js", "/xregexp.min.js")


class ShopAdmin(admin.ModelAdmin):
    """For models without `prepopulated_fields`."""

    list_per_page = PAGE_SIZE

    @property
    def media(self) -> Media:
        # No public attribute of Media lists its scripts.
        return Media(js=[path for path in super().media._js if not str(path).endswith(SLUGS)])  # type: ignore[attr-defined]

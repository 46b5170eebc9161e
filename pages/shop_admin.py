"""What the site's pages in the admin have in common: the length of lists, and no scripts that serve nothing here."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.forms import Media
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .keyset import PAGE_SIZE

# They make slugs while one types, for `prepopulated_fields`.
SLUGS = ("/urlify.js", "/prepopulate.js", "/xregexp.js", "/xregexp.min.js")


class ShopAdmin(admin.ModelAdmin):
    """For models without `prepopulated_fields`."""

    list_per_page = PAGE_SIZE

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Django's own, which knows no refusal for a year that no calendar has."""
        try:
            return super().get_changelist_instance(request)
        except ValueError as error:
            raise IncorrectLookupParameters from error

    def action_checkbox(self, obj: Any) -> SafeString:
        """Django's own, without a template for each row."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
            ACTION_CHECKBOX_NAME, obj.pk, f"Select this object for an action - {obj}",
        )  # fmt: skip

    @property
    def media(self) -> Media:
        # No public attribute of Media lists its scripts.
        return Media(js=[path for path in super().media._js if not str(path).endswith(SLUGS)])  # type: ignore[attr-defined]

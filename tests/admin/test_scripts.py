"""What a page of the admin loads: the scripts that it uses."""

import pytest
from django.contrib import admin

from tests.admin.conftest import Visitor

PAGES = [f"{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PAGES, "catalog/product/add/", "auth/user/add/", "auth/group/add/"])
def test_a_page_loads_nothing_that_makes_slugs(visitor: Visitor, path: str) -> None:
    page = visitor.page(f"/admin/{path}")
    assert "admin/js/core" in page
    assert "xregexp" not in page and "prepopulate.js" not in page


def test_no_model_wants_slugs_made() -> None:
    assert not any(each.prepopulated_fields for each in admin.site._registry.values())

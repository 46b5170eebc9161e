"""The admin is for the role admin: others are refused, strangers are led to the site's own sign-in."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from pages.roles import Role, may_administer, role_of


class Site(AdminSite):
    enable_nav_sidebar = False  # the site's own sidebar lists the models

    def has_permission(self, request: HttpRequest) -> bool:
        return role_of(request.user) is Role.ADMIN

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return may_administer(super().admin_view(view, cacheable))

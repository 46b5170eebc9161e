"""Accounts in the admin, without the two widgets of Django's own that neither screen readers nor our policy like."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from pages.shop_admin import ShopAdmin

admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(ShopAdmin, UserAdmin):
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")


@admin.register(Group)
class AccountGroupAdmin(ShopAdmin, GroupAdmin):
    filter_horizontal = ()

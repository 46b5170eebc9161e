"""The groups behind the roles, and the learner's account: made whenever the owner migrates."""

from typing import Any

from django.apps.registry import Apps
from django.apps.registry import apps as installed
from django.conf import settings
from django.contrib.auth.hashers import make_password

from .roles import ROLES, Role


def make_roles(*, apps: Apps = installed, using: str, **_: Any) -> None:
    """Receiver of post_migrate, which `flush` sends without `apps`.

    Safe to repeat; does nothing while the accounts' tables are not there.
    """
    try:
        groups = apps.get_model("auth", "Group")._default_manager.using(using)
    except LookupError:
        return
    made = {role: groups.get_or_create(name=role.group)[0] for role in ROLES}
    if settings.SIGN_IN_AS:
        _make_learner(apps, using, made[Role.ADMIN])


def _make_learner(apps: Apps, using: str, admin: Any) -> None:
    """No password fits it: it is for `lakeshop.signin` alone."""
    accounts = apps.get_model("auth", "User")._default_manager.using(using)
    fields = {"is_staff": True, "password": make_password(None)}
    learner, _ = accounts.get_or_create(username=settings.SIGN_IN_AS, defaults=fields)
    learner.groups.add(admin)

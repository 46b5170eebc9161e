"""People who have signed in to the site, as visitors of Django's test client."""

from functools import cache

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.test import Client

from pages.roles import Role

PASSWORD = "a lake of one's own"


def account(role: Role, name: str = "", **fields: object) -> User:
    """An account in the group of this role; NOBODY is in none."""
    user = User.objects.create(username=name or role.group, password=hashed(), **fields)
    if role is not Role.NOBODY:
        user.groups.add(Group.objects.get(name=role.group))
    return user


@cache
def hashed() -> str:
    """The password's hash, which takes most of a second to make."""
    return make_password(PASSWORD)


def visitor(role: Role, name: str = "") -> Client:
    client = Client()
    client.force_login(account(role, name))
    return client


def unasked_visitor() -> Client:
    """Bears our signature; whether the account is there, the database was not asked."""
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY], session[HASH_SESSION_KEY] = "1", "pages.roles.Accounts", ""
    session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client

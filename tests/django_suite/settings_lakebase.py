"""Settings for Django's own tests: both aliases log in with Lakebase tokens, over pools."""

import os

from tests.django_suite import server

OPTIONS = {
    "lakebase": {"project": os.environ["DJANGO_SUITE_PROJECT"]},
    "pool": {"max_size": 10},
}
DATABASES = {
    alias: {
        "ENGINE": os.environ["DJANGO_SUITE_ENGINE"],
        "NAME": f"django_{alias}",
        "PORT": os.environ["PGPORT"],
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": OPTIONS,
    }
    for alias in ("default", "other")
}
SECRET_KEY = "django_tests_secret_key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = False

server.describe()

"""Settings for Django's own tests: no "lakebase" option, hence Django's own engine, with a password and no pool."""

import os

from tests.django_suite import server

DATABASES = {
    alias: {
        "ENGINE": os.environ["DJANGO_SUITE_ENGINE"],
        "NAME": f"django_{alias}",
        "HOST": "127.0.0.1",
        "PORT": os.environ["PGPORT"],
        "USER": os.environ["DJANGO_SUITE_USER"],
        "PASSWORD": os.environ["DJANGO_SUITE_PASSWORD"],
        "OPTIONS": {"sslmode": "require"},
    }
    for alias in ("default", "other")
}
SECRET_KEY = "django_tests_secret_key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = False

server.describe()

"""Settings of the whole project, for a laptop and for Databricks Apps: the environment makes the difference."""

import hashlib
import hmac
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import bootstrap_wrapper
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from . import databases, env

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = env.flag("DEBUG", default=False)

# The proxy in front of Databricks Apps is trusted there and nowhere else: anyone else could write these headers.
ON_DATABRICKS_APPS = env.text("DATABRICKS_APP_NAME") is not None


def _secret_key() -> str | None:
    """DJANGO_SECRET_KEY; on Databricks Apps one derived from the app's own secret, the same in every process."""
    app_secret = env.secret("DATABRICKS_CLIENT_SECRET")
    if ON_DATABRICKS_APPS and app_secret and not env.secret("DJANGO_SECRET_KEY"):
        return hmac.new(app_secret.encode(), b"lakeshop DJANGO_SECRET_KEY", hashlib.sha256).hexdigest()
    return env.secret("DJANGO_SECRET_KEY")


# Commands need no lasting key; the web server refuses to start without one (wsgi.py).
SECRET_KEY_IS_LASTING = _secret_key() is not None
SECRET_KEY = _secret_key() or get_random_secret_key()

THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.words(
    "DJANGO_ALLOWED_HOSTS", [".databricksapps.com", *THIS_MACHINE] if ON_DATABRICKS_APPS else THIS_MACHINE
)
CSRF_TRUSTED_ORIGINS = env.words(
    "DJANGO_CSRF_TRUSTED_ORIGINS", ["https://*.databricksapps.com"] if ON_DATABRICKS_APPS else []
)
USE_X_FORWARDED_HOST = ON_DATABRICKS_APPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ON_DATABRICKS_APPS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ON_DATABRICKS_APPS
CSRF_FAILURE_VIEW = "lakeshop.refusals.form_refused"
X_FRAME_OPTIONS = "DENY"

# A session is the person's number and little more, signed, in the cookie itself: nothing to read from the database, so
# what needs no data lets a sleeping endpoint sleep. Who that person is, and what they may do, is asked of the database
# on each page. The price: a stolen cookie lives until it expires, or its owner's password changes.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_AGE = 14 * 24 * 3600
LOGIN_URL, LOGIN_REDIRECT_URL = "sign_in", "home"
AUTHENTICATION_BACKENDS = ["pages.roles.Accounts"]

# Set by `manage.py up` on Lakebase Local: browsers on this machine are signed in as this account without being asked.
SIGN_IN_AS = env.text("LAKESHOP_SIGN_IN_AS")
if SIGN_IN_AS and ON_DATABRICKS_APPS:
    raise ImproperlyConfigured(
        "Unset LAKESHOP_SIGN_IN_AS on Databricks Apps: it would let everybody in as one account without a password."
    )

# For `manage.py up`, which starts Lakebase Local when there is no workspace, and serves the site on this port.
WORKSPACE_IS_CONFIGURED = bool(env.text("DATABRICKS_HOST") or env.text("DATABRICKS_CONFIG_PROFILE"))
SITE_PORT = env.number("DATABRICKS_APP_PORT" if ON_DATABRICKS_APPS else "PORT", 8080, least=1, most=65535)

ROOT_URLCONF = "lakeshop.urls"
WSGI_APPLICATION = "lakeshop.wsgi.application"
INSTALLED_APPS = [
    "pages",
    "lakeshop",
    "lakebase",
    "lakeshop.apps.StaticFiles",
    "audit",
    "catalog",
    "orders",
    "console",
    "lakeshop.apps.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.forms",  # its widgets' templates, for FORM_RENDERER
    "django.contrib.sessions",
    "csp",
    "django_ace",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "import_export",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # What the proxy hands on as it is. Tokens in a page are masked anew each time, and the length is blurred (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "lakeshop.unavailable.DatabaseUnavailable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lakeshop.refusals.MethodRefused",
    "lakeshop.body_limit.BodyLimit",
    "lakeshop.signin.LetsLearnerGoOn",
    "audit.actor.ActingAs",  # knows the user; a refusal leaves the session that is saved outside of it alone
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pages.toasts.Toasts",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lakeshop.theme.theme",
                "lakeshop.shell.shell",
            ],
            "libraries": {"lucide": "pages.templatetags.icons"},
        },
    }
]

FORM_RENDERER = "pages.forms.Renderer"

# Everything the shop owns lives in this schema; nothing is ever made in `public`.
SHOP_SCHEMA = "ecommerce"
DATABASES = {"default": databases.database(SHOP_SCHEMA), "reader": databases.reader_database(SHOP_SCHEMA)}
DATABASE_ROUTERS = ["console.routing.ReaderReads"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [("bootstrap", bootstrap_wrapper.get_bootstrap_dir())]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "lakeshop.static_storage.CollectedOrNot"},
}
# The sources themselves, where `collectstatic` has not run yet (`manage.py up` runs it).
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").exists()

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its small arrows as data: images
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Who turns words into vectors for the semantic search: "local" is a small model on this machine, "databricks" a serving
# endpoint of the workspace. Without one products are found by their words alone.
EMBEDDINGS = {
    "local": "catalog.search.embeddings.Local",
    "databricks": "lakebase.embeddings.ServingEndpoint",
    "none": "",
}[env.choice("LAKESHOP_EMBEDDINGS", ("local", "databricks", "none"), "none" if ON_DATABRICKS_APPS else "local")]
# Reciprocal rank fusion: a hit at place n of a list counts weight / (k + n).
SEARCH_FUSION = {"k": 20.0, "full_text": 1.0, "semantic": 1.0}

# Products enter the index of the search in a thread of their own (catalog/search/indexing.py).
INDEX_IN_BACKGROUND = True

# CSV files between their preview and their import: private, and no part of what is served. Several instances of the
# site find each other's where this is a directory that they share.
_uploads = Path(gettempdir(), "lakeshop-uploads") if ON_DATABRICKS_APPS else BASE_DIR / ".lakebase" / "uploads"
UPLOADS_DIR = Path(env.text("LAKESHOP_UPLOADS_DIR") or _uploads)
LARGEST_UPLOAD = 200 * 1024 * 1024
# Room for the longest description and what stands beside it; what holds none is to be smaller (lakeshop/body_limit.py).
DATA_UPLOAD_MAX_MEMORY_SIZE = 13 * 1024 * 1024

# Databricks Apps keeps what is written to stdout, and nothing else.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname:7} {name}: {message}", "style": "{"}},
    "filters": {"one_line": {"()": "lakeshop.one_line.OneLine"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "line",
            "filters": ["one_line"],
        }
    },
    "root": {"handlers": ["stdout"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stdout"], "level": "INFO", "propagate": False},
        # A stranger's wrong host name is one line, "Bad Request", and no traceback.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        "lakebase": {"level": env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")},
        "lakeshop": {"level": env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")},
    },
}

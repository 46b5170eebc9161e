"""What gunicorn serves."""

import os
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lakeshop.settings")
application = get_wsgi_application()

if not settings.SECRET_KEY_IS_LASTING and not settings.DEBUG:
    raise ImproperlyConfigured(
        "Set DJANGO_SECRET_KEY to 50 random characters and keep it: it signs the sessions. "
        '(python -c "import secrets; print(secrets.token_urlsafe(50))" makes one; `manage.py up` brings its own.)'
    )

from catalog.importing import uploads  # noqa: E402  its settings are there now

with suppress(OSError):  # told to whoever uploads something
    uploads.watch()

"""How the site is served. https://gunicorn.org/reference/settings/"""

import importlib
import logging
import os
import signal
import threading
from typing import Any

# Databricks Apps names its port and reaches the app from outside the container; a laptop serves itself alone.
_apps_port = os.environ.get("DATABRICKS_APP_PORT")
bind = f"0.0.0.0:{_apps_port}" if _apps_port else f"127.0.0.1:{os.environ.get('PORT') or 8080}"

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)  # each has a pool and a token of its own
threads = 8
preload_app = False  # one worker gains nothing from it, and the master stays small
timeout = 90  # longer than waking an endpoint may take (LAKEBASE_CONNECT_DEADLINE, 30 s)
graceful_timeout = 10  # Databricks Apps kills 15 s after SIGTERM
control_socket_disable = True
limit_request_line = 8190  # a search of that length is answered by the site, and not by a bare sentence

accesslog = "-"
errorlog = "-"
loglevel = "warning"
access_log_format = '%(t)s "%(r)s" %(s)s %(b)s bytes %(M)s ms'


def on_starting(server: Any) -> None:
    """`manage.py up` holds the other side of our standard input: when that closes, `up` is gone and so are we."""
    if os.environ.pop("LAKESHOP_EXIT_WITH_PARENT", None):
        threading.Thread(target=_end_with_standard_input, daemon=True).start()


def _end_with_standard_input() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def post_worker_init(worker: Any) -> None:
    """Import the SDK, which takes seconds, beside the first requests and not within one of them."""
    from django.conf import settings

    if settings.DATABASES["default"]["OPTIONS"].get("lakebase"):
        threading.Thread(target=importlib.import_module, args=("databricks.sdk.service.postgres",), daemon=True).start()


class _WithoutProbes(logging.Filter):
    """Leaves out of the access log what a supervisor asks every few seconds."""

    def filter(self, record: logging.LogRecord) -> bool:
        return " /healthz " not in record.getMessage()


def when_ready(server: Any) -> None:
    logging.getLogger("gunicorn.access").addFilter(_WithoutProbes())

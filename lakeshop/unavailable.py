"""The database cannot be reached: a page that says why and what to do, in place of a server error."""

import logging

from django.contrib.auth import SESSION_KEY
from django.db import Error, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from pages.posted import posted

from .refusing import refuse

logger = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 5

# SQLSTATEs with which PostgreSQL ends or refuses a session: connection exceptions, refused logins, no such database,
# no right to connect, no room, shutting down or starting up. https://www.postgresql.org/docs/17/errcodes-appendix.html
_SESSION_STATES = ("08", "28", "3D000", "42501", "53", "57P")
_NO_TABLE = "42P01"
# PostgreSQL tells a role that may not use a schema the same as where there is none.
WITHOUT_TABLES = (
    "The site does not find all of its tables: they are not made yet, or its role may not see them. `make run` sees to"
    " both as it starts. Elsewhere run `manage.py migrate` as the owner of the database and, where the site is another"
    " role, `manage.py prepare --app-role` with that role's name."
)


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the database could not be reached, or has not all tables yet: another try may find it.

    As opposed to a statement that failed in it (a deadlock, say).
    """
    if isinstance(error, ProgrammingError):
        return getattr(error.__cause__, "sqlstate", None) == _NO_TABLE
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return sqlstate is None or sqlstate.startswith(_SESSION_STATES)


def reason(error: Error) -> str:
    """What went wrong, for people: the message alone, which neither the backend nor psycopg puts a password into."""
    text = str(error).strip()
    is_without_tables = getattr(error.__cause__, "sqlstate", None) == _NO_TABLE
    if is_without_tables or ("django_migrations" in text and "does not exist" in text):
        return WITHOUT_TABLES
    return text or "The database did not say why."


def database_unavailable(request: HttpRequest, error: Error) -> HttpResponse:
    logger.error("%s %s: the database cannot be reached: %s", request.method, request.path, reason(error))
    signed_in = SESSION_KEY in getattr(request, "session", ())
    # The page must not ask who that is: it would meet the same error.
    shown = {"reason": reason(error), "person": None, "signed_in": signed_in, "posted": posted(request)}
    response = refuse(request, "503.html", shown, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


class DatabaseUnavailable(MiddlewareMixin):
    """Answers 503 for a view that could not reach the database."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Error) and is_unavailable(exception):
            return database_unavailable(request, exception)
        return None

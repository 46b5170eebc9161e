"""Who acts: said to PostgreSQL for one transaction, where the audit's triggers read it."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FIRST_REFUSAL = 400
ANONYMOUS = "anonymous"
REQUEST_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)

SET = "SELECT set_config('lakeshop.actor', %s, true), set_config('lakeshop.request_id', %s, true)"
GET = "SELECT current_setting('lakeshop.actor', true), current_setting('lakeshop.request_id', true)"


@contextmanager
def acting_as(actor: str, request_id: str = "", *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """One transaction whose audit entries bear this actor and request; afterwards the outer one's again.

    Raises ValueError without an actor, and for a NUL character in either.
    """
    if not actor:
        raise ValueError('Nobody acts. Name who does, as in acting_as("command:seed").')
    if "\0" in actor + request_id:
        raise ValueError(f"PostgreSQL stores no NUL character: leave it out of {actor!r} and of {request_id!r}.")
    database = connections[using]
    nested = database.in_atomic_block
    with transaction.atomic(using=using):
        with database.cursor() as cursor:
            if nested:
                cursor.execute(GET)
                outer = [said or "" for said in cursor.fetchone()]
            cursor.execute(SET, [actor, request_id])
        yield
        # A rollback brings the outer actor back by itself, and the end of the transaction forgets this one.
        if nested and not database.needs_rollback:
            with database.cursor() as cursor:
                cursor.execute(SET, outer)


class ActingAs:
    """Middleware: each writing request is one transaction in its user's name, undone when the answer is a refusal.

    A view that never writes rows says so with Django's @transaction.non_atomic_requests and needs no database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in WRITING or not _writes_rows(request):
            return self.get_response(request)
        with ExitStack() as stack:
            try:
                stack.enter_context(acting_as(_user(request), _request_id(request)))
            except OperationalError as error:
                # The database is away. The view is asked all the same: it may answer without, or meet this error where
                # the site explains it. Should the database be back by then, nothing is written without its author.
                stack.enter_context(_given_up(error))
                return self.get_response(request)
            response = self.get_response(request)
            if response.status_code >= FIRST_REFUSAL:
                transaction.set_rollback(True)
        return response


@contextmanager
def _given_up(error: OperationalError) -> Iterator[None]:
    """Whatever asks the database meets the error at once: it was waited for already, as long as anybody shall wait."""

    def refuse(*_: object) -> NoReturn:
        raise error

    with connection.execute_wrapper(refuse):
        connection.connect = refuse  # type: ignore[method-assign]
        try:
            yield
        finally:
            del connection.connect


def _writes_rows(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return DEFAULT_DB_ALIAS not in getattr(view, "_non_atomic_requests", ())


def _user(request: HttpRequest) -> str:
    return request.user.get_username() or ANONYMOUS


def _request_id(request: HttpRequest) -> str:
    """The proxy's number for the request, where it looks like one; a new one otherwise."""
    given = request.headers.get("X-Request-Id", "")
    return given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())

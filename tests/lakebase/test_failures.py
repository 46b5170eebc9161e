"""What a server's or the network's words mean: who or what helps."""

import psycopg
import pytest

from lakebase.backend.failures import Cure, LoginFailed, read_failure

AT = 'connection failed: connection to server at "10.0.0.1", port 5432 failed: '
SAID = [
    ('FATAL:  database "shop" does not exist', Cure.PERSON, "3D000"),
    (
        'FATAL:  permission denied for database "shop"\nDETAIL:  User does not have CONNECT privilege.',
        Cure.PERSON,
        "42501",
    ),
    ("FATAL:  OAuth token identity 'a' did not match the security label configured for role 'b'", Cure.RENEW, "28P01"),
    ('FATAL:  role "me" does not exist', Cure.RENEW, "28000"),
    ("FATAL:  password authentication failed for user 'me'", Cure.RENEW, "28P01"),
    ("FATAL:  The token expired 12 s ago.", Cure.RENEW, "28P01"),
    ("FATAL:  The token is for endpoint 'projects/starting/branches/b/endpoints/e', but ...", Cure.RENEW, "28P01"),
    ("FATAL:  The endpoint projects/token-shop/branches/b/endpoints/e is disabled and no ...", Cure.PERSON, "57P03"),
    ('FATAL:  role "me" is not permitted to log in', Cure.PERSON, "28000"),
    ("FATAL:  the database system is starting up", Cure.WAIT, "57P03"),
    ("FATAL:  the database system is shutting down", Cure.WAIT, "57P03"),
    ("ERROR:  endpoint is suspended", Cure.WAIT, "57P03"),
    ("FATAL:  terminating connection due to administrator command", Cure.WAIT, "57P03"),
    ('FATAL:  too many connections for role "token"', Cure.PERSON, "53300"),
    ("FATAL:  sorry, too many clients already", Cure.PERSON, "53300"),
    ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", Cure.PERSON, "53300"),
    ("Connection refused\n\tIs the server running on that host?", Cure.WAIT, "08001"),
    ("server closed the connection unexpectedly", Cure.WAIT, "08001"),
    ("SSL connection has been closed unexpectedly", Cure.WAIT, "08001"),
    ("SSL error: certificate verify failed", Cure.PERSON, "08001"),
    ("server does not support SSL, but SSL was required", Cure.PERSON, "08001"),
    ("FATAL:  Lakebase accepts only encrypted connections.", Cure.PERSON, "28000"),
    ("FATAL:  something that was never seen before", Cure.RENEW, "08004"),
]


@pytest.mark.parametrize(("text", "cure", "sqlstate"), SAID)
def test_words_tell_the_cure(text: str, cure: Cure, sqlstate: str) -> None:
    failure = read_failure(psycopg.OperationalError(AT + text), "")
    assert (failure.cure, failure.sqlstate) == (cure, sqlstate)
    message = str(failure.error(user="me", database="shop", where="h:5432"))
    assert message.startswith("No connection to database shop on h:5432 as me: ")
    assert "FATAL" not in message and "{" not in message


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("connection timeout expired", Cure.WAIT),
        ("failed to resolve host 'h': [Errno -2] Name or service not known", Cure.WAIT),
        ('invalid connection option "bad"', Cure.PERSON),
        ('root certificate file "/ca.crt" does not exist', Cure.PERSON),
    ],
)
def test_words_of_the_client(text: str, cure: Cure) -> None:
    assert read_failure(psycopg.OperationalError(text), "").cure is cure


def test_repeated_token_is_masked() -> None:
    assert "s3cret" not in read_failure(psycopg.OperationalError("FATAL:  bad token s3cret"), "s3cret").said


def test_copy_for_another_thread_says_the_same() -> None:
    failed = LoginFailed("no", "3D000")
    copy = failed.again()
    assert copy is not failed and (str(copy), copy.sqlstate) == ("no", "3D000")

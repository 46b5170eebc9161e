"""Users are found by a part of their names, by an index where pg_trgm is to be had."""

import pytest
from django.core.management import call_command
from django.db import connection

from catalog.models import ShopUser
from tests.audit.conftest import AsOwner, as_owner  # noqa: F401  a fixture
from tests.shop import ann, sql, value

INDEXES = "SELECT count(*) FROM pg_class WHERE relname = 'users_words'"
TO_BE_HAD = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
INSTALLED = "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("ann", True), ("ANN", True), ("nn b", True), ("n@exam", True), ("bo", False), ("an", True), ("a", True),
        ("%", False), ("_nn", False), ("a_n", False), ("\\", False), ("ünn", False),
        ("ann@example.com", True), ("ANN@Example.c", True), ("ann@other", False), ("ann@", True), ("a%n@exam", False),
        ("ann@examplecom", False), ("nn b@", False), ("ann@example.com@", False),
    ],
)  # fmt: skip
def test_three_letters_are_found_anywhere_and_fewer_at_the_beginning(words: str, is_found: bool) -> None:
    ann(full_name="Ann Bond")
    assert ShopUser.objects.with_words(words).exists() == is_found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("20417", True), ("Bond 20417", True), ("bond 20417-x", True), ("d 20417", True), ("20417-31", False),
        ("30417", False), ("bond20417", False), ("b_nd 20417", False), ("20417%", False), ("0417", True),
        ("no20417@exam", True), ("no20417@other", False), ("20417 no20417", False),
    ],
)  # fmt: skip
def test_a_long_number_is_found_with_what_stands_around_it(words: str, is_found: bool) -> None:
    ann(full_name="Ann Bond 20417-X 31", email="no20417@example.com")
    assert ShopUser.objects.with_words(words).exists() == is_found


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["zzz", "zz", "zzz@example.com", "zzz 12345"])
def test_the_index_answers(words: str) -> None:
    sql("SET LOCAL enable_seqscan = off")
    plan = ShopUser.objects.with_words(words).order_by().explain()
    assert ("users_words" in plan) == bool(value(TO_BE_HAD))


def test_back_and_forth(as_owner: AsOwner) -> None:  # noqa: F811
    with as_owner():
        call_command("migrate", "catalog", "0004", verbosity=0, interactive=False)
        assert (value(INDEXES), value(INSTALLED)) == (0, 0)
        ann()
        assert ShopUser.objects.with_words("ann").exists()
        call_command("migrate", verbosity=0, interactive=False)
        assert value(INDEXES) == value(TO_BE_HAD)


def test_an_extension_that_was_there_is_used_and_stays(as_owner: AsOwner) -> None:  # noqa: F811
    with as_owner():
        if not value(TO_BE_HAD):
            return
        call_command("migrate", "catalog", "0004", verbosity=0, interactive=False)
        sql("CREATE SCHEMA elsewhere")
        sql("CREATE EXTENSION pg_trgm WITH SCHEMA elsewhere")
        call_command("migrate", verbosity=0, interactive=False)
        assert value(INDEXES) == 1
        call_command("migrate", "catalog", "0004", verbosity=0, interactive=False)
        assert (value(INDEXES), value(INSTALLED)) == (0, 1)
        connection.close()

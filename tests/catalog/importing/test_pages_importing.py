"""Importing a file that was looked at: what is written, what is told of it, and to whom."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEntry
from catalog.models import CsvImport, Product
from pages.roles import Role
from tests.catalog.importing.csv_files import imported
from tests.catalog.importing.test_pages_preview import HOSTILE, rejected_file
from tests.catalog.importing.visits import BULK, figures, given, shown
from tests.people import visitor
from tests.shop import lamp

pytestmark = pytest.mark.django_db
GOOD = "sku,name,price\nA,Lamp,1\nB,Mug,2\n"
WRONG = "sku,name,price\nA,Lamp,1\nB,Mug,x\n"


@pytest.fixture
def editor() -> Client:
    return visitor(Role.EDITOR)


def confirmed(client: Client, address: str, **fields: str) -> Any:
    return client.post(address, fields)


def names() -> list[str]:
    return list(Product.objects.order_by("sku").values_list("name", flat=True))


def test_all_lines_are_imported_in_the_persons_name(editor: Client) -> None:
    answer = confirmed(editor, given(editor, GOOD, name="spring.csv"))
    made = CsvImport.objects.get()
    assert answer["Location"] == f"/import/{made.pk}/"
    assert names() == ["Lamp", "Mug"]
    assert (made.actor, made.file_name, made.inserted) == ("editor", "spring.csv", 2)
    entries = AuditEntry.objects.of_transaction(made.txid)
    assert [entry.actor for entry in entries] == ["editor", "editor"]


def test_the_result_tells_counts_time_rate_and_the_way_to_the_audit_trail(editor: Client) -> None:
    lamp(sku="A", name="Old", price=1)
    page = shown(editor, confirmed(editor, given(editor, GOOD))["Location"])
    made = CsvImport.objects.get()
    told = figures(page)
    assert (told["New"], told["Changed"], told["Unchanged"], told["Rejected"]) == ("1", "1", "0", "0")
    assert told["Time"].endswith(" s") and "Lines a second" in told
    assert f'href="/audit/?transaction={made.txid}"' in page and made.sha256 in page
    trail = shown(editor, f"/audit/?transaction={made.txid}")
    assert "UPDATE" in trail and "INSERT" in trail


def test_htmx_is_led_to_the_result(editor: Client) -> None:
    answer = editor.post(given(editor, GOOD), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/import/{CsvImport.objects.get().pk}/"


def test_good_lines_are_imported_and_the_others_can_be_had(editor: Client) -> None:
    address = given(editor, WRONG)
    page = shown(editor, confirmed(editor, address, good_lines="yes")["Location"])
    assert names() == ["Lamp"]
    assert figures(page)["Rejected"] == "1" and f'href="{address}rejected.csv"' in page
    assert [row[1:] for row in rejected_file(editor, address)[1:]] == [["B", "Mug", "x"]]


def test_others_see_the_result_without_the_rejected_lines(editor: Client) -> None:
    result = confirmed(editor, given(editor, WRONG), good_lines="yes")["Location"]
    page = shown(visitor(Role.VIEWER), result)
    assert figures(page)["Rejected"] == "1"
    assert "rejected.csv" not in page and "for whoever imported the file" in page


def test_without_being_asked_for_good_lines_wrong_ones_stop_all(editor: Client) -> None:
    answer = confirmed(editor, given(editor, WRONG))
    assert answer.status_code == 200 and "nothing was imported" in answer.content.decode()
    assert not Product.objects.exists() and not CsvImport.objects.exists()


def test_what_changed_since_the_look_is_judged_again(editor: Client) -> None:
    address = given(editor, "email,username\nada@example.com,ada\nbob@example.com,bob\n", "users")
    assert "Import all 2 lines" in shown(editor, address)
    imported("email,username\nother@example.com,ada\n", "users")
    answer = editor.post(address, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.startswith('<div id="_bulk_preview"')
    assert "now 1 of 2 lines is wrong, so nothing was imported" in page
    assert escape("This is taken by other@example.com.") in page and "Import the 1 good line<" in page
    assert CsvImport.objects.count() == 1


def test_a_repeated_file_makes_its_rows_twice_only_when_told_to(editor: Client) -> None:
    text = "name,price\nLamp,1\n"
    address = given(editor, text)
    confirmed(editor, address)
    refused = confirmed(editor, address)
    assert refused.status_code == 200 and "makes it a second time" in refused.content.decode()
    assert names() == ["Lamp"]
    assert confirmed(editor, address, again="on").status_code == 302
    assert names() == ["Lamp", "Lamp"]


def test_confirming_twice_changes_nothing_the_second_time(editor: Client) -> None:
    address = given(editor, GOOD)
    confirmed(editor, address)
    entries = AuditEntry.objects.count()
    page = shown(editor, confirmed(editor, address)["Location"])
    assert figures(page)["Unchanged"] == "2" and AuditEntry.objects.count() == entries


def test_mended_lines_come_in_by_their_own_file(editor: Client) -> None:
    address = given(editor, WRONG)
    confirmed(editor, address, good_lines="yes")
    header, (reason, *cells) = rejected_file(editor, address)
    mended = ",".join(header) + "\n" + ",".join([f'"{reason}"', *cells[:-1], "2.50"]) + "\n"
    page = shown(editor, given(editor, mended))
    assert figures(page)["New"] == "1" and "left out" not in page


def test_a_post_needs_the_token(editor: Client) -> None:
    address = given(editor, GOOD)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = editor.cookies
    assert confirmed(strict, address).status_code == 403
    assert not Product.objects.exists()


def test_the_history_is_there_for_viewers_who_import_nothing(editor: Client) -> None:
    confirmed(editor, given(editor, GOOD, name="spring.csv"))
    confirmed(editor, given(editor, "email,username\nada@example.com,ada\n", "users", name="people.csv"))
    viewer = visitor(Role.VIEWER)
    page = shown(viewer, BULK)
    assert re.findall(r'class="row-link"[^>]*>([^<]*)<', page) == ["people.csv", "spring.csv"]
    assert 'type="file"' not in page and "editors import files" in page
    part = viewer.get(f"{BULK}?kind=users", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<section id="_import_list"') and "people.csv" in part and "spring.csv" not in part


def test_an_empty_history_says_what_to_do(editor: Client) -> None:
    page = shown(editor, BULK)
    assert "No import yet" in page and 'href="/import/example/products.csv"' in page


@pytest.mark.parametrize("query", ["at=x", "at=%3E1~1", "at=%00", "kind=x", "sort=-nothing", "kind=users&at=%3C9~9"])
def test_whatever_is_asked_of_the_history_is_answered(editor: Client, query: str) -> None:
    page = shown(editor, f"{BULK}?{query}")
    assert "import" in page and ("There is no “x” to choose." in page) == (query == "kind=x")


def test_a_long_history_has_pages_and_few_queries(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    nothing = dict.fromkeys(("inserted", "updated", "unchanged", "rejected", "lines", "txid"), 0)
    CsvImport.objects.bulk_create(
        CsvImport(kind="products", file_name=f"{number}.csv", sha256="a" * 64, seconds=0, **nothing)
        for number in range(60)
    )
    with django_assert_max_num_queries(4):
        page = shown(editor, BULK)
    assert "60 imports" in page and "59.csv" in page and "34.csv" not in page
    following = re.findall(r'id="pager_following"[^>]*href="([^"]*)"', page)[0].replace("&amp;", "&")
    assert "34.csv" in shown(editor, BULK + following)
    number = CsvImport.objects.latest("import_id").pk
    with django_assert_max_num_queries(2):
        shown(editor, f"/import/{number}/")


def test_hostile_names_are_text_in_the_history_and_the_result(editor: Client) -> None:
    zeros = dict.fromkeys(("inserted", "updated", "unchanged", "lines", "txid"), 0)
    made = CsvImport.objects.create(
        kind="products", file_name=HOSTILE, actor=HOSTILE, sha256="a" * 64, seconds=0, rejected=1, **zeros
    )
    for page in (shown(editor, BULK), shown(editor, f"/import/{made.pk}/")):
        assert "<script>alert" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("number", ["0", "999999", "9223372036854775807", "99999999999999999999"])
def test_an_import_that_never_was_is_not_found(editor: Client, number: str) -> None:
    assert editor.get(f"/import/{number}/").status_code == 404

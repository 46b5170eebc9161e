"""What is seen before anything is written."""

import csv
import io
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEntry
from catalog.importing.importer import MOST_FAULTS
from catalog.models import CsvImport, Product, ShopUser
from pages.roles import Role
from tests.catalog.importing.csv_files import imported, previewed
from tests.catalog.importing.test_real_files import REFUSED
from tests.catalog.importing.visits import figures, given, sent, shown
from tests.people import visitor
from tests.shop import lamp

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12  # of a page
HOSTILE = "</script><script>alert(1)</script> ' & \u202e مرحبا 👋"


@pytest.fixture
def editor() -> Client:
    return visitor(Role.EDITOR)


def seen(editor: Client, text: str | bytes, kind: str = "products") -> str:
    return shown(editor, given(editor, text, kind))


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rejected_file(editor: Client, address: str) -> list[list[str]]:
    answer = editor.get(f"{address}rejected.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text, newline="")))


def test_totals_columns_and_first_rows_are_shown_and_nothing_is_written(editor: Client) -> None:
    lamp(sku="A", name="Lamp", price=1)
    lamp(sku="B", name="Old", price=2)
    entries = AuditEntry.objects.count()
    text = "SKU;Name;Price;Colour;\nA;Lamp;1;red;\nB;Desk;2;;\nC;Mug;3;blue;\nD;Jug;x;;\n"
    page = seen(editor, text)
    told = {"New": "1", "Changed": "1", "Unchanged": "1", "Rejected": "1", "Lines in all": "4"}
    assert figures(page) == told
    words = text_of(page)
    assert "3 columns recognised; left out, since not known: Colour" in words and "parted by semicolons" in words
    assert "Line SKU sku Name name Price price Colour left out" in words and "2 A Lamp 1 red" in words
    assert "Import the 3 good lines" in words
    assert (Product.objects.count(), AuditEntry.objects.count(), CsvImport.objects.count()) == (2, entries, 0)


def test_every_rejected_line_has_its_reason_and_can_be_had_as_a_file(editor: Client) -> None:
    address = given(editor, "sku,name,price\nA,Lamp,$1\nB,Desk,2\n,,3\nC,Mug\n")
    words = text_of(shown(editor, address))
    assert "3 faults in 3 lines." in words
    assert "2 price $1 Write the price without a currency: 12.50." in words
    assert "4 name A new row needs a name." in words
    assert "5 the line The line has 2 cells, the first line 3." in words
    assert [row[1:] for row in rejected_file(editor, address)[1:]] == [["A", "Lamp", "$1"], ["", "", "3"], ["C", "Mug"]]


def test_of_many_rejected_lines_the_first_are_shown_and_all_counted(editor: Client) -> None:
    lines = "".join(f"S{number},Lamp,-{number}.5x\n" for number in range(MOST_FAULTS + 50))
    address = given(editor, "sku,name,price\n" + lines)
    page = shown(editor, address)
    assert f"{MOST_FAULTS + 50} faults in {MOST_FAULTS + 50} lines, of which the first {MOST_FAULTS} are here" in page
    assert page.count("<code>price</code>") == MOST_FAULTS
    assert "Every line is rejected" in page and "import_send" not in page
    assert len(rejected_file(editor, address)) == MOST_FAULTS + 51


def test_a_sound_file_has_no_rejected_lines_to_be_had(editor: Client) -> None:
    address = given(editor, "sku,name,price\nA,Lamp,1\nB,Mug,2\n")
    page = shown(editor, address)
    assert "Import all 2 lines" in page and "All of it, or nothing." in page and "rejected.csv" not in page
    assert editor.get(f"{address}rejected.csv").status_code == 404


def test_where_all_is_there_already_nothing_is_offered(editor: Client) -> None:
    lamp(sku="A", name="Lamp", price=1)
    page = seen(editor, "sku,name,price\nA,Lamp,1\n")
    assert "There is nothing to import" in page and "import_send" not in page


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "empty"])
def test_a_file_that_cannot_be_used_says_why_and_leads_back(editor: Client, name: str) -> None:
    content, said = REFUSED[name]
    page = seen(editor, content)
    assert "This file cannot be imported" in page and "Choose another file" in page and "import_send" not in page
    assert re.search(said, text_of(page))


def test_the_same_file_is_read_as_another_kind_without_uploading_it_again(editor: Client) -> None:
    address = given(editor, "email,username\nada@example.com,ada\n", "products")
    assert "This seems to be a file of users, not of products: it has the column email." in shown(editor, address)
    other = address.replace("/products/", "/users/")
    assert f'href="{other}"' in shown(editor, address)
    assert figures(shown(editor, other))["New"] == "1"
    assert "Read it as" not in seen(editor, "order_id,quantity\n1,2\n")
    assert not ShopUser.objects.exists()


def test_a_repeated_file_is_confirmed_first(editor: Client) -> None:
    text = "name,price\nLamp,1\n"
    assert 'name="again"' not in seen(editor, text)
    imported(text)
    page = seen(editor, text)
    assert "makes it a second time" in page and 'type="checkbox" name="again" required' in page


def test_hostile_text_is_text(editor: Client) -> None:
    cell = HOSTILE.replace('"', '""')
    address = given(editor, f'sku,name,price,"{cell}"\nA,"{cell}",1,"{cell}"\nB,"{cell}","{cell}",\n')
    page = shown(editor, address)
    assert "<script>alert" not in page and page.count("&lt;script&gt;alert(1)") >= 5


def test_long_cells_are_cut_for_the_page(editor: Client) -> None:
    page = seen(editor, "sku,name,price,description\nA,Lamp,1," + "x" * 100_000 + "\nB,Lamp," + "9" * 50_000 + ",\n")
    assert len(page) < 40_000


@pytest.mark.parametrize(
    "address",
    [
        "/import/products/" + "a" * 64 + "/",
        "/import/products/..passwd/",
        "/import/products/x/",
        "/import/users/" + "a" * 64 + "/rejected.csv",
    ],
)
def test_what_is_not_there_leads_back_to_uploading(editor: Client, address: str) -> None:
    answer = editor.get(address)
    page = answer.content.decode()
    assert answer.status_code == 404 and "This file is no longer here" in page and 'href="/import/"' in page


@pytest.mark.parametrize("kind", ["orders", "auth_user", "x"])
def test_other_kinds_are_not_found(editor: Client, kind: str) -> None:
    for address in (f"/import/{kind}/{'a' * 64}/", f"/import/example/{kind}.csv"):
        assert editor.get(address).status_code == 404


def test_after_a_restart_it_is_said_what_to_do(editor: Client, uploads: Path) -> None:
    address = given(editor, "sku,name,price\nA,Lamp,1\n")
    shutil.rmtree(uploads)
    for answer in (editor.get(address), editor.post(address)):
        assert answer.status_code == 404 and "Upload the file again" in answer.content.decode()
    assert editor.post(address, headers={"HX-Request": "true"})["HX-Redirect"] == address


def test_viewers_see_no_previews(editor: Client) -> None:
    address = given(editor, "sku,name,price\nA,Lamp,1\n")
    viewer = visitor(Role.VIEWER)
    assert {viewer.get(address).status_code, viewer.post(address).status_code} == {403}
    assert viewer.get(f"{address}rejected.csv").status_code == 403


def test_the_page_tells_what_the_importer_says(editor: Client) -> None:
    text = "sku,name,price\nA,Lamp,1\nA,Lamp,2\nB,Mug,3\n"
    told, page = previewed(text), figures(seen(editor, text))
    assert page["New"] == str(told.new) and page["Rejected"] == str(told.rejected)


def test_a_look_costs_few_queries_whatever_the_file_holds(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    text = "sku,name,price\nA,Lamp,1\n,Mug,1\nB,Jug,x\n" + "".join(f"S{number},Lamp,1\n" for number in range(2000))
    imported(text, partial=True)
    Product.objects.filter(sku="A").update(price=9)
    address = given(editor, text)
    with django_assert_max_num_queries(MOST_QUERIES):
        page = shown(editor, address)
    told = {"New": "1", "Changed": "1", "Unchanged": "2,000", "Rejected": "1", "Lines in all": "2,003"}
    assert figures(page) == told and "makes it a second time" in page


def test_an_upload_asks_the_database_who_it_is_and_nothing_else(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(1):
        assert sent(editor, "sku,name,price\nA,Lamp,1\n").status_code == 302

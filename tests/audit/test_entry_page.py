"""One entry: its page, and the same as a fragment in the list."""

import re

import pytest
from django.apps import apps
from django.test import Client

from audit import records
from audit.actor import acting_as
from audit.diff import FOLDED_ABOVE, Short, cell, short, text
from audit.models import MISSING, AuditEntry
from audit.records import RecordPage
from catalog.models import Product, ShopUser
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp, sql, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Client:
    return visitor(Role.VIEWER)


def latest() -> AuditEntry:
    return AuditEntry.objects.latest_first()[0]


def fields(html: str) -> dict[str, list[str]]:
    """The differences on a page: field to the words before and after."""
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', html.partition('class="diff-same"')[0], re.S)
    return {
        field: [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in re.findall(r"<td.*?</td>", cells, re.S)]
        for field, cells in rows
    }


def test_an_update_shows_each_field_before_and_after(reader: Client) -> None:
    ann(metadata={"role": "customer", "tier": None})
    with acting_as("grace", "r-1"):
        ShopUser.objects.update(metadata={"role": "vendor", "note": ""}, full_name="Ann")
    entry = latest()
    page = reader.get(f"/audit/{entry.audit_id}/").content.decode()
    told = fields(page)
    told.pop("updated_at")
    assert told == {
        "full_name": ["empty text", "Ann"],
        "metadata.role": ["customer", "vendor"],
        "metadata.tier": ["null", "not there"],
        "metadata.note": ["not there", "empty text"],
    }
    for words in ("grace", "r-1", entry.created_by, "stayed as they were", f"?transaction={entry.txid}"):
        assert words in page
    assert f"?table=users&amp;record={entry.record_id}" in page


def test_an_insert_and_a_delete_show_one_side(reader: Client) -> None:
    product = lamp(tags=["led", "new"], price="12.50")
    made = latest()
    product.delete()
    for entry in (made, latest()):
        told = fields(reader.get(f"/audit/{entry.audit_id}/").content.decode())
        assert told["price"] == ["12.50"]
        assert told["tags"] == ["[ &quot;led&quot;, &quot;new&quot; ]"]


def test_htmx_gets_the_entry_alone(reader: Client) -> None:
    lamp()
    html = reader.get(f"/audit/{latest().audit_id}/", headers={"HX-Request": "true"}).content.decode()
    assert html.strip().startswith(f'<div id="entry_{latest().audit_id}_told"')


def test_an_entry_that_is_not_there_is_not_found(reader: Client) -> None:
    assert reader.get("/audit/1/").status_code == 404
    assert reader.get(f"/audit/{'9' * 30}/").status_code == 404


def test_a_row_written_again_as_it_was_says_so(reader: Client) -> None:
    product = lamp()
    sql("UPDATE ecommerce.products SET updated_at = updated_at WHERE product_id = %s", [product.pk])
    told = fields(reader.get(f"/audit/{latest().audit_id}/").content.decode())
    assert set(told) <= {"updated_at"}
    assert short(latest()) == ([], 0)


def test_in_short_a_change_is_told_with_its_values() -> None:
    lamp()
    Product.objects.update(stock_quantity=7, category="Home")
    assert short(latest()) == ([Short("category", "Other", "Home"), Short("stock_quantity", "0", "7")], 0)
    Product.objects.update(stock_quantity=8, category="x" * 90, price=1, tags=["a"], description="y")
    told, more = short(latest())
    assert told[0] == Short("tags", "", "") and len(told) + more == 5


def test_in_short_a_new_row_tells_what_is_telling() -> None:
    lamp(sku="L", category="Home", description="d" * 100)
    assert short(latest())[0] == [Short("sku", "", "L"), Short("price", "", "12.50"), Short("category", "", "Home")]


@pytest.mark.parametrize(
    ("given", "kind"),
    [(MISSING, "missing"), (None, "null"), ("", "empty"), (0, "value"), (False, "value"), ([], "value")],
)
def test_nothing_is_not_nothing(given: object, kind: str) -> None:
    assert cell(given).kind == kind


def test_long_values_are_folded() -> None:
    assert cell("x" * FOLDED_ABOVE).lead == ""
    folded = cell("x" * (FOLDED_ABOVE + 1))
    assert 0 < len(folded.lead) < 120 and len(folded.text) == FOLDED_ABOVE + 1


def test_json_is_as_postgresql_has_it_but_for_the_blanks() -> None:
    ann(metadata={"a": [1, {"b": 'ö"\n'}], "c": {}, "d": [], "e": None, "f": True})
    sql("""UPDATE ecommerce.users SET metadata = metadata || '{"g": 1.10, "h": 1e30, "i": 12345678901234567890.5}'""")
    told = text(latest().new_data["metadata"])  # type: ignore[index]
    assert value("SELECT metadata::text = %s::jsonb::text FROM ecommerce.users", [told])
    assert told.splitlines()[1] == '  "a": ['


def test_a_long_name_of_a_field_is_cut_in_short() -> None:
    ann(metadata={"k" * 10_000: 1})
    ShopUser.objects.update(metadata={"k" * 10_000: 2})
    assert all(len(change.field) < 60 for change in short(latest())[0])


def test_the_record_has_its_name_and_its_page(reader: Client) -> None:
    product = lamp()
    entry = latest()
    assert (entry.record_name, entry.record_page) == ("Lamp", f"/products/{product.pk}/")
    assert f'href="/products/{product.pk}/"' in reader.get(f"/audit/{entry.audit_id}/").content.decode()
    product.delete()
    assert f'href="/products/{product.pk}/"' not in reader.get(f"/audit/{latest().audit_id}/").content.decode()


def test_an_app_names_records_that_bear_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {"lines": RecordPage("catalog:product", "product_id", called="Line of order {order_id}")}
    monkeypatch.setattr(apps.get_app_config("audit"), "record_pages", pages, raising=False)
    assert records.name("lines", {"order_id": 7}) == "Line of order 7"
    assert records.name("lines", {"rows": 12}) == records.name("elsewhere", {}) == ""
    assert records.address("lines", {"product_id": 3}) == "/products/3/"
    assert records.address("lines", {}) is records.address("elsewhere", {"product_id": 3}) is None

"""The page of the trail: who may see it, its filters, its pages, and what it says when there is nothing."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from audit.actor import acting_as
from audit.models import AuditEntry
from catalog.models import Product
from pages.keyset import PAGE_SIZE
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp, sql, value

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
LAMPS = "INSERT INTO ecommerce.products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, %s)"
HOSTILE = ("<script>alert(1)</script>", "</summary></details>", '"><img src=x onerror=alert(1)>', "🚀 مصباح", "x" * 255)


@pytest.fixture
def reader() -> Client:
    return visitor(Role.VIEWER)


def listed(client: Client, query: str = "", **headers: Any) -> list[int]:
    """The numbers of the entries on the page, in its order."""
    page = client.get(f"/audit/{query}", headers=headers).content.decode()
    return [int(number) for number in re.findall(r'<li id="entry_(\d+)"', page)]


def numbers(**wanted: Any) -> list[int]:
    return list(AuditEntry.objects.filter(**wanted).latest_first().values_list("audit_id", flat=True))


def test_the_page_shows_who_changed_what_newest_first(reader: Client) -> None:
    with acting_as("grace"):
        product = lamp(sku="L")
        Product.objects.update(stock_quantity=7)
    page = reader.get("/audit/").content.decode()
    assert listed(reader) == numbers()
    for words in ("INSERT", "UPDATE", "Lamp", f"products {product.pk}", "grace", "stock_quantity", "2</span> entries"):
        assert words in page
    assert re.search(r"<bdi>0</bdi> <span aria-label=\"became\">→</span> <bdi>7</bdi>", page)
    assert value("SELECT session_user") in page


@pytest.mark.parametrize("path", ["/audit/", "/audit/news", "/audit/export.csv", "/audit/activity", "/audit/1/"])
def test_it_is_for_people_with_a_role(client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/sign-in?next=")
    assert client.get(path, headers=HTMX).status_code == 401
    assert visitor(Role.NOBODY).get(path).status_code == 403
    assert visitor(Role.VIEWER).post(path).status_code == 405


def test_filters(reader: Client) -> None:
    with acting_as("grace"):
        product, user = lamp(), ann()
    with acting_as("ada"):
        Product.objects.update(price=1)
        user.delete()
    txid = AuditEntry.objects.latest_first()[0].txid
    for query, wanted in (
        ("?table=users", {"table_name": "users"}),
        ("?operation=INSERT", {"operation": "INSERT"}),
        ("?table=products&operation=UPDATE", {"operation": "UPDATE"}),
        (f"?table=products&record={product.pk}", {"table_name": "products"}),
        ("?actor=ada", {"actor": "ada"}),
        ("?actor=grace&table=users", {"actor": "grace", "table_name": "users"}),
        (f"?transaction={txid}", {"txid": txid}),
    ):
        assert listed(reader, query) == numbers(**wanted) != [], query
        assert "Show all" in reader.get(f"/audit/{query}").content.decode()
    assert listed(reader, "?actor=nobody") == listed(reader, f"?transaction={txid + 1}") == []


def test_times_are_in_the_zone_that_the_form_says(reader: Client) -> None:
    lamp()
    made = AuditEntry.objects.get().created_at

    def local(moment: datetime, zone: str) -> str:
        return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")

    second = timedelta(seconds=1)
    for zone in ("UTC", "Asia/Kathmandu", "America/Los_Angeles"):
        since, until = local(made - second, zone), local(made + 2 * second, zone)
        assert len(listed(reader, f"?since={since}&until={until}&zone={zone}")) == 1
        assert listed(reader, f"?since={until}&zone={zone}") == listed(reader, f"?until={since}&zone={zone}") == []
    assert len(listed(reader, f"?since={local(made - second, 'UTC')}")) == 1
    assert f'id="trail_zone">{zone}<' in reader.get(f"/audit/?since={since}&zone={zone}").content.decode()


def count_line(client: Client, query: str) -> str:
    """The sentence beside the number of entries, as it is read."""
    page = client.get(f"/audit/{query}").content.decode()
    found = re.search(r'<p class="list-count".*?</p>', page, re.S)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]+>", "", found[0].partition("<a ")[0])).split())


def test_the_count_says_everything_that_was_asked_for(reader: Client) -> None:
    with acting_as("grace"):
        product = lamp()
    txid = AuditEntry.objects.get().txid
    since, until = "from 1 Jan 2026, 00:00 UTC", "before 2 Jan 9000, 00:00 UTC"
    for query, told in (
        ("", "1 entry"),
        ("?actor=grace", "1 entry found: actor grace"),
        ("?record=0&table=products", "0 entries found: table products, record 0"),
        ("?since=2026-01-01T00:00", f"1 entry found {since}"),
        ("?operation=INSERT&until=9000-01-02T00:00", f"1 entry found: operation INSERT, {until}"),
        (
            f"?table=products&operation=INSERT&record={product.pk}&actor=grace&transaction={txid}"
            "&since=2026-01-01T00:00&until=9000-01-02T00:00",
            f"1 entry found: table products, operation INSERT, record {product.pk}, actor grace, transaction {txid},"
            f" {since} {until}",
        ),
        (f"?actor={quote(HOSTILE[0])}", f"0 entries found: actor {HOSTILE[0]}"),
    ):
        assert count_line(reader, query) == told


@pytest.mark.parametrize("zone", ["Nowhere/City", "../../etc/passwd", "Europe", "\x00", "x" * 100, "🚀"])
def test_a_zone_that_nobody_knows_is_utc(reader: Client, zone: str) -> None:
    lamp()
    since = (datetime.now(UTC) - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")
    page = reader.get("/audit/", {"since": since, "zone": zone}).content.decode()
    assert 'id="trail_zone">UTC<' in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?record=1", "Choose the table too"),
        ("?table=products&record=ten", "Give a whole number"),
        (f"?table=products&record={2**63}", "or less."),
        ("?since=yesterday", "Write date and time as"),
        ("?since=0001-01-01T00:00", "Give a year from 1900"),
        ("?until=9999-12-31T23:59:59", "Give a year from 1900 to 9990"),
        ("?since=2026-01-02T00:00&until=2026-01-01T00:00", "not after the beginning"),
        ("?operation=DROP", "There is no “DROP” to choose."),
        ("?operation=insert&table=products", "There is no “insert” to choose."),
        ("?table=zzz", "There is no “zzz” to choose."),
        ("?transaction=-1.5", "Give a whole number"),
        (f"?actor={'x' * 201}", "at most 200 characters"),
        ("?actor=a%00b", "Null characters are not allowed"),
        ("?table=a%00b", "There is no “a\x00b” to choose."),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_listed(reader: Client, query: str, words: str) -> None:
    lamp()
    page = reader.get(f"/audit/{query}").content.decode()
    assert words in page and 'role="alert"' in page
    assert listed(reader, query) == []
    assert "live:tick" not in page


def test_of_a_table_that_does_not_exist_nothing_else_is_said(reader: Client) -> None:
    page = reader.get("/audit/?table=zzz&record=1").content.decode()
    assert page.count("to choose.") == 1 and "Choose the table too" not in page
    assert reader.get("/audit/export.csv?table=zzz").status_code == 400


def test_a_table_of_the_shop_can_be_asked_for_before_it_has_an_entry(reader: Client) -> None:
    page = reader.get("/audit/?table=order_items").content.decode()
    assert "No entry is like that" in page and "form-errors" not in page
    assert '<option value="order_items" selected>' in page


def test_pages_follow_each_other(reader: Client) -> None:
    sql(
        "INSERT INTO ecommerce.products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, %s)", [2 * PAGE_SIZE + 1]
    )
    seen, query, queries = [], "", []
    while True:
        page = reader.get(f"/audit/{query}").content.decode()
        seen += listed(reader, query)
        older = re.search(r'id="trail_older"[^>]*href="/audit/([^"]+)"', page)
        queries.append(query)
        if older is None:
            break
        query = older[1].replace("&amp;", "&")
    assert seen == numbers() and len(queries) == 3
    assert 'id="trail_newest"' in page and "not refreshed" in page
    assert "live:tick" not in page and "live:tick" in reader.get("/audit/").content.decode()


@pytest.mark.parametrize("before", ["", "0", "-1", "x", "9" * 19, "9" * 40, "１"])
def test_a_page_from_nowhere_is_no_error(reader: Client, before: str) -> None:
    lamp()
    assert reader.get("/audit/", {"before": before}).status_code == 200


def test_htmx_gets_the_list_alone_and_a_short_address(reader: Client) -> None:
    lamp()
    asked = {"table": "products", "operation": "", "record": "", "actor": "", "zone": "Europe/Oslo", "before": "99"}
    answer = reader.get("/audit/", asked, headers=HTMX)
    assert answer.content.decode().strip().startswith('<section id="_trail"')
    assert answer["HX-Push-Url"] == "/audit/?table=products&before=99"
    assert "HX-Request" in answer["Vary"]
    since = reader.get("/audit/", {"since": "2026-01-01T00:00", "zone": "Europe/Oslo"}, headers=HTMX)
    assert since["HX-Push-Url"] == "/audit/?since=2026-01-01T00%3A00&zone=Europe%2FOslo"


def test_empty_pages_say_what_to_do(reader: Client) -> None:
    assert "Nothing has been changed yet" in reader.get("/audit/").content.decode()
    assert "Ask for less" in reader.get("/audit/?actor=nobody").content.decode()
    assert "To the newest" not in reader.get("/audit/").content.decode()
    lamp()
    assert "The trail begins after this page" in reader.get("/audit/?before=1").content.decode()


def test_a_page_asks_few_questions_however_long_it_is(reader: Client, django_assert_max_num_queries: Any) -> None:
    sql(LAMPS, [PAGE_SIZE])
    # Who it is, the summary, the entries and how many there are.
    with django_assert_max_num_queries(4):
        reader.get("/audit/")
    with django_assert_max_num_queries(4):
        reader.get("/audit/?table=products&operation=INSERT&actor=ada")


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_text(reader: Client, words: str) -> None:
    with acting_as(words):
        lamp(name=words, category=words[:100], tags=[words])
        Product.objects.update(sku=words[:64], description=words, category="x")
        ann(username=words[:100], metadata={words: words})
    for path in ("/audit/", f"/audit/?actor={words}", "/audit/activity", *(f"/audit/{each}/" for each in numbers())):
        page = reader.get(path).content.decode()
        assert words not in page or "<" not in words
        assert "Null" not in page


def test_what_is_nested_too_deeply_for_python_is_shown_as_text(reader: Client) -> None:
    for depth in (99, 150, 5000):
        nested = '{"a":' * depth + "1" + "}" * depth
        sql(
            "INSERT INTO ecommerce.users (email, username, metadata) VALUES (%s, %s, %s::jsonb)",
            [f"{depth}@example.com", f"deep{depth}", nested],
        )
    sql("UPDATE ecommerce.users SET metadata = jsonb_build_object('b', metadata), full_name = 'Deep'")
    assert listed(reader) == numbers()
    for number in numbers():
        assert reader.get(f"/audit/{number}/").status_code == 200
        assert reader.get("/audit/export.jsonl").getvalue().count(b"\n") == 6

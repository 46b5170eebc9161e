"""The filtered entries as a file: all of them, to the digit, and harmless in a spreadsheet."""

import csv
import io
import json

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from audit import export
from audit.actor import acting_as
from audit.models import AuditEntry
from catalog.models import Product
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp, sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Client:
    return visitor(Role.VIEWER)


def exported(client: Client, path: str) -> str:
    answer = client.get(path)
    assert isinstance(answer, StreamingHttpResponse)
    return answer.getvalue().decode()


def as_rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_csv_holds_what_the_filters_find(reader: Client) -> None:
    with acting_as("grace", "r-1"):
        lamp(sku="L", price="12.50")
        ann()
    (row,) = as_rows(exported(reader, "/audit/export.csv?table=products"))
    entry = AuditEntry.objects.in_table("products").get()
    assert (row["audit_id"], row["created_at"]) == (str(entry.audit_id), entry.created_at.isoformat())
    assert (row["actor"], row["request_id"], row["operation"]) == ("grace", "r-1", "INSERT")
    assert row["old_data"] == "" and '"price": 12.50' in row["new_data"]


def test_json_lines_are_the_same_entries(reader: Client) -> None:
    lamp(description='Line\nbreak "ö" \u2028', price="12.50")
    Product.objects.update(stock_quantity=3)
    ann()
    text = exported(reader, "/audit/export.jsonl")
    lines = text.splitlines() if "\u2028" not in text else text.rstrip("\n").split("\n")
    found = [json.loads(line) for line in lines]
    assert [each["audit_id"] for each in found] == [each.audit_id for each in AuditEntry.objects.latest_first()]
    for each, entry in zip(found, AuditEntry.objects.latest_first(), strict=True):
        assert each["new_data"] == json.loads(json.dumps(entry.new_data, default=float))
        assert (each["old_data"] is None) == (entry.old_data is None)
        assert each["txid"] == entry.txid


def test_all_batches_are_in_it(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 10)
    sql("INSERT INTO ecommerce.products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, 30)")
    numbers = [int(row["audit_id"]) for row in as_rows(exported(reader, "/audit/export.csv"))]
    assert numbers == list(AuditEntry.objects.latest_first().values_list("audit_id", flat=True))


@pytest.mark.parametrize("actor", ["=1+1", "+1", "@SUM(1)", "\t=1", "-x", "'=1", "＝1"])
def test_no_cell_is_a_formula(reader: Client, actor: str) -> None:
    with acting_as(actor):
        lamp()
    (row,) = as_rows(exported(reader, "/audit/export.csv"))
    assert row["actor"] == f"'{actor}"


def test_nothing_found_is_a_file_without_entries(reader: Client) -> None:
    assert as_rows(exported(reader, "/audit/export.csv")) == []
    assert exported(reader, "/audit/export.jsonl") == ""


def test_the_file_is_named_and_offered(reader: Client) -> None:
    for kind, content in (("csv", "text/csv"), ("jsonl", "application/jsonl")):
        answer = reader.get(f"/audit/export.{kind}")
        assert answer["Content-Disposition"].endswith(f'.{kind}"') and answer["Content-Type"].startswith(content)


def test_a_question_that_makes_no_sense_is_refused(reader: Client) -> None:
    assert reader.get("/audit/export.csv?record=1").status_code == 400

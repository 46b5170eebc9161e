"""Import and export in the admin: the same answers as from the importer itself, and nothing written unseen."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from audit.models import AuditEntry
from catalog.importing import FileRefused, resource
from catalog.importing import uploads as kept
from catalog.importing.file import EMPTY
from catalog.importing.resource import ProductResource
from catalog.models import CsvImport, Product, ShopUser
from tests.admin.conftest import Visitor, text_of
from tests.catalog.importing.csv_files import file_of, previewed
from tests.catalog.importing.test_real_files import REFUSED
from tests.shop import ann, lamp, order_of

pytestmark = pytest.mark.django_db

PRODUCTS = "/admin/catalog/product/"
GOOD = "sku,name,price,Colour\nA,Lamp,1,red\nB,Table,2,\n"
WRONG = "sku,name,price\nA,Lamp,<b>1</b>\nB,,2\n"


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: Settings) -> Path:
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


def upload(visitor: Visitor, text: str | bytes, path: str = PRODUCTS) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("lamps.csv", content)
    answer = visitor.post(f"{path}import/", {"import_file": file, "format": "0", "resource": "0"})
    assert answer.status_code == 200
    return answer


def confirm(visitor: Visitor, answer: Any, path: str = PRODUCTS, **other: str) -> str:
    return visitor.send(f"{path}process_import/", answer.context["confirm_form"].initial | other)


def test_file_is_seen_first_and_then_imported_in_the_persons_name(visitor: Visitor, uploads: Path) -> None:
    lamp(sku="B", name="Table", price=2)
    answer = upload(visitor, GOOD)
    page = text_of(answer)
    assert "<dt>New</dt><dd>1</dd>" in page and "<dt>Unchanged</dt><dd>1</dd>" in page
    assert "Not known, and so left out: Colour." in page and 'value="Import 2 lines"' in page
    assert Product.objects.count() == 1
    page = confirm(visitor, answer)
    assert "1 new, 0 changed, 1 unchanged." in page
    made = CsvImport.objects.get()
    assert (made.actor, made.file_name) == ("ada", "lamps.csv")
    assert f"/admin/audit/auditentry/?txid={made.txid}" in page
    assert "audit entries" in visitor.page("/admin/audit/auditentry/", txid=str(made.txid))
    assert AuditEntry.objects.get(txid=made.txid, operation="INSERT", new_data__sku="A").actor == "ada"
    assert list(uploads.rglob("*.csv")) == []


def test_values_that_change_are_shown_beside_those_of_the_file(visitor: Visitor) -> None:
    lamp(sku="A", name="<i>Lamp</i>", price=1, tags=["a"], description="same")
    for number in range(25):
        lamp(sku=f"N{number:02}", price=1)
    lamp(sku="Z", name="Untouched", price=1)
    long = "y" * 5000
    rows = [f"A,<b>Lamp</b>,1.50,{long},a", *(f"N{number:02},Lamp,2,," for number in range(25)), "Z,Untouched,1,,"]
    page = text_of(upload(visitor, "\n".join(["sku,name,price,description,tags", *rows]) + "\n"))
    assert "What would change: the first 20 of 26 rows" in page
    assert '<td>name</td><td class="cell"><del>&lt;i&gt;Lamp&lt;/i&gt;</del></td>' in page
    assert "<ins>&lt;b&gt;Lamp&lt;/b&gt;</ins>" in page and "<i>Lamp" not in page and "<b>Lamp" not in page
    assert '<del>1.00</del></td><td class="cell"><ins>1.50</ins>' in page
    assert f"<ins>{'y' * 200}…</ins>" in page
    assert "N18</td><td>price</td>" in page and "N19</td><td>price</td>" not in page
    assert '<td>tags</td><td class="cell"><del>{a}' not in page
    assert Product.objects.get(sku="A").price == 1


def test_users_changes_are_shown_too(visitor: Visitor) -> None:
    ann(metadata={"role": "customer"})
    page = text_of(upload(visitor, "email,role,active\nANN@example.com,vendor,no\n", "/admin/catalog/shopuser/"))
    assert "What would change</caption>" in page
    assert "<del>{&quot;role&quot;: &quot;customer&quot;}</del>" in page
    assert "<ins>{&quot;role&quot;: &quot;vendor&quot;}</ins>" in page
    assert '<del>true</del></td><td class="cell"><ins>false</ins>' in page


def test_wrong_lines_are_shown_and_nothing_can_be_confirmed(visitor: Visitor) -> None:
    answer = upload(visitor, WRONG)
    page = text_of(answer)
    assert "2 of 2 lines are wrong, so nothing was imported." in page
    assert "&lt;b&gt;1&lt;/b&gt;" in page and "<b>1</b>" not in page
    for fault in previewed(WRONG).faults:
        assert fault.message in page
    assert "confirm_form" not in answer.context and not Product.objects.exists()


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_file_is_said_in_the_importers_sentence(visitor: Visitor, text: str | bytes, said: str) -> None:
    answer = upload(visitor, text)
    if not text:
        assert EMPTY in text_of(answer)
        return
    (error,) = answer.context["result"].base_errors
    with pytest.raises(FileRefused, match=said) as refusal:
        previewed(text)
    assert str(error.error) == str(refusal.value)


def test_users_are_imported(visitor: Visitor) -> None:
    path = "/admin/catalog/shopuser/"
    answer = upload(visitor, "email;username;role\nann@example.com;ann;vendor\n", path)
    assert "1 new, 0 changed, 0 unchanged." in confirm(visitor, answer, path)
    assert ShopUser.objects.get().metadata == {"role": "vendor"}


def test_file_is_judged_again_when_it_is_imported(visitor: Visitor) -> None:
    path = "/admin/catalog/shopuser/"
    answer = upload(visitor, "email,username\nann@example.com,ann\n", path)
    ann(email="other@example.com")
    assert "This is taken by other@example.com." in confirm(visitor, answer, path)
    assert ShopUser.objects.count() == 1


def test_keyless_file_is_not_imported_twice(visitor: Visitor) -> None:
    first = upload(visitor, "name,price\nLamp,1\n")
    second = upload(visitor, "name,price\nLamp,1\n")
    assert "1 new" in confirm(visitor, first)
    assert "makes it a second time" in confirm(visitor, second)
    assert "makes it a second time" in text_of(upload(visitor, "name,price\nLamp,1\n"))
    assert Product.objects.count() == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "0" * 32 + ".csv", "x", ""])
def test_only_kept_uploads_can_be_imported(visitor: Visitor, name: str) -> None:
    answer = upload(visitor, GOOD)
    page = confirm(visitor, answer, import_file_name=name)
    assert "pload" in page and "errorlist" not in page
    assert not Product.objects.exists()


def test_upload_is_private_and_forgotten_after_a_day(
    visitor: Visitor, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(visitor, GOOD)
    (file,) = uploads.rglob("*.csv")
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(kept, "KEPT_SECONDS", -1)
    upload(visitor, WRONG)
    assert not file.exists()


def test_large_file_is_sent_elsewhere(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "LARGEST", 10)
    page = text_of(upload(visitor, GOOD))
    assert "this page takes at most 10" in page
    assert '<a href="/import/">Bulk import</a>' in page


def test_both_doors_give_one_result() -> None:
    lamp(sku="A", name="Lamp", price=1)
    for text in (GOOD, WRONG):
        told = previewed(text)
        result = ProductResource().import_data(file_of(text), dry_run=True)
        assert vars(result.told) == vars(told)
        assert (result.totals["new"], result.totals["skip"], result.total_rows) == (told.new, told.unchanged, 2)
        assert result.has_errors() == bool(told.faults)
    made = ProductResource().import_data(file_of(GOOD))
    assert (made.totals["new"], made.totals["skip"]) == (1, 1)
    with pytest.raises(FileRefused):
        ProductResource().import_data(file_of(""), raise_errors=True)


def test_list_is_exported_as_it_is_filtered(visitor: Visitor) -> None:
    lamp(sku="A", name="=Lamp"), lamp(sku="B", name="Table")
    answer = visitor.get(f"{PRODUCTS}export/", {"q": "lamp"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    lines = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert lines[1:] == ['A,\'=Lamp,"",12.50,0,Other,""']
    order = order_of(ann(), (Product.objects.get(sku="B"), 2))
    answer = visitor.get("/admin/orders/order/export/", {"status__exact": "pending"})
    assert f"{order.pk}," in b"".join(answer).decode()  # type: ignore[arg-type]
    assert b"".join(visitor.get("/admin/orders/order/export/", {"q": "0"})).count(b"\n") == 1  # type: ignore[arg-type]
    assert 'href="export/?q=ann"' in visitor.page("/admin/orders/order/", q="ann")

"""Whatever stands in a field, it is text wherever it is shown: pages, fragments, charts, messages and files."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from audit.models import AuditEntry
from catalog.models import Product
from pages.roles import Role
from tests.lakeshop.hostile import TEXTS, Hostile, elements, one_line, shop, text_alone
from tests.people import account

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
# Opened alone, these lead to their pages.
PARTS = ("/news", "/orders/place/products", "/orders/place/customers")


# The others are variations on these.
FIRST = ("script", "attribute", "bidi", "long")
EACH = [pytest.param(text, id=name, marks=[] if name in FIRST else pytest.mark.slow) for name, text in TEXTS.items()]


@pytest.fixture(params=EACH)
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def admin(text: str) -> Client:
    """Whose own name is hostile, too."""
    client = Client()
    client.force_login(account(Role.ADMIN, text[:150]))
    return client


@pytest.fixture
def hostile(text: str, admin: Client, tmp_path: Path, settings: Settings) -> Hostile:
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return shop(text, User.objects.get().pk, tmp_path)


def beginning(text: str) -> str:
    """As much of it as every place shows that shows it at all."""
    return re.split(r"[\u0085\u2028\x7f]", text.strip())[0][:12].strip()


def pages(hostile: Hostile) -> dict[str, dict[str, Any]]:
    """Those that show the text, and the fields with which they are asked."""
    product, user, order = hostile.product.pk, hostile.user.pk, hostile.order
    name = hostile.product.name
    shown = [
        *("/", "/products/", "/users/", "/orders/", "/audit/", "/audit/activity", "/import/", "/news"),
        *(f"/products/{product}/", f"/products/{product}/edit", f"/users/{user}/", f"/users/{user}/edit"),
        *(f"/products/delete?pk={product}", f"/users/delete?pk={user}"),
        *(f"/orders/{order}/", f"/orders/{order}/cancel", f"/orders/place?customer={user}&product={product}"),
        *(f"/import/{hostile.imported.pk}/", f"/import/products/{hostile.upload.sha256}/"),
        *(f"/import/users/{hostile.upload.sha256}/", "/audit/?table=products", "/audit/?table=orders"),
        *("/admin/catalog/product/", "/admin/catalog/shopuser/", "/admin/orders/order/", "/admin/catalog/csvimport/"),
        *("/admin/audit/auditentry/", "/admin/auth/user/"),
        *(f"/admin/catalog/product/{product}/{page}/" for page in ("change", "history", "delete")),
        *(f"/admin/catalog/shopuser/{user}/{page}/" for page in ("change", "history", "delete")),
        *(f"/admin/orders/order/{order}/{page}/" for page in ("change", "history")),
    ]
    asked = {
        **{key: {"q": name[:200]} for key in ("/products/", "/users/", "/orders/")},
        **{key: {"q": name} for key in ("/admin/catalog/product/", "/admin/audit/auditentry/")},
        "/audit/": {"actor": name},
        "/orders/place/products": {"words": hostile.product.sku[:20]},
        "/orders/place/customers": {"customer_words": hostile.user.username[:20]},
        "/sign-in": {"next": name},
        "/no/such/page": {name: name},
    }
    return {page: {} for page in shown} | {f"{page}#": fields for page, fields in asked.items()}


def test_every_page_shows_it_as_text(admin: Client, hostile: Hostile, text: str) -> None:
    for page, fields in pages(hostile).items():
        path = page.rstrip("#")
        answer = admin.get(path, fields, headers=HTMX if path in PARTS else {})
        assert answer.status_code == (404 if page.startswith("/no/") else 200), page
        assert beginning(text) in text_alone(answer), page


def test_every_fragment_shows_it_as_text(admin: Client, hostile: Hostile) -> None:
    for page, fields in pages(hostile).items():
        text_alone(admin.get(page.rstrip("#"), fields, headers=HTMX))


def test_every_entry_of_the_trail_shows_it_as_text(admin: Client, hostile: Hostile, text: str) -> None:
    for entry in AuditEntry.objects.filter(table_name__in=("products", "users", "orders")):
        assert beginning(text) in text_alone(admin.get(f"/audit/{entry.pk}/"))
        assert beginning(text) in text_alone(admin.get(f"/audit/{entry.pk}/", headers=HTMX))
    for record in ("products", "users", "orders"):
        entry = AuditEntry.objects.filter(table_name=record).latest("audit_id")
        assert beginning(text) in text_alone(admin.get(f"/admin/audit/auditentry/{entry.pk}/change/"))


def sent(admin: Client, path: str, fields: dict[str, Any], **headers: str) -> HttpResponse:
    answer = admin.post(path, fields, headers=headers, follow=True)
    assert answer.status_code < 500
    text_alone(answer)
    return answer


def test_what_is_typed_comes_back_as_text(admin: Client, hostile: Hostile, text: str) -> None:
    """Refused, conflicting, checked field by field, and told in messages."""
    product, user = hostile.product, hostile.user
    typed = dict.fromkeys(("name", "sku", "category", "price", "stock_quantity", "tags", "description", "seen"), text)
    person = dict.fromkeys(("full_name", "email", "username", "role", "metadata", "preferences", "seen"), text)
    for path, fields in (
        *((path, typed) for path in ("/products/add", f"/products/{product.pk}/edit")),
        *((path, person) for path in ("/users/add", f"/users/{user.pk}/edit")),
        (f"/products/{product.pk}/edit", typed | {"price": "1", "stock_quantity": "1", "name": "evil", "sku": "evil"}),
        ("/orders/place", {"do": "place", "customer_words": text, "words": text, "line": text, "quantity": text}),
        ("/orders/place", {"do": "place", "street": text, "city": text, "zip": text, "customer": text, "key": text}),
        ("/orders/place/reckoning", {"words": text, "street": text, "quantity": text, "line": "1"}),
        (f"/orders/{hostile.order}/cancel", {"seen": text}),
        (f"/orders/{hostile.order}/move", {"status": text}),
        ("/products/delete", {"pk": [product.pk, text], "seen": text}),
        ("/import/", {"kind": text}),
        ("/theme", {"theme": "dark", "next": text}),
        ("/sign-in", {"username": text, "password": text, "next": text}),
        (f"/admin/catalog/product/{product.pk}/change/", typed),
        (f"/admin/catalog/shopuser/{user.pk}/change/", person),
    ):
        sent(admin, path, fields)
        sent(admin, path, fields, **HTMX)
    for name in typed:
        sent(admin, f"/products/check?field={name}", typed, **HTMX)


def test_messages_are_text(admin: Client, hostile: Hostile, text: str) -> None:
    form = {"name": hostile.product.name, "price": "3", "stock_quantity": "1", "category": "x", "sku": "evil-1"}
    toasts = [each for each in elements(sent(admin, "/products/add", form)) if "toast-note" in each.get("class", "")]
    assert beginning(text) in "".join(toasts[0].itertext())
    deleted = sent(admin, "/products/delete", {"pk": [hostile.product.pk], "seen": []})
    assert "still needed" in text_alone(deleted)


def test_files_hold_it_as_it_is(admin: Client, hostile: Hostile, text: str) -> None:
    """A spreadsheet runs no cell, and whoever reads them by program gets what is stored."""
    for path in ("/export/products.csv", "/export/users.csv", "/export/orders.csv", "/audit/export.csv"):
        answer = admin.get(path)
        table = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig")), strict=True))
        assert len({len(row) for row in table}) == 1 and len(table) > 1
        assert not [cell for row in table for cell in row if re.match(r"[=+@\t]|-(?![\d.])", cell)]
        assert any(one_line(text)[:40] in cell for row in table for cell in row)
    lines = b"".join(admin.get("/audit/export.jsonl")).decode().split("\n")
    entries = [json.loads(line) for line in lines if line]
    assert any(entry["actor"] == text for entry in entries)


def test_headers_hold_no_line_of_it(admin: Client, hostile: Hostile) -> None:
    admin.get(f"/import/products/{hostile.upload.sha256}/")
    answer = admin.get(f"/import/products/{hostile.upload.sha256}/rejected.csv")
    assert answer.status_code == 200
    assert re.fullmatch(r"attachment; filename\*?=[\x20-\x7e]+", answer["Content-Disposition"])
    assert b"".join(answer).count(b"\n") >= 2


def test_a_name_of_10_000_characters_is_refused_beside_its_field(admin: Client, text: str) -> None:
    long = (text * 10_000)[:10_000]
    product = {"name": long, "sku": long, "category": long, "price": "1", "stock_quantity": "1", "tags": f'"{long}"'}
    for path, fields, most in (
        ("/products/add", product, {"name": 255, "sku": 64, "category": 100}),
        ("/users/add", dict.fromkeys(("full_name", "username"), long), {"full_name": 255, "username": 100}),
        ("/orders/place", dict.fromkeys(("street", "city", "country"), long) | {"do": "place"}, {"street": 200}),
    ):
        answer = sent(admin, path, fields)
        for name, longest in most.items():
            assert f"at most {longest} characters" in text_alone(answer), name
        assert long[:40].strip() in text_alone(answer)
    assert not Product.objects.exists()


BLOCKS = ("p", "li", "td", "th", "dd", "dt", "div", "h1", "h2", "label", "summary", "figcaption")


def isolated(said: str, element: Element | None, parents: dict[Element, Element]) -> bool:
    """Whether an element of its own direction stands around it, or it has its line, cell or field for itself."""
    while element is not None:
        tag = element.tag.rpartition("}")[2]
        if tag == "bdi" or element.get("dir") or tag in ("title", "textarea", "option", "text", "pre"):
            return True
        if tag in BLOCKS:
            return "".join(element.itertext()).strip() == said.strip()
        element = parents.get(element)
    return False


@pytest.mark.parametrize("text", [TEXTS["bidi"]], indirect=True, ids=["bidi"])
def test_what_turns_the_direction_turns_nothing_else(admin: Client, hostile: Hostile) -> None:
    """Beside other words it stands in an element with a direction of its own."""
    shown, turned = 0, set[Any]()
    for page, fields in pages(hostile).items():
        if page.startswith(("/admin/", "/no/")):
            continue
        found = list(elements(admin.get(page.rstrip("#"), fields)))
        parents = {child: element for element in found for child in element}
        for element in found:
            for said, around in ((element.text, element), (element.tail, parents.get(element))):
                if said and "\u202e" in said:
                    shown += 1
                    if not isolated(said, around, parents):
                        turned.add((page, None if around is None else (around.tag, around.get("class"))))
    assert not turned, turned
    assert shown > 50

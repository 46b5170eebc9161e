"""Text that would be something else on a page that is careless, and a shop that has it in every field."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

import tinyhtml5
from django.http import HttpResponse

from audit.actor import acting_as
from catalog.importing import uploads
from catalog.models import CsvImport, Product, ShopUser
from orders.checkout import Line, move_order, place_order
from orders.models import Status
from pages import visible

TEXTS = {
    "script": "</script><script>evil()</script>",
    "attribute": '"><evil onmouseover=evil() x="',
    "single quotes": "' onfocus=evil() autofocus x='",
    "back to html": "</title></textarea></option></select></pre></a></svg></template><evil onload=evil()>",
    "comment": "--><evil><!-- ]]><evil> --!><evil>",
    "svg": "<svg/onload=evil()><title><evil></title>",
    "htmx": "<div hx-get=/evil hx-trigger=load data-evil>",
    "template": "{{ 7|add:7 }}{% evil %}{# evil #}{{ evil|safe }}",
    "entities": "&lt;evil&gt;&#60;evil&#62;&amp;quot;&#x22;&#39;",
    "address": "javascript:evil()//%0aevil",
    "formula": "=evil()+cmd|' /C evil'!A0",
    "emoji": "👩🏽‍🚀 evil 🏳️‍🌈 zalgo e̵̡͎v̶i̷l̸",
    "right to left": "مرحبا evil שלום (evil) 12.5",
    "bidi": "\u202eevil\u2067live\u2066\u200f\u2069\u2069\u061c gpj",
    "breaks": "a\u2028evil\u0085b\u200b\ufeffc\x7f",
    "long": "evil" * 2_500,
    "long words": "evil wide " * 1_000,
}
# What an attribute of ours is called; a quote that breaks out makes others.
NAME = re.compile(r"[a-z][a-zA-Z0-9:_-]*")
ELSEWHERE = re.compile(r"\s*(//|\\\\|[a-z][a-z0-9+.-]*:)", re.IGNORECASE)
LEADS = ("href", "src", "action", "formaction", "hx-get", "hx-post", "xlink:href")


class Hostile(NamedTuple):
    product: Product
    user: ShopUser
    order: int
    imported: CsvImport
    upload: uploads.Upload


def shop(text: str, owner: int, folder: Path) -> Hostile:
    """In every field as much of the text as it takes, written by somebody who bears it as a name."""
    product, user = _product(text), _user(text)
    with acting_as(text, text):
        address = {text[:1000]: text, "street": text, "city": {"nested": [text]}}
        order = place_order(
            customer_id=user.pk, lines=[Line(product.pk, 2)], shipping_address=address, idempotency_key=text[:200]
        ).order
        move_order(order.pk, Status.PAID)
        line = one_line(text)
        Product.objects.filter(pk=product.pk).update(description=f"{line} again", tags=[line[:400], "new"])
        ShopUser.objects.filter(pk=user.pk).update(metadata={text: f"{text} again", "role": text}, full_name="evil")
        ShopUser.objects.filter(pk=user.pk).update(full_name=line[:255])
    zeros = dict.fromkeys(("lines", "inserted", "updated", "unchanged", "txid"), 0)
    said = {"file_name": text[:255], "actor": text, "request_id": text, "kind": "products"}
    imported = CsvImport.objects.create(**said, sha256="a" * 64, rejected=1, seconds=0.1, **zeros)
    return Hostile(product, user, order.pk, imported, _upload(text, owner, folder))


def one_line(text: str) -> str:
    """As the database takes a name: without control characters."""
    return re.sub(visible.A_CONTROL, "", text)


def key(text: str) -> str:
    """As it takes what tells one row from another: without anything hidden, too."""
    return re.sub(visible.A_HIDDEN, "", text)


def _product(text: str) -> Product:
    line = one_line(text)
    short = {"name": line[:255], "sku": key(text)[:64].strip(), "category": line[:100], "tags": [line[:500]]}
    made = Product.objects.create(**short, description=one_line(text), price="9.99", stock_quantity=5)
    made.refresh_from_db()
    return made


def _user(text: str) -> ShopUser:
    email = re.sub(r"[\s@.]", "", key(text))[:60] + "@evil.example"
    names = {"username": key(text)[:100].strip(), "full_name": one_line(text)[:255], "email": email}
    made = ShopUser.objects.create(
        **names, metadata={text: text, "role": text, "a": {text: [text]}}, preferences={text: text}
    )
    made.refresh_from_db()
    return made


def _upload(text: str, owner: int, folder: Path) -> uploads.Upload:
    """A file whose headings and cells have it, of which a line is wrong."""
    cell = '"' + text.replace('"', '""')[:5000] + '"'
    content = f"name,price,tags,category,{cell}\n{cell},1,{cell},{cell},{cell}\n{cell},{cell},,,\n".encode()
    uploads.folder()
    path = folder / "incoming"
    path.write_bytes(content)
    return uploads.keep(path, hashlib.sha256(content).hexdigest(), text, owner=owner)


def elements(answer: HttpResponse) -> list[Element]:
    """As a browser takes the page, or a fragment, apart."""
    tree = tinyhtml5.parse(answer.content.decode(), namespace_html_elements=False)
    return [element for element in tree.iter() if isinstance(element.tag, str)]


def text_alone(answer: HttpResponse) -> str:
    """All that can be read or is sent; nothing on the page is an element, an attribute or an address of the text's."""
    parts: list[str | None] = []
    for element in elements(answer):
        _check(element)
        parts += [element.text, element.tail, *element.attrib.values()]
    return "\n".join(filter(None, parts))


def _check(element: Element) -> None:
    tag, source = element.tag.rpartition("}")[2], element.get("src", "")
    told = f"<{tag} {element.attrib}>"
    assert tag not in ("evil", "style", "iframe", "object", "base"), told
    assert tag != "script" or (
        source.startswith(("/static/", "/admin/jsi18n/")) and not (element.text or "").strip()
    ), told
    for name, value in element.attrib.items():
        name = name.rpartition("}")[2]
        assert NAME.fullmatch(name) and not name.startswith("on") and "evil" not in name and name != "style", told
        assert name not in LEADS or not ELSEWHERE.match(value), told
        assert not name.startswith("hx-") or "evil" not in value.partition("?")[0], told

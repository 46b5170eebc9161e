"""Every page and fragment that is measured, as addresses in one shop. Their names are the same in every shop."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from bench.pages.shop import Marks

NOTHING = "zqx nothing is called so"
# A file to look at: new products, with and without a key, and a wrong line.
GOODS = "sku,name,price,stock_quantity\nBENCH-1,Bench lamp,12.50,3\n,Bench mug,4.00,9\nBENCH-2,Bench jug,dear,1\n"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`swap`: htmx asks, and what comes is a fragment. With a `form` it is sent, else the page is asked for."""

    name: str
    address: str
    swap: bool = False
    form: dict[str, str] = field(default_factory=dict)
    status: int = 200


def pages(at: Marks, preview: str) -> list[Asked]:
    """`preview` is the address under which GOODS is looked at."""
    whole = [*_shop(at), *_asking(at), *_orders(at), *_trail(at), *_admin(at)]
    whole.append(("bulk import, what a file would do", preview))
    return [*(Asked(name=name, address=address) for name, address in whole), *_swaps(at)]


def _shop(at: Marks) -> list[tuple[str, str]]:
    deep_product, deep_user = _place(at.product_made, at.product), _place(at.user_made, at.user)
    return [
        ("dashboard", "/"),
        ("products", "/products/"),
        ("products, search that finds few", _with("/products/", q=at.product_name)),
        ("products, search that finds many", _with("/products/", q="pro")),
        ("products, search that finds none", _with("/products/", q=NOTHING)),
        ("products, tag", _with("/products/", q=at.tag)),
        ("products, category", _with("/products/", category=at.category)),
        ("products, sold out", _with("/products/", stock="out")),
        ("products, by name", _with("/products/", sort="name")),
        ("products, by price", _with("/products/", sort="-price")),
        ("products, deep page", _with("/products/", at=deep_product)),
        ("product", f"/products/{at.product}/"),
        ("product, edit", f"/products/{at.product}/edit"),
        ("product, add", "/products/add"),
        ("product, delete", f"/products/delete?pk={at.product}"),
        ("users", "/users/"),
        ("users, search that finds one", _with("/users/", q=at.email)),
        ("users, search that finds none", _with("/users/", q=NOTHING)),
        ("users, role", _with("/users/", role="vendor")),
        ("users, inactive", _with("/users/", active="False")),
        ("users, by e-mail", _with("/users/", sort="email")),
        ("users, deep page", _with("/users/", at=deep_user)),
        ("user", f"/users/{at.user}/"),
        ("user, edit", f"/users/{at.user}/edit"),
        ("user, add", "/users/add"),
        ("user, delete", f"/users/delete?pk={at.user}"),
        ("bulk import and its history", "/import/"),
        ("history of imports, one kind", _with("/import/", kind="products")),
        ("result of an import", f"/import/{at.bulk}/"),
        ("connection", "/connection"),
        ("reset the shop", "/reset"),
    ]


def _asking(at: Marks) -> list[tuple[str, str]]:
    return [
        ("search", "/search/"),
        ("search, words of one", _with("/search/", q=at.product_name)),
        ("query builder", "/query/"),
        ("your queries", "/query/past"),
    ]


def _orders(at: Marks) -> list[tuple[str, str]]:
    return [
        ("orders", "/orders/"),
        ("orders, common status", _with("/orders/", status="completed")),
        ("orders, rare status", _with("/orders/", status="pending")),
        ("orders, number", _with("/orders/", q=str(at.order))),
        ("orders, search for a customer", _with("/orders/", q=at.username)),
        ("orders, search that finds none", _with("/orders/", q=NOTHING)),
        ("orders, since a day", _with("/orders/", since=f"{at.order_date:%Y-%m-%d}")),
        ("orders, deep page", _with("/orders/", at=_place(at.order_date, at.order))),
        ("order", f"/orders/{at.order}/"),
        ("order, cancel", f"/orders/{at.order}/cancel"),
        ("create order", "/orders/place"),
    ]


def _trail(at: Marks) -> list[tuple[str, str]]:
    since, until = at.since.isoformat(), at.until.isoformat()
    return [
        ("audit trail", "/audit/"),
        ("audit trail, table", _with("/audit/", table="products")),
        ("audit trail, operation", _with("/audit/", operation="UPDATE")),
        ("audit trail, rare operation", _with("/audit/", operation="DELETE")),
        ("audit trail, table and operation", _with("/audit/", table="products", operation="INSERT")),
        ("audit trail, record", _with("/audit/", table="products", record=at.changed)),
        ("audit trail, actor", _with("/audit/", actor="ann")),
        ("audit trail, a day", _with("/audit/", since=since, until=until)),
        ("audit trail, until a day", _with("/audit/", until=until)),
        ("audit trail, transaction", _with("/audit/", transaction=at.txid)),
        ("audit trail, deep page", _with("/audit/", before=at.entry)),
        ("audit entry", f"/audit/{at.entry}/"),
        ("activity as a page", "/audit/activity"),
    ]


def _admin(at: Marks) -> list[tuple[str, str]]:
    return [
        ("admin", "/admin/"),
        ("admin, products", "/admin/catalog/product/"),
        ("admin, users", "/admin/catalog/shopuser/"),
        ("admin, orders", "/admin/orders/order/"),
        ("admin, audit entries", "/admin/audit/auditentry/"),
        ("admin, imports", "/admin/catalog/csvimport/"),
        ("admin, product", f"/admin/catalog/product/{at.product}/change/"),
        ("admin, order", f"/admin/orders/order/{at.order}/change/"),
    ]


def _swaps(at: Marks) -> list[Asked]:
    """What htmx asks for. The forms are those that a page sends as somebody types."""
    order = {"customer_words": at.username, "line": "1", "words": at.product_name, "quantity": "2"}
    product = {"name": at.product_name, "price": "12.50", "stock_quantity": "3", "category": "Books"}
    asked = [
        ("products", "/products/", {}),
        ("products, search", _with("/products/", q=at.product_name), {}),
        ("users", "/users/", {}),
        ("orders", "/orders/", {}),
        ("orders, common status", _with("/orders/", status="completed"), {}),
        ("history of imports", "/import/", {}),
        ("audit trail", "/audit/", {}),
        ("audit entry", f"/audit/{at.entry}/", {}),
        ("customers found", _with("/orders/place/customers", customer_words=at.username), {}),
        ("customers not found", _with("/orders/place/customers", customer_words=NOTHING), {}),
        ("products found", _with("/orders/place/products", line="1", words=at.product_name), {}),
        ("products not found", _with("/orders/place/products", line="1", words=NOTHING), {}),
        ("what an order comes to", "/orders/place/reckoning", order),
        ("another line", "/orders/place/line", order),
        ("a product's field checked", "/products/check?field=name", product),
        ("activity, inserts only", "/audit/activity?show=inserts", {}),
    ]
    return [Asked(name=f"swap: {name}", address=address, swap=True, form=form) for name, address, form in asked]


def _place(value: datetime, key: int) -> str:
    """Where a page of a list begins: after this row, newest first."""
    return f">{value.isoformat()}~{key}"


def _with(path: str, **asked: object) -> str:
    return f"{path}?{urlencode(asked)}"

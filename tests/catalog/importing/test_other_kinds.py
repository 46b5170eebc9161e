"""Files of another kind than they are said to be: refused before a quantity becomes a stock."""

import pytest

from catalog.csv_export import PRODUCTS, USERS
from catalog.importing import FileRefused
from catalog.models import CsvImport, ShopUser
from orders.csv_export import ORDERS
from tests.catalog.importing.csv_files import imported, previewed
from tests.shop import lamp

pytestmark = pytest.mark.django_db

OTHERS = {
    "an export of orders": (",".join(ORDERS.columns), "products", "orders, not of products: it has the column"),
    "an export of orders, for users": (",".join(ORDERS.columns), "users", "orders, not of users: it has the column"),
    "an export of users": (",".join(USERS.columns), "products", "users, .* the column email. Say that it holds users."),
    "an export of products": (",".join(PRODUCTS.columns), "users", "products, .* the columns sku and price. Say"),
    "lines of orders": ("sku,Quantity,Unit Price", "products", "orders, .* the columns Quantity and Unit Price. Give"),
    "stock with an order": ("sku,quantity,Order No", "products", "orders, .* the column Order No."),
    "products with an e-mail": ("sku,price,E-Mail", "products", "users, .* the column E-Mail."),
    "users with a price": ("email,username,price", "users", "products, .* the column price."),
}


@pytest.mark.parametrize(("headings", "kind", "said"), OTHERS.values(), ids=OTHERS)
def test_another_kind_is_refused_and_nothing_is_touched(headings: str, kind: str, said: str) -> None:
    product = lamp(sku="1", stock_quantity=7)
    text = f"{headings}\n{','.join('1' for _ in headings.split(','))}\n"
    for door in (previewed, imported):
        with pytest.raises(FileRefused, match=f"^This seems to be a file of {said}"):
            door(text, kind)
    product.refresh_from_db()
    assert (product.stock_quantity, product.price) == (7, 12.5)
    assert not CsvImport.objects.exists() and not ShopUser.objects.exists()


@pytest.mark.parametrize("headings", ["sku,quantity", "sku,qty,price", "sku,stock,unit price"])
def test_headings_that_products_may_have_are_read(headings: str) -> None:
    product = lamp(sku="L1", stock_quantity=7, price=3)
    assert imported(f"{headings}\nL1{',3' * headings.count(',')}\n").updated == 1
    product.refresh_from_db()
    assert (product.stock_quantity, product.price) == (3, 3)

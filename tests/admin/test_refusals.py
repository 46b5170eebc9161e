"""A rule that no form knows, as the life cycle of orders is one: its refusal is a message, and what was typed stays."""

from django.contrib.auth.models import User

from catalog.models import Product
from tests.admin.conftest import Visitor
from tests.audit.conftest import AsOwner
from tests.shop import lamp, sql

PRODUCTS = "/admin/catalog/product/"


def test_what_a_trigger_refuses_is_said_in_its_words(own_database: str, as_owner: AsOwner) -> None:
    ada = User.objects.create_superuser("ada", "ada@example.com", "x")
    visitor = Visitor()
    visitor.force_login(ada)
    product = lamp(sku="L1")
    with as_owner():
        sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'No lamps today' USING HINT = 'Come tomorrow.'; END $$"
        )
        sql("CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON products FOR EACH ROW EXECUTE FUNCTION refuse()")
    form = {"sku": "L1", "name": "Typed", "price": "1", "stock_quantity": "0", "category": "Other"}
    page = visitor.change(f"{PRODUCTS}{product.pk}/change/", form)
    assert "No lamps today. Come tomorrow." in page and 'value="Typed"' in page
    page = visitor.send(f"{PRODUCTS}{product.pk}/delete/", {"post": "yes"})
    assert "No lamps today. Come tomorrow." in page
    page = visitor.send(PRODUCTS, {"action": "delete_selected", "_selected_action": [product.pk], "post": "yes"})
    assert "No lamps today. Come tomorrow." in page
    assert Product.objects.get().name == "Lamp"

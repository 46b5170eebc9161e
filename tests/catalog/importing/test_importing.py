"""What an import writes, and what it leaves alone."""

from decimal import Decimal
from io import BytesIO

import pytest

from audit.actor import acting_as
from audit.models import AuditEntry
from catalog.importing import FileRefused
from catalog.models import CsvImport, Product, ShopUser
from tests.catalog.importing.csv_files import file_of, imported, previewed
from tests.shop import ann, lamp, value

pytestmark = pytest.mark.django_db

PRODUCTS = """sku,name,description,price,stock_quantity,category,tags
L1,Lamp,A lamp,12.50,3,Light,"desk,led"
L2,Floor lamp,,99,0,,
"""
KEYLESS = "name,price\nLamp,1\nTable,2\n"
USERS = """email,username,full_name,role,preferences,is_active
ann@example.com,ann,Ann Bee,Vendor,"{""news"": true}",yes
bob@example.com,bob,,,,
"""


def test_products_are_made() -> None:
    report = imported(PRODUCTS, file_name="dir/lamps.csv")
    assert (report.imported, report.lines, report.inserted, report.updated, report.unchanged) == (True, 2, 2, 0, 0)
    first, second = Product.objects.all()
    assert (first.sku, first.name, first.description, first.price) == ("L1", "Lamp", "A lamp", Decimal("12.50"))
    assert (first.stock_quantity, first.category, first.tags) == (3, "Light", ["desk", "led"])
    assert (second.description, second.stock_quantity, second.category, second.tags) == ("", 0, "Other", [])
    assert report.file_name == "lamps.csv"


def test_users_are_made() -> None:
    report = imported(USERS, "users")
    assert (report.inserted, report.faults) == (2, [])
    first, second = ShopUser.objects.all()
    assert (first.email, first.username, first.full_name) == ("ann@example.com", "ann", "Ann Bee")
    assert (first.metadata, first.preferences, first.is_active) == ({"role": "vendor"}, {"news": True}, True)
    assert (second.full_name, second.metadata, second.preferences, second.is_active) == ("", {}, {}, True)


def test_only_what_differs_is_written_and_audited() -> None:
    imported(PRODUCTS)
    before = AuditEntry.objects.latest("audit_id").audit_id
    report = imported(PRODUCTS.replace("12.50", "13.00"))
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 1)
    entry = AuditEntry.objects.get(audit_id__gt=before)
    assert (entry.operation, entry.new_data["sku"], entry.new_data["price"]) == ("UPDATE", "L1", 13)
    assert report.txid == entry.txid
    again = imported(PRODUCTS.replace("12.50", "13.00"))
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 2)
    assert AuditEntry.objects.filter(audit_id__gt=entry.audit_id).count() == 0


def test_columns_that_a_file_lacks_are_kept() -> None:
    product = lamp(sku="L1", stock_quantity=7, tags=["led"], category="Light", description="Bright")
    report = imported("sku,price\nL1,5\n")
    assert report.updated == 1
    product.refresh_from_db()
    assert (product.price, product.name, product.stock_quantity) == (5, "Lamp", 7)
    assert (product.tags, product.category, product.description) == (["led"], "Light", "Bright")


def test_empty_cells_keep_what_must_not_be_empty_and_empty_what_may() -> None:
    product = lamp(sku="L1", stock_quantity=7, tags=["led"], category="Light", description="Bright")
    imported("sku,name,price,stock,category,description,tags\nL1, ,,,,,\n")
    product.refresh_from_db()
    assert (product.name, product.price, product.stock_quantity, product.category) == ("Lamp", 12.5, 7, "Light")
    assert (product.description, product.tags) == ("", [])
    user = ann(full_name="Ann", metadata={"role": "vendor"}, preferences={"a": 1}, is_active=False)
    imported("email,full_name,role,metadata,preferences,is_active\nann@example.com,,,,,\n", "users")
    user.refresh_from_db()
    assert (user.full_name, user.metadata, user.preferences, user.is_active) == (
        "",
        {"role": "vendor"},
        {"a": 1},
        False,
    )


def test_role_is_put_into_the_metadata_that_are_there_or_given() -> None:
    user = ann(metadata={"role": "customer", "tier": "gold"})
    imported("email,role\nann@example.com,ADMIN\n", "users")
    user.refresh_from_db()
    assert user.metadata == {"role": "admin", "tier": "gold"}
    imported('email,role,metadata\nann@example.com,vendor,"{""x"": 1}"\n', "users")
    user.refresh_from_db()
    assert user.metadata == {"role": "vendor", "x": 1}


def test_blanks_around_a_cell_do_not_count() -> None:
    product = lamp(sku="L1", name=" Lamp ", category="Light")
    report = imported("sku,name,category,price,stock\n L1 ,Lamp,\tLight\xa0, 12.50 , 0\n")
    assert (report.unchanged, report.faults) == (1, [])
    product.refresh_from_db()
    assert product.name == " Lamp "
    imported("sku,name,price\n S ,  Stool ,1\n")
    assert Product.objects.get(sku="S").name == "Stool"


def test_rows_without_sku_get_generated_ones() -> None:
    imported(KEYLESS)
    imported("sku,name,price\n,Chair,3\n")
    made = [value("SELECT sku FROM products WHERE name = %s", [name]) for name in ("Lamp", "Table", "Chair")]
    assert len(set(made)) == 3
    default = lamp().sku
    for sku in made:
        assert sku.startswith("LS-") and len(sku) == len(default) and sku == sku.upper()


def test_a_keyless_file_is_imported_again_only_when_that_is_meant() -> None:
    with acting_as("ann"):
        imported(KEYLESS)
    assert "by ann, and 2 of its rows have no SKU" in previewed(KEYLESS).repeated
    with pytest.raises(FileRefused, match="makes them a second time"):
        imported(KEYLESS)
    assert Product.objects.count() == 2
    assert imported(KEYLESS, again=True).inserted == 2
    imported(PRODUCTS)
    assert previewed(PRODUCTS).repeated == ""
    assert previewed(KEYLESS.replace("1", "5")).repeated == ""


def test_preview_tells_what_would_happen_and_does_nothing() -> None:
    lamp(sku="L1", name="Lamp", description="A lamp", stock_quantity=3, category="Light", tags=["desk", "led"])
    lamp(sku="L2")
    entries = AuditEntry.objects.count()
    told = previewed(PRODUCTS + "L3,New,,1,1,,\nL4,New,,x,1,,\n", file_name="lamps.csv")
    assert (told.new, told.changed, told.unchanged, told.rejected, told.lines) == (1, 1, 1, 1, 4)
    assert told.headings[:2] == ["sku", "name"] and told.rows[0] == (
        2,
        ["L1", "Lamp", "A lamp", "12.50", "3", "Light", "desk,led"],
    )
    assert told.columns == ["sku", "name", "description", "price", "stock_quantity", "category", "tags"]
    assert (told.file_name, told.delimiter, told.ignored) == ("lamps.csv", ",", [])
    assert Product.objects.count() == 2 and AuditEntry.objects.count() == entries
    assert not CsvImport.objects.exists()


def test_wrong_lines_keep_everything_out_unless_the_others_are_wanted() -> None:
    text = "sku,name,price\nA,Lamp,1\nB,,2\nC,Table,x\nD,Chair,4\nD,Stool,5\n"
    report = imported(text)
    assert (report.imported, report.inserted, report.rejected, report.lines) == (False, 0, 4, 5)
    assert not Product.objects.exists() and not CsvImport.objects.exists()
    report = imported(text, partial=True)
    assert (report.imported, report.inserted, report.rejected) == (True, 1, 4)
    assert Product.objects.get().sku == "A"


def test_rejected_lines_come_back_as_they_were_with_their_reasons() -> None:
    text = 'sku;Colour;name;price\nA;red;Lamp;1\nB;"blue;\nish";;x\nC;Table\n"\'=D";-;X;-5\n'
    back = BytesIO()
    report = imported(text, partial=True, rejected=back)
    assert (report.inserted, report.rejected, report.ignored) == (1, 3, ["Colour"])
    said = back.getvalue().decode("utf-8-sig")
    assert said == (
        "reason;sku;Colour;name;price\r\n"
        'price: This is not a price such as 12.50. name: A new row needs a name.;B;"blue;\nish";;x\r\n'
        "The line has 2 cells, the first line 4. A cell that holds the delimiter must be in quotation marks."
        ";C;Table\r\n"
        "price: A price cannot be negative.;'=D;'-;X;-5\r\n"
    )
    mended = said.replace(";;x", ";Mended;2").replace("C;Table", "C;;Table;3").replace("-5", "5")
    report = imported(mended)
    assert (report.inserted, report.ignored) == (3, ["Colour"])
    assert set(Product.objects.values_list("sku", flat=True)) == {"A", "B", "C", "=D"}


def test_history_of_imports_and_the_audit_share_actor_request_and_transaction() -> None:
    with acting_as("ann", "r1"):
        report = imported(PRODUCTS, file_name="lamps.csv")
    kept = CsvImport.objects.get()
    assert kept.pk == report.import_id
    assert (kept.actor, kept.request_id, kept.file_name, kept.kind) == ("ann", "r1", "lamps.csv", "products")
    assert (kept.lines, kept.inserted, kept.updated, kept.unchanged, kept.rejected) == (2, 2, 0, 0, 0)
    entries = AuditEntry.objects.filter(txid=kept.txid, request_id="r1", actor="ann", table_name="products")
    assert entries.count() == 2


def test_username_of_somebody_else_is_refused() -> None:
    ann()
    text = "email,username\nbob@example.com,ann\nann@example.com,ann\neve@example.com,eve\nmal@example.com,eve\n"
    told = previewed(text, "users")
    assert [(fault.line, fault.message) for fault in told.faults] == [
        (2, "Lines 2 and 3 have the same username."),
        (2, "This is taken by ann@example.com."),
        (3, "Lines 2 and 3 have the same username."),
        (4, "Lines 4 and 5 have the same username."),
        (5, "Lines 4 and 5 have the same username."),
    ]


def test_capitals_in_an_email_make_no_other_user() -> None:
    user = ann(email="Ann@Example.com")
    text = "email,username,full_name\nann@example.COM,ann,Ann Bee\n"
    assert (previewed(text, "users").changed, imported(text, "users").updated) == (1, 1)
    user.refresh_from_db()
    assert (user.email, user.full_name) == ("Ann@Example.com", "Ann Bee")
    assert imported(text, "users").unchanged == 1
    told = previewed("email,username\nb@example.com,b\nc@example.com,c\nB@example.com,d\n", "users")
    assert [(fault.line, fault.value, fault.message) for fault in told.faults] == [
        (2, "b@example.com", "Lines 2 and 4 have the same e-mail."),
        (4, "B@example.com", "Lines 2 and 4 have the same e-mail."),
    ]


def test_new_users_need_a_username_and_every_one_an_email() -> None:
    ann()
    told = previewed("email,full_name\nann@example.com,Ann\nnew@example.com,New\n ,X\n", "users")
    said = [(fault.line, fault.column, fault.message) for fault in told.faults]
    assert said == [
        (3, "username", "A new row needs a username."),
        (4, "email", "Each row needs an e-mail."),
        (4, "username", "A new row needs a username."),
    ]


def test_file_is_read_from_its_start_wherever_it_stands() -> None:
    file = file_of(PRODUCTS)
    file.read()
    from catalog.importing import import_file

    assert import_file(file, "products").inserted == 2


def test_thousands_of_faults_are_counted_and_the_first_told() -> None:
    told = previewed("sku,name,price\n" + "".join(f"S{n},,x\n" for n in range(1000)))
    assert (told.fault_count, told.rejected, len(told.faults)) == (2000, 1000, 200)
    assert told.faults[0].line == 2

"""Giving a file to Bulk import: whatever comes is answered, and nothing is taken whole into memory."""

import io
import os
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import UnreadablePostError
from django.test import Client, RequestFactory
from pytest_django import Settings

from catalog.importing.file import EMPTY
from catalog.importing.receiving import CUT_SHORT, ONE_AT_A_TIME, Receiver
from catalog.importing.uploads import CONTENT
from catalog.models import Product
from pages.roles import Role
from tests.catalog.importing.visits import BULK, given, sent, shown
from tests.people import account, visitor

pytestmark = pytest.mark.django_db
GOOD = "sku,name,price\nA,Lamp,1\n"
BOUNDARY = "b0undary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def editor() -> Client:
    return visitor(Role.EDITOR)


def contents(uploads: Path) -> list[bytes]:
    return [path.read_bytes() for path in uploads.rglob(CONTENT)]


def left_over(uploads: Path) -> list[Path]:
    return [path for path in uploads.rglob("*") if path.name.startswith(("incoming", "tmp"))]


def part(name: str, content: bytes, file_name: str | None = None) -> bytes:
    file = f'; filename="{file_name}"' if file_name is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def test_an_upload_leads_to_its_preview_and_is_kept_until_then(editor: Client, uploads: Path) -> None:
    address = given(editor, GOOD)
    owner = User.objects.get(username="editor").pk
    (place,) = uploads.iterdir()
    assert address == f"/import/products/{place.name.removeprefix(f'{owner}-')}/"
    assert contents(uploads) == [GOOD.encode()]
    assert not Product.objects.exists()


def test_htmx_is_led_there_as_well(editor: Client, uploads: Path) -> None:
    answer = sent(editor, GOOD, "users", HX_Request="true")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"].startswith("/import/users/")


def test_the_file_is_its_owners_alone(editor: Client, uploads: Path) -> None:
    address = given(editor, GOOD)
    other = visitor(Role.ADMIN)
    for answer in (other.get(address), other.post(address), other.get(f"{address}rejected.csv")):
        assert answer.status_code == 404 and "This file is no longer here" in answer.content.decode()
    assert "Import the line" in shown(editor, address)


@pytest.mark.parametrize("role", [Role.NOBODY, Role.VIEWER])
def test_others_may_not_give_one(role: Role, uploads: Path) -> None:
    assert sent(visitor(role), GOOD).status_code == 403
    assert not uploads.exists()


def test_strangers_are_asked_who_they_are(client: Client, uploads: Path) -> None:
    assert sent(client, GOOD)["Location"] == "/sign-in?next=/import/"
    assert not uploads.exists()


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_what_others_send_is_not_even_read(role: Role | None, uploads: Path) -> None:
    class Unread(io.RawIOBase):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("The body is read.")

    client = Client() if role is None else visitor(role)
    answer = client.post(BULK, **{"wsgi.input": Unread(), "CONTENT_TYPE": TYPE, "CONTENT_LENGTH": "300000000"})
    assert answer.status_code in (302, 403)


def test_without_the_token_nothing_is_kept(uploads: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(account(Role.EDITOR))
    assert sent(client, GOOD).status_code == 403
    page = shown(client, BULK)
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert sent(client, GOOD, X_CSRFToken=token).status_code == 302
    assert contents(uploads) == [GOOD.encode()] and left_over(uploads) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "products"}, "Choose a CSV file."),
        ({"kind": "products", "file": ""}, "Choose a CSV file."),
        ({"kind": "products", "file": "text, no file"}, "Choose a CSV file."),
        ({"kind": "products", "file": SimpleUploadedFile("a.csv", b"")}, EMPTY),
        ({"kind": "orders", "file": SimpleUploadedFile("a.csv", b"x")}, "There is no “orders” to choose."),
        ({"file": SimpleUploadedFile("a.csv", b"x")}, "Fill this in."),
        ({"kind": "users", "other": SimpleUploadedFile("a.csv", b"x")}, "Choose a CSV file."),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_what_cannot_be_taken_is_told(
    editor: Client, uploads: Path, fields: dict[str, Any], told: str, htmx: bool
) -> None:
    answer = editor.post(BULK, fields, headers={"HX-Request": "true"} if htmx else {})
    page = answer.content.decode()
    assert answer.status_code == 200 and told in page
    assert page.startswith('<section id="_upload"') == htmx
    assert contents(uploads) == left_over(uploads) == []
    if fields.get("kind") == "users":
        assert re.search('<input[^>]*value="users"[^>]* checked', page)


def test_several_files_are_too_many(editor: Client, uploads: Path) -> None:
    files = [SimpleUploadedFile(f"{number}.csv", b"x") for number in range(3)]
    assert ONE_AT_A_TIME in editor.post(BULK, {"kind": "products", "file": files}).content.decode()
    assert contents(uploads) == left_over(uploads) == []


def test_a_great_many_files_are_refused(editor: Client, uploads: Path) -> None:
    files = [SimpleUploadedFile(f"{number}.csv", b"x") for number in range(101)]
    assert editor.post(BULK, {"kind": "products", "file": files}).status_code == 400
    assert contents(uploads) == left_over(uploads) == []


def test_a_file_that_is_too_large_is_told_and_not_kept(editor: Client, uploads: Path, settings: Settings) -> None:
    settings.LARGEST_UPLOAD = 3 << 20
    assert "larger than 3 MB" in sent(editor, b"x" * ((3 << 20) + 1)).content.decode()
    assert contents(uploads) == left_over(uploads) == []
    assert sent(editor, b"x" * (3 << 20)).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\temp\\lamps.csv",
        "/etc/passwd",
        "..",
        "a" * 900 + ".csv",
        "</script><script>alert(1)</script>.csv",
        "\u202egpj.csv",
        "مرحبا 👋.csv",
        "a\x00b.csv",
        "no ending",
        "a\r\nSet-Cookie: x=y.csv",
        "a%0d%0aSet-Cookie: x=y.csv",
        '\\"quoted\\".csv',
        "'; rm -rf /;'.csv",
        "%00%2e%2e%2f.csv",
        "&lt;b&gt;.csv",
    ],
)
def test_a_hostile_name_does_no_harm(editor: Client, uploads: Path, name: str) -> None:
    body = part("kind", b"products") + part("file", b"sku,name,price\nA,Lamp,x\n", name) + END
    answer = editor.post(BULK, body, content_type=TYPE)
    if answer.status_code == 200:  # what is left of the name names nothing
        assert "Choose a CSV file." in answer.content.decode()
        return
    page = shown(editor, answer["Location"])
    assert "<script>alert" not in page
    download = editor.get(f"{answer['Location']}rejected.csv")
    assert b"".join(download.streaming_content).count(b"\n") == 2  # type: ignore[attr-defined]
    assert download.status_code == 200 and "\n" not in download["Content-Disposition"]
    assert {path.name for path in uploads.rglob("*") if path.is_file()} == {CONTENT, "name", "rejected-products.csv"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(END, id="no part"),
        pytest.param(b"garbage" * 1000, id="no boundary"),
        pytest.param(part("kind", b"products") + part("file", b"x" * 100_000, "a.csv"), id="cut short"),
        pytest.param(part("file", b"x", "a.csv")[:-20] + END, id="cut in the middle"),
        pytest.param(part("file", b"x", "") + END, id="no name"),
        pytest.param(part("file", b"x", "..") + END, id="no name is left"),
        pytest.param(part("file", b"x", "a" * 10_000) + END, id="a name without end"),
        pytest.param(part("file", b"x", "a.csv") * 2 + END, id="twice"),
        pytest.param(b"--" + BOUNDARY.encode() + b"\r\n\r\n" + END, id="no disposition"),
        pytest.param(part("kind", b"\xff\xfe\x00") + END, id="no text"),
    ],
)
def test_a_broken_body_is_answered(editor: Client, uploads: Path, body: bytes) -> None:
    assert editor.post(BULK, body, content_type=TYPE).status_code in (200, 400)
    assert contents(uploads) == left_over(uploads) == []


def test_an_upload_that_is_cut_short_says_so(editor: Client, uploads: Path) -> None:
    body = part("kind", b"products") + part("file", b"x" * 100_000, "a.csv")
    page = editor.post(BULK, body, content_type=TYPE).content.decode()
    assert CUT_SHORT in page


def test_nothing_is_left_of_an_upload_whose_connection_breaks_down(editor: Client, uploads: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if given := super().read(size):
                return given
            raise ConnectionResetError

    body = Broken(part("kind", b"products") + part("file", b"x" * 100_000, "a.csv"))
    with pytest.raises(UnreadablePostError) as broken:
        editor.post(BULK, **{"wsgi.input": body, "CONTENT_TYPE": TYPE, "CONTENT_LENGTH": "900000"})
    assert uploads.exists() and left_over(uploads) == []
    assert broken.tb  # it went while the request was still there, and not only with it


def test_memory_does_not_grow_with_the_file(uploads: Path) -> None:
    pieces = 640

    class Sent(io.RawIOBase):
        """Forty megabytes, which are nowhere whole."""

        def __init__(self) -> None:
            self.rest = self.pieces()
            self.ahead = b""

        def pieces(self) -> Iterator[bytes]:
            yield part("kind", b"products") + part("file", b"", "a.csv")[:-2]
            for _ in range(pieces):
                yield os.urandom(1 << 16)
            yield b"\r\n" + END

        def read(self, size: int = -1) -> bytes:
            self.ahead = self.ahead or next(self.rest, b"")
            given, self.ahead = self.ahead[:size], self.ahead[size:]
            return given

    request = RequestFactory().post(BULK, CONTENT_TYPE=TYPE, CONTENT_LENGTH=str(10**9))
    request.environ["wsgi.input"] = request._stream = Sent()  # type: ignore[attr-defined]
    request.upload_handlers = [Receiver(request)]
    tracemalloc.start()
    try:
        file: Any = request.FILES["file"]
        upload = file.keep(1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        request.close()
    assert upload.size == pieces << 16
    assert peak < 2_000_000

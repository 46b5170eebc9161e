"""Bulk import as an editor's browser does it, with Django's client."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

BULK = "/import/"


def sent(client: Client, text: str | bytes, kind: str = "products", name: str = "lamps.csv", **headers: str) -> Any:
    """The answer to an upload."""
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(BULK, {"kind": kind, "file": SimpleUploadedFile(name, content)}, headers=headers)


def given(client: Client, text: str | bytes, kind: str = "products", name: str = "lamps.csv") -> str:
    """The address of the preview that an upload leads to."""
    answer = sent(client, text, kind, name)
    assert answer.status_code == 302, answer.content.decode()
    address: str = answer["Location"]
    return address


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def figures(page: str) -> dict[str, str]:
    """The totals that a page shows, by their names."""
    return dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", page))

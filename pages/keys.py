"""Primary keys in addresses."""

import re

from django.urls.converters import IntConverter

KEY = re.compile("-?[0-9]{1,19}")


class KeyConverter(IntConverter):
    """`<key:order_id>`: Postgres takes negative ones as well; one made by plain SQL is not to break the list."""

    regex = KEY.pattern


def key_of(text: str) -> int | None:
    """The key, where a form has sent one that a row can have."""
    key = int(text) if KEY.fullmatch(text) else None
    return key if key is not None and -(2**63) <= key < 2**63 else None

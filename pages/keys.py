"""Primary keys in addresses."""

from django.urls.converters import IntConverter


class KeyConverter(IntConverter):
    """`<key:order_id>`: Postgres takes negative ones as well; one made by plain SQL is not to break the list."""

    regex = "-?[0-9]{1,19}"

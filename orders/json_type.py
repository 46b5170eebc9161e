"""Of what type a JSON value is, for constraints."""

from django.db.models import CharField, Func


class JsonType(Func):
    """object, array, string, number, boolean or null."""

    function = "jsonb_typeof"
    output_field = CharField()

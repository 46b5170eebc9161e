"""By its headings, what a file holds that was given as one of products or of users and is another.

Such a file has columns that ours have as well and that mean something else in it: the quantity of an order's line is no
stock, its unit price is that of its day.
"""

from __future__ import annotations

from collections.abc import Sequence

from .columns import KINDS, Kind, plain
from .file import FileRefused, OfNoKind

OF_ORDERS = {"order_id", "order_item_id", "order_line_id", "order_number", "order_no"}
# Together: a list of products may have either of them.
OF_ORDER_LINES = {"quantity", "unit_price"}
# For each kind of ours the columns, with all their headings, that no file of the others has.
OWN_COLUMNS = {"products": ("sku", "price"), "users": ("email",)}


def refuse_other_kinds(headings: Sequence[str], kind: Kind) -> None:
    """Raise FileRefused where the headings tell that the file is none of this kind; OfNoKind: of none of ours."""
    for held, signs in (("orders", _of_orders(headings)), *_of_ours(headings, kind)):
        if signs:
            has = f"the column{'s' if len(signs) > 1 else ''} {' and '.join(signs)}"
            do = f"Say that it holds {held}." if held in KINDS else f"Give a file that holds {kind.name} only."
            refused = FileRefused if held in KINDS else OfNoKind
            raise refused(f"This seems to be a file of {held}, not of {kind.name}: it has {has}. {do}")


def _of_orders(headings: Sequence[str]) -> list[str]:
    said = {plain(heading) for heading in headings}
    signs = OF_ORDERS | (OF_ORDER_LINES if said >= OF_ORDER_LINES else set())
    return [heading for heading in headings if plain(heading) in signs]


def _of_ours(headings: Sequence[str], kind: Kind) -> list[tuple[str, list[str]]]:
    others = [other for other in KINDS.values() if other is not kind]
    return [(each.name, [one for one in headings if each.recognised(one) in OWN_COLUMNS[each.name]]) for each in others]

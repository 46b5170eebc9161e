"""What the page of the query builder sends."""

from __future__ import annotations

import secrets

from django import forms

from .asking import Way
from .cancelling import RUN
from .ordering import Order, asked
from .statement import LONGEST


class QueryForm(forms.Form):
    """Never refuses: what cannot be read is as if unsaid, and the statement's own faults are told later."""

    # Not CharField, which refuses zero bytes.
    sql, way, run, sort, page = (forms.Field(required=False) for _ in range(5))

    def clean_sql(self) -> str:
        # One more than may be read: that is refused with its length.
        return (self.cleaned_data["sql"] or "")[: 2 * LONGEST].replace("\r\n", "\n")

    def clean_way(self) -> Way:
        way = self.cleaned_data["way"] or ""
        return Way(way) if way in set(Way) else Way.ROWS

    def clean_run(self) -> str:
        run = self.cleaned_data["run"] or ""
        return run if RUN.fullmatch(run) else secrets.token_hex(8)

    def clean_sort(self) -> Order | None:
        return asked(self.cleaned_data["sort"] or "")

    def clean_page(self) -> int:
        page = self.cleaned_data["page"] or ""
        return int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1

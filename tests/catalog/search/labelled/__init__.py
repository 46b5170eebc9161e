"""A believable catalogue with questions and the products that answer them, judged by people before any search ran."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from catalog.models import Product
from catalog.search import Mode, indexing, search, vectors

HERE = Path(__file__).parent
FIRST = 3


class Question(NamedTuple):
    """`kind` is what makes it hard; one of the products `right` is to be among the first."""

    kind: str
    typed: str
    right: frozenset[str]


def questions() -> list[Question]:
    with (HERE / "queries.csv").open(newline="") as file:
        return [Question(row["kind"], row["query"], frozenset(row["right"].split())) for row in csv.DictReader(file)]


def fill() -> None:
    """The catalogue into the shop, its index and its vectors."""
    Product.objects.bulk_create(_products())
    indexing.work_off()
    if made_by := vectors.maker():
        vectors.embed(made_by)


def empty() -> None:
    """Take the catalogue out again."""
    Product.objects.all().delete()
    indexing.work_off()


def answered(question: Question, mode: Mode) -> bool:
    return bool(question.right & {hit.product.sku for hit in search(question.typed, mode, limit=FIRST).hits})


def measured() -> dict[str, dict[str, int]]:
    """For each kind how many `questions` there are, and how many of them each mode answers."""
    told: dict[str, dict[str, int]] = {}
    for question in questions():
        of_kind = told.setdefault(question.kind, {"questions": 0, **dict.fromkeys(Mode, 0)})
        of_kind["questions"] += 1
        for mode in Mode:
            of_kind[mode] += answered(question, mode)
    return told


def _products() -> Iterator[Product]:
    with (HERE / "catalogue.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            yield Product(**row | {"tags": row["tags"].split(";")})

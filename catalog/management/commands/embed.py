"""`manage.py embed`: the index of products, their vectors, and the index over these."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from catalog import indexing, vectors
from catalog.embeddings import provider
from pages.counted import counted

MANY = 10_000  # vectors: to enter so many into the index takes longer than to make it anew


class Command(BaseCommand):
    help = (
        "Works off what waits to be indexed and makes the vectors of products that are new or changed, with the model "
        "that LAKESHOP_EMBEDDINGS names. As the owner also makes the index over them. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only tell what is missing")

    def handle(self, *, check: bool, **options: Any) -> None:
        if not check and (waited := indexing.work_off()):
            self.stdout.write(f"{counted(waited, 'change')} indexed.")
        made_by = provider()
        if made_by is None:
            self.stdout.write("No model makes vectors here: LAKESHOP_EMBEDDINGS is none. Products are found by words.")
            return
        if not vectors.are_possible():
            raise CommandError(vectors.NO_PGVECTOR)
        before = vectors.state(made_by.model)
        lacking = before.changed + before.not_searched
        if check:
            self.stdout.write(f"{made_by.model}: {before.ready:,} ready, {lacking:,} to be made.")
            return
        if lacking > max(MANY, before.ready // 5):
            vectors.drop_index(made_by)
        with Progress(console=Console(stderr=True)) as progress:
            bar = progress.add_task("Vectors", total=lacking)
            try:
                done = vectors.embed(made_by, lambda rows: progress.advance(bar, rows))
            except OSError as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{made_by.model}: {counted(done, 'vector')} made.")
        if not vectors.make_index(made_by):
            self.stdout.write("Only the tables' owner makes the index over them: run manage.py embed as the owner.")

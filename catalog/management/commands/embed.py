"""`manage.py embed`: the index of products, their vectors, and the index over these."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from catalog.search import indexing, vectors
from catalog.search.embeddings import Provider, provider
from pages.counted import counted

MANY = 10_000  # vectors: to enter so many into the index takes longer than to make it anew


class Command(BaseCommand):
    help = (
        "Works off what waits to be indexed and makes the vectors of products that are new or changed, with the model "
        "that LAKESHOP_EMBEDDINGS names. As the owner also makes the index over them. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only tell what waits and what is missing")

    def handle(self, *, check: bool, **options: Any) -> None:
        if check:
            waits = indexing.waiting()
            later = "; which vectors to make for that is known afterwards" if waits else ""
            self.stdout.write(f"{counted(waits, 'change')} to be indexed{later}.")
        elif waited := indexing.work_off():
            self.stdout.write(f"{counted(waited, 'change')} indexed.")
        made_by = provider()
        if made_by is None:
            self.stdout.write("No model makes vectors here: LAKESHOP_EMBEDDINGS is none. Products are found by words.")
        elif not vectors.are_possible():
            raise CommandError(vectors.NO_PGVECTOR)
        elif check:
            self._tell(made_by)
        else:
            self._make(made_by)

    def _tell(self, made_by: Provider) -> None:
        state = vectors.state(made_by.model)
        self.stdout.write(
            f"{made_by.model}: {state.ready:,} ready, {state.lacking:,} to be made ({state.missing:,} are missing, "
            f"{state.changed:,} of what has changed, {state.of_other_models:,} of other models)."
        )
        if not vectors.has_index(made_by):
            self.stdout.write("There is no index over them: manage.py embed, run as the tables' owner, makes it.")

    def _make(self, made_by: Provider) -> None:
        before = vectors.state(made_by.model)
        if before.lacking > max(MANY, before.ready // 5):
            vectors.drop_index(made_by)
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal) as progress:
            bar = progress.add_task("Vectors", total=before.lacking)
            try:
                done = vectors.embed(made_by, lambda rows: progress.advance(bar, rows))
            except OSError as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{made_by.model}: {counted(done, 'vector')} made.")
        if vectors.has_index(made_by):
            return
        if vectors.make_index(made_by):
            self.stdout.write("An HNSW index over them is made.")
        else:
            self.stdout.write("Only the tables' owner makes the index over them: run manage.py embed as the owner.")

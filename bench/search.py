"""`make bench-search`: searching 100,000 products: how fast, how near to exact, how good on labelled questions."""

import os
import random
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor

from bench import emulator as local
from bench.figures import Figures, percentile, timed
from tests.emulator import CHECKOUT

PRODUCTS = 100_000
TURNS = 3
CLIENTS = 8
# Of what the seed sells: common words, brands, meanings, mistakes. SKUs are taken from the shop.
TYPED = (
    "laptop", "wireless mouse", "mechanical keyboard", "running shoes", "coffee grinder", "desk lamp", "water bottle",
    "kestrel backpack", "boreal headphones", "lumen monitor", "otter rain jacket", "juniper kettle",
    "practical postgres", "embeddings in depth", "book about databases", "python for the curious",
    "something warm for winter", "listen to music on the train", "charge a phone on a journey", "boil water for tea",
    "carry my computer to work", "bake at home", "see each other in meetings", "keep my feet dry and warm",
    "keybord", "hedphones", "lpatop", "coffe grindr", "watr botle", "merino sweter",
    "headphones -kestrel", "laptop -sable -otter", '"with a five-year guarantee" tablet', "usb-c hub", "e-reader",
    "quiet in every room speaker", "small board game", "yoga", "4k monitor usb-c", "noise-cancelling headphones",
)  # fmt: skip


def filling(figures: Figures) -> None:
    from django.core.management import call_command

    from catalog.search import indexing

    call_command("seed", products=PRODUCTS, users=1, orders=0, stdout=sys.stderr)
    indexing.work_off()


def embedding(figures: Figures) -> None:
    """As `manage.py embed` does it: without the index over the vectors, which is made afterwards."""
    from catalog.search import embeddings, vectors

    made_by = embeddings.provider()
    assert made_by is not None
    made_by.embed(["loads the model"])
    vectors.drop_index(made_by)
    seconds = timed(lambda: vectors.embed(made_by))
    figures.say(f"vectors of {PRODUCTS:,} products, stored", f"{PRODUCTS / seconds:,.0f} a second")
    figures.say("the index over them", f"{timed(lambda: vectors.make_index(made_by)):.1f} s")
    _analyze()


def speed(figures: Figures) -> None:
    from catalog.search import Mode

    typed = _questions()
    for mode in Mode:
        for clients in (1, CLIENTS):
            taken = _asked_by(clients, typed, mode)
            p50, p95 = statistics.median(taken), percentile(taken, 0.95)
            is_barred = mode is Mode.HYBRID and clients == 1
            figures.say(
                f"{mode}, {clients} client{'s' if clients > 1 else ''}, p50, p95",
                f"{p50:.1f}, {p95:.1f} ms",
                "p50 under 25 ms" if is_barred else "",
                not is_barred or p50 < 25,
            )


def page(figures: Figures) -> None:
    """The page with the three side by side, as Django answers it."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from pages.roles import Role
    from tests.people import account

    visitor = Client(HTTP_HOST="localhost")
    visitor.force_login(account(Role.VIEWER, "bench"))
    taken, most = [], 0
    for typed in [*TYPED, *TYPED]:
        with CaptureQueriesContext(connection) as asked:
            taken.append(timed(lambda typed=typed: visitor.get("/search/", {"q": typed})) * 1000)  # type: ignore[misc]
        most = max(most, sum(not each["sql"].startswith(("BEGIN", "COMMIT")) for each in asked))
    figures.say(
        "the page with all three, p50, p95", f"{statistics.median(taken):.1f}, {percentile(taken, 0.95):.1f} ms"
    )
    figures.say("most queries for one of them", str(most), "at most 12", most <= 12)


def nearness(figures: Figures) -> None:
    """recall@10 of what a search finds by meaning, and of the index over the vectors alone, against comparing all."""
    from catalog.search import Filters, recall

    asked_about = (
        ("questions in words", list(TYPED), Filters(), 0.95),
        ("of them in one category of five", list(TYPED), Filters(category="Books"), 0.95),
        ("SKUs, which mean nothing", _skus(), Filters(), 0.0),
    )
    for name, typed, filters, bar in asked_about:
        told = [answer for each in typed if (answer := recall(each, filters)) is not None]
        found, alone = ([count / each.exact for each, count in zip(told, counts, strict=True)] for counts in (
            [each.found for each in told], [each.listed for each in told],
        ))  # fmt: skip
        mean = statistics.mean(found)
        value, asked = f"{mean:.3f}; {min(found):.1f}", f"at least {bar}" if bar else ""
        figures.say(f"recall@10 of {len(found)} {name}; the worst", value, asked, mean >= bar)
        figures.say("of the index alone; the worst", f"{statistics.mean(alone):.3f}; {min(alone):.1f}")
        again = sum(each.found > each.listed for each in told)
        figures.say("questions for which all were compared, as a sample proved a miss", f"{again}")


def quality(figures: Figures) -> None:
    """How many of the labelled questions have a right product among the first three."""
    from catalog.search import Mode
    from tests.catalog.search import labelled

    labelled.fill()
    told = labelled.measured()
    for kind, by_mode in told.items():
        words, meaning, both = (by_mode[mode] for mode in (Mode.FULL_TEXT, Mode.SEMANTIC, Mode.HYBRID))
        figures.say(
            f"{kind}: full text, semantic, hybrid of {by_mode['questions']}",
            f"{words}, {meaning}, {both}",
            "hybrid not below",
            both >= max(words, meaning),
        )
    labelled.empty()


def _questions() -> list[str]:
    return [*TYPED, *_skus()]


def _skus() -> list[str]:
    from catalog.models import Product

    some = Product.objects.order_by("product_id").values_list("sku", flat=True)[:: PRODUCTS // 6]
    return [*some, *(sku.rsplit("-", 1)[0].lower() for sku in some)]


def _asked_by(clients: int, typed: list[str], mode: str) -> list[float]:
    """The milliseconds of each answer; every client asks everything, in an order of its own."""
    from django.db import connection

    from catalog.search import Mode, search

    def ask(client: int) -> list[float]:
        mine = random.Random(client).sample(typed * TURNS, len(typed) * TURNS)
        search("lamp", Mode(mode))
        taken = [timed(lambda each=each: search(each, Mode(mode))) * 1000 for each in mine]  # type: ignore[misc]
        connection.close()
        return taken

    with ThreadPoolExecutor(clients) as pool:
        return [one for taken in pool.map(ask, range(clients)) for one in taken]


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE products, product_search, product_vectors, product_search_vocabulary")


def main() -> int:
    """On a Lakebase Local of its own, as the owner."""
    figures = Figures()
    with local.owned_shop():
        for part in (quality, filling, embedding, speed, page, nearness):
            figures.title(part.__name__.capitalize())
            part(figures)
    return 1 if figures.missed else 0


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    sys.exit(main())

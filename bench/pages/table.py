"""What is told of each page, with the bars that the pages hold themselves to."""

from bench.figures import Figures
from bench.pages.asked import Asked
from bench.pages.measuring import Requests, Times, alternately, by_many, first_load
from bench.pages.queries import Asking, Observer
from bench.pages.served import Served
from bench.pages.ticks import NO_CONTENT

MOST_MILLISECONDS, MOST_RATIO, MOST_QUERIES = 40, 1.5, 12
MOST_OF_A_TICK, TICKS = 5, 50
LARGEST_FIRST_LOAD = 100_000

Shop = tuple[Served, list[Asked]]


def table(figures: Figures, observer: Observer, large: Shop, small: Shop, requests: Requests) -> None:
    figures.title(
        "Each page: milliseconds before one visitor and before sixteen; of SQL, of Python; queries; kB as they travel"
    )
    names = ("p50", "p95", "small", "ratio", "p50/16", "p95/16", "SQL", "Python", "q", "kB")
    head = " ".join(f"{name:>6}" for name in names)
    figures.say("", head, "bars: p50, ratio, q")
    for asked, little in zip(large[1], small[1], strict=True):
        assert asked.name == little.name
        one, beside = alternately((large[0], asked), (small[0], little), requests)
        many = by_many(large[0], asked, requests.each_client)
        _row(figures, asked.name, one, beside, many, observer.asking(asked))


def _row(figures: Figures, name: str, one: Times, beside: Times, many: Times, asking: Asking) -> None:
    ratio, queries = one.p50 / beside.p50, len(asking.statements)
    value = (
        f"{one.p50:6.1f} {one.p95:6.1f} {beside.p50:6.1f} {ratio:6.2f} {many.p50:6.0f} {many.p95:6.0f} "
        f"{asking.milliseconds:6.1f} {asking.python:6.1f} {queries:6d} {one.wire / 1000:6.1f}"
    )
    bars = {
        f"under {MOST_MILLISECONDS} ms": one.p50 < MOST_MILLISECONDS,
        f"at most {MOST_RATIO}": ratio <= MOST_RATIO,
        f"at most {MOST_QUERIES} q": queries <= MOST_QUERIES,
    }
    missed = ", ".join(bar for bar, holds in bars.items() if not holds)
    figures.say(name, value, missed or "all", holds=not missed)


def server_times(figures: Figures, served: Served, pages: list[Asked]) -> None:
    """Of ticks with nothing new: from the request's last byte to the answer's, by gunicorn's access log."""
    figures.title("Live ticks with nothing new, by the server's own clock (%(D)s of gunicorn's access log)")
    for asked in pages:
        if asked.status == NO_CONTENT:
            visitor = served.visitor()
            for _ in range(TICKS):
                visitor.ask(asked)
            visitor.close()
            times = Times(served.server_times(asked.address.partition("?")[0])[-TICKS:])
            value = f"p50 {times.p50:.2f}, p95 {times.p95:.2f} ms"
            figures.say(asked.name, value, f"p50 under {MOST_OF_A_TICK} ms", holds=times.p50 < MOST_OF_A_TICK)


def first_loads(figures: Figures, served: Served, pages: list[Asked]) -> None:
    """Of each page; where it was asked for in several ways, of the largest answer."""
    figures.title("First load: the page and every file that it names, compressed, nothing cached")
    largest: dict[str, int] = {}
    for asked in pages:
        if not asked.swap:
            page = asked.name.partition(",")[0]
            largest[page] = max(largest.get(page, 0), first_load(served, asked))
    bar = f"under {LARGEST_FIRST_LOAD // 1000} kB"
    for name, wire in largest.items():
        figures.say(name, f"{wire / 1000:.1f} kB", bar, holds=wire < LARGEST_FIRST_LOAD)

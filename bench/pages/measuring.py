"""How long pages take before one visitor and before sixteen, in the large shop and, alternating, in the small one."""

import re
import statistics
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urljoin

from bench.figures import percentile
from bench.pages.asked import Asked
from bench.pages.served import Served, Visitor

CLIENTS = 16
ASSET = re.compile(r'<(?:link|script)\b[^>]*\b(?:href|src)="(/static/[^"]+)"')
IMPORTED = re.compile(r'url\(["\']?(?!data:|#)([^"\')]+)|@import\s+["\']([^"\']+)')


class Requests(NamedTuple):
    """How often a page is asked for: in so many turns by one visitor, and by each of sixteen."""

    turns: int = 4
    each_turn: int = 10
    each_client: int = 4


class Times(NamedTuple):
    """Milliseconds of each request, and the bytes of one answer."""

    taken: list[float]
    wire: int = 0

    @property
    def p50(self) -> float:
        return statistics.median(self.taken)

    @property
    def p95(self) -> float:
        return percentile(self.taken, 0.95)


def alternately(large: tuple[Served, Asked], small: tuple[Served, Asked], requests: Requests) -> tuple[Times, Times]:
    """One visitor, who asks the one and the other by turns: what the machine does meanwhile, both suffer from alike."""
    wires: list[int] = [0, 0]
    taken: list[list[float]] = [[], []]
    for _ in range(requests.turns):
        visitors = [served.visitor() for served, _ in (large, small)]
        for number in range(requests.each_turn + 1):
            for side in (0, 1) if number % 2 else (1, 0):
                answer = visitors[side].ask((large, small)[side][1])
                if number:  # the first one warms up
                    taken[side].append(answer.milliseconds)
                    wires[side] = max(wires[side], answer.wire)
        for visitor in visitors:
            visitor.close()
    return Times(taken[0], wires[0]), Times(taken[1], wires[1])


def by_many(served: Served, asked: Asked, each: int) -> Times:
    """Sixteen at once, each of whom asks again as soon as the answer is there."""
    start = threading.Barrier(CLIENTS)

    def visiting(visitor: Visitor) -> list[float]:
        start.wait(60)
        taken = [visitor.ask(asked).milliseconds for _ in range(each)]
        visitor.close()
        return taken

    with ThreadPoolExecutor(CLIENTS) as threads:
        visits = threads.map(visiting, [served.visitor() for _ in range(CLIENTS)])
        return Times([taken for visit in visits for taken in visit])


def first_load(served: Served, asked: Asked) -> int:
    """Bytes on the wire for a browser that has seen nothing of the site: the page and all that it names."""
    visitor = served.visitor()
    page = visitor.ask(asked)
    wire, seen, left = page.wire, set[str](), ASSET.findall(page.text)
    while left:
        path = left.pop()
        if path not in seen:
            seen.add(path)
            asset = visitor.get(path)
            wire += asset.wire
            if path.endswith(".css"):
                left += [urljoin(path, "".join(found)) for found in IMPORTED.findall(asset.text)]
    visitor.close()
    return wire

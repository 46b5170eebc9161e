"""Products that a shop might sell, made up from words: cheap to make, and the same for the same random numbers."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import NamedTuple

from .kinds import KINDS, Kind


class Good(NamedTuple):
    """`cents` is the price; `words` stand in the SKU, which the numbering makes unique."""

    words: str
    name: str
    description: str
    cents: int
    stock: int
    category: str
    tags: tuple[str, ...]


# Electronics and accessories are the larger part of the range.
CATEGORIES = tuple(KINDS)
SHARES = tuple(accumulate((30, 26, 16, 16, 12)))

BRANDS = (
    "Alder", "Boreal", "Corvid", "Delft", "Ember", "Fjord", "Gannet", "Harbour", "Ibex", "Juniper", "Kestrel", "Lumen",
    "Marten", "Nimbus", "Otter", "Pike", "Quartz", "Rowan", "Sable", "Tarn", "Umber", "Vesper", "Wren", "Yarrow",
)  # fmt: skip
MODELS = ("One", "Pro", "Air", "Mini", "Max", "Lite", "Plus", "Studio", "Go", "Classic", "Trail", "Home")
TITLES = (
    "Practical {}", "The Art of {}", "{} by Example", "{} in Depth", "A Short Course in {}", "{} for the Curious",
    "Understanding {}", "{} at Work", "The Little Book of {}", "Notes on {}",
)  # fmt: skip
PRAISE = (
    "made to be repaired", "light enough to forget", "quiet in every room", "tested by people who break things",
    "better than it has to be", "ready when you are", "packed without plastic", "with a five-year guarantee",
    "simple to clean", "drawn by hand, made by machines", "the one you lend and want back", "small where it should be",
    "slow to wear out", "with spare parts in the box", "approved by three grandmothers", "folds flat under the bed",
    "no instructions needed", "sold with an honest manual", "rounded where hands are", "heavy where it counts",
    "happy in the rain", "kept simple on purpose", "charged by the sun if need be", "back by popular demand",
)  # fmt: skip
COLOURS = (
    "black", "white", "grey", "navy blue", "sky blue", "forest green", "olive", "mustard yellow", "orange", "brick red",
    "pink", "lilac", "sand", "chocolate brown",
)  # fmt: skip
MATERIALS = {
    "Electronics": ("aluminium", "recycled plastic", "glass and steel", "magnesium", "bamboo", "soft rubber"),
    "Accessories": ("felt", "leather", "canvas", "aluminium", "cork", "recycled bottles", "walnut wood"),
    "Clothing": ("organic cotton", "merino wool", "linen", "fleece", "hemp", "nylon", "corduroy"),
    "Other": ("stainless steel", "ceramic", "oak wood", "glass", "cast iron", "natural rubber", "clay"),
}
USES = (
    "long flights", "small flats", "open offices", "wet weekends", "early mornings", "night shifts", "students",
    "large families", "grandparents", "beginners", "commuters", "the workshop", "music at home", "the garden",
    "camping by the lake", "the kitchen table", "video calls", "a wedding present", "cold winters", "hot summers",
    "left-handed people", "children from six", "dogs and their people", "festivals", "mountain huts", "quiet evenings",
    "busy mornings", "hotel rooms", "the studio", "the night train", "schools", "hospitals", "the beach", "cyclists",
)  # fmt: skip
READERS = (
    "for people who never read the manual", "for students in their first year", "for teams that inherit old systems",
    "for teachers", "for the long train ride home", "with exercises and their answers", "with a hundred drawings",
    "written by two who disagree", "with a chapter on mistakes", "for those who have tried before",
    "for engineers on call", "for curious grandparents", "from first steps to production", "in forty short lessons",
    "with stories from real companies", "for weekends in bad weather",
)  # fmt: skip
ENDINGS = (99, 99, 99, 95, 49, 0)
SOLD_OUT, RUNNING_LOW = 0.04, 0.10


def goods(count: int, random: Random) -> Iterator[Good]:
    """`count` products; some 4 in 100 are sold out, and 6 more nearly so."""
    for _ in range(count):
        category = random.choices(CATEGORIES, cum_weights=SHARES)[0]
        kind = random.choice(KINDS[category])
        brand, sort = random.choice(BRANDS), random.choice(kind.sorts)
        is_book = category == "Books"
        yield Good(
            words=f"{brand[:3]}-{kind.noun[:4].strip()}".replace(" ", "").upper(),
            name=_title(sort, random) if is_book else f"{brand} {sort} {kind.noun} {_model(random)}",
            description=_of_book(sort, kind, random) if is_book else _of_thing(brand, sort, kind, category, random),
            cents=_cents(kind, random),
            stock=_stock(random),
            category=category,
            tags=kind.tags,
        )


def _title(subject: str, random: Random) -> str:
    edition = random.randint(1, 5)
    title = random.choice(TITLES).format(subject)
    return title if edition == 1 else f"{title}, edition {edition}"


def _model(random: Random) -> str:
    return f"{random.choice(MODELS)} {random.randint(2, 90) * 10}"


def _of_book(subject: str, kind: Kind, random: Random) -> str:
    first, second = random.sample(READERS, 2)
    field = "" if kind.noun in subject else f" and {kind.noun.lower()}"
    return f"A book on {subject}{field} {first}, {second}."


def _of_thing(brand: str, sort: str, kind: Kind, category: str, random: Random) -> str:
    first, second = random.sample(PRAISE, 2)
    of_what = f"{random.choice(COLOURS)} {random.choice(MATERIALS[category])}"
    return f"{sort} {kind.noun} by {brand} in {of_what}, for {random.choice(USES)}: {first}, {second}."


def _cents(kind: Kind, random: Random) -> int:
    """Cheap ones are common: even steps on a scale of ratios."""
    whole = int(kind.least * (kind.most / kind.least) ** random.random())
    return whole * 100 + random.choice(ENDINGS)


def _stock(random: Random) -> int:
    place = random.random()
    if place < SOLD_OUT:
        return 0
    if place < RUNNING_LOW:
        return random.randint(1, 9)
    return int(random.lognormvariate(4.2, 0.8)) + 10

"""Products that a shop might sell, made up from words: cheap to make, and the same for the same random numbers."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import NamedTuple


class Good(NamedTuple):
    """`cents` is the price; `words` stand in the SKU, which the numbering makes unique."""

    words: str
    name: str
    description: str
    cents: int
    stock: int
    category: str
    tags: tuple[str, ...]


class Kind(NamedTuple):
    """Things of one sort: what they are called, cost at least and at most (in whole units), and are tagged."""

    noun: str
    least: int
    most: int
    tags: tuple[str, ...]


KINDS: dict[str, tuple[Kind, ...]] = {
    "Electronics": (
        Kind("Laptop", 499, 2799, ("laptop", "computer", "portable")),
        Kind("Tablet", 149, 1199, ("tablet", "portable", "touch")),
        Kind("Monitor", 119, 1499, ("monitor", "4k", "usb-c")),
        Kind("Headphones", 39, 449, ("audio", "wireless", "noise-cancelling")),
        Kind("Speaker", 25, 399, ("audio", "wireless", "portable")),
        Kind("Webcam", 29, 199, ("video", "usb-c", "office")),
        Kind("Camera", 299, 2499, ("video", "photo", "travel")),
        Kind("Router", 49, 399, ("network", "wifi")),
        Kind("External SSD", 59, 399, ("storage", "portable", "usb-c")),
        Kind("E-Reader", 89, 299, ("reading", "portable", "touch")),
    ),
    "Accessories": (
        Kind("Mouse", 12, 129, ("mouse", "wireless", "ergonomic")),
        Kind("Keyboard", 25, 229, ("keyboard", "mechanical", "ergonomic")),
        Kind("USB-C Hub", 19, 149, ("hub", "usb-c", "adapter")),
        Kind("Laptop Sleeve", 15, 79, ("bag", "travel", "laptop")),
        Kind("Backpack", 39, 199, ("bag", "travel", "laptop")),
        Kind("Desk Lamp", 19, 149, ("lamp", "led", "desk")),
        Kind("Charger", 15, 99, ("power", "usb-c", "travel")),
        Kind("Power Bank", 19, 119, ("power", "portable", "travel")),
        Kind("Phone Stand", 9, 49, ("desk", "phone")),
        Kind("Webcam Cover", 4, 12, ("privacy", "office")),
    ),
    "Books": (
        Kind("Postgres", 29, 69, ("database", "sql", "programming")),
        Kind("Query Plans", 29, 59, ("database", "sql", "performance")),
        Kind("Lakehouses", 35, 79, ("data", "analytics", "database")),
        Kind("Python", 19, 59, ("python", "programming")),
        Kind("Embeddings", 29, 69, ("ai", "search", "programming")),
        Kind("Data Modelling", 29, 65, ("data", "database", "design")),
        Kind("Distributed Systems", 35, 79, ("design", "programming")),
        Kind("Bread", 15, 39, ("cooking", "home")),
        Kind("Mountain Walks", 12, 29, ("travel", "outdoor")),
        Kind("Typography", 25, 59, ("design", "reading")),
    ),
    "Clothing": (
        Kind("T-Shirt", 12, 39, ("cotton", "summer")),
        Kind("Hoodie", 29, 99, ("cotton", "winter")),
        Kind("Rain Jacket", 49, 249, ("outdoor", "waterproof")),
        Kind("Merino Sweater", 49, 179, ("wool", "winter")),
        Kind("Running Shoes", 59, 199, ("sports", "outdoor")),
        Kind("Socks", 5, 25, ("wool", "sports")),
        Kind("Cap", 12, 39, ("summer", "outdoor")),
        Kind("Scarf", 19, 89, ("wool", "winter")),
    ),
    "Other": (
        Kind("Coffee Grinder", 29, 349, ("kitchen", "coffee")),
        Kind("Kettle", 25, 149, ("kitchen", "tea")),
        Kind("Chef's Knife", 29, 249, ("kitchen", "cooking")),
        Kind("Water Bottle", 9, 45, ("outdoor", "travel")),
        Kind("Yoga Mat", 19, 99, ("sports", "home")),
        Kind("Notebook", 4, 29, ("paper", "office")),
        Kind("Board Game", 15, 79, ("games", "home")),
        Kind("Plant Pot", 7, 69, ("garden", "home")),
    ),
}
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
        brand = random.choice(BRANDS)
        yield Good(
            words=f"{brand[:3]}-{kind.noun[:4].strip()}".replace(" ", "").upper(),
            name=_book(kind, random) if category == "Books" else f"{brand} {kind.noun} {_model(random)}",
            description=_description(brand, kind, category, random),
            cents=_cents(kind, random),
            stock=_stock(random),
            category=category,
            tags=kind.tags,
        )


def _book(kind: Kind, random: Random) -> str:
    edition = random.randint(1, 5)
    title = random.choice(TITLES).format(kind.noun)
    return title if edition == 1 else f"{title}, edition {edition}"


def _model(random: Random) -> str:
    return f"{random.choice(MODELS)} {random.randint(2, 90) * 10}"


def _description(brand: str, kind: Kind, category: str, random: Random) -> str:
    if category == "Books":
        first, second = random.sample(READERS, 2)
        return f"A book on {kind.noun.lower()} {first}, {second}."
    first, second = random.sample(PRAISE, 2)
    of_what = f"{random.choice(COLOURS)} {random.choice(MATERIALS[category])}"
    return f"{kind.noun} by {brand} in {of_what}, for {random.choice(USES)}: {first}, {second}."


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

"""People who might buy: names and addresses of five countries, drawn from pools that are made once."""

import json
import unicodedata
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from mimesis import Address, Locale
from mimesis import Person as Names

POOL = 400
# Out of ten: each country's people have its names, streets and towns.
COUNTRIES = (
    *(("US", "en", Locale.EN),) * 5,
    *(("GB", "en", Locale.EN_GB),) * 2,
    ("DE", "de", Locale.DE),
    ("FR", "fr", Locale.FR),
    ("ES", "es", Locale.ES),
)
ROLES = ("customer", "vendor", "admin")
ROLE_SHARES = (97, 99.8, 100)
TIERS = ("bronze", "silver", "gold")
TIER_SHARES = (70, 92, 100)
ACTIVE = 0.97
# Written with one letter, spelt with two.
SPELT = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l"})


class Person(NamedTuple):
    """`login` is what a number is put behind to make a username and an e-mail."""

    login: str
    full_name: str
    metadata: str
    preferences: str
    is_active: bool


class Country:
    """The pools of one country; `addresses` are JSON as order.shipping_address keeps it."""

    def __init__(self, code: str, language: str, locale: Locale, random: Random) -> None:
        self.code, self.language = code, language
        names, places = Names(locale, seed=random.random()), Address(locale, seed=random.random())
        self.first = [names.first_name() for _ in range(POOL)]
        self.last = [names.last_name() for _ in range(POOL)]
        self.addresses = [self._address(places) for _ in range(POOL)]

    def _address(self, places: Address) -> str:
        words = {"street": places.address(), "city": places.city(), "zip": places.postal_code(), "country": self.code}
        if self.code == "US":
            words["state"] = places.state(abbr=True)
        return json.dumps(words, ensure_ascii=False)


class Population:
    """Any number of people, by their place in it: who is at which place depends on `seed` alone."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"{seed}: people")
        made = {code: Country(code, language, locale, self._random) for code, language, locale in COUNTRIES}
        self._countries = [made[code] for code, _, _ in COUNTRIES]

    def people(self, count: int) -> Iterator[Person]:
        for place in range(count):
            yield self._person(self._countries[place % len(self._countries)])

    def address(self, place: int) -> str:
        """Where the person at this place has parcels sent."""
        # The factor scatters neighbours over the pool.
        return self._countries[place % len(self._countries)].addresses[place * 2_654_435_761 % POOL]

    def _person(self, country: Country) -> Person:
        random = self._random
        first, last = random.choice(country.first), random.choice(country.last)
        about = {"role": random.choices(ROLES, cum_weights=ROLE_SHARES)[0], "country": country.code}
        if about["role"] == "customer":
            about["tier"] = random.choices(TIERS, cum_weights=TIER_SHARES)[0]
        likes = {
            "newsletter": random.random() < 0.4,
            "theme": random.choice(("light", "dark")),
            "language": country.language,
        }
        return Person(
            f"{_plain(first)}.{_plain(last)}",
            f"{first} {last}",
            json.dumps(about),
            json.dumps(likes),
            random.random() < ACTIVE,
        )


def _plain(name: str) -> str:
    """The name as it may stand in an e-mail: García, Müller and O'Neil are garcia, muller and oneil."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(SPELT))
    return "".join(letter for letter in letters if "a" <= letter <= "z")

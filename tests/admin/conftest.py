"""A person who may do everything in the admin, with a browser that follows where it is sent."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.audit.conftest import as_owner  # noqa: F401  a fixture


class Visitor(Client):
    def page(self, path: str, **query: str) -> str:
        answer = self.get(path, query)
        assert answer.status_code == 200
        return text_of(answer)

    def seen(self, path: str) -> str:
        """The stamp in the page of a record: what its fields were when it was drawn."""
        found = re.search(r'name="seen" value="(\w+)"', self.page(path))
        assert found
        return found[1]

    def change(self, path: str, form: dict[str, Any]) -> str:
        """Open the page of a record and save it."""
        return self.send(path, form | {"seen": self.seen(path)})

    def send(self, path: str, form: dict[str, Any]) -> str:
        """The page that a person sees after sending the form."""
        answer = self.post(path, form, follow=True)
        assert answer.status_code == 200
        return text_of(answer)


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_superuser("ada", "ada@example.com", "a lake of her own")


@pytest.fixture
def visitor(ada: User) -> Visitor:
    visitor = Visitor()
    visitor.force_login(ada)
    return visitor

"""Every address of the site asks who it is, but for a short list; and what it asks for is kept, page and fragment."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from lakeshop.admin_site import Site
from pages.roles import Role
from tests.lakeshop.addresses import Address, addresses, shop
from tests.people import visitor

PUBLIC = {"theme", "sign-in", "sign-in/learner", "sign-out", "healthz", "readyz"}
# Lead to one of the public ones, or to one that asks.
LEAD_ON = {"admin/login/", "admin/logout/", "admin/password_change/"}
# For whoever has signed in, whatever their role.
ANY_ROLE = {"connection", "account/password"}
# Seen by viewers; what is sent there is taken from editors.
TAKES_FROM_EDITORS = {"import/"}
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/orders/?status=paid"}
NOT_ALLOWED = 405

ASKING = [each for each in addresses() if each.needs is not None]


def asked(client: Client, address: Address, records: dict[str, Any], method: str, **headers: str) -> Any:
    """The answer; what it has written is undone, for those after it."""
    with transaction.atomic():
        answer = getattr(client, method)(address.path(records), headers=headers)
        transaction.set_rollback(True)
    return answer


@pytest.fixture
def records(db: None) -> dict[str, Any]:
    return shop()


def test_every_view_asks_for_a_role_or_is_public() -> None:
    found = {each.pattern: each.needs for each in addresses()}
    assert {path for path, role in found.items() if role is None} == PUBLIC | LEAD_ON
    assert {path for path, role in found.items() if role is Role.NOBODY} == ANY_ROLE
    assert found[""] is Role.VIEWER and found["reset"] is Role.ADMIN


def test_the_admin_site_is_ours() -> None:
    assert {type(each.admin_site) for each in addresses() if each.admin_site} == {Site}


def test_strangers_are_led_to_the_sign_in_and_back(records: dict[str, Any]) -> None:
    for address in ASKING:
        answers = [asked(Client(), address, records, method) for method in ("get", "post")]
        told = [answer for answer in answers if answer.status_code != NOT_ALLOWED]
        assert told, address
        for answer in told:
            assert answer.status_code == 302, address
            assert answer["Location"].startswith(f"/sign-in?next={address.path(records)[:9]}"), address
            assert answer.content == b""


def test_a_strangers_fragment_leaves_the_page_alone_and_is_told_beside_it(records: dict[str, Any]) -> None:
    for address in ASKING:
        for method in ("get", "post"):
            answer = asked(Client(), address, records, method, **HTMX)
            if answer.status_code != NOT_ALLOWED:
                assert (answer.status_code, answer["HX-Retarget"]) == (401, "#trouble"), address
                assert "HX-Redirect" not in answer, address
                assert answer.content.startswith(b'<section class="refusal refusal-alone signed-out">'), address


def test_nothing_that_is_opened_alone_is_a_bare_part(records: dict[str, Any]) -> None:
    client = visitor(Role.ADMIN)
    for address in ASKING:
        answer = asked(client, address, records, "get")
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            assert answer.content.lstrip().lower().startswith(b"<!doctype html>"), address


@pytest.mark.parametrize(
    ("part", "page"),
    [
        ("/news?cards=1&show=all", "/"),
        ("/audit/news?table=users&actor=a+b&version=1&newest=2&oldest=1&count=2", "/audit/?table=users&actor=a+b"),
        ("/audit/news?operation=&version=1", "/audit/?operation="),
        ("/orders/place/products?line=1&words=lamp", "/orders/place"),
        ("/orders/place/customers?customer_words=ann", "/orders/place"),
    ],
)
@pytest.mark.django_db
def test_a_part_opened_alone_leads_to_its_page(part: str, page: str) -> None:
    client = visitor(Role.EDITOR)
    answer = client.get(part)
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert client.get(page).status_code == 200
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", list(Role))
def test_a_role_sees_its_own_and_is_refused_the_rest(records: dict[str, Any], role: Role, method: str) -> None:
    client = visitor(role)
    for address in ASKING:
        answer = asked(client, address, records, method)
        if answer.status_code == NOT_ALLOWED:
            continue
        least = Role.EDITOR if method == "post" and address.pattern in TAKES_FROM_EDITORS else address.needs
        # The admin refuses admins, too, what nobody does there, such as adding to the trail.
        if role < least or not address.admin_site:
            assert (answer.status_code == 403) == (role < least), (address, answer.status_code)
        assert answer.status_code < 500 and not answer.get("Location", "").startswith("/sign-in"), address
        if answer.status_code == 403:
            assert '<section class="refusal">' in answer.content.decode()
            assert "You may not do this" in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", [Role.NOBODY, Role.VIEWER, Role.EDITOR])
def test_a_fragment_is_refused_like_its_page(records: dict[str, Any], role: Role, method: str) -> None:
    client = visitor(role)
    refused = 0
    for address in ASKING:
        page, fragment = asked(client, address, records, method), asked(client, address, records, method, **HTMX)
        assert (page.status_code == 403) == (fragment.status_code == 403), address
        if fragment.status_code == 403:
            refused += 1
            assert fragment["HX-Retarget"] == "#main"
            assert fragment.content.decode().startswith('<section class="refusal refusal-alone"'), address
    assert refused > 10

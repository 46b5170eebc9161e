"""Requests as they go over the wire, where the SDK would hide what was answered."""

from typing import Any

import requests

from tests.local.sdk import Sdk

API = "/api/2.0/postgres"


def ask(sdk: Sdk, verb: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
    """The answer to the owner's request; `path` is below the API's."""
    headers = {"Authorization": f"Bearer {sdk.client.config.token}"}
    url = f"http://127.0.0.1:{sdk.emulator.rest_port}{API}/{path}"
    return requests.request(verb, url, json=body, headers=headers, timeout=30)


def read(sdk: Sdk, path: str) -> dict[str, Any]:
    answer = ask(sdk, "GET", path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found

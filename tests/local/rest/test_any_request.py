"""Property-based: whatever is asked, the API answers in time, in JSON, and without a fault of its own."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulator import Emulator
from tests.local.sdk import Sdk

EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 500
PROJECT = "projects/fuzzed"
BRANCH = f"{PROJECT}/branches/production"
PATHS = f"""
projects {PROJECT} {PROJECT}/undelete {PROJECT}/branches {BRANCH} {BRANCH}/undelete {BRANCH}/endpoints
{BRANCH}/endpoints/primary {BRANCH}/roles {BRANCH}/roles/x {BRANCH}/databases {BRANCH}/databases/x credentials
{PROJECT}/operations/x {PROJECT}/snapshots {PROJECT}/snapshots/x synced_tables
""".split()
FIELDS = [
    "spec",
    "display_name",
    "pg_version",
    "ttl",
    "expire_time",
    "no_expiry",
    "is_protected",
    "source_branch",
    "source_branch_time",
    "source_branch_lsn",
    "source_snapshot",
    "endpoint",
    "endpoint_type",
    "autoscaling_limit_min_cu",
    "autoscaling_limit_max_cu",
    "suspend_timeout_duration",
    "no_suspension",
    "disabled",
    "group",
    "settings",
    "default_endpoint_settings",
    "custom_tags",
    "history_retention_duration",
    "claims",
    "postgres_role",
    "identity_type",
    "auth_method",
    "membership_roles",
    "attributes",
    "postgres_database",
    "role",
    "initial_branch_spec",
    "initial_endpoint_spec",
    "default_branch",
]
LITERALS = [
    *[
        "300s",
        "1.5s",
        "-1s",
        "99999999999s",
        "2026-12-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59+00:00",
    ],
    *f"ENDPOINT_TYPE_READ_WRITE USER GROUP NO_LOGIN {BRANCH} {PROJECT} pg_x".split(),
    *("\0", "é" * 40, '"; DROP ROLE x; --'),
]
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=70),
    st.sampled_from(LITERALS),
)
bodies = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(FIELDS), st.text(max_size=8)), inner, max_size=6),
    ),
    max_leaves=20,
)
specs = st.fixed_dictionaries({"spec": st.dictionaries(st.sampled_from(FIELDS), bodies, max_size=6)})
# Ids are such that nothing is made: a project for each example would only test the disk.
queries = st.dictionaries(
    st.sampled_from(["update_mask", "page_size", "page_token", "show_deleted", "replace_existing", "role_id", "x"]),
    st.one_of(
        st.text(max_size=30), st.sampled_from(["*", "spec.disabled", "spec.expiration,spec.is_protected", "true", "1"])
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def fuzzed(sdk: Sdk) -> Iterator[Sdk]:
    sdk.make_project("fuzzed")
    yield sdk
    names = [project.name for project in sdk.postgres.list_projects(show_deleted=True)]
    if PROJECT in names:
        sdk.postgres.delete_project(PROJECT, purge=True).wait()


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    verb=st.sampled_from(["GET", "POST", "PATCH", "PUT"]),
    path=st.one_of(st.sampled_from(PATHS), st.text(max_size=40).map(lambda text: f"projects/{text}")),
    query=queries,
    body=st.one_of(specs, bodies),
)
def test_any_request_is_answered(fuzzed: Sdk, verb: str, path: str, query: dict[str, str], body: Any) -> None:
    answer = ask(fuzzed, verb, path, query, body)
    assert answer.status_code in (200, 400, 403, 404, 405, 409, 501), answer.text
    told = answer.json()
    if answer.status_code == 200:
        assert "error_code" not in told
    else:
        assert told["error_code"] and told["message"]
        # These words make the SDK try again for minutes.
        assert "try again later" not in told["message"].lower()


def test_the_emulator_is_whole_after_all_that(fuzzed: Sdk, api_emulator: Emulator) -> None:
    assert api_emulator.get("/_local/info")["user"] == "learner@example.com"
    log = (api_emulator.directory.parent / f"{api_emulator.directory.name}.log").read_text()
    assert "Traceback" not in log


def ask(sdk: Sdk, verb: str, path: str, query: dict[str, str], body: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {sdk.client.config.token}"}
    url = f"http://127.0.0.1:{sdk.emulator.rest_port}/api/2.0/postgres/{requests.utils.quote(path)}"
    return requests.request(verb, url, params=query, json=sanitised(body), headers=headers, timeout=60)


def sanitised(body: Any) -> Any:
    """NaN and infinities as the texts that protobuf's JSON has for them; requests refuses the numbers."""
    if isinstance(body, float) and (body != body or abs(body) == float("inf")):
        return str(body)
    if isinstance(body, list):
        return [sanitised(item) for item in body]
    if isinstance(body, dict):
        return {key: sanitised(value) for key, value in body.items()}
    return body

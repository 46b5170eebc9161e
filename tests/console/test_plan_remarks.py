"""What is remarked of a measured plan: a misjudgement where the planner made one, and never where somebody stopped."""

import pytest
from django.test import Client

from pages.plan import Plan
from pages.roles import Role
from tests.people import visitor

# Three of these rows are expected, and a seventh comes; a third of those is expected, and none comes.
MANY = "generate_series(1, 5000) AS n WHERE n % 5 = n % 7 AND n > -1 AND n * 2 > n"
FEW = "generate_series(1, 9000) AS n WHERE n < abs(n)"


@pytest.fixture
def person(site: None) -> Client:
    return visitor(Role.VIEWER)


def measured(client: Client, sql: str) -> Plan:
    answer = client.post("/query/", {"sql": sql, "way": "measured"}).context["answer"]
    assert answer.plan, answer.trouble
    plan: Plan = answer.plan
    return plan


def misjudged(plan: Plan) -> list[str]:
    return [fault for node in plan.root.all() for fault in node.faults if "expected" in fault]


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT n FROM {MANY}",
        f"SELECT n FROM {MANY} ORDER BY n LIMIT 5",
        f"SELECT count(*) FROM (SELECT n FROM {FEW}) AS few",
        # All were read, for fewer came than were asked for.
        f"SELECT n FROM {FEW} LIMIT 1000",
        f"SELECT n FROM {FEW} ORDER BY n DESC LIMIT 3",
        f"WITH few AS MATERIALIZED (SELECT n FROM {FEW}) SELECT count(*) FROM few",
        f"SELECT (SELECT max(n) FROM {FEW})",
        # The other side of the join was stopped, as nothing could fit.
        f"SELECT FROM generate_series(1, 10000) AS m JOIN (SELECT n FROM {FEW}) AS few ON m = n",
    ],
)
def test_a_misjudgement_is_told_where_it_begins(person: Client, sql: str) -> None:
    plan = measured(person, sql)
    assert len(misjudged(plan)) == 1
    (faulty,) = (node for node in plan.root.all() if node.faults)
    assert faulty.title.startswith("Function Scan on generate_series n")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT n FROM generate_series(1, 10000) AS n LIMIT 3",
        "SELECT n FROM generate_series(1, 10000) AS n ORDER BY n % 7 LIMIT 3",
        "SELECT n FROM generate_series(1, 10000) AS n LIMIT (SELECT 3)",
        "SELECT EXISTS (SELECT FROM generate_series(1, 10000))",
        "SELECT n FROM generate_series(1, 10000) AS n, generate_series(1, 10000) AS m WHERE m >= n LIMIT 3",
        "SELECT n FROM generate_series(1, 10) AS n WHERE EXISTS (SELECT FROM generate_series(1, 1000) AS m OFFSET 0)",
        "WITH n AS MATERIALIZED (SELECT FROM generate_series(1, 10000)) SELECT FROM n LIMIT 3",
    ],
)
def test_who_was_stopped_misjudged_nothing(person: Client, sql: str) -> None:
    assert misjudged(measured(person, sql)) == []


def test_a_plan_without_costs_is_shown_as_written(person: Client) -> None:
    answer = person.post("/query/", {"sql": "EXPLAIN (COSTS off, FORMAT JSON) SELECT 1"})
    assert '"Node Type": "Result"' in answer.context["answer"].result.rows[0][0]
    assert answer.context["answer"].plan is None

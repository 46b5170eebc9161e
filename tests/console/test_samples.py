"""The samples: all of the original's, each through the parser and to a result on the shop's sample data."""

import pytest

from console.result import Result
from console.samples import FILES, Sample, groups
from console.statement import Kind
from lakebase import provisioning
from tests.conftest import PROJECT
from tests.console.conftest import Principal, allowed, ask, reading_as
from tests.orders.test_original_queries import QUERIES

SAMPLES = [pytest.param(sample, id=sample.slug) for group in groups() for sample in group.samples]
WHERE_AM_I = next(sample for group in groups() for sample in group.samples if sample.slug == "where-am-i")
# On the fresh sample nothing was updated yet.
MAY_BE_EMPTY = {"What an update changed"}


def words(statement: str) -> str:
    return " ".join(statement.rstrip(";").split())


def test_every_sample_of_the_files_is_there() -> None:
    assert sum(len(group.samples) for group in groups()) == sum(path.read_text().count("-- ## ") for path in FILES)
    slugs = [sample.slug for group in groups() for sample in group.samples]
    assert len(set(slugs)) == len(slugs) >= 40


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_of_the_original_is_one_of_them(name: str) -> None:
    assert words(QUERIES[name]) in {words(sample.sql) for group in groups() for sample in group.samples}


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_is_explained_in_sentences(sample: Sample) -> None:
    assert sample.about.endswith((".", ":")) and 20 < len(sample.about) < 250
    assert len(sample.title) <= 40


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_runs_and_shows_something(console: str, sample: Sample) -> None:
    found: Result = ask(sample.sql)
    assert found.columns
    assert found.rows or sample.title in MAY_BE_EMPTY
    assert not found.limited and not found.has_cut_cells


def test_there_are_plans_and_settings_among_them() -> None:
    kinds = {allowed(sample.sql).kind for group in groups() for sample in group.samples}
    assert kinds == set(Kind)


@pytest.mark.slow
def test_where_am_i_tells_two_branches_apart(console: str, console_database: str, reader_principal: Principal) -> None:
    def told() -> dict[str, str | None]:
        found = ask(WHERE_AM_I.sql)
        return dict(zip((column.name for column in found.columns), found.rows[0], strict=True))

    here = told()
    provisioning.create_branch(PROJECT, "apart", ttl_seconds=None)
    try:
        with reading_as(console_database, reader_principal, branch="apart"):
            there = told()
    finally:
        provisioning.delete_branch(PROJECT, "apart")
    differ = {name for name in here if here[name] != there[name]}
    assert differ == {"awake_since", "awake_for"}
    assert here["newest_audit_entry"] and here["changed_at"]

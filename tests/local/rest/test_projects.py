"""Projects through the SDK: made, read, changed, deleted, had back."""

from datetime import timedelta

import pytest
from databricks.sdk.common.lro import LroOptions
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound, NotImplemented
from databricks.sdk.service.postgres import (
    BranchStatusState,
    EndpointStatusState,
    EndpointType,
    InitialBranchSpec,
    InitialEndpointSpec,
    Project,
    ProjectCustomTag,
    ProjectDefaultEndpointSettings,
    ProjectSpec,
)

from tests.emulator import Emulator
from tests.local.rest.conftest import unprotect
from tests.local.sdk import Sdk, seconds


def change(sdk: Sdk, name: str, mask: list[str], **spec: object) -> Project:
    return sdk.postgres.update_project(name, Project(spec=ProjectSpec(**spec)), FieldMask(mask)).wait()


def test_project_is_born_with_branch_production_and_an_active_endpoint(sdk: Sdk, project: str) -> None:
    found = sdk.postgres.get_project(project)
    assert found.spec is None
    assert found.status is not None
    assert found.status.display_name == "A project"
    assert found.status.owner == "learner@example.com"
    assert found.status.pg_version == 17
    assert found.status.default_branch == f"{project}/branches/production"
    assert found.status.history_retention_duration == seconds(604_800)
    (branch,) = sdk.postgres.list_branches(project)
    assert branch.spec is None and branch.status is not None
    assert branch.status.default is True
    assert branch.status.current_state is BranchStatusState.READY
    (endpoint,) = sdk.postgres.list_endpoints(str(branch.name))
    assert endpoint.spec is None and endpoint.status is not None and endpoint.status.hosts is not None
    assert endpoint.name == f"{project}/branches/production/endpoints/primary"
    assert endpoint.status.endpoint_type is EndpointType.ENDPOINT_TYPE_READ_WRITE
    assert endpoint.status.current_state is EndpointStatusState.ACTIVE
    assert (endpoint.status.autoscaling_limit_min_cu, endpoint.status.autoscaling_limit_max_cu) == (1, 1)
    assert endpoint.status.hosts.host == "127.0.0.1"


@pytest.mark.parametrize("version", [16, 17, 18, "17"])
def test_pg_version_is_accepted_as_number_and_text_and_echoed(sdk: Sdk, version: int | str) -> None:
    made = sdk.make_project("versioned", pg_version=version)
    assert made.status is not None and made.status.pg_version == int(version)
    sdk.postgres.delete_project("projects/versioned", purge=True).wait()


@pytest.mark.parametrize("version", [15, 19, "new", 17.5])
def test_other_versions_are_refused(sdk: Sdk, version: object) -> None:
    with pytest.raises(InvalidParameterValue, match="pg_version"):
        sdk.make_project("unversioned", pg_version=version)


def test_settings_given_at_the_making_are_used(sdk: Sdk) -> None:
    settings = ProjectDefaultEndpointSettings(
        autoscaling_limit_min_cu=0.5, autoscaling_limit_max_cu=4, no_suspension=True
    )
    project = Project(
        spec=ProjectSpec(default_endpoint_settings=settings, custom_tags=[ProjectCustomTag(key="team", value="shop")]),
        initial_branch_spec=InitialBranchSpec(is_protected=True),
        initial_endpoint_spec=InitialEndpointSpec(autoscaling_limit_max_cu=2, suspend_timeout_duration=seconds(120)),
    )
    made = sdk.postgres.create_project(project=project, project_id="tuned").wait()
    assert made.status is not None and made.status.default_endpoint_settings is not None
    assert made.status.default_endpoint_settings.autoscaling_limit_max_cu == 4
    assert made.status.default_endpoint_settings.suspend_timeout_duration is None
    assert made.status.custom_tags == [ProjectCustomTag(key="team", value="shop")]
    (endpoint,) = sdk.postgres.list_endpoints("projects/tuned/branches/production")
    assert endpoint.status is not None
    assert (endpoint.status.autoscaling_limit_min_cu, endpoint.status.autoscaling_limit_max_cu) == (0.5, 2)
    assert endpoint.status.suspend_timeout_duration == seconds(120)
    with pytest.raises(BadRequest, match="protected"):
        sdk.postgres.delete_project("projects/tuned")
    unprotect(sdk, "projects/tuned/branches/production")
    sdk.postgres.delete_project("projects/tuned", purge=True).wait()


@pytest.mark.parametrize("name", ["", "Big", "1st", "with_line", "end-", "x" * 64, "a b", "ä"])
def test_ids_follow_the_pattern(sdk: Sdk, name: str) -> None:
    with pytest.raises(InvalidParameterValue, match="project_id"):
        sdk.make_project(name)


def test_same_id_is_refused_in_the_services_words(sdk: Sdk, project: str) -> None:
    with pytest.raises(AlreadyExists, match=r"^project with such id already exists in the workspace$"):
        sdk.make_project(project.removeprefix("projects/"))


def test_unknown_project_is_not_found(sdk: Sdk) -> None:
    with pytest.raises(NotFound, match="project id not found") as refusal:
        sdk.postgres.get_project("projects/nowhere")
    assert refusal.value.error_code == "NOT_FOUND"
    with pytest.raises(NotFound):
        list(sdk.postgres.list_branches("projects/nowhere"))


def test_update_changes_what_the_mask_names_and_nothing_else(sdk: Sdk, project: str) -> None:
    retention = seconds(172_800)
    changed = change(sdk, project, ["spec.display_name"], display_name="New", history_retention_duration=retention)
    assert changed.status is not None
    assert changed.status.display_name == "New"
    assert changed.status.history_retention_duration == seconds(604_800)
    changed = change(sdk, project, ["*"], history_retention_duration=retention)
    assert changed.status is not None
    assert (changed.status.display_name, changed.status.history_retention_duration) == ("New", retention)


@pytest.mark.parametrize(
    ("mask", "spec", "says"),
    [
        (["spec.pg_version"], {"pg_version": 18}, "update_mask"),
        (["spec.history_retention_duration"], {"history_retention_duration": seconds(3600)}, "172800s and 3024000s"),
        (["spec.display_name"], {}, "1 to 256"),
        (["display_name"], {"display_name": "x"}, "may name spec.display_name"),
    ],
)
def test_bad_updates_say_what_is_wrong(
    sdk: Sdk, project: str, mask: list[str], spec: dict[str, object], says: str
) -> None:
    if "pg_version" in spec:
        with pytest.raises(InvalidParameterValue, match="pg_version"):
            change(sdk, project, mask, **spec)
        return
    with pytest.raises(InvalidParameterValue, match=says):
        change(sdk, project, mask, **spec)


def test_native_login_is_refused_with_a_sentence(sdk: Sdk, project: str) -> None:
    with pytest.raises(NotImplemented, match="native Postgres passwords"):
        change(sdk, project, ["spec.enable_pg_native_login"], enable_pg_native_login=True)


def test_deleted_project_is_gone_listed_on_request_and_can_be_had_back(sdk: Sdk, project: str) -> None:
    endpoint = f"{project}/branches/production/endpoints/primary"
    with sdk.connect(endpoint) as session:
        session.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    token = sdk.token(endpoint)
    sdk.postgres.delete_project(project).wait()
    for name in (sdk.postgres.get_project, sdk.postgres.delete_project):
        with pytest.raises(NotFound):
            name(project)
    with pytest.raises(NotFound):
        sdk.postgres.get_branch(f"{project}/branches/production")
    with pytest.raises(NotFound):
        sdk.token(endpoint)
    assert project not in [found.name for found in sdk.postgres.list_projects()]
    (shown,) = [found for found in sdk.postgres.list_projects(show_deleted=True) if found.name == project]
    assert shown.delete_time is not None and shown.purge_time is not None
    assert shown.purge_time.seconds - shown.delete_time.seconds == 7 * 86_400
    with pytest.raises(AlreadyExists):
        sdk.make_project(project.removeprefix("projects/"))
    with pytest.raises(Exception, match="does not exist"):
        sdk.connect(endpoint, password=token)
    sdk.postgres.undelete_project(project).wait()
    assert sdk.postgres.get_project(project).delete_time is None
    with sdk.connect(endpoint) as session:
        assert session.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_undelete_of_what_is_not_deleted_or_not_there(sdk: Sdk, project: str) -> None:
    with pytest.raises(BadRequest, match="is not deleted"):
        sdk.postgres.undelete_project(project)
    with pytest.raises(NotFound):
        sdk.postgres.undelete_project("projects/nowhere")


def test_purged_project_leaves_its_id_free_and_its_operation_readable(sdk: Sdk) -> None:
    sdk.make_project("shortlived")
    operation = sdk.postgres.delete_project("projects/shortlived", purge=True)
    operation.wait()
    sdk.make_project("shortlived")
    assert operation.done() is True
    assert sdk.postgres.get_operation(operation.name()).done is True
    sdk.postgres.delete_project("projects/shortlived", purge=True).wait()


def test_projects_come_in_pages(sdk: Sdk, api_emulator: Emulator) -> None:
    names = [f"paged-{number}" for number in range(5)]
    for name in names:
        sdk.make_project(name)
    try:
        found = [item.project_id for item in sdk.postgres.list_projects(page_size=2)]
        assert [name for name in found if name in names] == names
        assert len(found) == len(set(found))
        page = api_emulator.get("/api/2.0/postgres/projects?page_size=2")
        assert len(page["projects"]) == 2
        assert page["next_page_token"]
    finally:
        for name in names:
            sdk.postgres.delete_project(f"projects/{name}", purge=True).wait(LroOptions(timeout=timedelta(seconds=30)))


@pytest.mark.parametrize("query", ["page_size=-1", "page_size=many", "page_token=x", "show_deleted=maybe"])
def test_bad_paging_is_refused(sdk: Sdk, query: str) -> None:
    with pytest.raises(InvalidParameterValue, match=query.split("=")[0]):
        sdk.client.api_client.do("GET", f"/api/2.0/postgres/projects?{query}")

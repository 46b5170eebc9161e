"""What must be true before the site serves: the project exists, the app may log in, tables and grants are there.

Every step is safe to repeat: what is there already stays as it is.
"""

import threading
from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from .control_plane import ask
from .control_plane_errors import NotFound

PG_VERSION = 17


def import_sdk_meanwhile() -> None:
    """Start the SDK's import, which takes seconds, beside whatever comes next."""
    threading.Thread(target=__import__, args=("databricks.sdk.service.postgres",), daemon=True).start()


def make_project(project: str) -> None:
    """Make the project with its branch `production`, unless it exists."""
    from databricks.sdk.service.postgres import Project, ProjectSpec

    wanted = Project(spec=ProjectSpec(display_name=project, pg_version=PG_VERSION))
    try:
        ask(f"find the project {project}", lambda w: w.postgres.get_project(name=f"projects/{project}"))
    except NotFound:
        doing = f"make the project {project}"
        ask(doing, lambda w: w.postgres.create_project(project=wanted, project_id=project).wait(), deadline=None)


def admit(role: str, project: str, branch: str) -> None:
    """Give a service principal (by its client id) its Postgres role on the branch, unless it has it."""
    from databricks.sdk.service.postgres import Role, RoleIdentityType, RoleRoleSpec

    parent = f"projects/{project}/branches/{branch}"
    # Looked up first: the service answers a duplicate role with a plain BAD_REQUEST.
    known = ask(f"list the roles of branch {branch}", lambda w: list(w.postgres.list_roles(parent=parent)))
    if any(each.status and each.status.postgres_role == role for each in known):
        return
    wanted = Role(spec=RoleRoleSpec(identity_type=RoleIdentityType.SERVICE_PRINCIPAL, postgres_role=role))
    doing = f"make the Postgres role {role}"
    ask(doing, lambda w: w.postgres.create_role(parent=parent, role=wanted).wait(), deadline=None)


def grant(role: str) -> None:
    """Let `role` use what the migrations made, now and in future: rows and sequences, never the tables themselves."""
    schema, user = (connection.ops.quote_name(name) for name in (settings.SHOP_SCHEMA, role))
    for privilege in _privileges(schema, user):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(privilege)


def _privileges(schema: str, user: str) -> Iterable[str]:
    yield f"GRANT USAGE ON SCHEMA {schema} TO {user}"
    for kind, verbs in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE"), ("FUNCTIONS", "EXECUTE")):
        yield f"GRANT {verbs} ON ALL {kind} IN SCHEMA {schema} TO {user}"
        yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {verbs} ON {kind} TO {user}"


def fingerprint() -> list[str]:
    """What `prepare` brings about, by name: while this does not change there is nothing to prepare again."""
    migrations = MigrationLoader(None).disk_migrations
    grants = [f"{config.label} {getattr(config, 'grants', ())!r}" for config in apps.get_app_configs()]
    return sorted(f"{app} {name}" for app, name in migrations) + sorted(grants)

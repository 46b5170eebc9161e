"""Postgres roles, one set for each branch, made in the branch's own Postgres."""

import re
import secrets
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from lakebase.local.cluster.branching import DATABASE
from lakebase.local.cluster.postgres import SUPERUSER
from lakebase.local.credentials import Refused
from lakebase.local.encoding import timestamp
from lakebase.local.records import Branch, Role
from lakebase.local.refusal import Refusal, bad_request, invalid, not_emulated, not_found
from lakebase.local.rest.call import Call, page
from lakebase.local.rest.fields import Fields, read_flag, read_identifier, read_mask

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

IDENTITIES = ("USER", "SERVICE_PRINCIPAL", "GROUP")
OAUTH, NO_LOGIN, PASSWORD = "LAKEBASE_OAUTH_V1", "NO_LOGIN", "PG_PASSWORD_SCRAM_SHA_256"
SUPER = "DATABRICKS_SUPERUSER"
ATTRIBUTES = ("createdb", "createrole", "bypassrls")
MASKS = ("spec.membership_roles", "spec.attributes", *(f"spec.attributes.{name}" for name in ATTRIBUTES))
# An identifier of PostgreSQL holds 63 bytes; those that start with pg_ are its own.
RESERVED = re.compile(r"pg_.*|databricks_.*|public|none|postgres", re.IGNORECASE)


def of_owner(branch: Branch, user: str) -> Role:
    now, number = time.time(), _new_id()
    return Role(
        f"{branch.name}/roles/{number}", number, now, now, postgres_role=user, identity_type="USER",
        membership_roles=[SUPER], attributes=dict.fromkeys(ATTRIBUTES, True),
    )  # fmt: skip


def render(role: Role) -> dict[str, Any]:
    """A read carries `status` and no `spec`."""
    status: dict[str, Any] = {
        "role_id": role.id,
        "postgres_role": role.postgres_role,
        "auth_method": role.auth_method,
        "membership_roles": role.membership_roles,
        "attributes": {name: role.attributes.get(name, False) for name in ATTRIBUTES},
    }
    if role.identity_type:
        status["identity_type"] = role.identity_type
    return {
        "name": role.name,
        "role_id": role.id,
        "parent": role.parent,
        "create_time": timestamp(role.create_time),
        "update_time": timestamp(role.update_time),
        "status": status,
    }


async def create(ws: "Workspace", call: Call, branch_name: str) -> dict[str, Any]:
    call.require_manager()
    branch, spec = ws.branch(branch_name), call.spec
    spec.only("attributes", "auth_method", "identity_type", "membership_roles", "postgres_role")
    given = call.query.get("role_id")
    number = read_identifier(given, "role_id", shortest=4) if given else _new_id()
    identity = spec.choice("identity_type", IDENTITIES)
    role = Role(
        f"{branch.name}/roles/{number}", number, time.time(), time.time(), postgres_role=_postgres_name(spec, given),
        identity_type=identity, auth_method=_auth_method(spec, identity), membership_roles=_memberships(spec),
        attributes=_attributes(spec),
    )  # fmt: skip
    existing = _same(ws, branch, role)
    if existing is not None:
        if not read_flag(call.query.get("replace_existing"), "replace_existing"):
            raise bad_request("role with that name already exists")
        role.name, role.uid = existing.name, existing.uid
    # One that Postgres knows and we do not was made just before a crash, or by SQL: it is taken over.
    known = await run(
        ws, branch, [sql.SQL("SELECT 1 FROM pg_roles WHERE rolname = {}").format(sql.Literal(role.postgres_role))]
    )
    await run(ws, branch, _definition(role, new=not known))
    ws.store.put(role)
    ws.events.record("role-made", branch=branch.name, role=role.postgres_role)
    return ws.operations.done(branch.parent, "Role", render(role))


async def get(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    return render(find(ws, name))


async def list_all(ws: "Workspace", call: Call, branch_name: str) -> dict[str, Any]:
    return page(call, "roles", [render(role) for role in ws.store.all(Role, ws.branch(branch_name).name)])


async def update(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    role, spec = find(ws, name), call.spec
    paths = read_mask(call.query.get("update_mask"), MASKS, spec)
    if "spec.membership_roles" in paths:
        role.membership_roles = _memberships(spec)
    wanted = _attributes(spec)
    for attribute in ATTRIBUTES:
        if "spec.attributes" in paths or f"spec.attributes.{attribute}" in paths:
            role.attributes[attribute] = wanted.get(attribute, False)
    role.update_time = time.time()
    await run(ws, ws.branch(role.parent), _definition(role, new=False))
    ws.store.put(role)
    return ws.operations.done("/".join(name.split("/")[:2]), "Role", render(role))


async def delete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    role = find(ws, name)
    branch = ws.branch(role.parent)
    if role.postgres_role == ws.user:
        raise bad_request(f"cannot delete role '{role.postgres_role}': it owns the project")
    heir_id = call.query.get("reassign_owned_to")
    if heir_id:
        heir = ws.store.get(Role, heir_id if "/" in heir_id else f"{branch.name}/roles/{heir_id}")
        if heir is None or heir.parent != branch.name:
            raise not_found(f'role not found; role_id:"{heir_id:.200}"')
        both = {"old": sql.Identifier(role.postgres_role), "new": sql.Identifier(heir.postgres_role)}
        for database in await run(ws, branch, [sql.SQL("SELECT datname FROM pg_database WHERE datallowconn").format()]):
            for statement in ("REASSIGN OWNED BY {old} TO {new}", "DROP OWNED BY {old}"):
                await run(ws, branch, [sql.SQL(statement).format(**both)], str(database[0]))
    else:
        await run(ws, branch, [sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(
            sql.Identifier(DATABASE), sql.Identifier(role.postgres_role))])  # fmt: skip
    await run(ws, branch, [sql.SQL("DROP ROLE {}").format(sql.Identifier(role.postgres_role))])
    ws.store.drop(name)
    ws.events.record("role-deleted", branch=branch.name, role=role.postgres_role)
    return ws.operations.done(branch.parent, "Role")


def find(ws: "Workspace", name: str) -> Role:
    """Raises Refusal 404 in the service's words."""
    role = ws.store.get(Role, name)
    if role is None or not ws.alive(name):
        raise not_found(f'role not found; role_id:"{name.rsplit("/", 1)[1]}"')
    return role


async def run(
    ws: "Workspace", branch: Branch, statements: list[sql.Composed], database: str = "postgres"
) -> list[tuple[object, ...]]:
    """Run statements in the branch's Postgres; the rows of the last. Its refusals become the API's. Raises Refusal."""
    rows: list[tuple[object, ...]] = []
    try:
        for statement in statements:
            rows = await ws.compute_of(branch.name).execute(statement, database)
    except Refused as error:
        raise Refusal(400, "FAILED_PRECONDITION", error.message) from error
    except psycopg.Error as error:
        said = f"{error.diag.message_primary or error}. {error.diag.message_detail or ''}".strip()
        raise bad_request(f"Postgres refused: {said}") from error
    return rows


def _definition(role: Role, *, new: bool) -> list[sql.Composed]:
    name = sql.Identifier(role.postgres_role)
    login = "NOLOGIN" if role.auth_method == NO_LOGIN else "LOGIN"
    words = [login, *((word if role.attributes.get(word) else f"NO{word}").upper() for word in ATTRIBUTES)]
    verb = "CREATE" if new else "ALTER"
    change = (
        "GRANT databricks_superuser TO {}" if SUPER in role.membership_roles else "REVOKE databricks_superuser FROM {}"
    )
    statements = [sql.SQL(f"{verb} ROLE {{}} {' '.join(words)}").format(name), sql.SQL(change).format(name)]
    if role.identity_type == "SERVICE_PRINCIPAL":
        # What a Databricks App's postgres resource gives its service principal, and nothing more.
        statements.append(sql.SQL("GRANT CONNECT, CREATE ON DATABASE {} TO {}").format(sql.Identifier(DATABASE), name))
    return statements


def _postgres_name(spec: Fields, given_id: str | None) -> str:
    name = spec.text("postgres_role", given_id or "")
    if not name or len(name.encode()) > 63:
        raise invalid("Field 'spec.postgres_role' is required: a name of at most 63 bytes.")
    if RESERVED.fullmatch(name) or name == SUPERUSER:
        raise invalid(f"Field 'spec.postgres_role' may not be '{name}': the name is reserved.")
    return name


def _auth_method(spec: Fields, identity: str) -> str:
    method = spec.choice("auth_method", (OAUTH, NO_LOGIN, PASSWORD), OAUTH if identity else PASSWORD)
    if method == PASSWORD:
        raise not_emulated("native Postgres passwords. Give spec.identity_type, or spec.auth_method NO_LOGIN.")
    if identity == "GROUP" and method == OAUTH:
        raise not_emulated("logging in as a group. Make a role for each USER or SERVICE_PRINCIPAL.")
    return method


def _memberships(spec: Fields) -> list[str]:
    wanted = spec.list("membership_roles")
    if any(role != SUPER for role in wanted):
        raise invalid(f"Field 'spec.membership_roles' may hold {SUPER} only.")
    return [SUPER] if wanted else []


def _attributes(spec: Fields) -> dict[str, bool]:
    attributes = spec.object("attributes")
    attributes.only(*ATTRIBUTES)
    return {name: attributes.flag(name) for name in ATTRIBUTES if attributes.has(name)}


def _same(ws: "Workspace", branch: Branch, role: Role) -> Role | None:
    return next(
        (
            other
            for other in ws.store.all(Role, branch.name)
            if other.name == role.name or other.postgres_role == role.postgres_role
        ),
        None,
    )


def _new_id() -> str:
    return f"rol-{secrets.token_hex(2)}-{secrets.token_hex(4)}"

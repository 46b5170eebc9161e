"""Databases of a branch: the least of them, made and dropped in the branch's own Postgres."""

import secrets
import time
from typing import TYPE_CHECKING, Any

from psycopg import sql

from lakebase.local.cluster.branching import DATABASE
from lakebase.local.encoding import timestamp
from lakebase.local.records import Branch, Database, Role
from lakebase.local.refusal import bad_request, invalid, not_found
from lakebase.local.rest import roles
from lakebase.local.rest.call import Call, page
from lakebase.local.rest.fields import Fields, read_flag, read_identifier, read_mask

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

RESERVED = ("postgres", "template0", "template1")
MASKS = ("spec.postgres_database", "spec.role")


def default(branch: Branch, owner: str) -> Database:
    now, number = time.time(), _new_id()
    return Database(f"{branch.name}/databases/{number}", number, now, now, DATABASE, owner)


def render(ws: "Workspace", database: Database) -> dict[str, Any]:
    """A read carries `status` and no `spec`."""
    owner = next((role for role in ws.store.all(Role, database.parent) if role.postgres_role == database.role), None)
    return {
        "name": database.name,
        "database_id": database.id,
        "parent": database.parent,
        "create_time": timestamp(database.create_time),
        "update_time": timestamp(database.update_time),
        "status": {
            "database_id": database.id,
            "postgres_database": database.postgres_database,
            "role": owner.name if owner else "",
        },
    }


async def create(ws: "Workspace", call: Call, branch_name: str) -> dict[str, Any]:
    call.require_manager()
    branch, spec = ws.branch(branch_name), call.spec
    spec.only("postgres_database", "role")
    given = call.query.get("database_id")
    number = read_identifier(given, "database_id", shortest=4) if given else _new_id()
    now = time.time()
    name = _postgres_name(spec, given or number)
    database = Database(f"{branch.name}/databases/{number}", number, now, now, name, _owner(ws, branch, spec))
    existing = next(
        (
            other
            for other in ws.store.all(Database, branch.name)
            if other.name == database.name or other.postgres_database == name
        ),
        None,
    )
    if existing is not None:
        if not read_flag(call.query.get("replace_existing"), "replace_existing"):
            raise bad_request("database with that name already exists")
        return await _change(ws, branch, existing, existing.postgres_database, database.role)
    made = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(database.role))
    await roles.run(ws, branch, [made])
    ws.store.put(database)
    return ws.operations.done(branch.parent, "Database", render(ws, database))


async def get(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    return render(ws, find(ws, name))


async def list_all(ws: "Workspace", call: Call, branch_name: str) -> dict[str, Any]:
    branch = ws.branch(branch_name)
    return page(call, "databases", [render(ws, database) for database in ws.store.all(Database, branch.name)])


async def update(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    database, spec = find(ws, name), call.spec
    branch = ws.branch(database.parent)
    paths = read_mask(call.query.get("update_mask"), MASKS, spec)
    new_name = _postgres_name(spec, "") if "spec.postgres_database" in paths else database.postgres_database
    owner = _owner(ws, branch, spec) if "spec.role" in paths else database.role
    return await _change(ws, branch, database, new_name, owner)


async def delete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    database = find(ws, name)
    branch = ws.branch(database.parent)
    if database.postgres_database == DATABASE:
        raise bad_request(f"cannot delete database '{DATABASE}': every branch has it")
    await roles.run(
        ws,
        branch,
        [sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database.postgres_database))],
    )
    ws.store.drop(name)
    return ws.operations.done(branch.parent, "Database")


def find(ws: "Workspace", name: str) -> Database:
    """Raises Refusal 404."""
    database = ws.store.get(Database, name)
    if database is None or not ws.alive(name):
        raise not_found(f'database not found; database_id:"{name.rsplit("/", 1)[1]}"')
    return database


async def _change(ws: "Workspace", branch: Branch, database: Database, name: str, owner: str) -> dict[str, Any]:
    old, new = sql.Identifier(database.postgres_database), sql.Identifier(name)
    if owner != database.role:
        await roles.run(ws, branch, [sql.SQL("ALTER DATABASE {} OWNER TO {}").format(old, sql.Identifier(owner))])
        database.role = owner
    if name != database.postgres_database:
        if any(other.postgres_database == name for other in ws.store.all(Database, branch.name)):
            raise bad_request("database with that name already exists")
        await roles.run(ws, branch, [sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new)])
        database.postgres_database = name
    database.update_time = time.time()
    ws.store.put(database)
    return ws.operations.done(branch.parent, "Database", render(ws, database))


def _postgres_name(spec: Fields, default_name: str) -> str:
    name = spec.text("postgres_database", default_name)
    if not name or len(name.encode()) > 63 or name.lower() in RESERVED:
        raise invalid(f"Field 'spec.postgres_database' must be a name of 1 to 63 bytes, none of {', '.join(RESERVED)}.")
    return name


def _owner(ws: "Workspace", branch: Branch, spec: Fields) -> str:
    """The Postgres role of the owner, which the API names as "projects/p/branches/b/roles/r"."""
    name = spec.text("role")
    if not name:
        raise invalid("Field 'spec.role' is required: the owner, as projects/.../branches/.../roles/...")
    role = ws.store.get(Role, name)
    if role is None or role.parent != branch.name:
        raise not_found(f'role not found; role:"{name:.200}". It must be a role of {branch.name}.')
    return role.postgres_role


def _new_id() -> str:
    return f"db-{secrets.token_hex(2)}-{secrets.token_hex(4)}"

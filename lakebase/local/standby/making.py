"""A new read-only endpoint: the limit of them, and the job that makes its standby."""

from typing import TYPE_CHECKING, Any

from lakebase.local.cluster.branching import CannotCopy
from lakebase.local.records import Branch, Endpoint
from lakebase.local.rest import endpoints

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace


async def make_standby(ws: "Workspace", job: dict[str, Any]) -> dict[str, Any]:
    """Make and start it, unless it is disabled: then whoever enables it and connects does."""
    endpoint = ws.store.get(Endpoint, job["target"])
    assert endpoint is not None
    # Not what is made below the branch: that may be another standby, which waits for this one.
    branch = ws.store.get(Branch, endpoint.parent)
    assert branch is not None
    for target in (branch.name, branch.parent):
        await ws.operations.finish(target, below=False)
    if ws.store.get(Endpoint, endpoint.name) is None:
        raise CannotCopy(f"The branch {branch.name} could not be made, so there is nothing to follow.")
    if not endpoint.disabled:
        await ws.computes[endpoint.name].start()
    ws.events.record("endpoint-made", endpoint=endpoint.name)
    return endpoints.render(ws, endpoint)

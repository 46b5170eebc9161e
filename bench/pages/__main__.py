"""`make bench-pages`: every page before gunicorn as in production, in a large shop and, in the same run, a small one.

`python -m bench.pages 1000` is a rehearsal with a thousandth of the rows, and few requests.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import emulator as local
from bench.figures import Figures
from bench.pages import shop
from bench.pages.asked import GOODS, Asked, pages
from bench.pages.measuring import Requests
from bench.pages.originals import compare
from bench.pages.queries import Observer
from bench.pages.served import Served
from bench.pages.table import first_loads, server_times, table
from bench.pages.ticks import ticks
from tests.emulator import CHECKOUT, plain_environment
from tests.local.sdk import Sdk
from tests.served_site import ADA, manage

QUIET = {"LOG_LEVEL": "ERROR"}
BRANCHES = {"large": "production", "small": "small"}


def prepare(sdk: Sdk) -> tuple[dict[str, str], dict[str, str]]:
    """The tables, the app's role and somebody who may see every page, on two branches; the environments of owner and
    app."""
    principal = sdk.emulator.service_principal("lakeshop")
    owner = sdk.emulator.environment() | {"LAKEBASE_PROJECT_ID": "shop", "DJANGO_SECRET_KEY": "bench"} | QUIET
    manage("prepare", "--app-role", principal["client_id"], env=owner)
    who = ("--username", ADA["username"], "--email", "ada@bench.example")
    manage("createsuperuser", "--noinput", *who, env=owner | {"DJANGO_SUPERUSER_PASSWORD": ADA["password"]})
    sdk.make_branch("projects/shop", "small")
    for branch in BRANCHES.values():
        local.stay_awake(sdk, endpoint(branch))
    app = plain_environment() | owner | {"DATABRICKS_AUTH_TYPE": "oauth-m2m"}
    del app["DATABRICKS_TOKEN"]
    secrets = {"client_id": "DATABRICKS_CLIENT_ID", "client_secret": "DATABRICKS_CLIENT_SECRET"}
    return owner, app | {name: principal[kind] for kind, name in secrets.items()}


def endpoint(branch: str) -> str:
    return f"projects/shop/branches/{branch}/endpoints/primary"


@contextmanager
def served(app: Mapping[str, str], branch: str) -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as directory:
        site = Served({**app, "LAKEBASE_BRANCH_ID": branch}, Path(directory) / "access.log")
        try:
            yield site
        finally:
            site.stop()


def main(words: list[str]) -> int:
    full = shop.FULL.divided(int(words[0])) if words else shop.FULL
    requests = Requests(turns=2, each_turn=2, each_client=1) if words else Requests()
    figures = Figures()
    with ExitStack() as stack:
        sdk = stack.enter_context(local.shop_project("--no-history"))
        owner, app = prepare(sdk)
        superusers = {name: local.superuser(sdk, endpoint(branch)) for name, branch in BRANCHES.items()}
        local.be_the_owner(sdk)
        set_up_django()
        for name, size in (("large", full), ("small", shop.SMALL)):
            figures.title(f"{name.capitalize()} shop: {size}")
            shop.fill(owner | {"LAKEBASE_BRANCH_ID": BRANCHES[name]}, superusers[name], size)
        large, small = (stack.enter_context(served(app, branch)) for branch in BRANCHES.values())
        asked = [_asked(site, superusers[name]) for name, site in (("large", large), ("small", small))]
        observer = Observer()
        table(figures, observer, (large, asked[0]), (small, asked[1]), requests)
        server_times(figures, large, asked[0])
        first_loads(figures, large, asked[0])
        figures.title("SQL of a page, ours / the original's on the same rows")
        compare(figures, superusers["large"], observer, asked[0])
    return 1 if figures.missed else 0


def set_up_django() -> None:
    """As the owner in the large shop; what gunicorn serves is collected first, as `manage.py up` does."""
    import django

    django.setup()
    from lakebase.collected import collect_when_changed

    collect_when_changed()


def _asked(site: Served, superuser: str) -> list[Asked]:
    visitor = site.visitor()
    try:
        return [*pages(shop.marks(superuser), site.upload(GOODS)), *ticks(lambda path: visitor.get(path).text)]
    finally:
        visitor.close()


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    sys.exit(main(sys.argv[1:]))

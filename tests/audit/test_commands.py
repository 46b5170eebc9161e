"""What a command writes is audited as its doing, also where it says nothing itself."""

import subprocess
import sys

import pytest
from django.db import connection

from audit.models import AuditEntry
from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.shop import PRODUCT

WRITE = f'from django.db import connection; connection.cursor().execute("{PRODUCT}")'
WRITE_IN_A_NAME = f'from audit.actor import acting_as\nwith acting_as("ann"):\n    {WRITE}'


def run_shell(emulator: Emulator, database: str, script: str) -> None:
    environment = plain_environment() | emulator.environment()
    environment |= {"LAKEBASE_PROJECT_ID": "training-app", "PGDATABASE": database}
    subprocess.run([sys.executable, "manage.py", "shell", "-c", script], cwd=CHECKOUT, env=environment, check=True)


@pytest.mark.slow
def test_command_is_the_actor_of_what_it_writes(own_database: str, local_lakebase: Emulator) -> None:
    for script in (WRITE, WRITE_IN_A_NAME, f"{WRITE_IN_A_NAME}\n{WRITE}"):
        run_shell(local_lakebase, own_database, script)
    recorded = list(AuditEntry.objects.order_by("audit_id").values_list("actor", flat=True))
    assert recorded == ["command:shell", "ann", "ann", "command:shell"]
    assert connection.settings_dict["NAME"] == own_database

"""The ids of projects and branches."""

import re

from ..control_plane import LakebaseError

# Recorded by databricks/cli from the service's own error text.
IDENTIFIER = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


class BadIdentifier(LakebaseError):
    """An id that no resource can have."""


def check_identifier(text: str, what: str) -> None:
    """Raises BadIdentifier unless `text` may be the id of a `what`."""
    if not IDENTIFIER.fullmatch(text):
        raise BadIdentifier(
            f"{text!r} cannot be the id of a {what}. Write 1 to 63 lower-case letters, digits and hyphens, beginning "
            "with a letter and not ending with a hyphen."
        )

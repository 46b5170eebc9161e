"""Projects, branches, computes and roles of a workspace, made and changed through the unmodified SDK.

Every function is safe to repeat: what is so already is reported in its Outcome, not an error. Faults are
LakebaseErrors whose text says cause and remedy.
"""

from .branches import Branch, BranchWithEndpoint, branches_with_endpoints, create_branch, delete_branch, survey
from .computes import Limits, OutOfRange, Suspension, resize, suspend_after
from .durations import read_duration, write_duration
from .outcome import Outcome, Progress, quiet
from .preparation import Step, plan, prepare
from .projects import Project, create_project, delete_project, find_project, list_projects
from .roles import create_role

__all__ = [
    "Branch",
    "BranchWithEndpoint",
    "Limits",
    "OutOfRange",
    "Outcome",
    "Progress",
    "Project",
    "Step",
    "Suspension",
    "branches_with_endpoints",
    "create_branch",
    "create_project",
    "create_role",
    "delete_branch",
    "delete_project",
    "find_project",
    "list_projects",
    "plan",
    "prepare",
    "quiet",
    "read_duration",
    "resize",
    "survey",
    "suspend_after",
    "write_duration",
]

"""The actions of `manage.py lakebase`, by what they are about."""

from .action import Action
from .branches import BRANCHES
from .computes import COMPUTES
from .connecting import CONNECTING
from .projects import PROJECTS
from .roles import ROLES

ACTIONS: dict[str, Action] = {
    action.name: action for action in (*CONNECTING, *PROJECTS, *BRANCHES, *COMPUTES, *ROLES)
}  # in the order in which --help lists them

"""Actions for a person's rights to their own data."""

from actions.base import TurnAction


class Privacy(TurnAction):
    """What happens with the answers, and who sees them?"""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_privacy"


class MyData(TurnAction):
    """What is kept about me?"""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_my_data"


class Erase(TurnAction):
    """Erase what is kept about me."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_erase"

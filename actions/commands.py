"""Actions that steer the assessment."""

from actions.base import TurnAction


class Back(TurnAction):
    """To the question before, or to change the answer given there.

    Takes the place of Rasa's own action_back, which would undo the last message.
    """

    def name(self) -> str:
        """Returns the action's name."""
        return "action_back"


class Progress(TurnAction):
    """How far are we, and how long will it take?"""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_progress"


class Pause(TurnAction):
    """Later more; also a goodbye."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_pause"


class StartOver(TurnAction):
    """The assessment from its first question."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_start_over"


class SwitchLanguage(TurnAction):
    """On in the other language."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_switch_language"


class Result(TurnAction):
    """The result, once more."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_result"

"""Actions for talk about the open question and about the assistant."""

from actions.base import TurnAction


class Explain(TurnAction):
    """What does the question mean?"""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_explain"


class Why(TurnAction):
    """Why is it asked?"""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_why"


class Example(TurnAction):
    """An example, please."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_example"


class Repeat(TurnAction):
    """The question once more."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_repeat"


class Help(TurnAction):
    """What can be said and done here?"""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_help"


class Greet(TurnAction):
    """A greeting."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_greet"


class Thanks(TurnAction):
    """Thanks or a compliment."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_thanks"


class BotChallenge(TurnAction):
    """Is this a human being?"""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_bot_challenge"

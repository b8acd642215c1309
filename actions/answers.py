"""Actions for what is, or stands for, an answer to the open question."""

from actions.base import TurnAction


class TakeButton(TurnAction):
    """A button was tapped: its token says what it means."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_take_button"


class TakeAnswer(TurnAction):
    """Own words, a number, a label, or anything not clearly side talk."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_take_answer"


class Affirm(TurnAction):
    """'Yes', to whatever is pending."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_affirm"


class Deny(TurnAction):
    """'No', to whatever is pending."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_deny"


class DontKnow(TurnAction):
    """The respondent does not know the answer."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_dont_know"


class NotApplicable(TurnAction):
    """The question does not apply to the organisation."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_not_applicable"


class Skip(TurnAction):
    """The question is left open."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_skip"

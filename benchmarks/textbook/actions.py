"""The textbook bot's actions: explain, why, how far, check an answer, compute the scores.

Runs on Python 3.10 with the rasa-sdk that Rasa 3.6 brings, in a folder with the generated `assessment.json`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import AllSlotsReset, EventType
from rasa_sdk.executor import CollectingDispatcher

ASSESSMENT = json.loads(Path(__file__).with_name("assessment.json").read_text(encoding="utf-8"))
SLOTS = [slot for dimension in ASSESSMENT["dimensions"] for slot in dimension["slots"]]
LEVELS = [str(level) for level in range(1, ASSESSMENT["highest"] + 1)]

Domain = dict[str, Any]


class ActionExplain(Action):
    """Explains the question that the form has open."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_explain"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Says the response of the open slot."""
        dispatcher.utter_message(response=f"utter_explain_{tracker.get_slot('requested_slot')}")
        return []


class ActionWhy(Action):
    """Says why the open question is asked."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_why"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Says the response of the open slot."""
        dispatcher.utter_message(response=f"utter_why_{tracker.get_slot('requested_slot')}")
        return []


class ActionProgress(Action):
    """Says how many questions have been answered."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_progress"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Counts the slots that are filled."""
        done = sum(tracker.get_slot(slot) is not None for slot in SLOTS)
        dispatcher.utter_message(response="utter_progress", done=done, total=len(SLOTS))
        return []


class ValidateAssessmentForm(FormValidationAction):
    """Takes levels that exist, and has the form ask again for anything else."""

    def name(self) -> str:
        """As in domain.yml."""
        return "validate_assessment_form"


def _validation(slot: str) -> Callable[..., dict[str, Any]]:
    def validate(
        self: ValidateAssessmentForm,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Domain,
    ) -> dict[str, Any]:
        if str(value) in LEVELS:
            return {slot: str(value)}
        dispatcher.utter_message(response="utter_no_level")
        return {slot: None}

    return validate


# The SDK looks for a method by the name of each slot.
for _slot in SLOTS:
    setattr(ValidateAssessmentForm, f"validate_{_slot}", _validation(_slot))


class ActionSubmit(Action):
    """Says the scores: the mean of each dimension, and of these the overall one."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_submit"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Computes the scores from the slots and empties these for a next time."""
        means = {
            dimension["title"]: sum(int(tracker.get_slot(slot)) for slot in dimension["slots"])
            / len(dimension["slots"])
            for dimension in ASSESSMENT["dimensions"]
        }
        lines = [f"{title}: {mean:.2f}" for title, mean in means.items()]
        overall = sum(means.values()) / len(means)
        dispatcher.utter_message(response="utter_result", scores="\n".join(lines), overall=f"{overall:.2f}")
        return [AllSlotsReset()]
